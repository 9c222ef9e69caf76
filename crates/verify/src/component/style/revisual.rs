//! The three text scores of ReVisual-R1's released reward (arXiv 2506.04207), with its constants.
//!
//! Two deviations. Its word boundaries know all scripts, ours ASCII's. And two of its patterns for circular reasoning refer back to a group that may be empty, which takes
//! cubic time; here each counts by its opening words alone, which is what it comes to where the text before them does not return on the same line.

use std::{collections::HashSet, hash::Hash, sync::LazyLock};

use regex::{Regex, RegexSet};

use super::{count, pattern};

/// Words of doubt and correction, each with its weight.
const CRITICISM: [(&str, f64); 42] = [
    ("mistake", 0.12),
    ("error", 0.12),
    ("incorrect", 0.12),
    ("wrong", 0.10),
    ("I was mistaken", 0.15),
    ("That's not right", 0.15),
    ("This contradicts", 0.15),
    ("I need to reconsider", 0.15),
    ("this doesn't make sense", 0.14),
    ("I made an error", 0.15),
    ("contradiction", 0.13),
    ("flaw", 0.12),
    ("invalid", 0.12),
    ("let me recalculate", 0.10),
    ("let's revise", 0.10),
    ("let me reconsider", 0.10),
    ("let's rethink", 0.10),
    ("let me check again", 0.09),
    ("double-check", 0.09),
    ("verify", 0.08),
    ("re-evaluate", 0.10),
    ("reassess", 0.10),
    ("revisit", 0.08),
    ("let's try again", 0.09),
    ("wait", 0.06),
    ("hold on", 0.06),
    ("I doubt", 0.07),
    ("I question", 0.07),
    ("however", 0.05),
    ("but", 0.04),
    ("although", 0.04),
    ("on second thought", 0.08),
    ("wait a second", 0.07),
    ("is that right", 0.08),
    ("did I miss something", 0.08),
    ("perhaps", 0.03),
    ("maybe", 0.03),
    ("I think", 0.02),
    ("I wonder", 0.04),
    ("alternatively", 0.05),
    ("on the other hand", 0.05),
    ("I'm not sure", 0.05),
];

/// Sentences that open a reflection.
const OPENINGS: [&str; 8] = [
    "(?:That|This|It|The result) (?:is|seems|appears to be) (?:incorrect|wrong|mistaken|an error|a mistake|flawed)",
    "(?:I|We) (?:made|committed) (?:an error|a mistake|a miscalculation)",
    "(?:I|We) (?:was|were) (?:wrong|mistaken|incorrect|in error)",
    "(?:Wait|Hold on|Actually|However|But|Oh)(?:,)? (?:that|this|it) (?:doesn't|does not) (?:seem|look|appear) (?:right|correct|accurate)",
    "(?:Let|I should|I need to) (?:me|) (?:reconsider|recalculate|rethink|revise|check|verify|double-check)",
    "(?:Let's|Let us) (?:try again|recalculate|rethink|revise|check|verify|double-check)",
    "(?:Wait|Hold on|Hmm|Actually|But|However)(?:,)? (?:I'm|I am|I) (?:not sure|uncertain|confused|doubtful|unsure)",
    "(?:Wait|Hold on|Hmm|Actually|But|However)(?:,)? (?:this|that|it) (?:might|may|could) (?:be|not be) (?:right|correct|accurate)",
];

/// Sentences that correct what was reflected on.
const CORRECTIONS: [&str; 8] = [
    "(?:The|A) correct (?:answer|solution|approach|calculation|value|result) (?:is|should be)",
    "(?:I|We) should (?:have|instead) (?:calculated|computed|determined|found|used)",
    "(?:Actually|In fact|Instead|Rather|Correctly)(?:,)? (?:the|we|I) (?:should|need to|must|have to)",
    "(?:After|Upon) (?:reconsideration|recalculation|checking|verifying)(?:,)? (?:I|we) (?:see|realize|find|determine)",
    "(?:Now|So|Therefore|Thus)(?:,)? (?:the|a) (?:correct|accurate|proper|right) (?:approach|calculation|solution|answer)",
    "(?:The|A) (?:error|mistake|issue|problem|flaw) (?:was|is) (?:that|because|due to)",
    "(?:I|We) (?:missed|overlooked|forgot|didn't consider|failed to account for)",
    "(?:This|That) (?:leads to|gives|results in|produces) (?:a|the) (?:correct|accurate|better|improved|proper)",
];

