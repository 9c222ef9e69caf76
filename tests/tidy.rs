//! The house rules that a machine can hold, without a list of exceptions. A failure lists every offender.

#[path = "tidy/budget.rs"]
mod budget;
#[path = "tidy/graph.rs"]
mod graph;
#[path = "tidy/manifest.rs"]
mod manifest;
#[path = "tidy/text.rs"]
mod text;
#[path = "tidy/tree.rs"]
mod tree;

use tree::Tree;

/// Fails with all offenders, one a line.
fn assert_none(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}; {} offend:\n  {}\n", offenders.len(), offenders.join("\n  "));
}

#[test]
fn a_file_has_at_most_500_lines() {
    assert_none("a source file has at most 500 lines, with its tests", &budget::long_files(&Tree::read()));
}

#[test]
fn a_function_has_at_most_60_lines() {
    assert_none(
        "a function has at most 60 lines, signature and braces included",
        &budget::long_functions(&Tree::read()),
    );
}

#[test]
fn a_function_takes_at_most_5_arguments() {
    assert_none("a function takes at most 5 arguments besides `self`", &budget::wide_functions(&Tree::read()));
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    assert_none("outside tests, use `?` or `expect` with the reason it holds", &budget::unwraps(&Tree::read()));
}

#[test]
fn every_file_says_what_lives_in_it() {
    assert_none("a Rust file starts with `//!`", &text::files_without_documentation(&Tree::read()));
}

#[test]
fn no_module_is_named_after_nothing() {
    assert_none("a module is named after a noun of the field", &text::vague_names(&Tree::read()));
}

#[test]
fn an_error_does_not_repeat_its_cause() {
    assert_none(
        "the text of an error leaves its `source` to the chain of causes",
        &text::repeated_causes(&Tree::read()),
    );
}

#[test]
fn nothing_names_somebodys_machine_or_a_package_registry() {
    assert_none("the tree names no directory of somebody's machine and no registry host", &text::places(&Tree::read()));
}

#[test]
fn every_crate_is_described_and_keeps_the_lints() {
    assert_none("a crate has a description and the workspace's lints", &manifest::careless(&Tree::read()));
}

#[test]
fn dependencies_point_down_only() {
    assert_none("a crate depends on lower tiers only", &manifest::forbidden_edges(&Tree::read()));
}

#[test]
fn only_what_computes_links_libtorch() {
    assert_none("these crates must do without libtorch", &graph::unwanted_libtorch(&Tree::read()));
}
