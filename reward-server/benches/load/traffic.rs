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

/// Reference answers, each with answers that are right, wrong, or written in another way.
const QUESTIONS: [(&str, [&str; 4]); 10] = [
    ("B", ["B", "(B)", "A", "C"]),
    ("42", ["42", "42.0", "41", "forty-two"]),
    ("3/4", [r"\frac{3}{4}", "0.75", "4/3", "75%"]),
    ("1,250", ["1250", "1,250", "1251", "1.25"]),
    ("5 cm", ["5 cm", "5", "50 mm", "6 cm"]),
    ("a red cube", ["a red cube", "A red cube.", "a blue cube", "red"]),
    (r"\frac{1}{2}", ["0.5", r"\frac12", "2", r"\frac{1}{3}"]),
    ("-17", ["-17", "17", "-17.0", "−17"]),
    ("x^2+1", ["x^2+1", "1+x^2", "x^2-1", "(x+1)^2"]),
    ("yes", ["yes", "Yes", "no", "maybe"]),
];

/// Makes groups of completions.
pub fn groups(num_groups: usize, num_samples: usize) -> Vec<ScoreGroupRequest> {
    (0..num_groups).map(|index| group(index as u64, num_samples)).collect()
}

fn group(index: u64, num_samples: usize) -> ScoreGroupRequest {
    let (gold, answers) = QUESTIONS[index as usize % QUESTIONS.len()];
    let gold = gold.replace('\\', r"\\");
    let reward_spec = format!(
        r#"{{"gold": "{gold}", "options": [], "components": [
            {{"name": "accuracy", "kind": "answer", "weight": 0.9}},
            {{"name": "format", "kind": "format", "template": "think_answer", "weight": 0.1}},
            {{"name": "overlong", "kind": "overlong", "max_tokens": {}, "cache_tokens": 64, "weight": 1}}]}}"#,
        512 + index % 64
    );
    let completions = (0..num_samples).map(|sample| completion(index, sample as u64, answers)).collect();
    ScoreGroupRequest { group_id: index, reward_spec, prefill: String::new(), completions }
}

fn completion(group: u64, sample: u64, answers: [&str; 4]) -> CompletionText {
    let draw = |place: u64, below: u64| (random::uniform(SEED, group << 8 | sample, place) * below as f64) as usize;
    let num_words = 170 + draw(0, 170) as u64;
    let words: Vec<&str> = (0..num_words).map(|place| WORDS[draw(place + 2, WORDS.len() as u64)]).collect();
    let (words, answer) = (words.join(" "), answers[draw(1, answers.len() as u64)]);
    let text = match sample % 4 {
        0 => format!(r"{words}. The answer is \boxed{{{answer}}}."),
        1 => format!("{words}. The final answer is: {answer}"),
        _ => format!("<think>{words}</think>\n<answer>{answer}</answer>"),
    };
    CompletionText { text, num_tokens: num_words as u32, finish_reason: FinishReason::Stop.into() }
}
