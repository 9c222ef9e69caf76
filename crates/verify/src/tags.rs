//! Shapes of a response, decided in one pass over its tags, without regular expressions.

mod literal;

use literal::Literal;
pub use literal::without_space_at_tags;

/// A shape that a response is to have. In each of them but the literal ones, every tag that it names stands exactly once, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// `<think>…</think><answer>…</answer>` with white space around and between.
    ThinkAnswer,
    /// The same with nothing around or between (the format reward of LMM-R1).
    ThinkAnswerStrict,
    /// The same with text around and something within each element (the format reward of MM-EUREKA's instruct models).
    ThinkAnswerRelaxed,
    /// `<answer>…</answer>` with something within and any text around.
    Answer,
    /// A balanced `\boxed{…}` with something within and any text around.
    Boxed,
    /// `<think>…</think>` at the start, and a balanced `\boxed{…}` with something within after it.
    ThinkBoxed,
    /// `…</think><answer>…</answer>` with white space between and after, where the turn starts within the thought; `<think>` may open it.
    OpenThinkAnswer,
    /// The format reward of another system, to the letter.
    Literal(Literal),
}

/// The tags that count.
const TAGS: [(&str, Tag); 4] = [
    ("<think>", Tag::ThinkOpen),
    ("</think>", Tag::ThinkClose),
    ("<answer>", Tag::AnswerOpen),
    ("</answer>", Tag::AnswerClose),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    ThinkOpen,
    ThinkClose,
    AnswerOpen,
    AnswerClose,
}

/// The pieces of a text between its tags.
struct Pieces<'a> {
    tags: Vec<Tag>,
    texts: Vec<&'a str>,
}

// === impl Template ===

impl Template {
    /// The templates by the names that reward specs call them.
    pub const NAMES: [(&'static str, Self); 20] = [
        ("think_answer", Self::ThinkAnswer),
        ("think_answer_strict", Self::ThinkAnswerStrict),
        ("think_answer_relaxed", Self::ThinkAnswerRelaxed),
        ("answer", Self::Answer),
        ("boxed", Self::Boxed),
        ("think_boxed", Self::ThinkBoxed),
        ("open_think_answer", Self::OpenThinkAnswer),
        ("r1_v", Self::Literal(Literal::R1V)),
        ("open_r1", Self::Literal(Literal::OpenR1)),
        ("tag_count", Self::Literal(Literal::TagCount)),
        ("trl_think", Self::Literal(Literal::TrlThink)),
        ("nemo_rl", Self::Literal(Literal::NemoRl)),
        ("geometry3k", Self::Literal(Literal::Geometry3k)),
        ("easy_r1_boxed", Self::Literal(Literal::EasyR1Boxed)),
        ("easy_r1_answer", Self::Literal(Literal::EasyR1Answer)),
        ("vlm_r1_box", Self::Literal(Literal::VlmR1Box)),
        ("lmm_r1", Self::Literal(Literal::LmmR1)),
        ("mm_eureka_zero", Self::Literal(Literal::MmEurekaZero)),
        ("revisual", Self::Literal(Literal::Revisual)),
        ("tag_pairs", Self::Literal(Literal::TagPairs)),
    ];

    /// Returns how far a response has the shape, from 0 to 1; only some of the literal ones give a part.
    pub fn value(self, text: &str) -> f64 {
        match self {
            Self::Literal(literal) => literal.value(text),
            _ if self.is_matched_by(text) => 1.0,
            _ => 0.0,
        }
    }

    /// Tells whether a response has the shape.
    pub fn is_matched_by(self, text: &str) -> bool {
        match self {
            Self::Literal(literal) => return literal.value(text) >= 1.0,
            Self::Boxed => return has_box(text),
            Self::OpenThinkAnswer if !text.trim_start().starts_with("<think>") => {
                return Self::ThinkAnswer.is_matched_by(&format!("<think>{text}"));
            }
            _ => {}
        }
        let pieces = Pieces::of(text);
        let [before, thought, between, answer, after] = match (self, pieces.as_elements()) {
            (Self::Answer, _) => return pieces.is_one_answer(),
            (Self::ThinkBoxed, _) => return pieces.is_thought_and_box(),
            (_, None) => return false,
            (_, Some(elements)) => elements,
        };
        match self {
            Self::ThinkAnswer | Self::OpenThinkAnswer => [before, between, after].into_iter().all(is_blank),
            Self::ThinkAnswerStrict => [before, between, after].into_iter().all(str::is_empty),
            _ => is_blank(between) && !thought.is_empty() && !answer.is_empty(),
        }
    }
}

// === impl Pieces ===

impl<'a> Pieces<'a> {
    /// Cuts a text at its tags.
    fn of(text: &'a str) -> Self {
        let (mut tags, mut texts) = (Vec::new(), Vec::new());
        let (mut rest, mut from) = (text, 0);
        while let Some(offset) = rest.get(from..).and_then(|tail| tail.find('<')) {
            let (before, tail) = rest.split_at(from + offset);
            match TAGS.iter().find(|(tag, _)| tail.starts_with(tag)) {
                Some((written, tag)) => {
                    tags.push(*tag);
                    texts.push(before);
                    (rest, from) = (&tail[written.len()..], 0);
                }
                None => from += offset + 1,
            }
        }
        texts.push(rest);
        Self { tags, texts }
    }

