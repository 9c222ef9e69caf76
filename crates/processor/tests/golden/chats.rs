//! Texts and conversations against transformers: the vectors of `tests/golden/processor`, made by its `make.py`.

use std::{collections::HashMap, fs};

use gradus_processor::{AnswerWeighting, ChatInput, Error, Processor, SftInput, SpecialTokens};
use gradus_types::{ContentPart, Message, PromptBody, Role};
use serde::Deserialize;

use crate::model::{Pictures, directory, picture, processor};

#[derive(Deserialize)]
struct Golden {
    texts: Vec<Text>,
    chats: Vec<Chat>,
    picture_chats: Vec<Chat>,
    masks: Vec<Mask>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    ids: Vec<u32>,
    decoded: String,
    decoded_without_special: String,
}

#[derive(Deserialize)]
struct Chat {
    template: String,
    name: String,
    ending: String,
    messages: Vec<Turn>,
    #[serde(default)]
    ids: Vec<u32>,
    #[serde(default)]
    grids: Vec<[u32; 3]>,
    refused: Option<String>,
}

#[derive(Deserialize)]
struct Mask {
    name: String,
    messages: Vec<Turn>,
    ids: Vec<u32>,
    mask: Vec<u8>,
}

#[derive(Deserialize)]
struct Turn {
    role: Role,
    content: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Part {
    Text { text: String },
    Image { image: String },
}

fn golden() -> Golden {
    serde_json::from_slice(&fs::read(directory().join("chat.json")).unwrap()).unwrap()
}

fn body(turns: &[Turn], pictures: &mut Pictures) -> PromptBody {
    let mut part = |part: &Part| match part {
        Part::Text { text } => ContentPart::Text { text: text.clone() },
        Part::Image { image } => picture(image, pictures),
    };
    let turn = |turn: &Turn| Message { role: turn.role, content: turn.content.iter().map(&mut part).collect() };
    PromptBody::Chat(turns.iter().map(turn).collect())
}

#[test]
fn texts_have_the_same_ids_and_come_back_the_same() {
    let processor = processor("qwen2_5_vl");
    for Text { text, ids, decoded, decoded_without_special } in &golden().texts {
        assert_eq!(processor.encode(text).unwrap(), *ids, "{text:?}");
        assert_eq!(processor.decode(ids, SpecialTokens::Keep).unwrap(), *decoded, "{text:?}");
        assert_eq!(processor.decode(ids, SpecialTokens::Skip).unwrap(), *decoded_without_special, "{text:?}");
    }
}

#[test]
fn a_stream_of_ids_gives_the_text_of_all_ids() {
    let processor = processor("qwen2_5_vl");
    for Text { ids, decoded_without_special, .. } in &golden().texts {
        let mut stream = processor.decode_stream(SpecialTokens::Skip);
        let pieces: String = ids.iter().map(|&id| stream.push(id).unwrap()).collect();
        assert_eq!(pieces + &stream.finish().unwrap(), *decoded_without_special);
    }
}

/// Checks one case of `prepare`. Only the last turn of a chat may be open, so a closed chat is left to supervised examples.
fn check(processor: &Processor, chat: &Chat) {
    let mut pictures = Pictures::new();
    let body = body(&chat.messages, &mut pictures);
    let input = ChatInput { body: &body, prefill: None, max_prompt_tokens: None };
    let case = format!("{} / {} / {}", chat.template, chat.name, chat.ending);
    let prepared = match (processor.prepare(&input, &pictures), &chat.refused) {
        (Err(Error::RenderTemplate { source, .. }), Some(reason)) => {
            assert!(source.to_string().contains(reason), "{case}: {source}, expected {reason}");
            return;
        }
        (prepared, None) => prepared.unwrap_or_else(|error| panic!("{case}: {error}")),
        (_, Some(reason)) => panic!("{case} should be refused: {reason}"),
    };
    let text = processor.decode(&prepared.token_ids, SpecialTokens::Keep).unwrap();
    assert_eq!(prepared.token_ids, chat.ids, "{case}: {text}");
    let grids: Vec<_> = prepared.media.iter().map(|media| media.grid).collect();
    assert_eq!(grids, chat.grids, "{case}");
}

#[test]
fn conversations_render_to_the_same_ids_with_every_template() {
    let chats = golden().chats;
    let mut processors = HashMap::new();
    // A chat that ends with an assistant turn is continued, so only its continuation is compared.
    let open = |chat: &&Chat| match chat.messages.last().unwrap().role {
        Role::Assistant => chat.ending == "continue",
        Role::User | Role::System => chat.ending == "generation",
    };
    assert!(chats.iter().filter(open).count() >= 30);
    for chat in chats.iter().filter(open) {
        let processor = processors.entry(chat.template.clone()).or_insert_with(|| processor(&chat.template));
        check(processor, chat);
    }
}

#[test]
fn conversations_with_pictures_render_to_the_same_ids_and_grids() {
    let chats = golden().picture_chats;
    for template in ["qwen2_5_vl", "parts_only"] {
        let processor = processor(template);
        for chat in chats.iter().filter(|chat| chat.template == template) {
            if chat.ending == "generation" && chat.messages.last().unwrap().role == Role::Assistant {
                continue;
            }
            check(&processor, chat);
        }
    }
}

#[test]
fn closed_conversations_have_the_same_ids_as_supervised_examples() {
    let chats = golden().chats;
    let learnable = |chat: &&Chat| chat.ending == "closed" && chat.messages.last().unwrap().role == Role::Assistant;
    assert!(chats.iter().filter(learnable).count() >= 8);
    for chat in chats.iter().filter(learnable) {
        let processor = processor(&chat.template);
        let body = body(&chat.messages, &mut Pictures::new());
        let case = format!("{} / {}", chat.template, chat.name);
        match processor.prepare_sft(&plain(&body), &Pictures::new()) {
            Ok(example) => assert_eq!(example.token_ids, chat.ids, "{case}"),
            // This template prints facts about the texts, so that no turn's text can be told from the rest.
            Err(Error::TurnNotFound { .. }) if chat.template == "python_methods" => {}
            Err(error) => panic!("{case}: {error}"),
        }
    }
}

#[test]
fn loss_is_where_transformers_sees_assistant_tokens() {
    let processor = processor("generation");
    for Mask { name, messages, ids, mask } in golden().masks {
        let body = body(&messages, &mut Pictures::new());
        let example = processor.prepare_sft(&plain(&body), &Pictures::new()).unwrap();
        assert_eq!(example.token_ids, ids, "{name}");
        let ours: Vec<u8> = example.loss_weights.iter().map(|weight| *weight as u8).collect();
        assert_eq!(ours, mask, "{name}");
    }
}

fn plain(body: &PromptBody) -> SftInput<'_> {
    SftInput { body, prefill: None, target: None, weighting: AnswerWeighting::default(), max_tokens: None }
}