/// First references to the picture.
const REFERENCES: [&str; 10] = [
    "the image shows",
    "according to the image",
    "the image illustrates",
    "the image depicts",
    "in the image",
    "from the image",
    "the diagram",
    "the figure",
    "as shown",
    "is displayed",
];

/// Returns to the picture.
const REVISITS: [&str; 12] = [
    "looking (at|back at) the image again",
    "upon (further|closer) inspection",
    "revisiting the (image|figure|diagram)",
    "taking another look",
    "on second thought.{1,30}(image|figure|diagram)",
    "wait.{1,30}(image|figure|diagram)",
    "but.{1,30}(image|figure|diagram)",
    "checking the (image|figure|diagram) again",
    "let me look at the (image|figure|diagram) again",
    "the (image|figure|diagram).{1,30}shows",
    "no, the (image|figure|diagram)",
    "if I look at the (image|figure|diagram) more carefully",
];

/// What a look at the picture led to.
const INSIGHTS: [&str; 12] = [
    "I (see|notice|realize|observe) that",
    "actually",
    "in fact",
    "I was (wrong|mistaken|incorrect)",
    "contrary to",
    "unlike what I thought",
    "(now|then) I (can|see|understand)",
    "this (contradicts|confirms)",
    "(now|then) it (is clear|becomes clear)",
    "I missed that",
    "I didn't notice",
    "I overlooked",
];

/// Reasoning that goes round in circles.
const CIRCLES: [&str; 6] = [
    r"\s+But\s+(?:wait|actually|maybe|perhaps)",
    r"\s+So\s+maybe\s+.*?\s+But\s+(?:wait|actually)",
    "But the image (?:displays|illustrates|shows|depicts).*?But the image (?:displays|illustrates|shows|depicts)",
    "So maybe.*?So maybe",
    "Wait, but.*?Wait, but",
    "Wait, maybe.*?Wait, maybe",
];

/// The patterns of one table, alone and together.
struct Table {
    each: Vec<Regex>,
    any: RegexSet,
}

static CRITICISM_TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new(CRITICISM.map(|(phrase, _)| format!(r"(?-u:\b){phrase}(?-u:\b)"))));
static OPENING_TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(OPENINGS));
static CORRECTION_TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(CORRECTIONS));
static REFERENCE_TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(REFERENCES));
static REVISIT_TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(REVISITS));
static INSIGHT_TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(INSIGHTS));
static CIRCLE_TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(CIRCLES));
static SPACES: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+"));
static ELLIPSES: LazyLock<Regex> = LazyLock::new(|| pattern(r"\.{2,}"));
static SENTENCE_ENDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!?]\s+"));
static MAYBE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)maybe\s+([^\n]*?)\.\s+But\s+(?:wait|actually)"));

/// Scores words of doubt: their weights, half for repeats; 0.25 for each reflection that a correction follows within three sentences, up to three; 0.1 where the second half
/// has more of them than the first. At most 1.
pub fn self_criticism(text: &str) -> f64 {
    const SHORTEST: usize = 10;
    if text.trim().chars().count() < SHORTEST {
        return 0.0;
    }
    let spaced = SPACES.replace_all(text, " ");
    let cleaned = ELLIPSES.replace_all(&spaced, ".");
    let words: f64 = CRITICISM_TABLE
        .each
        .iter()
        .zip(&CRITICISM)
        .map(|(phrase, (_, weight))| {
            let count = count(phrase, &cleaned);
            if count > 0.0 { weight * (1.0 + 0.5 * (count - 1.0)) } else { 0.0 }
        })
        .sum();
    let is_new = |rest: &str| rest.starts_with(|first: char| first.is_ascii_uppercase() || first.is_ascii_digit());
    let sentences = sentences(&cleaned, is_new);
    (words + 0.25 * num_corrected(&sentences) + second_half_bonus(&sentences)).min(1.0)
}

/// Counts reflections that a correction follows, at most three.
fn num_corrected(sentences: &[&str]) -> f64 {
    const WINDOW: usize = 3;
    const MOST: usize = 3;
    const SHORTEST: usize = 5;
    let is_correction: Vec<bool> = sentences.iter().map(|sentence| CORRECTION_TABLE.any.is_match(sentence)).collect();
    let is_followed = |(place, sentence): &(usize, &&str)| {
        let after = is_correction.iter().skip(place + 1).take(WINDOW);
        sentence.chars().count() >= SHORTEST
            && after.into_iter().any(|is_correction| *is_correction)
            && OPENING_TABLE.any.is_match(sentence)
    };
    sentences.iter().enumerate().filter(is_followed).take(MOST).count() as f64
}