    /// Returns the texts before, within, between, within and after a thought and an answer.
    fn as_elements(&self) -> Option<[&'a str; 5]> {
        let order = [Tag::ThinkOpen, Tag::ThinkClose, Tag::AnswerOpen, Tag::AnswerClose];
        if self.tags == order { self.texts.as_slice().try_into().ok() } else { None }
    }

    /// Tells whether there is one answer with something in it, wherever thoughts are.
    fn is_one_answer(&self) -> bool {
        let is_answer = |tag: &&Tag| matches!(tag, Tag::AnswerOpen | Tag::AnswerClose);
        let opened = self.tags.iter().position(|tag| *tag == Tag::AnswerOpen);
        let closed = self.tags.iter().position(|tag| *tag == Tag::AnswerClose);
        match (opened, closed) {
            (Some(opened), Some(closed)) if opened + 1 == closed => {
                self.tags.iter().filter(is_answer).count() == 2
                    && self.texts.get(closed).is_some_and(|text| !is_blank(text))
            }
            _ => false,
        }
    }

    fn is_thought_and_box(&self) -> bool {
        match (self.tags.as_slice(), self.texts.as_slice()) {
            ([Tag::ThinkOpen, Tag::ThinkClose], [before, _, after]) => is_blank(before) && has_box(after),
            _ => false,
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn has_box(text: &str) -> bool {
    crate::extraction::last_box(text).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(template: Template, matched: &[&str], unmatched: &[&str]) {
        for text in matched {
            assert!(template.is_matched_by(text), "{text:?} should match {template:?}");
        }
        for text in unmatched {
            assert!(!template.is_matched_by(text), "{text:?} should not match {template:?}");
        }
    }

    #[test]
    fn think_answer_allows_white_space_alone() {
        let matched = [
            "<think>a</think><answer>b</answer>",
            "\n<think>\na < b\n</think>\n\n<answer>b</answer>\n",
            "<think></think><answer></answer>",
            "<think>a <b></think> <answer>1</answer>",
        ];
        let unmatched = [
            "",
            "<answer>b</answer>",
            "<think>a</think>",
            "<think>a</think><answer>b",
            "<answer>b</answer><think>a</think>",
            "<think>a</think> so <answer>b</answer>",
            "<think>a</think><answer>b</answer>.",
            "<think><think>a</think><answer>b</answer>",
            "<think>a</think><answer>b</answer><answer>c</answer>",
            "<think>a<answer>b</answer></think>",
            "<Think>a</Think><answer>b</answer>",
            "<think >a</think><answer>b</answer>",
        ];
        check(Template::ThinkAnswer, &matched, &unmatched);
    }

    #[test]
    fn the_strict_template_allows_no_white_space() {
        let unmatched = ["<think>a</think> <answer>b</answer>", "<think>a</think><answer>b</answer>\n"];
        check(Template::ThinkAnswerStrict, &["<think>a\n</think><answer> b</answer>"], &unmatched);
    }

    #[test]
    fn the_relaxed_template_allows_text_around_full_elements() {
        let matched = ["Well. <think>a</think>\n<answer>b</answer> Done."];
        let unmatched = [
            "<think></think><answer>b</answer>",
            "<think>a</think> so <answer>b</answer>",
            "<think>a</think><answer></answer>",
        ];
        check(Template::ThinkAnswerRelaxed, &matched, &unmatched);
    }

    #[test]
    fn one_answer_element_is_enough_for_the_answer_template() {
        let matched = ["So <answer>4</answer>.", "<think>a</think> x <answer>4</answer>"];
        let unmatched =
            ["<answer> </answer>", "<answer>4", "<answer>4</answer><answer>5</answer>", "<answer>a<think></answer>"];
        check(Template::Answer, &matched, &unmatched);
    }

    #[test]
    fn a_turn_that_starts_within_the_thought_needs_no_opening_tag() {
        let matched =
            ["a</think>\n<answer>b</answer>\n", "<think>a</think><answer>b</answer>", "</think><answer></answer>"];
        let unmatched = ["a<think>b</think><answer>c</answer>", "a</think>b<answer>c</answer>", "<answer>c</answer>"];
        check(Template::OpenThinkAnswer, &matched, &unmatched);
    }

    #[test]
    fn a_box_must_be_balanced_and_full() {
        let matched = [r"so \boxed{4}", r"\boxed{\frac{1}{2}} done"];
        check(Template::Boxed, &matched, &[r"\boxed{4", r"\boxed{}", "4", r"\boxed 4"]);
        let unmatched = [r"<think>\boxed{4}</think>", r"\boxed{4}", r"x <think>a</think>\boxed{4}"];
        check(Template::ThinkBoxed, &[r"<think>a</think> is \boxed{4}."], &unmatched);
    }

    proptest! {
        #[test]
        fn any_text_is_decided_and_the_strict_template_implies_the_other(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("<think>"), Just("</think>"), Just("<answer>"), Just("</answer>"),
                    Just("<"), Just(" "), Just("é"), Just("\\boxed{"), Just("}"),
                ],
                0..12,
            )
        ) {
            let text = parts.concat();
            let matched = Template::NAMES.map(|(_, template)| template.is_matched_by(&text));
            prop_assert!(!matched[1] || matched[0]);
        }
    }
}
