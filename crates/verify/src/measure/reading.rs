//! Where an answer is read.

use crate::{Extraction, Fallback, Source, component::answer::FALLBACKS, parameters::Parameters, response::end_of};

/// Where an answer is read.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// As the kinds `answer` and `exact` do.
    Found(Extraction),
    /// Within the first `<answer>…</answer>` that stands on one line, or else everywhere (R1-V, R1-Omni, VisualThinker-R1-Zero).
    FirstElement,
    /// The same, or else after the last `<answer>` (MM-EUREKA).
    FirstElementOrRest,
}

#[derive(Clone, Copy)]
enum Place {
    Source(Source),
    FirstElement,
    FirstElementOrRest,
}

const PLACES: [(&str, Place); 6] = [
    ("auto", Place::Source(Source::Auto)),
    ("answer_tag", Place::Source(Source::AnswerTag)),
    ("boxed", Place::Source(Source::Boxed)),
    ("whole", Place::Source(Source::Whole)),
    ("first_answer", Place::FirstElement),
    ("first_answer_or_rest", Place::FirstElementOrRest),
];

impl Reading {
    /// Reads the parameters `extract` and `fallback`.
    pub fn read(parameters: &mut Parameters<'_>) -> Self {
        let place = parameters.word("extract", &PLACES, Place::Source(Source::Auto));
        let fallback = parameters.word("fallback", &FALLBACKS, Fallback::FinalAnswer);
        match place {
            Place::Source(source) => Self::Found(Extraction { source, fallback }),
            Place::FirstElement => Self::FirstElement,
            Place::FirstElementOrRest => Self::FirstElementOrRest,
        }
    }

    /// Finds the answer in the last 64 KiB of a response, without the white space around it.
    pub fn find(self, text: &str) -> Option<&str> {
        match self {
            Self::Found(extraction) => extraction.find(text),
            Self::FirstElement => {
                let text = end_of(text);
                Some(first_element(text).unwrap_or(text).trim())
            }
            Self::FirstElementOrRest => {
                let text = end_of(text);
                let rest = || text.rsplit_once("<answer>").map(|(_, rest)| rest);
                first_element(text).or_else(rest).map(str::trim)
            }
        }
    }
}

/// Returns what stands in the first `<answer>…</answer>` that holds no line break.
fn first_element(text: &str) -> Option<&str> {
    text.lines().find_map(|line| {
        let (_, opened) = line.split_once("<answer>")?;
        opened.split_once("</answer>").map(|(content, _)| content)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_of_one_line_is_read_or_else_everything() {
        for (text, first, or_rest) in [
            ("<answer>a</answer><answer>b</answer>", "a", Some("a")),
            ("<answer>\na</answer> <answer> b </answer>", "b", Some("b")),
            ("x <answer>a", "x <answer>a", Some("a")),
            (" a ", "a", None),
        ] {
            assert_eq!(Reading::FirstElement.find(text), Some(first), "{text:?}");
            assert_eq!(Reading::FirstElementOrRest.find(text), or_rest, "{text:?}");
        }
    }
}
