//! Supervised examples: which tokens carry loss, and how much.

use gradus_processor::{AnswerWeighting, Error, Processor, SftExample, SftInput, SpecialTokens};
use gradus_types::{ContentPart, Message, PromptBody, Role};

use crate::model::{Pictures, picture, processor};

const TARGET: &str = "<think>\nsum\n</think>\n<answer>42</answer>";

fn question() -> PromptBody {
    PromptBody::Chat(vec![Message::text(Role::User, "What is 40 + 2?")])
}

fn input(body: &PromptBody) -> SftInput<'_> {
    SftInput { body, prefill: None, target: Some(TARGET), weighting: AnswerWeighting::default(), max_tokens: None }
}

fn prepare(processor: &Processor, input: &SftInput<'_>) -> SftExample {
    let example = processor.prepare_sft(input, &Pictures::new()).unwrap();
    assert_eq!(example.token_ids.len(), example.loss_weights.len());
    example
}

/// The text of the tokens with a given weight.
fn weighing(processor: &Processor, example: &SftExample, weight: f32) -> String {
    let pairs = example.token_ids.iter().zip(&example.loss_weights);
    let ids: Vec<u32> = pairs.filter(|(_, other)| **other == weight).map(|(id, _)| *id).collect();
    processor.decode(&ids, SpecialTokens::Keep).unwrap()
}

#[test]
fn the_target_and_the_end_of_its_turn_are_learned_with_every_template() {
    for (template, end) in [
        ("qwen2_5_vl", "<|im_end|>"),
        ("qwen2_5", "<|im_end|>"),
        ("parts_only", "<|im_end|>"),
        ("generation", "<|im_end|>"),
        ("alternating", " <|im_end|>"),
    ] {
        let processor = processor(template);
        let example = prepare(&processor, &input(&question()));
        let learned = weighing(&processor, &example, 1.0);
        // Some templates put a space before the turn's text, which the policy has to write as well.
        assert_eq!(learned.trim_start(), format!("{TARGET}{end}"), "{template}");
    }
}

#[test]
fn a_template_that_rearranges_reasoning_has_its_own_text_learned() {
    let processor = processor("qwen3");
    let example = prepare(&processor, &input(&question()));
    let learned = weighing(&processor, &example, 1.0);
    assert_eq!(learned, "<think>\nsum\n</think>\n\n<answer>42</answer><|im_end|>");
}

#[test]
fn a_prefill_carries_no_loss() {
    let processor = processor("qwen2_5_vl");
    let body = question();
    let example =
        prepare(&processor, &SftInput { prefill: Some("<think>\n"), target: Some("x</think>"), ..input(&body) });
    assert_eq!(weighing(&processor, &example, 1.0), "x</think><|im_end|>");
    let weighting = AnswerWeighting { answer: 2.0, other: 0.5 };
    let opened = SftInput { prefill: Some("<answer>"), target: Some("42</answer>"), weighting, ..input(&body) };
    assert_eq!(weighing(&processor, &prepare(&processor, &opened), 2.0), "42");
}

#[test]
fn every_assistant_turn_of_a_chat_is_learned() {
    let processor = processor("qwen2_5_vl");
    let turns = [(Role::User, "a"), (Role::Assistant, "first"), (Role::User, "b"), (Role::Assistant, "second")];
    let body = PromptBody::Chat(turns.map(|(role, text)| Message::text(role, text)).to_vec());
    let example = prepare(&processor, &SftInput { target: None, ..input(&body) });
    assert_eq!(weighing(&processor, &example, 1.0), "first<|im_end|>second<|im_end|>");
}

#[test]
fn the_answer_is_weighed_apart_from_the_rest() {
    let processor = processor("qwen2_5_vl");
    let body = question();
    let weighting = AnswerWeighting { answer: 4.0, other: 0.25 };
    let example = prepare(&processor, &SftInput { weighting, ..input(&body) });
    assert_eq!(weighing(&processor, &example, 4.0), "42");
    assert_eq!(weighing(&processor, &example, 0.25), "<think>\nsum\n</think>\n<answer></answer><|im_end|>");
}

#[test]
fn a_raw_question_is_followed_by_the_target_and_an_end() {
    let processor = processor("qwen2_5_vl");
    let body = PromptBody::Raw(vec![ContentPart::Text { text: "40 + 2 =".to_owned() }]);
    let example = prepare(&processor, &SftInput { target: Some(" 42"), ..input(&body) });
    assert_eq!(weighing(&processor, &example, 1.0), " 42<|im_end|>");
    assert_eq!(weighing(&processor, &example, 0.0), "40 + 2 =");
}

#[test]
fn pictures_are_expanded_and_carry_no_loss() {
    let (processor, mut pictures) = (processor("qwen2_5_vl"), Pictures::new());
    let content = vec![picture("tiny.png", &mut pictures), ContentPart::Text { text: "?".to_owned() }];
    let body = PromptBody::Chat(vec![Message { role: Role::User, content }]);
    let example = processor.prepare_sft(&input(&body), &pictures).unwrap();
    let placeholder = processor.image_token_id();
    let pairs = example.token_ids.iter().zip(&example.loss_weights);
    let weights: Vec<f32> = pairs.filter(|(id, _)| Some(**id) == placeholder).map(|(_, weight)| *weight).collect();
    assert_eq!(weights, [0.0; 4]);
    assert_eq!(weighing(&processor, &example, 1.0), format!("{TARGET}<|im_end|>"));
}

#[test]
fn an_example_without_loss_is_refused() {
    let processor = processor("qwen2_5_vl");
    let body = question();
    let without_target = SftInput { target: None, ..input(&body) };
    let weightless = SftInput { weighting: AnswerWeighting { answer: 0.0, other: 0.0 }, ..input(&body) };
    for input in [without_target, weightless] {
        let error = processor.prepare_sft(&input, &Pictures::new()).unwrap_err();
        assert!(matches!(error, Error::NothingToLearn { .. }), "{error}");
    }
    let error = processor.prepare_sft(&SftInput { max_tokens: Some(5), ..input(&body) }, &Pictures::new()).unwrap_err();
    assert!(matches!(error, Error::TooManyTokens { limit: 5, .. }), "{error}");
}
