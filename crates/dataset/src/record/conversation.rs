//! Conversations in the forms people store them: a text, a list of messages, or either as a JSON text.

use gradus_types::Role;

use crate::quarantine::Reason;
use crate::value::Value;

/// What stands in a text where a picture belongs.
pub(crate) const PLACEHOLDER: &str = "<image>";

/// One turn of a stored conversation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Turn {
    pub role: Role,
    pub parts: Vec<Part>,
}

/// A piece of a turn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Text(String),
    /// A picture; no value where it is one of the record's images.
    Image(Option<Value>),
}

impl Turn {
    /// Joins the texts of the turn.
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .filter_map(|part| if let Part::Text(text) = part { Some(text.as_str()) } else { None })
            .collect()
    }

    /// Tells whether the turn shows nothing and says nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(text) if text.trim().is_empty()))
    }
}

/// Reads a conversation from a cell.
pub(super) fn read(prompt: &Value, column: &str) -> Result<Vec<Turn>, Reason> {
    match prompt {
        Value::List(messages) => messages.iter().map(|message| turn(message, column)).collect(),
        Value::Record(_) => Ok(vec![turn(prompt, column)?]),
        _ => match prompt.text(column)? {
            Some(text) => from_text(text, column),
            None => Err(malformed(column, "it is neither text nor a list of messages")),
        },
    }
}

/// Reads a question, or a conversation that was stored as JSON text.
fn from_text(text: &str, column: &str) -> Result<Vec<Turn>, Reason> {
    // The column `message` holds JSON by definition; elsewhere a text that only looks like JSON is a question.
    let is_json_column = column == "message" || column.ends_with(".message");
    if is_json_column || text.trim_start().starts_with(['[', '{']) {
        match serde_json::from_str::<serde_json::Value>(text).map(Value::from) {
            Ok(json) if is_json_column || is_conversation(&json) => return read(&json, column),
            Ok(_) => {}
            Err(error) if is_json_column => {
                return Err(Reason::InvalidJson { column: column.to_owned(), message: error.to_string() });
            }
            Err(_) => {}
        }
    }
    Ok(vec![Turn { role: Role::User, parts: split_placeholders(text, column)? }])
}

fn is_conversation(json: &Value) -> bool {
    let is_message = |value: &Value| value.at("role").or(value.at("from")).is_some();
    !json.elements().is_empty() && json.elements().iter().all(is_message)
}

/// Reads `{role, content}` or ShareGPT's `{from, value}`.
fn turn(message: &Value, column: &str) -> Result<Turn, Reason> {
    let name = message.at("role").or(message.at("from")).ok_or_else(|| malformed(column, "a message has no role"))?;
    let role = match name.text(column)? {
        Some("system") => Role::System,
        Some("user" | "human") => Role::User,
        Some("assistant" | "gpt") => Role::Assistant,
        other => return Err(malformed(column, &format!("role `{}` is unknown", other.unwrap_or_default()))),
    };
    let parts = match message.at("content").or(message.at("value")) {
        None => Vec::new(),
        Some(Value::List(parts)) => {
            let parts: Result<Vec<Vec<Part>>, Reason> = parts.iter().map(|part| content_part(part, column)).collect();
            parts?.concat()
        }
        Some(content) => match content.text(column)? {
            // What the assistant says is no place for pictures: a literal placeholder there is text.
            Some(text) if role == Role::Assistant => vec![Part::Text(text.to_owned())],
            Some(text) => split_placeholders(text, column)?,
            None => return Err(malformed(column, "a message's content is neither text nor a list of parts")),
        },
    };
    Ok(Turn { role, parts })
}

/// Reads `{type: "text", text}`, `{type: "image", …}` or `{type: "image_url", image_url: {url}}`, or a bare text.
fn content_part(part: &Value, column: &str) -> Result<Vec<Part>, Reason> {
    if let Some(text) = part.text(column)? {
        return split_placeholders(text, column);
    }
    let kind = part.at("type").map(|kind| kind.text(column)).transpose()?.flatten().unwrap_or_default();
    match kind {
        "text" => match part.at("text").map(|text| text.text(column)).transpose()?.flatten() {
            Some(text) => split_placeholders(text, column),
            None => Ok(Vec::new()),
        },
        "image" | "image_url" => {
            let names = ["image", "image_url", "url", "path", "bytes", "base64"];
            let value = names.iter().find_map(|name| part.at(name));
            let value = value.map(|value| value.at("url").unwrap_or(value));
            Ok(vec![Part::Image(value.cloned())])
        }
        "video" | "video_url" | "audio" | "audio_url" | "input_audio" => {
            Err(Reason::UnsupportedMedia { column: column.to_owned(), modality: kind.to_owned() })
        }
        _ => Err(malformed(column, &format!("content of type `{kind}` is unknown"))),
    }
}

