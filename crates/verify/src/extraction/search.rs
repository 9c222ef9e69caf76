//! Looks through a text level by level, and within a level from its end backwards.

mod announced;
mod anywhere;
mod statements;

use std::{cmp::Reverse, ops::Range};

use super::{
    Boxes, Candidate, ExtractionSettings, Forms, Found, Kind, MAX_CANDIDATES,
    anchor::Anchor,
    boxes::{self, Joined},
    environment::{Chain, Environments},
    letter,
    plain::{Plain, PlainScanner},
    statement::Statements,
    word::WordScanner,
};

/// `final answer is … I hope`.
const HOPED: u16 = 0;
/// `final answer … is …`.
const FINAL: u16 = 50;
/// `answer: …`.
const COLON: u16 = 100;
/// `answer …`.
const ANSWER: u16 = 200;
/// A text that is nothing but a formula.
const FORMULA: u16 = 240;
/// A word at the start of the text.
const START: u16 = 250;
/// Anything.
const ANYTHING: u16 = 300;
/// The last words.
const LAST_LINE: u16 = 400;

/// Returns how what words announce is found at a level.
const fn announced_at(level: u16) -> Found {
    match level {
        HOPED => Found::FinalAnswerHope,
        FINAL => Found::FinalAnswerIs,
        COLON => Found::AnswerColon,
        _ => Found::AnswerWord,
    }
}

/// How many places of a kind are looked at, the same answer in several of them included.
const MAX_LOOKED_AT: usize = 4 * MAX_CANDIDATES;

/// A part of a text in which answers are looked for.
pub struct Search<'t> {
    text: &'t str,
    settings: &'t ExtractionSettings,
    is_element: bool,
    environments: Environments,
    anchors: Vec<Anchor>,
    plain: PlainScanner<'t>,
    statements: Statements<'t>,
    words: WordScanner<'t>,
    matches: Vec<Match>,
}

/// A place that may hold an answer.
struct Match {
    start: usize,
    end: usize,
    level: u16,
    found: Found,
    what: What,
}

enum What {
    Environments(Chain),
    Box(Range<usize>),
    Plain(Plain),
    Word(Range<usize>),
    /// A formula without delimiters.
    Text(Range<usize>),
    Prose(Range<usize>),
}

// === impl What ===

impl What {
    const fn kind(&self) -> Kind {
        match self {
            Self::Environments(_) | Self::Box(_) => Kind::Latex,
            Self::Plain(_) => Kind::Expression,
            Self::Word(_) => Kind::Word,
            Self::Text(_) => Kind::Text,
            Self::Prose(_) => Kind::Prose,
        }
    }
}

// === impl Search ===

impl<'t> Search<'t> {
    /// Prepares to look through a text, which may be what an answer element holds.
    pub fn new(text: &'t str, settings: &'t ExtractionSettings, is_element: bool) -> Self {
        Self {
            text,
            settings,
            is_element,
            environments: Environments::new(text, settings.forms),
            anchors: Anchor::all(text, settings.forms),
            plain: PlainScanner::new(text, settings.forms),
            statements: Statements::new(text),
            words: WordScanner::new(text, &settings.targets.words, settings.forms),
            matches: Vec::new(),
        }
    }

