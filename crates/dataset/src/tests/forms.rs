//! Every JSON form that people store prompts in.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use gradus_config::{Columns, DataSource};
use image::ImageFormat;

use super::{Fixture, encoded, picture, shown};
use crate::{Needs, PromptSet};

/// Reads one record and compares turns, answer and target.
fn check(line: &str, turns: &str, gold: Option<&str>, target: Option<&str>) {
    let prompt = Fixture::new().prompt(line);
    assert_eq!(shown(&prompt), turns, "{line}");
    assert_eq!(prompt.reward.gold.as_deref(), gold, "{line}");
    assert_eq!(prompt.target.as_deref(), target, "{line}");
}

#[test]
fn a_problem_with_placeholders_shows_its_images_in_order() {
    check(
        r#"{"problem":"Is <image> like <image>?","answer":"no","images":["red.png","blue.png"]}"#,
        "user: Is [red] like [blue]?",
        Some("no"),
        None,
    );
}

#[test]
fn images_without_placeholders_come_first() {
    check(
        r#"{"question":"Which colour?","answer":"red","image":"red.png"}"#,
        "user: [red]Which colour?",
        Some("red"),
        None,
    );
    check(r#"{"question":"2+2?","answer":4,"images":[]}"#, "user: 2+2?", Some("4"), None);
    check(r#"{"question":"2+2?","answer":["4"],"images":null}"#, "user: 2+2?", Some("4"), None);
}

#[test]
fn the_last_assistant_turn_of_messages_is_the_target() {
    check(
        r#"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"},
            {"role":"assistant","content":"4"},{"role":"user","content":"<image>And this?"},
            {"role":"assistant","content":"<think>Red.</think><answer>red</answer>"}],"answer":"red","images":["red.png"]}"#
            .replace('\n', "")
            .as_str(),
        "system: Be brief. | user: 2+2? | assistant: 4 | user: [red]And this?",
        Some("red"),
        Some("<think>Red.</think><answer>red</answer>"),
    );
}

