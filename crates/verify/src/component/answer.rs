//! `answer` and `exact`: 1 for the right answer, else 0.

use gradus_types::RewardSpec;

use super::{Component, Made, Outcome};
use crate::{
    AnswerElement, AnswerRule, Boxes, Comparison, Decision, Extraction, ExtractionSettings, Fallback, Fault, Profile,
    Response, Source, Verdict,
    equality::Sampling,
    parameters::Parameters,
    profile::{Percent, SetOfRelation, Units},
    tags::Template,
};

const SOURCES: [(&str, Source); 4] =
    [("auto", Source::Auto), ("answer_tag", Source::AnswerTag), ("boxed", Source::Boxed), ("whole", Source::Whole)];

/// The fallbacks by the names that components call them.
pub const FALLBACKS: [(&str, Fallback); 3] =
    [("none", Fallback::None), ("final_answer", Fallback::FinalAnswer), ("last_line", Fallback::LastLine)];

/// What may be an answer where it is not where it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Elsewhere {
    /// Nothing.
    Nothing,
    /// What is in a box or words announce.
    Announced,
    /// Anything.
    Anything,
}

const ELSEWHERE: [(&str, Elsewhere); 3] =
    [("none", Elsewhere::Nothing), ("final_answer", Elsewhere::Announced), ("anywhere", Elsewhere::Anything)];

const COMPARISONS: [(&str, Comparison); 4] = [
    ("auto", Comparison::Auto),
    ("letter", Comparison::Letter),
    ("number", Comparison::Number),
    ("text", Comparison::Text),
];

const UNITS: [(&str, Units); 3] =
    [("ignored", Units::Ignored), ("optional", Units::Optional), ("required", Units::Required)];

const PERCENTS: [(&str, Percent); 3] =
    [("hundredths", Percent::Hundredths), ("whole_numbers", Percent::WholeNumbers), ("optional", Percent::Optional)];

const INEQUALITIES: [(&str, SetOfRelation); 2] =
    [("of_reference", SetOfRelation::Prediction), ("either", SetOfRelation::EitherSide)];

/// Makes a profile.
type Preset = fn() -> Profile;

const PROFILES: [(&str, Preset); 3] =
    [("reward", Profile::reward), ("math_verify", Profile::math_verify), ("strict", Profile::strict)];

/// `answer`: finds the answer and compares what it means.
///
/// Parameters: `extract` (`auto`: as the profile says; `answer_tag`; `boxed`; `whole`), `fallback` where there is none (`none`;
/// `final_answer`; `anywhere`; by default `anywhere` for `math_verify` and `final_answer` for the others), `compare` (`auto`, `letter`,
/// `number`, `text`), `profile` (`reward`, `math_verify`, `strict`), and what changes it: `relative_tolerance` of numbers (0: none), their
/// `units` (`ignored`, `optional`, `required`) and `percent` signs (`hundredths`, `whole_numbers`, `optional`), which `inequalities` may
/// stand for the set that they describe (`of_reference`, `either`), and the `sampling_seed` of the points at which formulas are compared
/// (0: one that everybody knows); `require_template` (a template of `format` without which the value is 0), `undecided_value` (0) for
/// answers that nothing here can compare.
#[derive(Debug)]
struct Answer {
    is_whole: bool,
    rule: AnswerRule,
    require_template: Option<Template>,
    undecided_value: f64,
}

/// `exact`: finds the answer and compares its characters. Parameters: `extract` and `fallback` as for `answer`.
#[derive(Debug)]
struct Exact {
    extraction: Extraction,
    gold: String,
}

/// Makes an `answer` component.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let source = parameters.word("extract", &SOURCES, Source::Auto);
    let elsewhere = parameters.optional_word("fallback", &ELSEWHERE);
    let comparison = parameters.word("compare", &COMPARISONS, Comparison::Auto);
    let mut profile = profile(parameters);
    restrict(&mut profile.extraction, source, elsewhere);
    let require_template = parameters.optional_word("require_template", &Template::NAMES);
    let undecided_value = parameters.number("undecided_value", (-1e9, 1e9), 0.0);
    let gold = parameters.gold(spec)?;
    match AnswerRule::new(&gold, &spec.options, comparison, profile) {
        Ok(rule) => {
            Some(Box::new(Answer { is_whole: source == Source::Whole, rule, require_template, undecided_value }))
        }
        Err(reason) => {
            let gold = gold.chars().take(80).collect();
            parameters.fault(Fault::Gold { component: parameters.component(), gold, reason });
            None
        }
    }
}

/// Makes an `exact` component.
pub fn make_exact(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let extraction = Extraction {
        source: parameters.word("extract", &SOURCES, Source::Auto),
        fallback: parameters.word("fallback", &FALLBACKS, Fallback::FinalAnswer),
    };
    let gold = parameters.gold(spec)?;
    Some(Box::new(Exact { extraction, gold }))
}

