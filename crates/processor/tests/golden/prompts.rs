//! What `prepare` promises beyond equal token ids: expansion, budgets, prefills, and refusals that say why.

use gradus_processor::{ChatInput, Error, Prepared, Processor, SpecialTokens};
use gradus_types::{ContentPart, MediaHash, Message, PromptBody, Role};

use crate::model::{Pictures, directory, picture, processor};

fn text(text: &str) -> ContentPart {
    ContentPart::Text { text: text.to_owned() }
}

fn user(content: Vec<ContentPart>) -> PromptBody {
    PromptBody::Chat(vec![Message { role: Role::User, content }])
}

fn prepare(processor: &Processor, body: &PromptBody, pictures: &Pictures) -> Result<Prepared, Error> {
    processor.prepare(&ChatInput { body, prefill: None, max_prompt_tokens: None }, pictures)
}

#[test]
fn placeholders_are_repeated_once_for_each_merged_patch_in_order() {
    let (processor, mut pictures) = (processor("qwen2_5_vl"), Pictures::new());
    let body = user(vec![picture("rgb.png", &mut pictures), text("and"), picture("tiny.png", &mut pictures)]);
    let prepared = prepare(&processor, &body, &pictures).unwrap();
    let placeholder = processor.image_token_id().unwrap();
    let mut runs = Vec::new();
    for stretch in prepared.token_ids.chunk_by(|a, b| a == b).filter(|stretch| stretch[0] == placeholder) {
        runs.push(stretch.len());
    }
    assert_eq!(runs, prepared.media.iter().map(|media| media.num_tokens()).collect::<Vec<_>>());
    assert_eq!(runs, [12, 4]);
}

#[test]
fn a_picture_seen_before_is_not_fetched_again() {
    let (processor, mut pictures) = (processor("qwen2_5_vl"), Pictures::new());
    let body = user(vec![picture("rgb.png", &mut pictures)]);
    let first = prepare(&processor, &body, &pictures).unwrap();
    let second = prepare(&processor, &body, &Pictures::new()).unwrap();
    assert_eq!(first, second);
    assert_eq!(processor.cached_bytes(), first.media[0].size_bytes());
}

#[test]
fn a_prefill_continues_the_assistant_turn() {
    let processor = processor("qwen2_5_vl");
    let body = user(vec![text("2 + 3?")]);
    let input = ChatInput { body: &body, prefill: Some("<think>\nLet"), max_prompt_tokens: None };
    let prepared = processor.prepare(&input, &Pictures::new()).unwrap();
    let rendered = processor.decode(&prepared.token_ids, SpecialTokens::Keep).unwrap();
    assert!(rendered.ends_with("<|im_start|>assistant\n<think>\nLet"), "{rendered}");
}

#[test]
fn a_prompt_over_its_budget_is_refused_with_count_and_limit() {
    let (processor, mut pictures) = (processor("qwen2_5_vl"), Pictures::new());
    let body = user(vec![picture("rgb.png", &mut pictures)]);
    let num_tokens = prepare(&processor, &body, &pictures).unwrap().token_ids.len();
    let limited =
        |limit| processor.prepare(&ChatInput { body: &body, prefill: None, max_prompt_tokens: Some(limit) }, &pictures);
    assert!(limited(num_tokens).is_ok());
    let Err(Error::TooManyTokens { num_tokens: found, limit }) = limited(num_tokens - 1) else { panic!("not refused") };
    assert_eq!((found, limit), (num_tokens, num_tokens - 1));
}

#[test]
fn a_raw_prompt_needs_no_template_and_spells_its_pictures() {
    let (processor, mut pictures) = (Processor::load(&directory().join("model")).unwrap(), Pictures::new());
    let body = PromptBody::Raw(vec![text("Look: "), picture("tiny.png", &mut pictures), text(" done")]);
    let prepared = prepare(&processor, &body, &pictures).unwrap();
    let rendered = processor.decode(&prepared.token_ids, SpecialTokens::Keep).unwrap();
    let expected = format!("Look: <|vision_start|>{}<|vision_end|> done", "<|image_pad|>".repeat(4));
    assert_eq!(rendered, expected);
    let chat = user(vec![text("hello")]);
    assert!(matches!(prepare(&processor, &chat, &pictures), Err(Error::NoChatTemplate)));
}

#[test]
fn a_text_that_contains_the_placeholder_itself_is_refused() {
    let (processor, mut pictures) = (processor("qwen2_5_vl"), Pictures::new());
    let body = user(vec![picture("tiny.png", &mut pictures), text("<|image_pad|>")]);
    let error = prepare(&processor, &body, &pictures).unwrap_err();
    assert!(matches!(error, Error::Placeholders { num_placeholders: 2, num_pictures: 1, .. }), "{error}");
}

#[test]
fn a_template_that_takes_only_text_gets_pictures_spelled_out() {
    let (processor, mut pictures) = (processor("qwen2_5"), Pictures::new());
    let body = user(vec![picture("tiny.png", &mut pictures), text("what?")]);
    let prepared = prepare(&processor, &body, &pictures).unwrap();
    let rendered = processor.decode(&prepared.token_ids, SpecialTokens::Keep).unwrap();
    assert!(rendered.contains("user\n<|vision_start|><|image_pad|>"), "{rendered}");
}

#[test]
fn an_unusable_picture_is_named_by_position_and_hash() {
    let (processor, mut pictures) = (processor("qwen2_5_vl"), Pictures::new());
    let good = picture("tiny.png", &mut pictures);
    let broken = MediaHash::of(b"not a picture");
    let body = user(vec![good, ContentPart::Image { hash: broken }]);
    let error = prepare(&processor, &body, &pictures).unwrap_err();
    assert!(matches!(error, Error::FetchPicture { position: 1, hash, .. } if hash == broken), "{error}");
    pictures.insert(broken, b"not a picture".as_slice().into());
    let error = prepare(&processor, &body, &pictures).unwrap_err();
    assert!(matches!(error, Error::Picture { position: 1, hash, .. } if hash == broken), "{error}");
}

#[test]
fn an_empty_prompt_is_refused() {
    let processor = processor("qwen2_5_vl");
    let body = PromptBody::Raw(Vec::new());
    assert!(matches!(prepare(&processor, &body, &Pictures::new()), Err(Error::EmptyPrompt)));
}

#[test]
fn the_tokens_that_end_a_completion_are_those_of_the_generation_config() {
    let processor = processor("qwen2_5_vl");
    let id = |token| processor.token_id(token).unwrap();
    assert_eq!(processor.eos_token_ids(), [id("<|im_end|>"), id("<|endoftext|>")]);
    assert_eq!(processor.pad_token_id(), Some(id("<|endoftext|>")));
    assert_eq!(processor.token_id("<|no_such_token|>"), None);
}
