//! What the crates link in the end, direct and indirect dependencies alike.

use std::{
    collections::{HashMap, HashSet},
    env,
    process::Command,
};

use serde_json::Value;

use crate::tree::Tree;

/// Crates that run, or are to run, where no libtorch is.
const WITHOUT_LIBTORCH: [&str; 12] = [
    "gradus-algorithms",
    "gradus-config",
    "gradus-coordinator",
    "gradus-dataset",
    "gradus-judge",
    "gradus-processor",
    "gradus-reward-server",
    "gradus-rpc",
    "gradus-tasks",
    "gradus-types",
    "gradus-verify",
    "gradus-xtask",
];

/// The crates that link it.
const LIBTORCH: [&str; 2] = ["torch-sys", "gradus-c10d-sys"];

/// Which packages a package is built from, by package id.
struct Graph {
    names: HashMap<String, String>,
    edges: HashMap<String, Vec<String>>,
}

pub fn unwanted_libtorch(tree: &Tree) -> Vec<String> {
    let graph = Graph::resolve(tree);
    let linked = |name: &str| LIBTORCH.into_iter().find(|library| graph.reaches(name, library));
    assert!(linked("gradus-model").is_some(), "the graph shows no libtorch at all, so this test sees nothing");
    let offenders = WITHOUT_LIBTORCH.iter().filter_map(|name| Some((name, linked(name)?)));
    offenders
        .map(|(name, library)| format!("{name} links {library}, see `cargo tree -p {name} -i {library}`"))
        .collect()
}

// === impl Graph ===

impl Graph {
    fn resolve(tree: &Tree) -> Self {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&tree.root).args(["metadata", "--format-version=1", "--offline"]);
        let output = command.output().expect("cargo starts");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
        let names = objects(&metadata["packages"]).map(|package| (text(&package["id"]), text(&package["name"])));
        let nodes = objects(&metadata["resolve"]["nodes"]);
        let edges = nodes.map(|node| (text(&node["id"]), objects(&node["deps"]).filter_map(linked).collect()));
        Self { names: names.collect(), edges: edges.collect() }
    }

    fn reaches(&self, from: &str, library: &str) -> bool {
        let is_named = |id: &&String, name: &str| self.names.get(*id).is_some_and(|found| found == name);
        let start = self.edges.keys().find(|id| is_named(id, from));
        let mut pending: Vec<&String> = start.into_iter().collect();
        assert!(!pending.is_empty(), "there is no package `{from}`");
        let mut seen = HashSet::new();
        while let Some(id) = pending.pop() {
            if is_named(&id, library) {
                return true;
            }
            if seen.insert(id) {
                pending.extend(self.edges.get(id).into_iter().flatten());
            }
        }
        false
    }
}

/// The package of a dependency, unless only tests use it.
fn linked(dependency: &Value) -> Option<String> {
    let is_linked = objects(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev");
    is_linked.then(|| text(&dependency["pkg"]))
}

fn objects(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