fn second_half_bonus(sentences: &[&str]) -> f64 {
    const SHORTEST: usize = 4;
    if sentences.len() < SHORTEST {
        return 0.0;
    }
    let kinds = |sentence: &&str| CRITICISM_TABLE.any.matches(sentence).iter().count();
    let (first, second) = sentences.split_at(sentences.len() / 2);
    let (first, second): (usize, usize) = (first.iter().map(kinds).sum(), second.iter().map(kinds).sum());
    if second > first { 0.1 } else { 0.0 }
}

/// Scores references to the picture: 0.2 each up to 0.4, 0.3 for a return to it, 0.3 for a return that an insight follows.
pub fn image_revisit(text: &str) -> f64 {
    let sentences = sentences(text, |_| true);
    let pairs = sentences.iter().zip(sentences.iter().skip(1));
    let insights =
        pairs.filter(|(sentence, next)| REVISIT_TABLE.any.is_match(sentence) && INSIGHT_TABLE.any.is_match(next));
    let first = (0.2 * REFERENCE_TABLE.count(text)).min(0.4);
    let revisits = (0.3 * REVISIT_TABLE.count(text)).min(0.3);
    (first + revisits + (0.3 * insights.count() as f64).min(0.3)).min(1.0)
}

/// What turns in circles cost at most, and what a guess that returns costs.
const MOST_CIRCLES: f64 = 0.2;

/// Scores the absence of repetition: 1 less 0.1 for each repeated sentence (up to 0.5), 0.05 for each repeated run of five words (up to 0.3), and 0.1 or 0.2 for each turn
/// in circles (up to 0.2).
pub fn conciseness(text: &str) -> f64 {
    const RUN: usize = 5;
    let words: Vec<&str> = text.split_whitespace().collect();
    let sentences = 0.1 * num_repeated(sentences(text, |_| true).into_iter());
    let runs = 0.05 * num_repeated(words.windows(RUN));
    let circles = 0.1 * CIRCLE_TABLE.count(text);
    // Each guess that a "but wait" follows is a turn in circles too, so that guesses are looked for only while there is one at most.
    let circles = if circles < MOST_CIRCLES { circles + MOST_CIRCLES * num_returns(text) } else { circles };
    (1.0 - (sentences.min(0.5) + runs.min(0.3) + circles.min(MOST_CIRCLES))).max(0.0)
}

fn num_repeated<T: Eq + Hash>(items: impl Iterator<Item = T>) -> f64 {
    let mut seen = HashSet::new();
    let mut num_repeated = 0;
    for item in items {
        num_repeated += u32::from(!seen.insert(item));
    }
    f64::from(num_repeated)
}

/// Counts guesses that come back, word for word, after the first "but wait": none or one, which is all that counts.
fn num_returns(text: &str) -> f64 {
    let lower = text.to_ascii_lowercase();
    let Some(found) = MAYBE.captures(&lower) else { return 0.0 };
    let (Some(opening), Some(guess)) = (found.get(0), found.get(1)) else { return 0.0 };
    let line = lower.get(opening.end()..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let returns = |(at, maybe): (usize, &str)| line[at + maybe.len()..].trim_start().starts_with(guess.as_str());
    f64::from(u8::from(line.match_indices("maybe").any(returns)))
}

// === impl Table ===

impl Table {
    fn new<T: AsRef<str>>(patterns: impl IntoIterator<Item = T>) -> Self {
        let patterns: Vec<String> = patterns.into_iter().map(|written| format!("(?i){}", written.as_ref())).collect();
        let any =
            RegexSet::new(&patterns).expect("the patterns of the tables are regular expressions, each tried by a test");
        Self { each: patterns.iter().map(|written| pattern(written)).collect(), any }
    }

    fn count(&self, text: &str) -> f64 {
        self.each.iter().map(|pattern| count(pattern, text)).sum()
    }
}

/// Cuts a text behind the marks that end sentences, where what follows may begin one.
fn sentences(text: &str, may_begin: impl Fn(&str) -> bool) -> Vec<&str> {
    let (mut sentences, mut from) = (Vec::new(), 0);
    for end in SENTENCE_ENDS.find_iter(text) {
        let rest = text.get(end.end()..).unwrap_or_default();
        if may_begin(rest) {
            // The mark is one byte and belongs to its sentence.
            sentences.push(text.get(from..end.start() + 1).unwrap_or_default());
            from = end.end();
        }
    }
    sentences.push(text.get(from..).unwrap_or_default());
    sentences
}
