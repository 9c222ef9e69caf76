//! Chat templates: the Jinja text a model ships, rendered as transformers renders it.

mod continuation;
mod python;
mod source;

use std::sync::Arc;

use minijinja::{Environment, ErrorKind, Value, context, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

use crate::Error;

pub(crate) use source::load as load_source;

const NAME: &str = "chat_template";

/// A message as templates see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Turn {
    pub role: &'static str,
    pub content: Content,
}

/// A message's content, in the one of two forms that the template understands.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// An item of a message's content.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Part {
    Text { text: String },
    Image,
}

/// Which form of content a template understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentForm {
    /// A plain string.
    Text,
    /// A list of typed parts.
    Parts,
}

/// How the rendered chat ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// After the last message.
    Closed,
    /// With the head of an assistant turn.
    GenerationPrompt,
    /// Inside the last message, after its text, for the policy to go on.
    ContinueFinal,
}

/// A compiled chat template.
#[derive(Debug)]
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    form: ContentForm,
}

impl ChatTemplate {
    /// Compiles a template. `special_tokens` are the variables such as `bos_token` that it may use.
    pub(crate) fn new(source: &str, special_tokens: Vec<(String, String)>) -> Result<Self, Error> {
        let compile = |source| Error::CompileTemplate { source: Arc::new(source) };
        let mut environment = Environment::new();
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true);
        environment.set_syntax(syntax.build().map_err(compile)?);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        python::extend(&mut environment);
        for (name, token) in special_tokens {
            environment.add_global(name, token);
        }
        environment.add_template_owned(NAME, python::without_generation_tags(source)).map_err(compile)?;
        let mut template = Self { environment, form: ContentForm::Text };
        template.form = template.probe_form();
        Ok(template)
    }

    /// Returns the form of content to render with.
    pub(crate) fn form(&self) -> ContentForm {
        self.form
    }

    /// Renders messages to text.
    pub(crate) fn render(&self, turns: &[Turn], ending: Ending) -> Result<String, Error> {
        if ending == Ending::ContinueFinal {
            return continuation::render(self, turns);
        }
        self.render_plain(turns, ending == Ending::GenerationPrompt)
            .map_err(|source| Error::RenderTemplate { num_messages: turns.len(), source: Arc::new(source) })
    }

    fn render_plain(&self, turns: &[Turn], add_generation_prompt: bool) -> Result<String, minijinja::Error> {
        let variables = context! {
            messages => Value::from(Serde(turns)),
            tools => Value::from(()),
            documents => Value::from(()),
            add_generation_prompt,
        };
        self.environment.get_template(NAME)?.render(variables)
    }

    /// Finds out whether the template takes content apart: a list it does not understand is refused or printed as it is.
    fn probe_form(&self) -> ContentForm {
        const TEXT: &str = "probe";
        let content = Content::Parts(vec![Part::Text { text: TEXT.to_owned() }]);
        let rendered = self.render_plain(&[Turn { role: "user", content }], true).unwrap_or_default();
        let printed_as_it_is = rendered.contains("'type'") || rendered.contains("\"type\"");
        if rendered.contains(TEXT) && !printed_as_it_is { ContentForm::Parts } else { ContentForm::Text }
    }
}

/// Makes the error of a template that refuses its messages.
fn refusal(message: String) -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(text: &str) -> Turn {
        Turn { role: "user", content: Content::Text(text.to_owned()) }
    }

    fn render(source: &str, ending: Ending) -> Result<String, Error> {
        let tokens = vec![("bos_token".to_owned(), "<s>".to_owned())];
        ChatTemplate::new(source, tokens).unwrap().render(&[turn("  a  "), turn("b")], ending)
    }

    #[test]
    fn blocks_leave_no_lines_behind() {
        let source = "{% for m in messages %}\n  {% if loop.first %}\n{{ bos_token }}\n  {% endif %}\n{{ m.content.strip() }}\n{% endfor %}\n";
        assert_eq!(render(source, Ending::Closed).unwrap(), "<s>\na\nb\n");
    }

    #[test]
    fn a_template_can_refuse_its_messages() {
        let error = render("{{ raise_exception('roles must alternate') }}", Ending::Closed).unwrap_err();
        let Error::RenderTemplate { source, .. } = error else { panic!("{error}") };
        assert!(source.to_string().contains("roles must alternate"), "{source}");
    }

    #[test]
    fn a_template_that_does_not_parse_is_refused_at_once() {
        assert!(matches!(ChatTemplate::new("{% if %}", Vec::new()), Err(Error::CompileTemplate { .. })));
    }

    #[test]
    fn the_form_of_content_is_found_out() {
        let form = |source| ChatTemplate::new(source, Vec::new()).unwrap().form();
        assert_eq!(form("{% for m in messages %}{{ m.content }}{% endfor %}"), ContentForm::Text);
        assert_eq!(form("{% for m in messages %}{{ 'x' + m.content }}{% endfor %}"), ContentForm::Text);
        let parts = "{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}";
        assert_eq!(form(parts), ContentForm::Parts);
    }
}
