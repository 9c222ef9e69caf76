//! What files are called, how they begin, and what they must not mention.

use crate::tree::{File, Tree};

const VAGUE_NAMES: [&str; 12] =
    ["utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "shared", "stuff", "base", "core"];

/// Errors whose text holds their cause. Whoever prints an error prints its causes after it, so the cause would stand there twice.
pub fn repeated_causes(tree: &Tree) -> Vec<String> {
    let repeats = |line: &str| {
        let text = line.trim_start();
        text.starts_with("#[error(") && (text.contains("{source}") || text.contains("{source:"))
    };
    let mut offenders = Vec::new();
    for file in tree.rust() {
        let lines = file.text.lines().enumerate().filter(|(_, line)| repeats(line));
        offenders.extend(lines.map(|(number, _)| format!("{}:{}", file.path.display(), number + 1)));
    }
    offenders
}

pub fn files_without_documentation(tree: &Tree) -> Vec<String> {
    let silent = tree.rust().filter(|file| !file.text.starts_with("//!"));
    silent.map(|file| file.path.display().to_string()).collect()
}

/// Files, and directories that hold Rust, named after no noun of the field. Inline modules count as well.
pub fn vague_names(tree: &Tree) -> Vec<String> {
    let is_vague = |name: &str| VAGUE_NAMES.contains(&name);
    let mut offenders = Vec::new();
    for file in tree.rust() {
        let path = file.path.with_extension("");
        if path.iter().filter_map(|part| part.to_str()).any(is_vague) {
            offenders.push(file.path.display().to_string());
        }
        let inline = file.text.lines().filter_map(|line| {
            let rest = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            rest.strip_prefix("mod ")?.strip_suffix(" {")
        });
        offenders.extend(inline.filter(|name| is_vague(name)).map(|name| format!("{} `{name}`", file.path.display())));
    }
    offenders
}

/// Lines that name a developer's directory or the host of a package registry. The lock file names its registry by right.
pub fn places(tree: &Tree) -> Vec<String> {
    // Put together here, or this file would be the first offender.
    let directories = ["home", "root", "Users", "work", "mnt"].map(|name| format!("/{name}/"));
    let hosts = [("pypi", "org"), ("pythonhosted", "org"), ("index.crates", "io"), ("static.crates", "io")]
        .into_iter()
        .chain([("deb.debian", "org"), ("archive.ubuntu", "com"), ("download.pytorch", "org")])
        .map(|(name, domain)| format!("{name}.{domain}"));
    let forbidden: Vec<String> = directories.into_iter().chain(hosts).collect();
    let files = tree.files.iter().filter(|file| !file.path.ends_with("Cargo.lock"));
    files.flat_map(|file| mentions(file, &forbidden)).collect()
}

fn mentions(file: &File, forbidden: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let named = forbidden.iter().find(|place| names(line, place));
        found.extend(named.map(|place| format!("{}:{} names `{place}`", file.path.display(), number + 1)));
    }
    found
}

/// A directory counts only where a path begins, not as a part of `https://example.org/work/` or `$HOME/work/`.
fn names(line: &str, place: &str) -> bool {
    let begins_path = |at: usize| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"./_-}~$".contains(before))
    };
    line.match_indices(place).any(|(at, _)| !place.starts_with('/') || begins_path(at))
}

#[test]
fn a_directory_is_named_only_where_a_path_begins() {
    let home = format!("/{}/", "home");
    for (line, expected) in
        [("cd %me", true), ("\"%me\"", true), ("host.org%me", false), ("$X%me", false), ("a%me", false)]
    {
        assert_eq!(names(&line.replace('%', &home), &home), expected, "{line}");
    }
}
