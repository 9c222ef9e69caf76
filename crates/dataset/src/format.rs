//! From turns to a prompt body and a target, by the templates of the run file.

use gradus_config::PromptFormat;
use gradus_types::{ContentPart, MediaHash, Message, PromptBody, Role};
use minijinja::{Environment, UndefinedBehavior, context};

use crate::Error;
use crate::quarantine::Reason;
use crate::record::PLACEHOLDER;

/// Applies a [`PromptFormat`], whose templates have been compiled once.
#[derive(Debug)]
pub(crate) struct Formatter {
    format: PromptFormat,
    environment: Environment<'static>,
}

/// What a target is made of.
#[derive(Debug, Default)]
pub(crate) struct TargetParts<'a> {
    pub rationale: Option<&'a str>,
    pub answer: Option<&'a str>,
    pub target: Option<&'a str>,
    pub num_images: usize,
}

impl Formatter {
    /// Checks that the templates compile.
    pub fn new(name: &str, format: &PromptFormat) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let templates = [("user_template", &format.user_template), ("target_template", &format.target_template)];
        for (template, source) in templates {
            let compiled = environment.template_from_str(source.as_deref().unwrap_or_default());
            compiled.map_err(|source| Error::Template { name: name.to_owned(), template, source: Box::new(source) })?;
        }
        Ok(Self { format: format.clone(), environment })
    }

    /// Returns the text the assistant's turn starts with.
    pub fn prefill(&self) -> Option<String> {
        self.format.prefill.clone()
    }

    /// Puts the system turn first, the last user turn through its template, and all of it into the form asked for.
    pub fn body(&self, mut messages: Vec<Message>) -> Result<PromptBody, Reason> {
        if let Some(question) = messages.iter_mut().rfind(|message| message.role == Role::User) {
            question.content = self.user_content(std::mem::take(&mut question.content))?;
        }
        if let Some(system) = &self.format.system
            && messages.iter().all(|message| message.role != Role::System)
        {
            messages.insert(0, Message::text(Role::System, system));
        }
        Ok(match self.format.chat {
            true => PromptBody::Chat(messages),
            false => PromptBody::Raw(raw(messages)),
        })
    }

    /// Makes the text to imitate, without the prefill that it may start with; nothing where there is nothing to make it of.
    pub fn target(&self, parts: &TargetParts<'_>) -> Result<Option<String>, Reason> {
        let target = match &self.format.target_template {
            Some(_) if parts.answer.is_none() && parts.target.is_none() => None,
            Some(source) => {
                let TargetParts { rationale, answer, target, num_images } = parts;
                // A value that is not there stays undefined, so that a template that needs it fails.
                let values = [("rationale", rationale), ("answer", answer), ("target", target)];
                let values =
                    values.into_iter().filter_map(|(name, value)| Some((name, minijinja::Value::from((*value)?))));
                let values = values.chain([("num_images", minijinja::Value::from(*num_images))]);
                Some(self.render("target_template", source, minijinja::Value::from_pairs(values))?)
            }
            None => parts.target.map(str::to_owned),
        };
        let prefill = self.format.prefill.as_deref().unwrap_or_default();
        Ok(target.map(|target| target.strip_prefix(prefill).unwrap_or(&target).to_owned()))
    }

    /// Renders the user's text with placeholders for its pictures, and puts the pictures back.
    fn user_content(&self, content: Vec<ContentPart>) -> Result<Vec<ContentPart>, Reason> {
        let Some(source) = &self.format.user_template else { return Ok(content) };
        let mut images: Vec<MediaHash> = Vec::new();
        let mut text = String::new();
        for part in &content {
            match part {
                ContentPart::Text { text: piece } => text.push_str(piece),
                ContentPart::Image { hash } => {
                    images.push(*hash);
                    text.push_str(PLACEHOLDER);
                }
            }
        }
        let rendered = self.render("user_template", source, context! { content => text })?;
        let num_placeholders = rendered.matches(PLACEHOLDER).count();
        if num_placeholders != images.len() {
            return Err(Reason::PlaceholderMismatch { num_placeholders, num_images: images.len() });
        }
        Ok(interleaved(&rendered, images))
    }

    fn render(&self, template: &'static str, source: &str, values: minijinja::Value) -> Result<String, Reason> {
        self.environment
            .render_str(source, values)
            .map_err(|error| Reason::Template { template, message: error.to_string() })
    }
}

