//! Draws, items, filters and generated sets.

use std::collections::BTreeSet;

use gradus_config::{AnswerStyle, Data, DataSource, PromptFormat, Split, TaskShare, TaskSource};

use super::{Fixture, shown};
use crate::{Error, Filter, Needs, Pictures, PromptSet};

fn numbered(fixture: &Fixture, count: usize) -> Data {
    let lines: Vec<String> =
        (0..count).map(|number| format!(r#"{{"problem":"What is {number}?","answer":{number}}}"#)).collect();
    fixture.data(&fixture.write("set.jsonl", lines.join("\n").as_bytes()))
}

fn shuffled(mut data: Data) -> Data {
    if let DataSource::Files(source) = &mut data.source {
        source.shuffle = true;
    }
    data
}

fn tasks(names: &[&str], split: Split, prompt: PromptFormat) -> Data {
    let share = |name: &&str| TaskShare {
        task: (*name).to_owned(),
        weight: 1.0,
        difficulty: [0.0, 0.2],
        answer_style: AnswerStyle::Letter,
    };
    let source = TaskSource { tasks: names.iter().map(share).collect(), image_size: 84, split };
    Data { source: DataSource::Tasks(source), prompt }
}

#[test]
fn a_draw_number_is_enough_to_resume() {
    let fixture = Fixture::new();
    let data = shuffled(numbered(&fixture, 10));
    let set = PromptSet::open(&data, &fixture.options(Needs::Answer)).unwrap();
    let draws: Vec<String> = (0..30).map(|draw| shown(&set.draw(draw).unwrap())).collect();
    let reopened = PromptSet::open(&data, &fixture.options(Needs::Answer)).unwrap();
    assert_eq!(shown(&reopened.draw(17).unwrap()), draws[17]);
    for epoch in draws.chunks(10) {
        assert_eq!(epoch.iter().collect::<BTreeSet<_>>().len(), 10);
    }
    assert_ne!(draws[..10], draws[10..20]);
    let ids: BTreeSet<_> = (0..10).map(|draw| set.draw(draw).unwrap().id).collect();
    assert_eq!(ids.len(), 10);
}

#[test]
fn another_name_or_seed_draws_in_another_order() {
    let fixture = Fixture::new();
    let data = shuffled(numbered(&fixture, 50));
    let draws = |name: &str, seed| {
        let options = crate::OpenOptions { name: name.to_owned(), seed, ..fixture.options(Needs::Answer) };
        let set = PromptSet::open(&data, &options).unwrap();
        (0..50).map(|draw| shown(&set.draw(draw).unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(draws("train", 1), draws("train", 1));
    assert_ne!(draws("train", 1), draws("train", 2));
    assert_ne!(draws("train", 1), draws("other", 1));
}

#[test]
fn the_records_kept_can_be_limited() {
    let fixture = Fixture::new();
    let mut data = numbered(&fixture, 10);
    if let DataSource::Files(source) = &mut data.source {
        source.max_records = Some(4);
        source.paths.push("never-opened.jsonl".into());
    }
    let set = PromptSet::open(&data, &fixture.options(Needs::Answer)).unwrap();
    assert_eq!((set.num_items(), set.report().num_rows), (Some(4), 4));
    assert_eq!(set.item(4).unwrap(), None);
}

#[test]
fn prompts_of_several_files_have_different_ids() {
    let fixture = Fixture::new();
    let mut data = numbered(&fixture, 3);
    let other = fixture.write("other.jsonl", br#"{"problem":"More?","answer":"yes"}"#);
    if let DataSource::Files(source) = &mut data.source {
        source.paths.push(other);
    }
    let set = PromptSet::open(&data, &fixture.options(Needs::Answer)).unwrap();
    let last = set.item(3).unwrap().unwrap();
    assert_eq!((last.id.0, last.source.as_str()), (3, "other"));
}

#[test]
fn a_filter_keeps_what_it_describes() {
    let fixture = Fixture::new();
    let set = fixture
        .open(&[
            r#"{"problem":"short","answer":"1","difficulty":0.1}"#,
            r#"{"problem":"rather long","answer":"2","difficulty":0.9}"#,
            r#"{"problem":"shown","answer":"3","images":["red.png"]}"#,
        ])
        .unwrap();
    let golds = |filter: Filter| -> Vec<String> {
        set.first(10, &filter).unwrap().into_iter().filter_map(|prompt| prompt.reward.gold).collect()
    };
    assert_eq!(golds(Filter::default()), ["1", "2", "3"]);
    assert_eq!(golds(Filter { max_characters: Some(5), ..Filter::default() }), ["1", "3"]);
    assert_eq!(golds(Filter { difficulty: Some(0.5..=1.0), ..Filter::default() }), ["2"]);
    assert_eq!(golds(Filter { pictures: Pictures::Required, ..Filter::default() }), ["3"]);
    assert_eq!(golds(Filter { pictures: Pictures::Refused, ..Filter::default() }), ["1", "2"]);
    assert_eq!(set.first(2, &Filter::default()).unwrap().len(), 2);
}

#[test]
fn generated_prompts_carry_picture_options_answer_and_target() {
    let fixture = Fixture::new();
    let data = tasks(&["relation"], Split::Train, PromptFormat::default());
    let set = PromptSet::open(&data, &fixture.options(Needs::Both)).unwrap();
    let prompt = set.draw(3).unwrap();
    assert_eq!((prompt.id.0, prompt.source.as_str()), (3, "relation"));
    assert_eq!((prompt.difficulty, prompt.chance), (Some(0.0), Some(0.25)));
    assert_eq!(prompt.reward.options, ["left", "right", "above", "below"]);
    let gold = prompt.reward.gold.clone().unwrap();
    assert!(prompt.target.as_ref().unwrap().ends_with(&format!("</think><answer>{gold}</answer>")), "{prompt:?}");
    assert!(shown(&prompt).contains("?\nA. left\nB. right\nC. above\nD. below"), "{}", shown(&prompt));
    let hash = prompt.body.images().next().unwrap();
    assert!(fixture.media.get(hash).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(set.num_items(), None);
}

#[test]
fn generated_prompts_go_through_the_templates() {
    let fixture = Fixture::new();
    let format = PromptFormat {
        system: Some("Think first.".to_owned()),
        user_template: Some("{{ content }}\nAnswer with a letter.".to_owned()),
        prefill: Some("<think>".to_owned()),
        target_template: Some("<think>I look.</think><answer>{{ answer }}</answer>".to_owned()),
        ..PromptFormat::default()
    };
    let set = PromptSet::open(&tasks(&["colour"], Split::Train, format), &fixture.options(Needs::Both)).unwrap();
    let prompt = set.draw(0).unwrap();
    assert!(shown(&prompt).starts_with("system: Think first. | user: ["), "{}", shown(&prompt));
    assert!(shown(&prompt).ends_with("\nAnswer with a letter."));
    assert_eq!(prompt.prefill.as_deref(), Some("<think>"));
    assert!(prompt.target.unwrap().starts_with("I look.</think><answer>"));
}

#[test]
fn a_template_that_fails_on_generated_items_is_found_when_the_set_is_opened() {
    let fixture = Fixture::new();
    let format = PromptFormat { user_template: Some("{{ question }}".to_owned()), ..PromptFormat::default() };
    let error = PromptSet::open(&tasks(&["colour"], Split::Train, format), &fixture.options(Needs::Both)).unwrap_err();
    assert!(matches!(error, Error::Render { template: "user_template", index: 0, .. }), "{error}");
}

#[test]
fn a_mixture_can_be_filtered_by_modality() {
    let fixture = Fixture::new();
    let data = tasks(&["colour", "arithmetic"], Split::HeldOut, PromptFormat::default());
    let set = PromptSet::open(&data, &fixture.options(Needs::Answer)).unwrap();
    let words = set.first(20, &Filter { pictures: Pictures::Refused, ..Filter::default() }).unwrap();
    assert_eq!(words.len(), 20);
    assert!(words.iter().all(|prompt| prompt.source == "arithmetic"));
    let nothing = Filter { difficulty: Some(0.9..=1.0), ..Filter::default() };
    assert_eq!(set.first(1, &nothing).unwrap(), []);
}

#[test]
fn both_splits_of_a_task_share_no_picture() {
    let fixture = Fixture::new();
    let hashes = |split| -> BTreeSet<_> {
        let set = PromptSet::open(&tasks(&["colour"], split, PromptFormat::default()), &fixture.options(Needs::Answer));
        let set = set.unwrap();
        (0..100).flat_map(|draw| set.draw(draw).unwrap().body.images().collect::<Vec<_>>()).collect()
    };
    assert!(hashes(Split::Train).is_disjoint(&hashes(Split::HeldOut)));
}
