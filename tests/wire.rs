//! The wire between services: who calls whom, and what the messages look like.

#[path = "wire/calls.rs"]
mod calls;
#[path = "wire/contract.rs"]
mod contract;
#[allow(dead_code, reason = "the house rules need more of the tree than the wire does")]
#[path = "tidy/tree.rs"]
mod tree;

use std::{fs, path::Path};

use tree::Tree;

/// The contract as it was agreed, relative to this directory.
const SNAPSHOT: &str = "golden/wire/gradus.v1.txt";

#[test]
fn the_call_graph_is_the_one_of_the_architecture_and_has_no_cycle() {
    let edges = calls::edges(&Tree::read());
    let expected =
        [("actor", "coordinator"), ("actor", "learner"), ("actor", "reward-server"), ("learner", "coordinator")];
    assert_eq!(edges.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect::<Vec<_>>(), expected);
    assert_eq!(calls::cycle(&edges), None);
}

#[test]
fn every_service_of_the_contract_is_in_the_call_graph() {
    assert_eq!(calls::services(), contract::services());
}

#[test]
fn clients_and_servers_are_made_where_the_call_graph_sees_them() {
    let hidden = calls::hidden_ends(&Tree::read());
    assert!(hidden.is_empty(), "make the ends of services with `gradus_rpc::stub`:\n  {}", hidden.join("\n  "));
}

#[test]
fn messages_and_field_numbers_are_those_that_were_agreed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
    let (agreed, present) = (fs::read_to_string(&path).unwrap_or_default(), contract::text());
    if agreed != present {
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gradus.v1.txt");
        fs::write(&copy, &present).unwrap();
        panic!(
            "the .proto files are not what was agreed:\n{}if that is meant, and no process of another version is to be \
             talked to, copy `{}` over `{}`",
            contract::differences(&agreed, &present),
            copy.display(),
            path.display()
        );
    }
}
