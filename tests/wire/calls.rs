//! Who calls whom, read off the sources: a process calls another if it makes a client of a service that the other serves.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{File, Tree};

/// The processes, by their directory.
const PROCESSES: [&str; 5] = ["actor", "cli", "coordinator", "learner", "reward-server"];

/// How a service's ends are made. What users serve has no server here.
struct Ends {
    service: &'static str,
    client: &'static [&'static str],
    server: &'static [&'static str],
}

const ENDS: [Ends; 4] = [
    Ends { service: "Coordinator", client: &["stub::coordinator("], server: &["stub::coordinator_server("] },
    Ends { service: "RewardService", client: &["stub::reward("], server: &["stub::reward_server("] },
    Ends { service: "Scorer", client: &["stub::scorer("], server: &[] },
    // The ends of weights are wrapped once more, in `gradus-weight-sync`.
    Ends {
        service: "Weights",
        client: &["stub::weights(", "Subscriber::new("],
        server: &["stub::weights_server(", "Publisher::new("],
    },
];

/// Where the generated clients and servers are wrapped.
const STUBS: &str = "crates/rpc/src/";
/// The library that holds ends of a service for the processes that use it.
const WRAPPED: &str = "crates/weight-sync/src/";

/// An edge from the caller to the called.
type Edge = (String, String);

/// Names the services whose ends are known, in order.
pub fn services() -> BTreeSet<String> {
    ENDS.iter().map(|ends| ends.service.to_owned()).collect()
}

/// Lists the edges between processes, in order.
pub fn edges(tree: &Tree) -> Vec<Edge> {
    let mut edges = BTreeSet::new();
    for ends in &ENDS {
        let (callers, called) = (makers(tree, ends.client), makers(tree, ends.server));
        let is_whole = !callers.is_empty() && called.is_empty() == ends.server.is_empty();
        assert!(is_whole, "`{}` has lost an end", ends.service);
        for caller in callers {
            edges.extend(called.iter().map(|called| (caller.to_owned(), (*called).to_owned())));
        }
    }
    edges.into_iter().collect()
}

/// Finds processes that call each other in a circle.
pub fn cycle(edges: &[Edge]) -> Option<Vec<String>> {
    let mut called: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in edges {
        called.entry(from).or_default().push(to);
    }
    let mut paths: Vec<Vec<&str>> = called.keys().map(|process| vec![*process]).collect();
    while let Some(path) = paths.pop() {
        for next in path.last().and_then(|last| called.get(last)).into_iter().flatten() {
            let mut longer = path.clone();
            longer.push(next);
            if path.contains(next) {
                return Some(longer.into_iter().map(str::to_owned).collect());
            }
            paths.push(longer);
        }
    }
    None
}

/// Finds ends that are made in another way than [`ENDS`] knows, or in a library that it does not.
pub fn hidden_ends(tree: &Tree) -> Vec<String> {
    let mut hidden = Vec::new();
    for file in tree.rust().filter(|file| !file.is_test() && !file.path.starts_with("xtask")) {
        let path = file.path.display().to_string();
        if path.starts_with(STUBS) {
            continue;
        }
        let is_known_place = path.starts_with(WRAPPED) || process_of(file).is_some();
        for line in without_tests(&file.text).lines().filter(|line| names_an_end(line)) {
            let makes_an_end = ENDS.iter().flat_map(|ends| ends.client.iter().chain(ends.server));
            if !is_known_place || !makes_an_end.into_iter().any(|made| line.contains(made)) {
                hidden.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    hidden
}

/// Tells whether a line makes an end of a service, or brings the means to do so into scope.
fn names_an_end(line: &str) -> bool {
    let makes = |end: &str| line.contains(&format!("{end}::new(")) || line.contains(&format!("{end}::connect("));
    let generated = ENDS.iter().flat_map(|ends| ["Client", "Server"].map(|end| format!("{}{end}", ends.service)));
    let mut after_stub = line.split("stub::").skip(1);
    let names_a_function =
        after_stub.any(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase() || first == '{'));
    names_a_function || generated.into_iter().any(|end| makes(&end))
}

/// Lists the processes whose sources have one of these calls.
fn makers(tree: &Tree, calls: &[&str]) -> BTreeSet<&'static str> {
    let makes = |file: &&File| {
        let text = without_tests(&file.text);
        !file.is_test() && calls.iter().any(|call| text.contains(call))
    };
    tree.rust().filter(makes).filter_map(process_of).collect()
}

fn process_of(file: &File) -> Option<&'static str> {
    PROCESSES.into_iter().find(|process| file.path.starts_with(process))
}

/// Cuts off the tests at the end of a file.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn a_circle_is_found_and_a_diamond_is_none() {
    let edges = |names: &[(&str, &str)]| -> Vec<Edge> {
        names.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
    };
    assert_eq!(cycle(&edges(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])), None);
    assert!(cycle(&edges(&[("a", "b"), ("b", "c"), ("c", "b")])).is_some());
    assert!(cycle(&edges(&[("a", "a")])).is_some());
}

#[test]
fn an_end_made_by_hand_is_seen() {
    assert!(names_an_end("let client = RewardServiceClient::new(channel);"));
    assert!(names_an_end("use gradus_rpc::stub::reward;"));
    assert!(!names_an_end("use gradus_rpc::stub::MAX_MESSAGE_BYTES;"));
    assert!(!names_an_end("use gradus_proto::v1::reward_service_client::RewardServiceClient;"));
}
