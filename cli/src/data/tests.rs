//! Samples are written, shown, and read back as the data set they are.

use clap::Parser;

use super::{Arguments, run};

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

fn sample(arguments: &[&str]) -> anyhow::Result<()> {
    run(&Command::parse_from([&["data", "sample"], arguments].concat()).arguments)
}

#[test]
fn samples_can_be_read_back_as_a_data_set() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first"), directory.path().join("second"));
    sample(&["colour", "arithmetic", "--count", "12", "--output", first.to_str().unwrap()]).unwrap();
    let lines = std::fs::read_to_string(first.join("samples.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 12);
    let samples = first.join("samples.jsonl");
    sample(&[samples.to_str().unwrap(), "--output", second.to_str().unwrap()]).unwrap();
    assert_eq!(std::fs::read_to_string(second.join("samples.jsonl")).unwrap(), lines);
    assert!(!second.join("quarantine.jsonl").exists());
}

#[test]
fn the_page_shows_every_picture_and_escapes_tags() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("samples");
    sample(&["counting", "--count", "3", "--split", "held-out", "--output", output.to_str().unwrap()]).unwrap();
    let page = std::fs::read_to_string(output.join("index.html")).unwrap();
    assert_eq!(page.matches("<img src=\"images/").count(), 3);
    assert!(page.contains("&lt;think&gt;"));
    assert_eq!(std::fs::read_dir(output.join("images")).unwrap().count(), 3);
}

#[test]
fn bad_records_are_listed_beside_the_samples() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("set.jsonl");
    std::fs::write(&file, "{\"problem\":\"1+1?\",\"answer\":\"2\"}\nnot json\n").unwrap();
    let output = directory.path().join("samples");
    sample(&[file.to_str().unwrap(), "--output", output.to_str().unwrap()]).unwrap();
    let quarantine = std::fs::read_to_string(output.join("quarantine.jsonl")).unwrap();
    assert!(quarantine.contains("\"row\":2"), "{quarantine}");
}

#[test]
fn what_cannot_be_sampled_is_explained() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("samples");
    let output = output.to_str().unwrap();
    let complaint = |arguments: &[&str]| {
        let error = sample(&[arguments, &["--output", output]].concat()).unwrap_err();
        format!("{error:#}")
    };
    assert!(complaint(&["color"]).contains("unknown task `color`"));
    assert!(complaint(&["colour", "--without-pictures"]).contains("no prompt that the filter keeps"));
    assert!(complaint(&["colour", "--difficulty", "0.9", "0.1"]).contains("difficulty"));
    sample(&["colour", "--count", "1", "--output", output]).unwrap();
    assert!(complaint(&["colour", "--count", "1"]).contains("not empty"));
}
