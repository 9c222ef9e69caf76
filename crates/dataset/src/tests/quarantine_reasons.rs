//! Every reason a record is set aside for, next to a good record that is kept.

use image::ImageFormat;

use super::{Fixture, encoded};
use crate::{Error, Needs, PromptSet, Quarantined, Reason};

const GOOD: &str = r#"{"problem":"1+1?","answer":"2","response":"<answer>2</answer>"}"#;

/// Opens a good line, a bad one and another good one, and returns why the bad one was set aside.
fn reason_with(fixture: &Fixture, bad: &[u8], needs: Needs) -> Reason {
    let path = fixture.write("set.jsonl", &[GOOD.as_bytes(), b"\n\n", bad, b"\n", GOOD.as_bytes()].concat());
    let set = PromptSet::open(&fixture.data(&path), &fixture.options(needs)).unwrap();
    let report = set.report();
    assert_eq!((report.num_rows, report.num_kept, set.num_items()), (3, 2, Some(2)), "{report:?}");
    // The blank line counts as a line.
    let [Quarantined { row: 3, file, reason }] = &report.quarantined[..] else { panic!("{report:?}") };
    assert_eq!(*file, path);
    reason.clone()
}

fn reason(bad: &str) -> Reason {
    reason_with(&Fixture::new(), bad.as_bytes(), Needs::Either)
}

#[test]
fn a_line_that_is_not_utf_8() {
    let found = reason_with(&Fixture::new(), b"{\"problem\":\"caf\xE9\"}", Needs::Either);
    assert_eq!(found, Reason::NotUtf8 { column: "line".to_owned(), valid_up_to_bytes: 15 });
}

