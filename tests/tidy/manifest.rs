//! What the crates' manifests say about themselves and each other.

use toml::{Table, Value};

use crate::tree::{File, Tree};

/// The tiers of ARCHITECTURE.md, lowest first. A crate may depend on any lower tier and on none of its own.
const TIERS: [&[&str]; 6] = [
    &["gradus-types"],
    &["gradus-config", "gradus-runtime"],
    &["gradus-telemetry", "gradus-proto", "gradus-c10d-sys", "gradus-c10d"],
    &[
        "gradus-process",
        "gradus-rpc",
        "gradus-dataset",
        "gradus-tasks",
        "gradus-processor",
        "gradus-verify",
        "gradus-algorithms",
        "gradus-model",
        "gradus-weight-sync",
        "gradus-testkit",
        "gradus-judge",
    ],
    &["gradus-actor", "gradus-coordinator", "gradus-learner", "gradus-reward-server"],
    &["gradus-cli"],
];

/// The edges inside a tier: the safe face of the C interface, generated data sets, weights that travel by gRPC, and what asks a judge
/// for the verifier.
const EDGES_WITHIN: [(&str, &str); 4] = [
    ("gradus-c10d", "gradus-c10d-sys"),
    ("gradus-dataset", "gradus-tasks"),
    ("gradus-weight-sync", "gradus-rpc"),
    ("gradus-judge", "gradus-verify"),
];

/// The crates that only test, whose edges are not judged.
const TESTS_ONLY: [&str; 2] = ["gradus-tests", "gradus-verify-fuzz"];

/// Outside the tiers: one tests everything, the other runs before anything is built and uses nothing.
const OUTSIDE: [&str; 2] = ["gradus-tests", "gradus-xtask"];

/// The crates that may hold `unsafe`, and therefore state their lints themselves.
const FOREIGN_FUNCTION_CRATES: [&str; 2] = ["gradus-c10d", "gradus-c10d-sys"];

pub fn careless(tree: &Tree) -> Vec<String> {
    let mut offenders = Vec::new();
    for (file, manifest) in manifests(tree) {
        let package = manifest["package"].as_table().expect("a package");
        let name = package["name"].as_str().expect("a name");
        let path = file.path.display();
        let description = package.get("description").and_then(Value::as_str).unwrap_or_default();
        if description.trim().is_empty() || description == "TODO" {
            offenders.push(format!("{path}: the description is {description:?}"));
        }
        let lints = manifest.get("lints").and_then(Value::as_table);
        let inherits = lints.and_then(|lints| lints.get("workspace")).and_then(Value::as_bool) == Some(true);
        if !inherits && !FOREIGN_FUNCTION_CRATES.contains(&name) {
            offenders.push(format!("{path}: the workspace's lints are not inherited"));
        }
    }
    offenders
}

pub fn forbidden_edges(tree: &Tree) -> Vec<String> {
    let mut offenders = Vec::new();
    for (file, manifest) in manifests(tree) {
        let name = manifest["package"]["name"].as_str().expect("a name");
        if !TESTS_ONLY.contains(&name) {
            let refused = edges(&manifest).into_iter().filter_map(|edge| refusal(name, &edge));
            offenders.extend(refused.map(|reason| format!("{}: {reason}", file.path.display())));
        }
    }
    offenders
}

/// A dependency on another crate of the project.
struct Edge {
    to: String,
    for_tests: bool,
}

fn refusal(from: &str, edge: &Edge) -> Option<String> {
    let Edge { to, for_tests } = edge;
    if OUTSIDE.contains(&from) {
        return Some(format!("{from} depends on {to}, but stands outside"));
    }
    if to == "gradus-testkit" {
        return (!for_tests).then(|| format!("{from} depends on {to} outside its tests"));
    }
    let (Some(upper), Some(lower)) = (tier(from), tier(to)) else {
        return Some(format!("{from} or {to} has no tier, give it one in `tests/tidy/manifest.rs`"));
    };
    let allowed = lower < upper || EDGES_WITHIN.contains(&(from, to));
    (!allowed).then(|| format!("{from} (tier {upper}) depends on {to} (tier {lower})"))
}

fn tier(name: &str) -> Option<usize> {
    TIERS.iter().position(|tier| tier.contains(&name))
}

fn manifests(tree: &Tree) -> impl Iterator<Item = (&File, Table)> {
    tree.manifests().map(|file| match file.text.parse::<Table>() {
        Ok(manifest) => (file, manifest),
        Err(error) => panic!("failed to parse `{}`: {error}", file.path.display()),
    })
}

/// The edges of a manifest, those under `[target.…]` included.
fn edges(manifest: &Table) -> Vec<Edge> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = targets.filter_map(|(_, target)| target.as_table()).chain([manifest]);
    tables.flat_map(edges_of_table).collect()
}

fn edges_of_table(table: &Table) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (key, for_tests) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)] {
        let names = table.get(key).and_then(Value::as_table).into_iter().flat_map(Table::keys);
        let ours = names.filter(|name| name.starts_with("gradus-"));
        edges.extend(ours.map(|name| Edge { to: name.clone(), for_tests }));
    }
    edges
}

#[test]
fn edges_are_judged_by_tier() {
    let judge = |from, to: &str, for_tests| refusal(from, &Edge { to: to.to_owned(), for_tests }).is_none();
    assert!(judge("gradus-learner", "gradus-types", false));
    assert!(judge("gradus-dataset", "gradus-tasks", false));
    assert!(judge("gradus-model", "gradus-testkit", true));
    assert!(!judge("gradus-model", "gradus-testkit", false));
    assert!(!judge("gradus-actor", "gradus-learner", false));
    assert!(judge("gradus-cli", "gradus-actor", false));
    assert!(!judge("gradus-actor", "gradus-cli", false));
    assert!(!judge("gradus-types", "gradus-config", false));
    assert!(!judge("gradus-xtask", "gradus-types", false));
    assert!(!judge("gradus-novelty", "gradus-types", false));
}