/// Changes where a profile looks for answers to what a component asks for.
fn restrict(settings: &mut ExtractionSettings, source: Source, elsewhere: Option<Elsewhere>) {
    match source {
        Source::Auto | Source::Whole => {}
        Source::AnswerTag => settings.answer_element = AnswerElement::Last,
        Source::Boxed => {
            settings.answer_element = AnswerElement::Ignored;
            settings.boxes = Boxes::LastClosed;
            settings.boxed_priority = 0;
        }
    }
    let is_as_math_verify = source == Source::Auto && settings.answer_element == AnswerElement::Ignored;
    let default = if is_as_math_verify { Elsewhere::Anything } else { Elsewhere::Announced };
    let elsewhere = elsewhere.unwrap_or(default);
    settings.is_unanchored = elsewhere == Elsewhere::Anything;
    settings.is_element_required = source == Source::AnswerTag && elsewhere == Elsewhere::Nothing;
    settings.is_box_required = source != Source::AnswerTag && elsewhere == Elsewhere::Nothing;
}

fn profile(parameters: &mut Parameters<'_>) -> Profile {
    let made: Preset = parameters.word("profile", &PROFILES, Profile::reward);
    let mut profile = made();
    let tolerance = parameters.number("relative_tolerance", (0.0, 1.0), 0.0);
    profile.values.relative_tolerance = (tolerance > 0.0).then_some(tolerance);
    profile.units = parameters.word("units", &UNITS, profile.units);
    profile.percent = parameters.word("percent", &PERCENTS, profile.percent);
    profile.set_of_relation = parameters.word("inequalities", &INEQUALITIES, profile.set_of_relation);
    match parameters.count("sampling_seed", (0, u32::MAX), 0) {
        0 => {}
        seed => profile.values.sampling = Sampling::of_seed(u64::from(seed)),
    }
    profile
}

// === impl Answer ===

impl Component for Answer {
    fn score(&self, response: &Response) -> Outcome {
        let decision =
            if self.is_whole { self.rule.decide(response.searched()) } else { self.rule.decide_in(response.text()) };
        let is_in_shape = self.require_template.is_none_or(|template| template.is_matched_by(response.text()));
        let value = match decision.verdict {
            _ if !is_in_shape => 0.0,
            Verdict::Equal => 1.0,
            Verdict::Different => 0.0,
            Verdict::Undecided => self.undecided_value,
        };
        Outcome { value, decision: Some(decision) }
    }
}

fn nothing_found(gold: &str) -> Decision {
    Decision {
        verdict: Verdict::Different,
        extracted: None,
        gold_reading: gold.to_owned(),
        method: "extraction",
        reason: "the response holds no answer".to_owned(),
        spans: Vec::new(),
        num_tried: 0,
        fuel: 0,
    }
}

// === impl Exact ===

impl Component for Exact {
    fn score(&self, response: &Response) -> Outcome {
        let Some(answer) = self.extraction.find(response.text()) else {
            return Outcome { value: 0.0, decision: Some(nothing_found(&self.gold)) };
        };
        let (verdict, value) = if answer == self.gold { (Verdict::Equal, 1.0) } else { (Verdict::Different, 0.0) };
        let decision = Decision {
            verdict,
            extracted: Some(answer.to_owned()),
            gold_reading: self.gold.clone(),
            method: "characters",
            reason: "compared character by character".to_owned(),
            spans: Vec::new(),
            num_tried: 1,
            fuel: 0,
        };
        Outcome { value, decision: Some(decision) }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Response, RewardPlan};

    fn score(spec: &str, response: &str) -> f64 {
        let plan = RewardPlan::compile(&serde_json::from_str(spec).unwrap()).unwrap();
        plan.score(&Response::of_text(response)).total
    }

