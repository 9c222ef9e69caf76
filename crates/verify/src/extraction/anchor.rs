//! The words that announce an answer: `final answer … is`, `answer:`, `answer`.

use super::{
    Forms,
    scan::{after_white_space, is_within},
    statement::Statements,
};

/// Words for "answer" beside the English one, without a first letter that may be large or small.
const OTHER_WORDS: [&str; 14] = [
    "éponse",
    "espuesta",
    "esposta",
    "ntwort",
    "isposta",
    "твет",
    "答案",
    "答え",
    "答",
    "정답",
    "الإجابة",
    "الجواب",
    "उत्तर",
    "####",
];

/// Words between "answer" and what it is, and what is like them.
const OTHER_COPULAS: [&str; 9] = [" is", " est", " es", " ist", " é", " è", "是", "为", "為"];

/// The most announcements of a text that are looked behind: the last.
const MAX_ANCHORS: usize = 256;

/// How many marks of emphasis may be around an announcement.
const MAX_MARKS: usize = 32;

/// How many characters may be between `final answer` and `is`.
const MAX_BEFORE_IS: usize = 100;

/// A word for "answer" in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Where it begins.
    pub start: usize,
    /// Behind it.
    pub end: usize,
    /// Where `final` begins, if that is the word before it.
    pub r#final: Option<usize>,
}

// === impl Anchor ===

impl Anchor {
    /// Finds every word that announces an answer.
    pub fn all(text: &str, forms: Forms) -> Vec<Self> {
        let bytes = text.as_bytes();
        let mut anchors = Vec::new();
        // The rarest letter of `answer` is looked for.
        for position in memchr::memchr2_iter(b'w', b'W', bytes) {
            let Some(start) = position.checked_sub(3) else { continue };
            if is_word(bytes, start, b"answer") {
                let r#final = start.checked_sub(6).filter(|&at| is_word(bytes, at, b"final "));
                anchors.push(Self { start, end: start + 6, r#final });
            }
        }
        if forms == Forms::Wide {
            let is_ascii = text.is_ascii();
            for word in OTHER_WORDS.into_iter().filter(|word| !is_ascii || word.is_ascii()) {
                anchors.extend(memchr::memmem::find_iter(bytes, word).map(|at| {
                    let first = text[..at].chars().next_back().filter(|first| first.is_alphabetic());
                    let start = at - first.map_or(0, char::len_utf8);
                    Self { start, end: at + word.len(), r#final: None }
                }));
            }
            anchors.sort_by_key(|anchor| (anchor.start, std::cmp::Reverse(anchor.end)));
            anchors.dedup_by_key(|anchor| anchor.start);
        }
        anchors.drain(..anchors.len().saturating_sub(MAX_ANCHORS));
        // `####` announces the answers of some data sets, and the sections of other texts.
        let mut statements = Statements::new(text);
        let mut is_section = |anchor: &Self| {
            let is_mark = text[..anchor.end].ends_with('#');
            is_mark && !statements.behind(anchor.end).is_some_and(|(_, is_formula)| is_formula)
        };
        anchors.retain(|anchor| !is_section(anchor));
        anchors
    }

    /// Returns the position behind `final answer is` and an optional colon.
    pub fn behind_final_is(self, text: &str) -> Option<usize> {
        self.r#final?;
        is_word(text.as_bytes(), self.end, b" is").then(|| behind_colon(text, self.end + 3).unwrap_or(self.end + 3))
    }

    /// Returns the position behind the colon that follows it.
    pub fn behind_colon(self, text: &str, forms: Forms) -> Option<usize> {
        match forms {
            Forms::MathVerify => behind_colon(text, self.end),
            Forms::Wide => self.behind_heading(text),
        }
    }

    /// Returns the position behind the colon that follows it, or the line it makes alone.
    fn behind_heading(self, text: &str) -> Option<usize> {
        if text[..self.end].ends_with('#') {
            return Some(self.end);
        }
        let near = window(text, self.end, MAX_MARKS);
        let tail = near.trim_start_matches(['*', '_', ' ', '#', ')', '}']);
        let behind = self.end + near.len() - tail.len();
        if let Some(colon) = tail.chars().next().filter(|&next| next == ':' || next == '：') {
            return Some(behind + colon.len_utf8());
        }
        let start = self.r#final.unwrap_or(self.start);
        let mut before = text[..start].chars().rev().take(MAX_MARKS);
        let is_heading = before.find(|&character| !" *_#>".contains(character)).is_none_or(|found| found == '\n');
        (is_heading && tail.starts_with('\n')).then_some(behind)
    }

    /// Returns the position behind the first word on its line that says what the answer is, and an optional colon.
    pub fn behind_copula(self, text: &str) -> Option<usize> {
        let line = window(text, self.end, MAX_BEFORE_IS).split('\n').next().unwrap_or_default();
        // Right behind the anchor, the line may be broken.
        let line = if line.trim().is_empty() { window(text, self.end, line.chars().count() + 4) } else { line };
        let behind = OTHER_COPULAS.iter().filter_map(|copula| {
            let broken = copula.starts_with(' ').then(|| line.strip_prefix('\n')?.strip_prefix(&copula[1..])).flatten();
            let at = broken.map(|_| 0).or_else(|| line.find(copula))? + copula.len();
            let is_end = !line[at..].starts_with(|next: char| next.is_ascii_alphanumeric());
            (is_end || !copula.starts_with(' ')).then_some(self.end + at)
        });
        behind.min().map(|behind| behind_colon(text, behind).unwrap_or(behind))
    }

    /// Returns the positions behind each `is` that follows it closely, and an optional colon.
    pub fn behind_each_is<'t>(self, text: &'t str, is_within_line: bool) -> impl Iterator<Item = usize> + 't {
        let window = window(text, self.end, MAX_BEFORE_IS + 8);
        let line = if is_within_line { up_to_broken_is(window) } else { window };
        let end = self.end;
        memchr::memmem::find_iter(line.as_bytes(), b"is").filter_map(move |offset| {
            let space = line[..offset].chars().next_back().filter(|before| before.is_whitespace())?;
            is_within(text, end, end + offset - space.len_utf8(), MAX_BEFORE_IS).then(|| {
                let behind = end + offset + 2;
                behind_colon(text, behind).unwrap_or(behind)
            })
        })
    }
}

/// Returns the part of a text of at most so many characters from a position on.
pub fn window(text: &str, from: usize, max_characters: usize) -> &str {
    let tail = &text[from..];
    tail.char_indices().nth(max_characters).map_or(tail, |(end, _)| &tail[..end])
}

/// Returns the first line of a text, and the `is` that the next one may begin with.
fn up_to_broken_is(text: &str) -> &str {
    let Some(end) = memchr::memchr(b'\n', text.as_bytes()) else { return text };
    let next = after_white_space(text, end);
    &text[..if text[next..].starts_with("is") { next + 2 } else { end }]
}

/// Returns the position behind `I hope` and what may be before it.
pub fn behind_hope(text: &str, position: usize) -> Option<usize> {
    // What was found before may have taken the point and the space already.
    [position, after_white_space(text, position)].into_iter().find_map(|at| {
        let tail = &text[at..];
        let tail = tail.strip_prefix('.').unwrap_or(tail);
        let tail = tail.strip_prefix(char::is_whitespace).unwrap_or(tail);
        tail.strip_prefix("I hope").map(|rest| text.len() - rest.len())
    })
}

fn behind_colon(text: &str, position: usize) -> Option<usize> {
    text[position..].starts_with(':').then_some(position + 1)
}

fn is_word(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
}
