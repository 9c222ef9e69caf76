//! What is looked for in a text, and where.

use std::borrow::Cow;

/// How answers are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractionSettings {
    /// What an answer can be.
    pub targets: Targets,
    /// Which ways of writing an answer are known.
    pub forms: Forms,
    /// The level at which boxes are looked for: 0 before everything else, 50 after `final answer is … I hope`.
    pub boxed_priority: u16,
    /// Whether an answer is also looked for where no words announce it.
    pub is_unanchored: bool,
    /// Which answer element is looked in, if the text has any behind its reasoning.
    pub answer_element: AnswerElement,
    /// The tag of answer elements, without its angle brackets.
    pub answer_tag: Cow<'static, str>,
    /// Whether only an answer element holds an answer.
    pub is_element_required: bool,
    /// Which boxes make an answer.
    pub boxes: Boxes,
    /// Whether only a box is an answer where there is no answer element.
    pub is_box_required: bool,
    /// Whether only what follows the last `</think>` is looked at, and nothing where there is none.
    pub is_closed_think_required: bool,
    /// Whether the whole text is the answer, with nothing around it.
    pub is_bare: bool,
}

/// What an answer can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// LaTeX in an environment or a box.
    pub latex: bool,
    /// A plain number or expression.
    pub expression: bool,
    /// An option letter, `A` to `J`, in any of its forms.
    pub letters: bool,
    /// One of these words, written like this.
    pub words: Vec<String>,
}

/// Which ways of writing an answer are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// Those of math-verify 0.9.0, with its gaps.
    MathVerify,
    /// More: numbers in brackets, emphasis and running text of any script, words that announce an answer in several languages,
    /// and what they announce taken whole where it is a formula.
    Wide,
}

/// Which answer element is looked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerElement {
    /// None: tags are text like any other.
    Ignored,
    /// The first that is closed.
    First,
    /// The last that is closed.
    Last,
}

/// Which boxes make an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boxes {
    /// The last one and those close before it, as one list; one that is never closed holds the rest of the text.
    Joined,
    /// The last one that is closed, behind the reasoning.
    LastClosed,
}

// === impl ExtractionSettings ===

impl ExtractionSettings {
    /// Looks as math-verify 0.9.0 does, with its defaults.
    #[must_use]
    pub const fn math_verify() -> Self {
        Self {
            targets: Targets { latex: true, expression: true, letters: false, words: Vec::new() },
            forms: Forms::MathVerify,
            boxed_priority: 50,
            is_unanchored: true,
            answer_element: AnswerElement::Ignored,
            answer_tag: Cow::Borrowed("answer"),
            is_element_required: false,
            boxes: Boxes::Joined,
            is_box_required: false,
            is_closed_think_required: false,
            is_bare: false,
        }
    }

    /// Looks for everything, in the last answer element where there is one, in boxes first.
    #[must_use]
    pub fn reward() -> Self {
        Self {
            targets: Targets { latex: true, expression: true, letters: true, words: Vec::new() },
            forms: Forms::Wide,
            boxed_priority: 0,
            answer_element: AnswerElement::Last,
            ..Self::math_verify()
        }
    }

    /// Looks as [`reward`](Self::reward) does, but only where an element, a box or words announce the answer.
    #[must_use]
    pub fn strict() -> Self {
        Self { is_unanchored: false, ..Self::reward() }
    }

    /// Takes the whole text for the answer.
    #[must_use]
    pub fn bare() -> Self {
        Self { is_bare: true, answer_element: AnswerElement::Ignored, ..Self::reward() }
    }

    /// Tells whether only what follows the last `</think>` is looked at where there is one: whoever marks the answer with an element, or
    /// asks for one box, does not mean what the reasoning tried.
    #[must_use]
    pub fn is_thought_skipped(&self) -> bool {
        self.answer_element != AnswerElement::Ignored || self.boxes == Boxes::LastClosed
    }
}

impl Default for ExtractionSettings {
    fn default() -> Self {
        Self::reward()
    }
}
