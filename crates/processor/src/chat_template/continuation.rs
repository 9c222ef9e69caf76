//! Rendering up to the end of the last message's text, so that the policy continues it.
//!
//! As transformers' `continue_final_message`: a tag is appended to the text, the chat is rendered, and everything from
//! the tag on is cut off. A template that strips the text strips the tag's trailing space with it; then the white space
//! before the tag is cut as well.

use std::sync::Arc;

use super::{ChatTemplate, Content, Part, Turn};
use crate::Error;

const TAG: &str = "CONTINUE_FINAL_MESSAGE_TAG ";

/// Renders `turns`, cut after the text of the last one.
pub(super) fn render(template: &ChatTemplate, turns: &[Turn]) -> Result<String, Error> {
    let num_messages = turns.len();
    let nothing = Error::NothingToContinue { num_messages };
    let mut turns = turns.to_vec();
    let Some(text) = turns.last_mut().and_then(|turn| last_text(&mut turn.content)) else { return Err(nothing) };
    let original = text.clone();
    text.push_str(TAG);
    let mut rendered = template
        .render_plain(&turns, false)
        .map_err(|source| Error::RenderTemplate { num_messages, source: Arc::new(source) })?;
    let Some(position) = rendered.rfind(TAG.trim_end()).filter(|_| rendered.contains(original.trim())) else {
        return Err(nothing);
    };
    let keeps_spaces = rendered[position..].starts_with(TAG);
    rendered.truncate(position);
    if !keeps_spaces {
        rendered.truncate(rendered.trim_end().len());
    }
    Ok(rendered)
}

fn last_text(content: &mut Content) -> Option<&mut String> {
    match content {
        Content::Text(text) => Some(text),
        Content::Parts(parts) => parts.iter_mut().rev().find_map(|part| match part {
            Part::Text { text } => Some(text),
            Part::Image => None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, text: &str, expected: &str) {
        let template = ChatTemplate::new(source, Vec::new()).unwrap();
        let turns = [Turn { role: "assistant", content: Content::Text(text.to_owned()) }];
        assert_eq!(render(&template, &turns).unwrap(), expected);
    }

    #[test]
    fn the_closing_of_the_last_turn_is_cut_off() {
        check("{{ '<' + messages[0].content + '>\n' }}", "I think ", "<I think ");
    }

    #[test]
    fn a_template_that_strips_loses_the_trailing_space() {
        check("{{ '<' + messages[0].content | trim + '>' }}", "I think ", "<I think");
    }

    #[test]
    fn a_template_that_drops_the_text_is_refused() {
        let template = ChatTemplate::new("fixed", Vec::new()).unwrap();
        let turns = [Turn { role: "assistant", content: Content::Text("x".to_owned()) }];
        assert!(matches!(render(&template, &turns), Err(Error::NothingToContinue { num_messages: 1 })));
    }
}
