//! `--set key=value`: single keys of a run file, replaced from the command line.

use toml::{Table, Value};

use crate::fault::Faults;

/// Applies one `key=value` to the file's table. The value is read as TOML, and as text where it is not TOML.
pub(crate) fn apply(root: &mut Table, assignment: &str, faults: &mut Faults) {
    let Some((key, text)) = assignment.split_once('=') else {
        faults.add(assignment, "`--set` takes `key=value`, such as `run.seed=7`");
        return;
    };
    let parts: Vec<&str> = key.trim().split('.').collect();
    if parts.iter().any(|part| part.is_empty()) {
        faults.add(key, "a part of the key is empty");
        return;
    }
    let mut tree = Value::Table(std::mem::take(root));
    if let Err(problem) = insert(&mut tree, &parts, read_value(text.trim())) {
        faults.add(key, problem);
    }
    if let Value::Table(table) = tree {
        *root = table;
    }
}

fn read_value(text: &str) -> Value {
    toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn insert(tree: &mut Value, parts: &[&str], value: Value) -> Result<(), String> {
    let Some((first, rest)) = parts.split_first() else {
        *tree = value;
        return Ok(());
    };
    match tree {
        Value::Table(table) => {
            let child = table.entry((*first).to_owned()).or_insert_with(|| Value::Table(Table::new()));
            insert(child, rest, value)
        }
        Value::Array(array) => {
            let position = element(array, first)?;
            insert(&mut array[position], rest, value)
        }
        other => Err(format!("`{first}` cannot be set inside the value `{other}`")),
    }
}

/// Finds an element of an array by position, or by its `name` key: `stages.2.steps`, `stages.text-rl.steps`.
fn element(array: &[Value], part: &str) -> Result<usize, String> {
    let by_position = part.parse().ok().filter(|position| *position < array.len());
    by_position.or_else(|| array.iter().position(|item| name_of(item) == Some(part))).ok_or_else(|| {
        let names: Vec<&str> = array.iter().filter_map(name_of).collect();
        format!("no element `{part}`; there are {} ({})", array.len(), names.join(", "))
    })
}

fn name_of(item: &Value) -> Option<&str> {
    item.get("name").and_then(Value::as_str)
}