    #[test]
    fn a_right_answer_out_of_shape_is_worth_nothing_when_a_template_is_required() {
        let spec = r#"{"gold": "B", "components": [
            {"name": "hard", "kind": "answer", "require_template": "think_answer", "weight": 1}]}"#;
        assert_eq!(score(spec, "<think>b</think> <answer>B</answer>"), 1.0);
        assert_eq!(score(spec, "<answer>B</answer>"), 0.0);
        assert_eq!(score(spec, "<think>b</think> <answer>A</answer>"), 0.0);
    }

    /// Scores a response with the parameters of an `answer` whose reference is 5.
    fn found(parameters: &str, response: &str) -> f64 {
        let component = format!(r#"{{"name": "a", "kind": "answer", "weight": 1{parameters}}}"#);
        score(&format!(r#"{{"gold": "5", "components": [{component}]}}"#), response)
    }

    #[test]
    fn an_answer_counts_only_where_it_is_looked_for() {
        let (element, boxed) = ("<answer>5</answer>", r"\boxed{5}");
        let (said, loose) = ("The answer is 5.", "5");
        for (parameters, expected) in [
            ("", [1.0, 1.0, 1.0, 0.0]),
            (r#", "fallback": "none""#, [1.0, 1.0, 0.0, 0.0]),
            (r#", "fallback": "anywhere""#, [1.0, 1.0, 1.0, 1.0]),
            // math-verify does not know the element.
            (r#", "profile": "math_verify""#, [0.0, 1.0, 1.0, 1.0]),
            (r#", "profile": "strict""#, [1.0, 1.0, 1.0, 0.0]),
            (r#", "extract": "boxed", "fallback": "none""#, [0.0, 1.0, 0.0, 0.0]),
            (r#", "extract": "answer_tag", "fallback": "none""#, [1.0, 0.0, 0.0, 0.0]),
            (r#", "extract": "answer_tag""#, [1.0, 1.0, 1.0, 0.0]),
        ] {
            let values = [element, boxed, said, loose].map(|response| found(parameters, response));
            assert_eq!(values, expected, "{parameters}");
        }
    }

    #[test]
    fn prose_in_an_element_is_searched_and_a_thought_is_not() {
        for (response, expected) in [
            ("<answer>The answer is 5</answer>", 1.0),
            ("<think><answer>5</answer></think> hm", 0.0),
            ("<answer>5</answer><answer>6</answer>", 0.0),
        ] {
            assert_eq!(found(r#", "extract": "answer_tag", "fallback": "none""#, response), expected, "{response}");
        }
        let bare = score(
            r#"{"gold": "B", "options": ["red", "blue"], "components": [{"name": "a", "kind": "answer", "weight": 1}]}"#,
            "blue",
        );
        assert_eq!(bare, 0.0);
        let thought = r"<think>maybe \boxed{5}</think> The answer is 6.";
        for parameters in ["", r#", "profile": "math_verify""#] {
            assert_eq!(found(&format!(r#", "extract": "boxed"{parameters}"#), thought), 0.0, "{parameters}");
        }
        let cut = r"\boxed{5} and then \boxed{6";
        assert_eq!(found(r#", "extract": "boxed", "fallback": "none""#, cut), 1.0);
    }

    #[test]
    fn an_undecided_answer_has_the_value_it_was_given() {
        let spec = r#"{"gold": "x^2+1", "components": [
            {"name": "a", "kind": "answer", "undecided_value": 0.25, "weight": 1}]}"#;
        assert_eq!(score(spec, r"\boxed{x^{2}+\frac{1}{}}"), 0.25);
        assert_eq!(score(spec, r"\boxed{1+x^2}"), 1.0);
        assert_eq!(score(spec, r"\boxed{2+x^2}"), 0.0);
    }

    #[test]
    fn an_inequality_stands_for_its_set_on_the_side_of_the_reference_or_on_either() {
        let value = |gold: &str, parameters: &str, response: &str| {
            let component = format!(r#"{{"name": "a", "kind": "answer", "weight": 1{parameters}}}"#);
            score(&format!(r#"{{"gold": "{gold}", "components": [{component}]}}"#), response)
        };
        let (set, either) = (r"(2, \\infty)", r#", "inequalities": "either""#);
        assert_eq!(value("x > 2", "", r"\boxed{(2, \infty)}"), 1.0);
        assert_eq!(value(set, "", r"\boxed{x > 2}"), 0.0);
        assert_eq!(value(set, either, r"\boxed{x > 2}"), 1.0);
        assert_eq!(value(set, either, r"\boxed{x \ge 2}"), 0.0);
    }

    #[test]
    fn formulas_are_compared_at_the_points_of_the_seed_that_is_given() {
        let spec = r#"{"gold": "\\sin(2x)", "components": [
            {"name": "a", "kind": "answer", "sampling_seed": 7, "weight": 1}]}"#;
        assert_eq!(score(spec, r"\boxed{2\sin x\cos x}"), 1.0);
        assert_eq!(score(spec, r"\boxed{2\sin x}"), 0.0);
    }

    #[test]
    fn exact_takes_no_other_writing_of_the_same() {
        let spec = r#"{"gold": "0.5", "components": [{"name": "a", "kind": "exact", "weight": 1}]}"#;
        assert_eq!(score(spec, "<answer> 0.5 </answer>"), 1.0);
        assert_eq!(score(spec, "<answer>.5</answer>"), 0.0);
    }

    #[test]
    fn a_reference_answer_that_is_no_number_is_refused_where_numbers_are_compared() {
        let spec =
            r#"{"gold": "red", "components": [{"name": "a", "kind": "answer", "compare": "number", "weight": 1}]}"#;
        let error = RewardPlan::compile(&serde_json::from_str(spec).unwrap()).unwrap_err();
        assert!(error.to_string().contains("cannot use the reference answer `red`"), "{error}");
    }
}
