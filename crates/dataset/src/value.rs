//! A cell of a record, whichever file format it came from.

use crate::quarantine::Reason;

/// A value of a JSON or Parquet record.
///
/// Parquet does not always say whether a byte column is text, so both arrive as bytes and are told apart where they are used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// A number in its decimal notation.
    Number(String),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Record(Vec<(String, Value)>),
}

impl Value {
    /// Finds a field of a record that is there and not null; dots lead into nested records.
    pub fn at(&self, path: &str) -> Option<&Self> {
        if let Some(found) = self.field(path) {
            return Some(found);
        }
        let (head, tail) = path.split_once('.')?;
        self.field(head)?.at(tail)
    }

    fn field(&self, name: &str) -> Option<&Self> {
        let Self::Record(fields) = self else { return None };
        let (_, value) = fields.iter().find(|(key, _)| key == name)?;
        (*value != Self::Null).then_some(value)
    }

    /// Returns the elements of a list, or the value itself as the only one.
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::Null => &[],
            Self::List(elements) => elements,
            single => std::slice::from_ref(single),
        }
    }

    /// Reads text; nothing for values that are not text at all.
    pub fn text(&self, column: &str) -> Result<Option<&str>, Reason> {
        match self {
            Self::Text(text) => Ok(Some(text)),
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(error) => {
                    Err(Reason::NotUtf8 { column: column.to_owned(), valid_up_to_bytes: error.valid_up_to() })
                }
            },
            _ => Ok(None),
        }
    }

    /// Reads text, a number or a truth value as text; nothing for anything else.
    pub fn scalar(&self, column: &str) -> Result<Option<String>, Reason> {
        match self {
            Self::Bool(truth) => Ok(Some(truth.to_string())),
            Self::Number(number) => Ok(Some(number.clone())),
            other => Ok(other.text(column)?.map(str::to_owned)),
        }
    }

    /// Reads a list of scalars; nothing where the value is not a list or holds something else.
    pub fn scalars(&self, column: &str) -> Result<Option<Vec<String>>, Reason> {
        let Self::List(elements) = self else { return Ok(None) };
        elements.iter().map(|element| element.scalar(column)).collect()
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(truth) => Self::Bool(truth),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(elements) => Self::List(elements.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => {
                Self::Record(fields.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value {
        serde_json::from_str::<serde_json::Value>(json).unwrap().into()
    }

    #[test]
    fn a_dotted_path_leads_into_nested_records() {
        let record = read(r#"{"reward_model":{"ground_truth":"4"},"a.b":"flat","empty":null}"#);
        assert_eq!(record.at("reward_model.ground_truth"), Some(&Value::Text("4".to_owned())));
        assert_eq!(record.at("a.b"), Some(&Value::Text("flat".to_owned())));
        assert_eq!(record.at("empty"), None);
        assert_eq!(record.at("reward_model.style"), None);
    }

    #[test]
    fn numbers_keep_their_notation() {
        assert_eq!(read("3").scalar("answer"), Ok(Some("3".to_owned())));
        assert_eq!(read("0.50").scalar("answer"), Ok(Some("0.5".to_owned())));
        assert_eq!(read("[1]").scalar("answer"), Ok(None));
    }

    #[test]
    fn bytes_are_text_where_they_are_utf_8() {
        assert_eq!(Value::Bytes(b"why".to_vec()).text("problem"), Ok(Some("why")));
        let broken = Value::Bytes(vec![b'a', 0xFF]);
        assert_eq!(broken.text("problem"), Err(Reason::NotUtf8 { column: "problem".to_owned(), valid_up_to_bytes: 1 }));
    }
}