/// Puts pictures in the place of the placeholders, of which there are as many.
fn interleaved(text: &str, images: Vec<MediaHash>) -> Vec<ContentPart> {
    let mut images = images.into_iter();
    let mut content = Vec::new();
    for (index, piece) in text.split(PLACEHOLDER).enumerate() {
        if index > 0 {
            content.extend(images.next().map(|hash| ContentPart::Image { hash }));
        }
        if !piece.is_empty() {
            content.push(ContentPart::Text { text: piece.to_owned() });
        }
    }
    content
}

/// Joins the turns without naming who speaks, one line break between them.
fn raw(messages: Vec<Message>) -> Vec<ContentPart> {
    let mut content = Vec::new();
    for message in messages {
        if !content.is_empty() {
            content.push(ContentPart::Text { text: "\n".to_owned() });
        }
        content.extend(message.content);
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatter(format: PromptFormat) -> Formatter {
        Formatter::new("train", &format).unwrap()
    }

    fn question() -> Vec<Message> {
        let hash = MediaHash::of(b"picture");
        let text = |text: &str| ContentPart::Text { text: text.to_owned() };
        vec![Message { role: Role::User, content: vec![ContentPart::Image { hash }, text("How many?")] }]
    }

    #[test]
    fn the_user_template_keeps_pictures_in_their_places() {
        let format = PromptFormat {
            user_template: Some("Look: {{ content }} Answer in <answer> tags.\n".to_owned()),
            system: Some("Be brief.".to_owned()),
            ..PromptFormat::default()
        };
        let PromptBody::Chat(messages) = formatter(format).body(question()).unwrap() else { panic!("a chat") };
        assert_eq!(messages[0], Message::text(Role::System, "Be brief."));
        let texts: Vec<&str> = messages[1]
            .content
            .iter()
            .map(|part| if let ContentPart::Text { text } = part { text.as_str() } else { "[picture]" })
            .collect();
        assert_eq!(texts, ["Look: ", "[picture]", "How many? Answer in <answer> tags."]);
    }

    #[test]
    fn a_system_turn_of_the_record_is_kept() {
        let format = PromptFormat { system: Some("default".to_owned()), ..PromptFormat::default() };
        let mut messages = question();
        messages.insert(0, Message::text(Role::System, "own"));
        let PromptBody::Chat(messages) = formatter(format).body(messages).unwrap() else { panic!("a chat") };
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], Message::text(Role::System, "own"));
    }

    #[test]
    fn a_template_that_drops_a_picture_is_refused() {
        let format = PromptFormat { user_template: Some("What?".to_owned()), ..PromptFormat::default() };
        let mismatch = Reason::PlaceholderMismatch { num_placeholders: 0, num_images: 1 };
        assert_eq!(formatter(format).body(question()), Err(mismatch));
    }

    #[test]
    fn a_raw_prompt_has_no_roles() {
        let format = PromptFormat { chat: false, system: Some("Be brief.".to_owned()), ..PromptFormat::default() };
        let PromptBody::Raw(content) = formatter(format).body(question()).unwrap() else { panic!("raw content") };
        assert_eq!(content.len(), 4);
        assert_eq!(content[0], ContentPart::Text { text: "Be brief.".to_owned() });
    }

    #[test]
    fn the_target_is_made_of_what_the_record_has() {
        let format = PromptFormat {
            target_template: Some("<think>{{ rationale }}</think><answer>{{ answer }}</answer>".to_owned()),
            prefill: Some("<think>".to_owned()),
            ..PromptFormat::default()
        };
        let formatter = formatter(format);
        let parts = TargetParts { rationale: Some("I count."), answer: Some("3"), ..TargetParts::default() };
        assert_eq!(formatter.target(&parts), Ok(Some("I count.</think><answer>3</answer>".to_owned())));
        assert_eq!(formatter.target(&TargetParts::default()), Ok(None));
        let without_rationale = TargetParts { answer: Some("3"), ..TargetParts::default() };
        assert!(matches!(formatter.target(&without_rationale), Err(Reason::Template { .. })));
    }

    #[test]
    fn a_template_that_does_not_compile_is_named() {
        let format = PromptFormat { user_template: Some("{{ content".to_owned()), ..PromptFormat::default() };
        let error = Formatter::new("train", &format).unwrap_err();
        assert!(error.to_string().contains("`user_template`"), "{error}");
    }
}