fn split_placeholders(text: &str, column: &str) -> Result<Vec<Part>, Reason> {
    if let Some(modality) = ["video", "audio"].into_iter().find(|modality| text.contains(&format!("<{modality}>"))) {
        return Err(Reason::UnsupportedMedia { column: column.to_owned(), modality: modality.to_owned() });
    }
    let mut parts = Vec::new();
    for (index, piece) in text.split(PLACEHOLDER).enumerate() {
        if index > 0 {
            parts.push(Part::Image(None));
        }
        if !piece.is_empty() {
            parts.push(Part::Text(piece.to_owned()));
        }
    }
    Ok(parts)
}

/// Gives every placeholder its picture, in reading order; without any placeholder the pictures precede the first user turn.
pub(super) fn bind_images(turns: &mut [Turn], images: &[Value]) -> Result<(), Reason> {
    let parts = || turns.iter().flat_map(|turn| &turn.parts);
    let num_placeholders = parts().filter(|part| **part == Part::Image(None)).count();
    let has_own = parts().any(|part| matches!(part, Part::Image(Some(_))));
    if num_placeholders == 0 && !has_own {
        if let Some(user) = turns.iter_mut().find(|turn| turn.role == Role::User) {
            user.parts.splice(0..0, images.iter().map(|image| Part::Image(Some(image.clone()))));
        }
        return Ok(());
    }
    if num_placeholders != images.len() {
        return Err(Reason::PlaceholderMismatch { num_placeholders, num_images: images.len() });
    }
    let mut images = images.iter();
    for part in turns.iter_mut().flat_map(|turn| &mut turn.parts) {
        if *part == Part::Image(None) {
            *part = Part::Image(images.next().cloned());
        }
    }
    Ok(())
}

fn malformed(column: &str, message: &str) -> Reason {
    Reason::Conversation { column: column.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(json: &str, column: &str) -> Result<Vec<Turn>, Reason> {
        read(&serde_json::from_str::<serde_json::Value>(json).unwrap().into(), column)
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn placeholders_split_a_question_in_order() {
        let turns = read_json(r#""<image>\nHow many in <image>?""#, "problem").unwrap();
        assert_eq!(turns[0].parts, [Part::Image(None), text("\nHow many in "), Part::Image(None), text("?")]);
    }

    #[test]
    fn a_question_that_looks_like_json_stays_a_question() {
        let turns = read_json(r#""[1, 2, 3] sorted in descending order?""#, "question").unwrap();
        assert_eq!(turns[0].text(), "[1, 2, 3] sorted in descending order?");
        let turns = read_json(r#""{\"a\": 1}""#, "question").unwrap();
        assert_eq!(turns[0].text(), r#"{"a": 1}"#);
    }

    #[test]
    fn sharegpt_roles_are_understood() {
        let turns =
            read_json(r#"[{"from":"human","value":"2+2?"},{"from":"gpt","value":"<image> 4"}]"#, "conversations");
        let turns = turns.unwrap();
        assert_eq!((turns[0].role, turns[1].role), (Role::User, Role::Assistant));
        assert_eq!(turns[1].parts, [text("<image> 4")]);
    }

    #[test]
    fn content_parts_carry_their_own_pictures() {
        let turns = read_json(
            r#"[{"role":"user","content":[{"type":"image","image":"file:///a.png"},
                {"type":"image_url","image_url":{"url":"b.png"}},{"type":"text","text":"same?","image":null}]}]"#,
            "messages",
        );
        let picture = |name: &str| Part::Image(Some(Value::Text(name.to_owned())));
        assert_eq!(turns.unwrap()[0].parts, [picture("file:///a.png"), picture("b.png"), text("same?")]);
    }

    #[test]
    fn what_is_not_a_conversation_is_refused_with_the_column() {
        for json in [r#"[{"content":"x"}]"#, r#"[{"role":"tool","content":"x"}]"#, "true", "[3]"] {
            let reason = read_json(json, "messages").unwrap_err();
            assert!(matches!(&reason, Reason::Conversation { column, .. } if column == "messages"), "{reason}");
        }
        assert!(matches!(read_json(r#""[{""#, "message"), Err(Reason::InvalidJson { .. })));
        assert!(matches!(read_json(r#""<video> who?""#, "prompt"), Err(Reason::UnsupportedMedia { .. })));
    }
}