#[test]
fn a_line_that_is_not_json_or_no_object() {
    assert!(matches!(reason(r#"{"problem":"#), Reason::InvalidJson { column, .. } if column == "line"));
    assert!(
        matches!(reason(r#"{"message":"[{","answer":"2"}"#), Reason::InvalidJson { column, .. } if column == "message")
    );
    assert_eq!(reason("[1, 2]"), Reason::NotAnObject);
}

#[test]
fn a_record_without_a_question() {
    assert!(matches!(reason(r#"{"answer":"2"}"#), Reason::NoPrompt { columns } if columns.contains("`problem`")));
    assert!(matches!(reason(r#"{"problem":null,"answer":"2"}"#), Reason::NoPrompt { .. }));
    assert_eq!(reason(r#"{"problem":" \n","answer":"2"}"#), Reason::EmptyPrompt);
}

#[test]
fn a_conversation_that_cannot_be_continued() {
    let shapes = [
        r#"{"messages":[{"role":"assistant","content":"hello"}],"answer":"2"}"#,
        r#"{"messages":[{"role":"robot","content":"hello"}],"answer":"2"}"#,
        r#"{"messages":[],"answer":"2"}"#,
        r#"{"problem":17,"answer":"2"}"#,
    ];
    for bad in shapes {
        assert!(matches!(reason(bad), Reason::Conversation { .. }), "{bad}");
    }
}

#[test]
fn an_answer_that_is_empty_or_of_no_use() {
    let column = || "answer".to_owned();
    assert_eq!(reason(r#"{"problem":"1+1?","answer":"  "}"#), Reason::EmptyAnswer { column: column() });
    assert_eq!(reason(r#"{"problem":"1+1?","answer":"<answer> </answer>"}"#), Reason::EmptyAnswer { column: column() });
    assert_eq!(reason(r#"{"problem":"1+1?","answer":["2","two"]}"#), Reason::AnswerShape { column: column() });
    assert_eq!(reason(r#"{"problem":"1+1?","answer":{"a":1}}"#), Reason::AnswerShape { column: column() });
    assert!(matches!(reason(r#"{"problem":"1+1?"}"#), Reason::NoAnswer { columns } if columns.contains("`answer`")));
}

#[test]
fn a_record_without_what_the_stage_needs() {
    let fixture = Fixture::new();
    let answer_alone = br#"{"problem":"1+1?","answer":"2"}"#;
    assert_eq!(reason_with(&fixture, answer_alone, Needs::Target), Reason::NoTarget);
    assert_eq!(reason_with(&fixture, answer_alone, Needs::Both), Reason::NoTarget);
    let target_alone = br#"{"problem":"1+1?","response":"2"}"#;
    assert!(matches!(reason_with(&fixture, target_alone, Needs::Answer), Reason::NoAnswer { .. }));
}

#[test]
fn a_picture_that_is_not_there() {
    let bad = r#"{"problem":"<image>?","answer":"2","images":["gone.png"]}"#;
    assert!(matches!(reason(bad), Reason::MissingImage { path } if path.ends_with("gone.png")));
    let bad = r#"{"problem":"<image>?","answer":"2","images":["https://example.org/a.png"]}"#;
    assert_eq!(reason(bad), Reason::RemoteImage { url: "https://example.org/a.png".to_owned() });
}

#[test]
fn a_picture_that_cannot_be_read() {
    let fixture = Fixture::new();
    std::fs::create_dir(fixture.directory.path().join("directory.png")).unwrap();
    let bad = br#"{"problem":"<image>?","answer":"2","images":["directory.png"]}"#;
    assert!(matches!(reason_with(&fixture, bad, Needs::Either), Reason::UnreadableImage { .. }));
}

#[test]
fn a_picture_that_is_none() {
    let fixture = Fixture::new();
    fixture.write("notes.png", b"these are notes");
    fixture.write("cut.png", &encoded(8, 6, [1, 2, 3], ImageFormat::Png)[..12]);
    for name in ["notes.png", "cut.png"] {
        let bad = format!(r#"{{"problem":"?","answer":"2","images":["{name}"]}}"#);
        let found = reason_with(&fixture, bad.as_bytes(), Needs::Either);
        assert!(matches!(found, Reason::UnknownImageFormat { position: 0, .. }), "{found}");
    }
    for value in ["17", "{\"bytes\":null}", "\"data:image/png;base64,???\""] {
        let found = reason(&format!(r#"{{"problem":"<image>","answer":"2","images":[{value}]}}"#));
        assert_eq!(found, Reason::ImageShape { position: 0 }, "{value}");
    }
}

#[test]
fn a_picture_of_thirty_megapixels_is_refused_by_its_header() {
    let fixture = Fixture::new();
    // The header of a bitmap states the size; no pixel follows it, so none can have been decoded.
    let mut header = encoded(8, 6, [1, 2, 3], ImageFormat::Bmp)[..54].to_vec();
    header[18..22].copy_from_slice(&6000_u32.to_le_bytes());
    header[22..26].copy_from_slice(&5000_u32.to_le_bytes());
    fixture.write("huge.bmp", &header);
    let bad = br#"{"problem":"<image>?","answer":"2","images":["red.png","huge.bmp"]}"#;
    let mismatch = reason_with(&fixture, bad, Needs::Either);
    assert_eq!(mismatch, Reason::PlaceholderMismatch { num_placeholders: 1, num_images: 2 });
    let bad = br#"{"problem":"?","answer":"2","images":["red.png","huge.bmp"]}"#;
    let large = Reason::ImageTooLarge { position: 1, width: 6000, height: 5000, max_image_pixels: 16_000_000 };
    assert_eq!(reason_with(&fixture, bad, Needs::Either), large);
}

#[test]
fn more_or_fewer_placeholders_than_pictures() {
    let mismatch = |num_placeholders, num_images| Reason::PlaceholderMismatch { num_placeholders, num_images };
    assert_eq!(reason(r#"{"problem":"<image><image>","answer":"2","images":["red.png"]}"#), mismatch(2, 1));
    assert_eq!(reason(r#"{"problem":"<image>","answer":"2"}"#), mismatch(1, 0));
}

#[test]
fn media_that_prompts_cannot_carry() {
    for bad in [
        r#"{"problem":"?","answer":"2","videos":["a.mp4"]}"#,
        r#"{"problem":"<audio>?","answer":"2"}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"video","video":"a.mp4"}]}],"answer":"2"}"#,
    ] {
        assert!(matches!(reason(bad), Reason::UnsupportedMedia { .. }), "{bad}");
    }
}

#[test]
fn a_record_that_a_template_fails_on() {
    let fixture = Fixture::new();
    let lines = [r#"{"problem":"1+1?","answer":"2","rationale":"Sum."}"#, r#"{"problem":"1+2?","answer":"3"}"#];
    let path = fixture.write("set.jsonl", lines.join("\n").as_bytes());
    let mut data = fixture.data(&path);
    data.prompt.target_template = Some("{{ rationale }} {{ answer }}".to_owned());
    let set = PromptSet::open(&data, &fixture.options(Needs::Target)).unwrap();
    assert_eq!(set.item(0).unwrap().unwrap().target.as_deref(), Some("Sum. 2"));
    assert!(matches!(set.report().quarantined[0].reason, Reason::Template { template: "target_template", .. }));
}

#[test]
fn a_file_without_a_good_record_is_an_error_with_the_first_reason() {
    let fixture = Fixture::new();
    let error = fixture.open(&["{", r#"{"problem":"?"}"#]).unwrap_err();
    assert!(matches!(&error, Error::NothingKept { num_rows: 2, row: 1, .. }), "{error}");
    assert!(error.to_string().contains("not valid JSON"), "{error}");
    assert!(matches!(fixture.open(&["", ""]), Err(Error::Empty { .. })));
}

#[test]
fn a_file_that_cannot_be_used_at_all_is_named() {
    let fixture = Fixture::new();
    let path = fixture.write("set.csv", b"problem,answer");
    let open =
        |path: &std::path::Path| PromptSet::open(&fixture.data(path), &fixture.options(Needs::Either)).unwrap_err();
    assert!(matches!(open(&path), Error::UnknownExtension { .. }));
    assert!(matches!(open(&fixture.directory.path().join("gone.jsonl")), Error::Read { .. }));
    let path = fixture.write("set.json", b"[{\"problem\":");
    assert!(matches!(open(&path), Error::Json { .. }));
}
