//! What makes a run what it is: a run directory holds it, and is refused to a run file of which it differs.

use serde_json::{Map, Value};

use crate::RunConfig;

/// The file of a run directory that holds the identity of its run.
pub const IDENTITY_FILE: &str = "identity.json";

/// The sections of the run file that make a run what it is. All others hold knobs of services, which may change.
const SECTIONS: [&str; 5] = ["run", "model", "data", "stages", "evaluation"];

/// Takes what makes a run what it is out of a run file. Where the directory lies does not.
///
/// # Errors
/// A value has no form in JSON.
pub fn identity(config: &RunConfig) -> Result<Value, serde_json::Error> {
    let whole = serde_json::to_value(config)?;
    let Value::Object(sections) = whole else { return Ok(whole) };
    let mut kept: Map<String, Value> =
        sections.into_iter().filter(|(key, _)| SECTIONS.contains(&key.as_str())).collect();
    if let Some(Value::Object(run)) = kept.get_mut("run") {
        run.remove("directory");
    }
    Ok(Value::Object(kept))
}

/// Names the keys of a run file that differ from the identity that a run directory holds, in its encoded form.
///
/// # Errors
/// The identity cannot be read, or a value of the run file has no form in JSON.
pub fn differences(config: &RunConfig, encoded: &[u8]) -> Result<Vec<String>, serde_json::Error> {
    let (held, own) = (serde_json::from_slice(encoded)?, identity(config)?);
    let mut keys = Vec::new();
    compare("", (&held, &own), &mut keys);
    Ok(keys)
}

fn compare(key: &str, pair: (&Value, &Value), differences: &mut Vec<String>) {
    match pair {
        (Value::Object(one), Value::Object(other)) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                let missing = Value::Null;
                let pair = (one.get(name).unwrap_or(&missing), other.get(name).unwrap_or(&missing));
                compare(&key, pair, differences);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (i, pair) in one.iter().zip(other).enumerate() {
                compare(&format!("{key}[{i}]"), pair, differences);
            }
        }
        (one, other) if one != other => differences.push(key.to_owned()),
        _ => {}
    }
}
