//! What is sent: groups about questions of every kind, with responses of one to two kilobytes. The same on every run.

use gradus_proto::v1::{CompletionText, FinishReason, ScoreGroupRequest};
use gradus_types::random;

/// Seeds everything that is drawn.
const SEED: u64 = 7;

/// Words of the responses' reasoning.
const WORDS: [&str; 16] = [
    "first",
    "the",
    "figure",
    "shows",
    "that",
    "angle",
    "$x + 2$",
    "therefore",
    "we",
    "see",
    "of",
    "area",
    r"$\frac{a}{b}$",
    "equals",
    "and",
    "so",
];

/// Reference answers, each with answers that are right, wrong, or written in another way. `N` stands for the number of the group, `M` for the one after it:
/// most groups have a reference answer of their own, as in training.
const QUESTIONS: [(&str, [&str; 4]); 10] = [
    ("B", ["B", "(B)", "A", "C"]),
    ("N", ["N", "N.0", "M", "forty-two"]),
    ("N/7", [r"\frac{N}{7}", "N/7", "7/N", "75%"]),
    ("N,250", ["N250", "N,250", "N251", "1.25"]),
    ("N cm", ["N cm", "N", "N0 mm", "M cm"]),
    ("a red cube", ["a red cube", "A red cube.", "a blue cube", "red"]),
    (r"\frac{N}{2}", ["N/2", r"\frac N2", "2", r"\frac{N}{3}"]),
    ("-N", ["-N", "N", "-N.0", "−N"]),
    ("x^2+N", ["x^2+N", "N+x^2", "x^2-N", "(x+N)^2"]),
    ("yes", ["yes", "Yes", "no", "maybe"]),
];

/// One group of so many has a lexicon besides.
const LEXICON_EVERY: u64 = 8;

/// Phrases of the lexicon.
const NUM_PHRASES: u64 = 64;

/// The longest part of the responses, drawn before anything is sent.
pub struct Traffic {
    /// For each group and sample: the words.
    reasoning: Vec<Vec<Reasoning>>,
    lexicon: String,
}

struct Reasoning {
    words: String,
    num_words: u32,
    answer: usize,
}

impl Traffic {
    /// Draws the reasoning of so many groups, which others repeat.
    pub fn new(num_groups: usize, num_samples: usize) -> Self {
        let reasoning = |group: u64| (0..num_samples).map(|sample| Reasoning::draw(group, sample as u64)).collect();
        let phrases: Vec<String> = (0..NUM_PHRASES).map(phrase).collect();
        let lexicon = format!(
            r#",{{"name": "style", "kind": "lexicon", "max": 1, "weight": 0.05, "phrases": {{{}}}}}"#,
            phrases.join(",")
        );
        Self { reasoning: (0..num_groups as u64).map(reasoning).collect(), lexicon }
    }

    /// Makes the group of a number.
    pub fn group(&self, number: u64) -> ScoreGroupRequest {
        let (gold, answers) = QUESTIONS[number as usize % QUESTIONS.len()];
        let written =
            |text: &str| text.replace('N', &(number + 11).to_string()).replace('M', &(number + 12).to_string());
        let lexicon = if number.is_multiple_of(LEXICON_EVERY) { self.lexicon.as_str() } else { "" };
        let reward_spec = format!(
            r#"{{"gold": "{}", "options": [], "components": [
            {{"name": "accuracy", "kind": "answer", "weight": 0.9}},
            {{"name": "format", "kind": "format", "template": "think_answer", "weight": 0.1}},
            {{"name": "overlong", "kind": "overlong", "max_tokens": 512, "cache_tokens": 64, "weight": 1}}{lexicon}]}}"#,
            written(gold).replace('\\', r"\\")
        );
        let answers = answers.map(written);
        let reasoning = &self.reasoning[number as usize % self.reasoning.len()];
        let completion = |(sample, reasoning): (usize, &Reasoning)| reasoning.completion(sample, &answers);
        let completions = reasoning.iter().enumerate().map(completion).collect();
        ScoreGroupRequest { group_id: number, reward_spec, prefill: String::new(), completions }
    }
}

/// Writes a phrase of two or three words with its weight.
fn phrase(number: u64) -> String {
    let word = |place: u64| WORDS[(random::uniform(SEED, number, place) * WORDS.len() as f64) as usize];
    let text = format!("{} {} {number}", word(0), word(1)).replace('\\', r"\\");
    format!(r#""{text}": 0.01"#)
}

impl Reasoning {
    fn draw(group: u64, sample: u64) -> Self {
        let draw = |place: u64, below: u64| (random::uniform(SEED, group << 8 | sample, place) * below as f64) as usize;
        let num_words = 170 + draw(0, 170) as u64;
        let words: Vec<&str> = (0..num_words).map(|place| WORDS[draw(place + 2, WORDS.len() as u64)]).collect();
        Self { words: words.join(" "), num_words: num_words as u32, answer: draw(1, 4) }
    }

    fn completion(&self, sample: usize, answers: &[String; 4]) -> CompletionText {
        let (words, answer) = (&self.words, &answers[self.answer]);
        let text = match sample % 4 {
            0 => format!(r"{words}. The answer is \boxed{{{answer}}}."),
            1 => format!("{words}. The final answer is: {answer}"),
            _ => format!("<think>{words}</think>\n<answer>{answer}</answer>"),
        };
        CompletionText { text, num_tokens: self.num_words, finish_reason: FinishReason::Stop.into() }
    }
}
