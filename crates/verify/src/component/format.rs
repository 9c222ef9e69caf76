//! `format`: 1 for a response in the shape of its template, else 0, or for some templates a part. Parameter: `template`, required.

use super::{Component, Made, Outcome};
use crate::{Response, parameters::Parameters, tags::Template};

#[derive(Debug)]
struct Format {
    template: Template,
}

/// Makes a `format` component.
pub fn make(parameters: &mut Parameters<'_>) -> Made {
    let template = parameters.required_word("template", &Template::NAMES)?;
    Some(Box::new(Format { template }))
}

impl Component for Format {
    fn score(&self, response: &Response) -> Outcome {
        Outcome::of(self.template.value(response.text()))
    }
}
