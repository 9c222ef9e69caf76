//! What the rows of a call hold. A row that cannot be read is left unscored with its reason and costs no other row anything.

use std::{fmt, marker::PhantomData};

use gradus_types::FinishReason;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::Refusal;
use crate::SampleText;

/// The most rows of a call: a row takes memory even where its text does not.
pub const MAX_ROWS: usize = 1 << 17;

/// A column, whose values are read with their rows.
#[derive(Debug)]
pub struct Column<T = Value>(pub Vec<T>);

/// A completion with what it is scored by.
#[derive(Clone, Debug)]
pub struct Row {
    /// The prompt, which only tells neighbours apart.
    pub prompt: Option<Value>,
    /// The completion.
    pub sample: SampleText,
    /// The reference answer.
    pub gold: Option<String>,
    /// The texts of the options.
    pub options: Vec<String>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Column<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Rows(PhantomData))
    }
}

struct Rows<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Rows<T> {
    type Value = Column<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list with an element for each completion")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Column<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element()? {
            if values.len() == MAX_ROWS {
                return Err(A::Error::custom(format!("more than {MAX_ROWS} rows; send several calls")));
            }
            values.push(value);
        }
        Ok(Column(values))
    }
}

/// Makes sure that columns have as many elements as the first one, where they are there.
pub fn check_lengths((first, num_rows): (&str, usize), others: &[(&str, Option<usize>)]) -> Result<(), Refusal> {
    for (column, length) in others {
        if let Some(length) = length.filter(|length| *length != num_rows) {
            return Err(Refusal::unusable(format!("`{column}` has {length} elements and `{first}` has {num_rows}")));
        }
    }
    Ok(())
}

/// Reads a completion: a text, or the turns of a conversation, whose last one counts.
pub fn completion(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Array(mut turns) => match turns.pop() {
            None => Ok(String::new()),
            Some(Value::Object(turn)) => content(turn),
            Some(other) => Err(unfit("the last turn of the completion", &other, "`{\"content\": …}`")),
        },
        other => Err(unfit("the completion", &other, "a text or a list of turns")),
    }
}

/// Reads what a turn says: a text, or parts of which some are texts.
fn content(mut turn: Map<String, Value>) -> Result<String, String> {
    match turn.remove("content") {
        Some(Value::String(text)) => Ok(text),
        Some(Value::Array(parts)) => Ok(parts.iter().filter_map(|part| part["text"].as_str()).collect()),
        Some(Value::Null) | None => Err("the last turn of the completion says nothing: it has no `content`".to_owned()),
        Some(other) => Err(unfit("the `content` of the completion's last turn", &other, "a text or a list of parts")),
    }
}

/// Reads a reference answer, which data sets also hold as a number, or as the only element of a list.
pub fn gold(value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Array(list) => match <[Value; 1]>::try_from(list) {
            Ok([only]) if !only.is_array() => gold(only),
            Ok([only]) => Err(unfit("the reference answer", &only, GOLD)),
            Err(list) => Err(unfit("the reference answer", &Value::Array(list), GOLD)),
        },
        other => Err(unfit("the reference answer", &other, GOLD)),
    }
}

const GOLD: &str = "a text, a number or `null`";

/// Reads the texts of the options.
pub fn options(value: Value) -> Result<Vec<String>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        value => serde_json::from_value(value).map_err(|error| format!("the options are no list of texts: {error}")),
    }
}

/// Makes the sample of a text, whose words are counted where its length is not given.
pub fn sample(text: String, num_tokens: Option<Value>) -> Result<SampleText, String> {
    match num_tokens {
        None | Some(Value::Null) => Ok(SampleText::new(text)),
        Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()) {
            Some(num_tokens) => Ok(SampleText { text, num_tokens, finish_reason: FinishReason::Stop }),
            None => Err(unfit("the length in tokens", &value, "a whole number from 0")),
        },
    }
}

fn unfit(what: &str, value: &Value, expected: &str) -> String {
    const SHOWN: usize = 80;
    let written: String = value.to_string().chars().take(SHOWN).collect();
    format!("{what} is `{written}`, expected {expected}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_completion_is_a_text_or_what_the_last_turn_says() {
        let call = json!({"role": "assistant", "content": null, "tool_calls": []});
        for (value, expected) in [
            (json!("4"), Ok("4")),
            (json!([]), Ok("")),
            (json!([call, {"role": "assistant", "content": "4"}]), Ok("4")),
            (json!([{"content": [{"type": "text", "text": "4"}, {"type": "image"}]}]), Ok("4")),
            (json!([{"content": "4"}, call]), Err("says nothing")),
            (json!([{"role": "assistant"}]), Err("says nothing")),
            (json!(["4"]), Err("is `\"4\"`")),
            (json!(4), Err("is `4`, expected a text")),
            (json!(null), Err("is `null`")),
        ] {
            match (completion(value.clone()), expected) {
                (Ok(text), Ok(expected)) => assert_eq!(text, expected, "{value}"),
                (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{value}: {reason}"),
                (read, _) => panic!("{value} is read as {read:?}"),
            }
        }
    }

    #[test]
    fn a_reference_answer_is_a_text_or_a_number() {
        for (value, expected) in [
            (json!("4"), Some(Some("4"))),
            (json!(0.5), Some(Some("0.5"))),
            (json!(["4"]), Some(Some("4"))),
            (json!(null), Some(None)),
            (json!(["4", "5"]), None),
            (json!([["4"]]), None),
            (json!([]), None),
            (json!(true), None),
            (json!({"answer": "4"}), None),
        ] {
            let read = gold(value.clone()).ok();
            assert_eq!(read.as_ref().map(Option::as_deref), expected, "{value}");
        }
    }

    #[test]
    fn a_call_of_too_many_rows_is_refused_while_it_is_read() {
        let rows = format!("[{}1]", "1,".repeat(MAX_ROWS));
        let error = serde_json::from_str::<Column>(&rows).unwrap_err();
        assert!(error.to_string().contains("more than 131072 rows"), "{error}");
    }
}