#[test]
fn a_prompt_is_text_or_a_list_of_messages() {
    check(r#"{"prompt":"2+2?","answer":"4"}"#, "user: 2+2?", Some("4"), None);
    check(r#"{"prompt":[{"role":"user","content":"2+2?"}],"answer":"4"}"#, "user: 2+2?", Some("4"), None);
    check(
        r#"{"prompt":[{"role":"user","content":"<image>?"}],"images":[{"path":"red.png"}],"reward_model":{"style":"rule","ground_truth":"red"}}"#,
        "user: [red]?",
        Some("red"),
        None,
    );
}

#[test]
fn a_message_is_json_in_a_text() {
    check(
        r#"{"message":"[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"image\":\"red.png\"},{\"type\":\"text\",\"text\":\"Which?\"}]}]","answer":"red"}"#,
        "user: [red]Which?",
        Some("red"),
        None,
    );
}

#[test]
fn sharegpt_conversations_are_messages() {
    for (human, gpt) in [("human", "gpt"), ("user", "assistant")] {
        check(
            &format!(
                r#"{{"conversations":[{{"from":"{human}","value":"<image>\nWhich?"}},{{"from":"{gpt}","value":"Red."}}],"image":"red.png"}}"#
            ),
            "user: [red]\nWhich?",
            None,
            Some("Red."),
        );
    }
}

#[test]
fn a_bare_image_part_takes_the_next_image_of_the_record() {
    check(
        r#"{"messages":[{"role":"user","content":[{"type":"image"},{"type":"text","text":"Which?"}]}],"images":["blue.png"],"solution":"<answer> blue </answer>"}"#,
        "user: [blue]Which?",
        Some("blue"),
        None,
    );
}

#[test]
fn a_target_column_goes_before_the_last_assistant_turn() {
    check(
        r#"{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"five"}],"response":"four"}"#,
        "user: 2+2?",
        None,
        Some("four"),
    );
}

#[test]
fn an_image_is_a_path_a_url_bytes_or_base64() {
    let fixture = Fixture::new();
    let odd_path = fixture.write("odd name.png", &picture([255, 0, 0]));
    let url = format!("file://{}", odd_path.display().to_string().replace(' ', "%20"));
    let (padded, unpadded) = (STANDARD.encode(picture([255, 0, 0])), STANDARD_NO_PAD.encode(picture([255, 0, 0])));
    let values = [
        serde_json::json!("red.png"),
        serde_json::json!(odd_path),
        serde_json::json!(url),
        serde_json::json!(padded),
        serde_json::json!(unpadded),
        serde_json::json!(format!("data:image/png;base64,{padded}")),
        serde_json::json!({"bytes": padded, "path": null}),
        serde_json::json!({"bytes": picture([255, 0, 0])}),
        serde_json::json!({"bytes": null, "path": "red.png"}),
        serde_json::json!({"url": url}),
    ];
    for value in values {
        let line = serde_json::json!({"problem": "<image>?", "answer": "red", "images": [value]}).to_string();
        let prompt = fixture.prompt(&line);
        assert_eq!(shown(&prompt), "user: [red]?", "{line}");
        let hash = prompt.body.images().next().unwrap();
        assert_eq!(fixture.media.get(hash).unwrap(), picture([255, 0, 0]));
    }
}

#[test]
fn every_format_that_can_be_decoded_is_taken_in() {
    let fixture = Fixture::new();
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Bmp] {
        fixture.write("picture.bin", &encoded(8, 6, [0, 255, 0], format));
        let prompt = fixture.prompt(r#"{"problem":"?","answer":"green","images":["picture.bin"]}"#);
        assert_eq!(prompt.body.images().count(), 1, "{format:?}");
    }
}

#[test]
fn configured_columns_go_before_the_usual_ones() {
    let fixture = Fixture::new();
    let line = r#"{"problem":"wrong","ask":{"text":"2+2?"},"answer":"wrong","correct_answer":"4","pics":["red.png"],"set":"sums","say":"It is 4."}"#;
    let path = fixture.write("set.jsonl", line.as_bytes());
    let mut data = fixture.data(&path);
    let DataSource::Files(source) = &mut data.source else { panic!("files") };
    let name = |name: &str| Some(name.to_owned());
    source.columns = Columns {
        prompt: name("ask.text"),
        answer: name("correct_answer"),
        images: name("pics"),
        target: name("say"),
        source: name("set"),
    };
    let prompt = PromptSet::open(&data, &fixture.options(Needs::Both)).unwrap().item(0).unwrap().unwrap();
    assert_eq!(shown(&prompt), "user: [red]2+2?");
    assert_eq!(prompt.reward.gold.as_deref(), Some("4"));
    assert_eq!((prompt.target.as_deref(), prompt.source.as_str()), (Some("It is 4."), "sums"));
}

#[test]
fn options_difficulty_and_source_are_kept() {
    let fixture = Fixture::new();
    let prompt = fixture.prompt(
        r#"{"question":"Which?","answer":"B","options":["red","blue"],"difficulty":0.25,"data_source":"colours"}"#,
    );
    assert_eq!(prompt.reward.options, ["red", "blue"]);
    assert_eq!((prompt.difficulty, prompt.chance, prompt.source.as_str()), (Some(0.25), Some(0.5), "colours"));
    assert_eq!(fixture.prompt(r#"{"question":"Which?","answer":"B"}"#).source, "set");
}

#[test]
fn a_json_file_is_an_array_or_lines() {
    let fixture = Fixture::new();
    let records = [r#"{"problem":"1+1?","answer":"2"}"#, r#"{"problem":"1+2?","answer":"3"}"#];
    let forms =
        [format!("\n [{}]", records.join(",\n")), records.join("\n\n"), format!("\u{FEFF}{}", records.join("\r\n"))];
    for content in forms {
        let path = fixture.write("set.json", content.as_bytes());
        let set = PromptSet::open(&fixture.data(&path), &fixture.options(Needs::Answer)).unwrap();
        assert_eq!(set.num_items(), Some(2), "{content}");
        assert_eq!(shown(&set.item(1).unwrap().unwrap()), "user: 1+2?");
    }
}

#[test]
fn relative_images_start_from_the_image_directory_where_one_is_given() {
    let fixture = Fixture::new();
    let path = fixture.write("elsewhere/set.jsonl", br#"{"problem":"<image>","answer":"red","images":"red.png"}"#);
    let mut data = fixture.data(&path);
    let DataSource::Files(source) = &mut data.source else { panic!("files") };
    source.image_directory = Some(fixture.directory.path().to_owned());
    let set = PromptSet::open(&data, &fixture.options(Needs::Answer)).unwrap();
    assert_eq!(shown(&set.item(0).unwrap().unwrap()), "user: [red]");
}
