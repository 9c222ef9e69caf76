//! WebAssembly components that score, and components that misbehave.

use std::{fs, path::PathBuf};

use gradus_config::{CustomScorer, ScorerKind};
use gradus_process::chain;
use tempfile::TempDir;

use crate::{Outcome, Server, custom, example};

/// Makes a component whose function runs some instructions where the completion has not the length 1, and gives 1 otherwise. Its memory
/// holds `it is unknown` at 16.
fn component(instructions: &str) -> String {
    format!(
        r#"(component
          (core module $scorer
            (memory (export "memory") 1)
            (table $table 1 funcref)
            (data (i32.const 16) "it is unknown")
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
            (func $recurse (call $recurse))
            (func (export "score") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
              (if (i32.ne (local.get 1) (i32.const 1)) (then {instructions}))
              (f64.store (i32.const 8) (f64.const 1))
              (i32.const 0)))
          (core instance $scorer (instantiate $scorer))
          (func (export "score")
            (param "completion" string) (param "gold" (option string)) (param "options" (list string))
            (param "facts" string) (param "num-tokens" u32) (param "truncated" bool) (result (result f64 (error string)))
            (canon lift (core func $scorer "score") (memory $scorer "memory") (realloc (func $scorer "realloc")))))"#
    )
}

fn written(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scorer.wat");
    fs::write(&path, text).unwrap();
    (directory, path)
}

fn declared(path: PathBuf) -> CustomScorer {
    CustomScorer { component: Some(path), timeout_seconds: 60.0, ..custom(ScorerKind::Wasm) }
}

/// Scores a text between two good ones, which must not notice.
async fn between(instructions: &str, change: impl Fn(CustomScorer) -> CustomScorer) -> Outcome {
    let (_directory, path) = written(&component(instructions));
    let server = Server::open(change(declared(path))).unwrap();
    let mut outcomes = server.score(&["4", "bad", "4"]).await;
    assert_eq!((&outcomes[0], &outcomes[2]), (&Outcome::Value(1.0), &Outcome::Value(1.0)), "beside `{instructions}`");
    outcomes.swap_remove(1)
}

#[tokio::test]
async fn the_component_of_the_documentation_scores() {
    let server = Server::open(declared(example("ends_with_gold.wat"))).unwrap();
    let long = format!("{} 4", "word ".repeat(50_000));
    let outcomes = server.score(&["it is 4", "it is 5", "", &long]).await;
    assert_eq!(outcomes, [1.0, 0.0, 0.0, 1.0].map(Outcome::Value));
    let spec = r#"{"components": [{"name": "own", "kind": "scorer", "scorer": "own", "weight": 1}]}"#;
    let outcome = Outcome::of(&server.score_by(spec, &["it is 4"]).await[0]);
    assert!(outcome.is_error_about("scorer `own`: there is no reference answer"), "{outcome:?}");
}

#[tokio::test]
async fn several_threads_score_side_by_side() {
    let server = Server::open(CustomScorer { parallel: Some(4), ..declared(example("ends_with_gold.wat")) }).unwrap();
    let outcomes = server.score(&["4"; 64]).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Value(1.0)), "{outcomes:?}");
}

#[tokio::test]
async fn an_endless_loop_runs_out_of_fuel_or_of_time() {
    let little_fuel = |declared| CustomScorer { fuel: Some(1_000_000), ..declared };
    assert_eq!(between("(loop (br 0))", little_fuel).await, Outcome::Timeout);
    let little_time = |declared| CustomScorer { fuel: Some(u64::MAX), timeout_seconds: 0.5, ..declared };
    assert_eq!(between("(loop (br 0))", little_time).await, Outcome::Timeout);
}

#[tokio::test]
async fn an_allocation_of_100_gigabytes_fails_its_own_sample() {
    // A memory has 4 GiB at most, so 100 GB is asked for step by step.
    for instructions in [
        "(loop (drop (memory.grow (i32.const 16384))) (br 0))",
        "(loop (drop (memory.grow (i32.const 1))) (br 0))",
        "(drop (table.grow $table (ref.null func) (i32.const 10000000)))",
    ] {
        let outcome = between(instructions, |declared| declared).await;
        assert!(
            outcome.is_error_about("more memory than `max_memory_bytes` = 67108864"),
            "{instructions}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_trap_fails_its_own_sample_with_what_it_was() {
    for (instructions, reason) in [
        ("unreachable", "unreachable"),
        ("(drop (i32.load (i32.const -1)))", "out of bounds"),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "divide by zero"),
        ("(call $recurse)", "stack"),
        ("(i32.store8 (i32.const 0) (i32.const 9))", "discriminant"),
    ] {
        let outcome = between(instructions, |declared| declared).await;
        assert!(outcome.is_error_about(reason), "{instructions}: {outcome:?}");
    }
}

#[tokio::test]
async fn what_is_no_number_is_an_error_with_its_reason() {
    let nan = "(f64.store (i32.const 8) (f64.const nan)) (return (i32.const 0))";
    assert!(between(nan, |declared| declared).await.is_error_about("the value is NaN"));
    // An error whose text lies where there is one, and one whose text lies outside of the memory.
    for (place, reason) in [(16, "scorer `own`: it is unknown"), (65_530, "out of bounds")] {
        let error = format!(
            "(i32.store8 (i32.const 0) (i32.const 1)) (i32.store (i32.const 8) (i32.const {place}))
            (i32.store (i32.const 12) (i32.const 13)) (return (i32.const 0))"
        );
        let outcome = between(&error, |declared| declared).await;
        assert!(outcome.is_error_about(reason), "{outcome:?}");
    }
}

#[test]
fn a_file_that_is_no_scorer_is_refused_at_load_with_what_to_do() {
    for (text, reason) in [
        ("", "is no component"),
        ("not WebAssembly", "is no component"),
        ("\0asm\u{d}\0\u{1}\0garbage", "is no component"),
        ("(module)", "`wasm-tools component new`"),
        (r#"(component (import "wasi:cli/environment@0.2.0" (instance (export "exit" (func)))))"#, "without WASI"),
        ("(component)", "has to export `score`"),
        (&component("").replace("f64 (error string)", "f32 (error string)"), "`score`"),
        (&component("").replace("\"memory\") 1)", "\"memory\") 9999)"), "`max_memory_bytes`"),
    ] {
        let (_directory, path) = written(text);
        let error = chain(&Server::open(declared(path)).err().unwrap());
        assert!(error.contains(reason), "`{text}`: {error}");
    }
    let error = chain(&Server::open(declared("nowhere.wasm".into())).err().unwrap());
    assert!(error.contains("failed to read `nowhere.wasm`"), "{error}");
}
