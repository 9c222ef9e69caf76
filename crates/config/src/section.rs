//! Reading one section of a run file so that all of its faults come to light, not only the first.
//!
//! serde stops at the first fault. So the offending key is noted, taken out, and the section is read again, until it
//! reads or a fault cannot be taken out.

use gradus_types::near_miss;
use serde::de::DeserializeOwned;
use toml::Value;

use crate::fault::{Faults, join};

/// Reads `value`, the section at `key`; on failure all faults are added and nothing is returned.
pub(crate) fn read<T: DeserializeOwned>(key: &str, value: Value, faults: &mut Faults) -> Option<T> {
    let mut rest = value;
    let mut clean = true;
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(rest.clone()) {
            Ok(section) => return clean.then_some(section),
            Err(error) => error,
        };
        let path: Vec<String> = error.path().iter().map(ToString::to_string).collect();
        let message = error.inner().message().trim().to_owned();
        let removed = if let Some((field, known)) = unknown_field(&message) {
            let parent =
                if path.last().is_some_and(|last| *last == field) { &path[..path.len() - 1] } else { &path[..] };
            let whole: Vec<String> = parent.iter().cloned().chain([field.clone()]).collect();
            faults.add(join(key, &whole.join(".")), unknown_key_problem(&field, &known));
            take_out(&mut rest, &whole)
        } else {
            if clean || !message.starts_with("missing field") {
                faults.add(join(key, &path.join(".")), with_value(&message, find(&rest, &path)));
            }
            take_out(&mut rest, &path)
        };
        clean = false;
        removed.as_ref()?;
    }
}

/// Splits serde's message on an unknown field into the field and the fields that are known.
fn unknown_field(message: &str) -> Option<(String, Vec<String>)> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut names = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    let field = names.next()?;
    Some((field, names.collect()))
}

fn unknown_key_problem(field: &str, known: &[String]) -> String {
    match near_miss(field, known.iter().map(String::as_str)) {
        Some(candidate) => format!("unknown key; did you mean `{candidate}`?"),
        None => format!("unknown key; known here: {}", known.join(", ")),
    }
}

fn with_value(message: &str, value: Option<&Value>) -> String {
    match value {
        Some(value) if !value.is_table() && !message.starts_with("missing field") => {
            format!("{message} (value: `{value}`)")
        }
        _ => message.to_owned(),
    }
}

fn find<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, part| match value {
        Value::Table(table) => table.get(part),
        Value::Array(array) => array.get(index(part)?),
        _ => None,
    })
}

/// Takes the value at `path` out of `node`, or the nearest value above it that is there.
fn take_out(node: &mut Value, path: &[String]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let child = match node {
        Value::Table(table) => table.get_mut(first)?,
        Value::Array(array) => array.get_mut(index(first)?)?,
        _ => return None,
    };
    let taken = take_out(child, rest);
    if taken.is_some() {
        return taken;
    }
    match node {
        Value::Table(table) => table.remove(first),
        Value::Array(array) => Some(array.remove(index(first)?)),
        _ => None,
    }
}

/// Reads an array position as serde_path_to_error writes it: `[3]`.
fn index(part: &str) -> Option<usize> {
    part.trim_start_matches('[').trim_end_matches(']').parse().ok()
}