    /// Returns the candidates in the order in which they are to be tried, at most eight.
    pub fn run(mut self) -> Vec<Candidate<'t>> {
        if self.is_element || !self.settings.is_box_required {
            self.unboxed();
        }
        if self.settings.targets.latex || self.settings.is_box_required {
            self.boxed();
        }
        self.matches.sort_by_key(|found| (found.level, Reverse(found.end), found.start));
        let mut candidates: Vec<Candidate<'t>> = Vec::new();
        let mut num_looked_at = [0; Kind::COUNT];
        for found in &self.matches {
            let num_looked_at = &mut num_looked_at[found.what.kind() as usize];
            *num_looked_at += 1;
            if *num_looked_at > MAX_LOOKED_AT {
                continue;
            }
            for candidate in self.candidates(found) {
                let mut alike = candidates.iter().filter(|known| known.kind == candidate.kind);
                if !candidate.text.is_empty() && !alike.any(|known| known.text == candidate.text) {
                    candidates.push(candidate);
                }
                if candidates.len() == MAX_CANDIDATES {
                    return candidates;
                }
            }
        }
        candidates
    }

    fn unboxed(&mut self) {
        match self.settings.forms {
            Forms::MathVerify => self.announced(),
            Forms::Wide => {
                self.statements();
                self.nearby();
            }
        }
        // An element announces whatever it holds.
        if self.settings.is_unanchored || self.is_element {
            self.unannounced();
        }
    }

    fn add(&mut self, place: Range<usize>, level: u16, found: Found, what: What) {
        self.matches.push(Match { start: place.start, end: place.end, level, found, what });
    }

    fn candidates(&self, found: &Match) -> Vec<Candidate<'t>> {
        let candidate = |spans: Vec<Range<usize>>, kind, is_percent| Candidate {
            text: boxes::join(self.text, &spans),
            kind,
            found: found.found,
            level: found.level,
            is_percent,
            spans,
        };
        match &found.what {
            What::Environments(chain) => self.of_chain(chain, candidate),
            What::Box(extent) => {
                let contents = match self.settings.boxes {
                    Boxes::Joined => boxes::contents(self.text, extent.clone(), Joined::Near),
                    Boxes::LastClosed => vec![extent.clone()],
                };
                let letter = self.letter_of(&contents).map(|letter| candidate(vec![letter], Kind::Word, false));
                let boxed = (!contents.is_empty()).then(|| candidate(contents, Kind::Latex, false));
                boxed.into_iter().chain(letter).collect()
            }
            What::Plain(plain) => {
                let text = plain.reading(self.text);
                let plain = candidate(vec![plain.content.clone()], Kind::Expression, plain.is_percent);
                vec![Candidate { text, ..plain }]
            }
            What::Word(content) => vec![candidate(vec![content.clone()], Kind::Word, false)],
            What::Text(content) => vec![candidate(vec![content.clone()], Kind::Text, false)],
            What::Prose(content) => vec![candidate(vec![content.clone()], Kind::Prose, false)],
        }
    }

    /// Reads environments as one list, and the first of them alone where the list cannot be read.
    fn of_chain(
        &self,
        chain: &Chain,
        candidate: impl Fn(Vec<Range<usize>>, Kind, bool) -> Candidate<'t>,
    ) -> Vec<Candidate<'t>> {
        let contents = |index: usize| {
            let content = self.environments.get(index).content.clone();
            let boxed = boxes::contents(self.text, content.clone(), Joined::All);
            if boxed.is_empty() { vec![boxes::trimmed(self.text, content)] } else { boxed }
        };
        let members: Vec<_> =
            chain.members.iter().map(|&index| (contents(index), self.environments.get(index))).collect();
        let mut candidates = Vec::new();
        if members.len() > 1 {
            let pieces: Vec<String> = members
                .iter()
                .map(|(spans, environment)| {
                    let percent = if environment.is_percent { r"\%" } else { "" };
                    format!("{}{percent}", boxes::join(self.text, spans))
                })
                .collect();
            let spans = members.iter().flat_map(|(spans, _)| spans.clone()).collect();
            candidates.push(Candidate { text: pieces.join(", ").into(), ..candidate(spans, Kind::Latex, false) });
        }
        if let Some((spans, first)) = members.into_iter().next() {
            let letter = self.letter_of(&spans);
            candidates.extend(letter.map(|letter| candidate(vec![letter], Kind::Word, false)));
            candidates.push(candidate(spans, Kind::Latex, first.is_percent));
        }
        candidates
    }

    /// Returns the option letter that an environment or a box holds, if it holds nothing else.
    fn letter_of(&self, spans: &[Range<usize>]) -> Option<Range<usize>> {
        match spans {
            [span] if self.settings.targets.letters => letter::whole(self.text, span.clone()),
            _ => None,
        }
    }
}
