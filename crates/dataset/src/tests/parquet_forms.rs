//! Parquet columns: texts, numbers, bytes, lists and nested records, and what breaks in them.

use std::path::Path;

use super::parquet_fixture::{Leaf, REQUIRED, texts, write};
use super::{Fixture, picture, shown};
use crate::{Needs, PromptSet, Reason};

fn open(fixture: &Fixture, path: &Path) -> PromptSet {
    PromptSet::open(&fixture.data(path), &fixture.options(Needs::Either)).unwrap()
}

fn item(set: &PromptSet, index: u64) -> String {
    shown(&set.item(index).unwrap().unwrap())
}

/// The layout of geometry3k as Hugging Face stores it: a list of `{bytes, path}`.
const LIST_OF_PICTURES: &str = "message schema {
    required binary problem (UTF8);
    required binary answer (UTF8);
    optional group images (LIST) {
        repeated group list {
            optional group element {
                optional binary bytes;
                optional binary path (UTF8);
            }
        }
    }
    required int64 unused;
}";

#[test]
fn a_list_of_picture_records_is_read_row_by_row() {
    let fixture = Fixture::new();
    let path = fixture.directory.path().join("set.parquet");
    // Rows: two pictures (bytes, then path), no list at all, an empty list.
    let repetition = || Some(vec![0, 1, 0, 0]);
    let bytes = Leaf::Bytes(vec![picture([255, 0, 0])], (Some(vec![4, 3, 0, 1]), repetition()));
    let paths = Leaf::Bytes(vec![b"blue.png".to_vec()], (Some(vec![3, 4, 0, 1]), repetition()));
    let problems = texts(&["<image> or <image>?", "2+2?", "3+3?"]);
    let unused = Leaf::Integers(vec![1, 2, 3], REQUIRED);
    write(&path, LIST_OF_PICTURES, &[vec![problems, texts(&["red", "4", "6"]), bytes, paths, unused]]);
    let set = open(&fixture, &path);
    assert_eq!(set.report().quarantined, []);
    assert_eq!([item(&set, 0), item(&set, 1), item(&set, 2)], ["user: [red] or [blue]?", "user: 2+2?", "user: 3+3?"]);
}

#[test]
fn numbers_and_raw_picture_bytes_are_understood() {
    let fixture = Fixture::new();
    let path = fixture.directory.path().join("set.parquet");
    let schema = "message schema { required binary question (STRING); required double answer; required binary image;
        optional int64 difficulty; }";
    let doubles = Leaf::Doubles(vec![2.5, 3.0], REQUIRED);
    let images = Leaf::Bytes(vec![picture([255, 0, 0]), b"blue.png".to_vec()], REQUIRED);
    let difficulties = Leaf::Integers(vec![1], (Some(vec![1, 0]), None));
    write(&path, schema, &[vec![texts(&["How long?", "How far?"]), doubles, images, difficulties]]);
    let set = open(&fixture, &path);
    assert_eq!([item(&set, 0), item(&set, 1)], ["user: [red]How long?", "user: [blue]How far?"]);
    let prompt = set.item(0).unwrap().unwrap();
    assert_eq!((prompt.reward.gold.as_deref(), prompt.difficulty), (Some("2.5"), Some(1.0)));
}

#[test]
fn verl_rows_have_a_nested_prompt_and_ground_truth() {
    let fixture = Fixture::new();
    let path = fixture.directory.path().join("set.parquet");
    let schema = "message schema {
        required binary data_source (UTF8);
        required group prompt (LIST) { repeated group list { required group element {
            required binary content (UTF8); required binary role (UTF8); } } }
        required group reward_model { required binary ground_truth (UTF8); required binary style (UTF8); }
    }";
    let levels = || (Some(vec![1, 1, 1]), Some(vec![0, 1, 0]));
    let contents = Leaf::Bytes(vec![b"Be brief.".to_vec(), b"2+2?".to_vec(), b"3+3?".to_vec()], levels());
    let roles = Leaf::Bytes(vec![b"system".to_vec(), b"user".to_vec(), b"user".to_vec()], levels());
    let leaves = vec![texts(&["gsm8k", "gsm8k"]), contents, roles, texts(&["4", "6"]), texts(&["rule", "rule"])];
    write(&path, schema, &[leaves]);
    let set = open(&fixture, &path);
    assert_eq!([item(&set, 0), item(&set, 1)], ["system: Be brief. | user: 2+2?", "user: 3+3?"]);
    let prompt = set.item(1).unwrap().unwrap();
    assert_eq!((prompt.reward.gold.as_deref(), prompt.source.as_str()), (Some("6"), "gsm8k"));
}

#[test]
fn a_text_that_is_not_utf_8_costs_its_own_row_alone() {
    let fixture = Fixture::new();
    let path = fixture.directory.path().join("set.parquet");
    let schema = "message schema { required binary problem (UTF8); required binary answer (UTF8); }";
    let broken = Leaf::Bytes(vec![b"1+1?".to_vec(), b"caf\xE9?".to_vec(), b"1+3?".to_vec()], REQUIRED);
    let second_group = vec![texts(&["1+4?"]), texts(&["5"])];
    write(&path, schema, &[vec![broken, texts(&["2", "3", "4"])], second_group]);
    let set = open(&fixture, &path);
    assert_eq!([item(&set, 0), item(&set, 1), item(&set, 2)], ["user: 1+1?", "user: 1+3?", "user: 1+4?"]);
    let quarantined = &set.report().quarantined;
    assert_eq!((quarantined.len(), quarantined[0].row), (1, 2));
    assert_eq!(quarantined[0].reason, Reason::NotUtf8 { column: "problem".to_owned(), valid_up_to_bytes: 3 });
}

#[test]
fn a_damaged_row_group_costs_its_rows_but_not_the_others() {
    let fixture = Fixture::new();
    let path = fixture.directory.path().join("set.parquet");
    let schema = "message schema { required binary problem (UTF8); required binary answer (UTF8); }";
    let group = |number: usize| {
        let problems: Vec<String> = (0..3).map(|row| format!("problem-{number}-{row} {}", "x".repeat(100))).collect();
        let problems: Vec<&str> = problems.iter().map(String::as_str).collect();
        vec![texts(&problems), texts(&["1", "2", "3"])]
    };
    write(&path, schema, &[group(0), group(1)]);
    let mut file = std::fs::read(&path).unwrap();
    // The first page header follows the four bytes of the magic number.
    file[4..24].fill(0xFF);
    std::fs::write(&path, file).unwrap();
    let set = open(&fixture, &path);
    assert_eq!(set.report().quarantined.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(set.report().quarantined.iter().all(|row| matches!(row.reason, Reason::Unreadable { .. })));
    assert!(item(&set, 0).starts_with("user: problem-1-0"));
}

#[test]
fn a_file_that_is_not_parquet_is_an_error_with_its_path() {
    let fixture = Fixture::new();
    let path = fixture.write("set.parquet", b"not parquet at all");
    let error = PromptSet::open(&fixture.data(&path), &fixture.options(Needs::Either)).unwrap_err();
    assert!(error.to_string().contains("set.parquet"), "{error}");
}
