//! Looks through a text level by level, and within a level from its end backwards.

use std::{cmp::Reverse, ops::Range};

use super::{
    Candidate, ExtractionSettings, Found, Kind, MAX_CANDIDATES,
    anchor::{Anchor, behind_hope},
    boxes::{self, Joined},
    environment::{Chain, Environments},
    plain::{Following, Plain, PlainScanner},
    scan::{after_white_space, is_within},
    word::{Word, WordScanner},
};

/// `final answer is … I hope`.
const HOPED: u16 = 0;
/// `final answer … is …`.
const FINAL: u16 = 50;
/// `answer: …`.
const COLON: u16 = 100;
/// `answer …`.
const ANSWER: u16 = 200;
/// A word at the start of the text.
const START: u16 = 250;
/// Anything.
const ANYTHING: u16 = 300;

/// How many characters may be between `answer` and what it announces.
const MAX_BEFORE_ANSWER: usize = 50;

/// How many characters may be between `answer` and the equals sign whose right side it announces.
const MAX_BEFORE_EQUALS: usize = 100;

/// A part of a text in which answers are looked for.
pub struct Search<'t> {
    text: &'t str,
    settings: &'t ExtractionSettings,
    environments: Environments,
    anchors: Vec<Anchor>,
    plain: PlainScanner<'t>,
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
}

// === impl Search ===

impl<'t> Search<'t> {
    /// Prepares to look through a text.
    pub fn new(text: &'t str, settings: &'t ExtractionSettings) -> Self {
        Self {
            text,
            settings,
            environments: Environments::new(text),
            anchors: Anchor::all(text),
            plain: PlainScanner::new(text, settings.forms),
            words: WordScanner::new(text, &settings.targets.words, settings.forms),
            matches: Vec::new(),
        }
    }

    /// Returns the candidates in the order in which they are to be tried.
    pub fn run(mut self) -> Vec<Candidate<'t>> {
        if !self.settings.is_box_required {
            if self.settings.targets.latex {
                self.announced_environments();
            }
            if self.settings.targets.expression {
                self.announced_plain();
            }
            if !self.settings.targets.words.is_empty() {
                self.announced_words();
            }
            if self.settings.is_unanchored {
                self.unannounced();
            }
        }
        if self.settings.targets.latex || self.settings.is_box_required {
            self.boxed();
        }
        self.matches.sort_by_key(|found| (found.level, Reverse(found.end), found.start));
        let mut candidates: Vec<Candidate<'t>> = Vec::new();
        for found in &self.matches {
            for candidate in self.candidates(found) {
                let is_known = |known: &Candidate<'_>| known.text == candidate.text && known.kind == candidate.kind;
                if candidates.len() < MAX_CANDIDATES && !candidates.iter().any(is_known) {
                    candidates.push(candidate);
                }
            }
        }
        candidates
    }

    fn announced_environments(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        self.each_anchor(&anchors, HOPED, |search, anchor| {
            let chain = search.chain_behind(anchor.behind_final_is(search.text)?)?;
            let end = behind_hope(search.text, chain.end)?;
            Some((anchor.r#final?, end, What::Environments(chain)))
        });
        self.each_anchor(&anchors, FINAL, |search, anchor| {
            let start = anchor.r#final?;
            let chain = anchor.behind_each_is(search.text, false).find_map(|behind| search.chain_behind(behind))?;
            Some((start, chain.end, What::Environments(chain)))
        });
        self.each_anchor(&anchors, COLON, |search, anchor| {
            search.first_chain(anchor.start, anchor.behind_colon(search.text, search.settings.forms)?)
        });
        self.each_anchor(&anchors, ANSWER, |search, anchor| search.first_chain(anchor.start, anchor.end));
        self.anchors = anchors;
    }

    fn announced_plain(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        self.each_anchor(&anchors, HOPED, |search, anchor| {
            let plain = search.plain_behind_space(anchor.behind_final_is(search.text)?, Following::Anything)?;
            let end = behind_hope(search.text, plain.end)?;
            Some((anchor.r#final?, end, What::Plain(plain)))
        });
        self.each_anchor(&anchors, FINAL, |search, anchor| {
            let start = anchor.r#final?;
            let behind: Vec<usize> = anchor.behind_each_is(search.text, true).collect();
            let plain = behind.into_iter().find_map(|at| search.plain_at(at, Following::Anything))?;
            Some((start, plain.end, What::Plain(plain)))
        });
        self.each_anchor(&anchors, COLON, |search, anchor| {
            let from = anchor.behind_colon(search.text, search.settings.forms)?;
            search.first_plain(anchor.start, from)
        });
        self.each_anchor(&anchors, ANSWER, |search, anchor| search.first_plain(anchor.start, anchor.end));
        self.anchors = anchors;
    }

    fn announced_words(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        self.each_anchor(&anchors, HOPED, |search, anchor| {
            let from = after_white_space(search.text, anchor.behind_final_is(search.text)?);
            let word = search.words.bare_at(from)?;
            Some((anchor.r#final?, behind_hope(search.text, word.end)?, What::Word(word.content)))
        });
        self.each_anchor(&anchors, FINAL, |search, anchor| {
            let start = anchor.r#final?;
            let mut behind = anchor.behind_each_is(search.text, true);
            let word = behind.find_map(|at| search.words.bare_at(after_white_space(search.text, at)))?;
            Some((start, word.end, What::Word(word.content)))
        });
        self.each_anchor(&anchors, COLON, |search, anchor| {
            let from = anchor.behind_colon(search.text, search.settings.forms)?;
            search.first_word(anchor.start, from)
        });
        self.each_anchor(&anchors, ANSWER, |search, anchor| search.first_word(anchor.start, anchor.end));
        self.anchors = anchors;
    }

    /// Finds everything at the last level, and words at the start of the text.
    fn unannounced(&mut self) {
        let mut from = 0;
        while let Some(first) = self.environments.first_from(from).filter(|_| self.settings.targets.latex) {
            let start = self.environments.get(first).start;
            let chain = self.environments.chain(self.text, first, false);
            from = chain.end;
            self.add(start..chain.end, ANYTHING, Found::Environment, What::Environments(chain));
        }
        if self.settings.targets.expression {
            self.unannounced_plain(|search, at| search.plain.expression(at, Following::Anything));
            self.unannounced_plain(|search, at| search.plain.number(at, Following::Anything));
        }
        if !self.settings.targets.words.is_empty() {
            self.unannounced_words();
        }
    }

    fn unannounced_plain(&mut self, find: impl Fn(&mut Self, usize) -> Option<Plain>) {
        let mut from = 0;
        let at_start = self.plain.after_emphasis(0);
        if let Some(plain) = find(self, at_start) {
            from = plain.end;
            self.add(0..plain.end, ANYTHING, Found::Expression, What::Plain(plain));
        }
        for (start, prefix) in self.text.char_indices() {
            let Some(beginning) = self.plain.beginning(prefix, start).filter(|_| start >= from) else { continue };
            if let Some(plain) = find(self, beginning) {
                from = plain.end;
                self.add(start..plain.end, ANYTHING, Found::Expression, What::Plain(plain));
            }
        }
    }

    fn unannounced_words(&mut self) {
        let mut from = 0;
        if let Some(Word { content, end }) = self.words.at(0) {
            from = end;
            self.add(0..end, START, Found::StartOfText, What::Word(content.clone()));
            self.add(0..end, ANYTHING, Found::Word, What::Word(content));
        }
        for (start, prefix) in self.text.char_indices() {
            if start < from {
                continue;
            }
            if let Some(Word { content, end }) = self.words.behind(prefix, start) {
                from = end;
                self.add(start..end, ANYTHING, Found::Word, What::Word(content));
            }
        }
    }

    fn boxed(&mut self) {
        let level = self.settings.boxed_priority;
        let mut from = 0;
        while let Some(first) = self.environments.first_boxed_from(from) {
            let start = self.environments.get(first).start;
            let chain = self.environments.chain(self.text, first, true);
            from = chain.end;
            self.add(start..chain.end, level, Found::Boxed, What::Environments(chain));
        }
        if let Some(extent) = boxes::extent(self.text) {
            self.add(extent.start..extent.end, level, Found::Boxed, What::Box(extent));
        }
    }

    fn add(&mut self, place: Range<usize>, level: u16, found: Found, what: What) {
        self.matches.push(Match { start: place.start, end: place.end, level, found, what });
    }

    /// Adds what is found behind each anchor; an anchor within what was found behind another is passed over.
    fn each_anchor(
        &mut self,
        anchors: &[Anchor],
        level: u16,
        find: impl Fn(&mut Self, Anchor) -> Option<(usize, usize, What)>,
    ) {
        let mut from = 0;
        for &anchor in anchors {
            let start = if level <= FINAL { anchor.r#final.unwrap_or(anchor.start) } else { anchor.start };
            if start < from {
                continue;
            }
            if let Some((start, end, what)) = find(self, anchor) {
                from = end;
                self.add(start..end, level, Found::announced(level), what);
            }
        }
    }

    /// Returns the environments right behind a position and white space.
    fn chain_behind(&self, position: usize) -> Option<Chain> {
        let first = self.environments.at(self.text, position, after_white_space(self.text, position))?;
        Some(self.environments.chain(self.text, first, false))
    }

    /// Returns the first environments that begin closely behind a position.
    fn first_chain(&self, start: usize, from: usize) -> Option<(usize, usize, What)> {
        let first = self.environments.first_from(from)?;
        let begin = self.environments.get(first).start;
        if !is_within(self.text, from, begin, MAX_BEFORE_ANSWER) {
            return None;
        }
        let chain = self.environments.chain(self.text, first, false);
        Some((start, chain.end, What::Environments(chain)))
    }

    /// Returns the number or expression whose prefix is right at a position.
    fn plain_at(&mut self, position: usize, following: Following) -> Option<Plain> {
        let prefix = self.text[position..].chars().next()?;
        let beginning = self.plain.beginning(prefix, position)?;
        self.plain.plain(beginning, following)
    }

    /// Returns the number or expression behind white space.
    fn plain_behind_space(&mut self, position: usize, following: Following) -> Option<Plain> {
        let behind = after_white_space(self.text, position);
        let space = self.text[position..behind].chars().next_back();
        let from_sign = self.plain_at(behind, following);
        from_sign.or_else(|| self.plain_at(behind - space?.len_utf8(), following))
    }

    /// Returns the first number or expression closely behind a position, on its line: best behind the last equals sign.
    fn first_plain(&mut self, start: usize, from: usize) -> Option<(usize, usize, What)> {
        let line = &self.text[from..];
        let characters = line.char_indices().take(MAX_BEFORE_EQUALS + 1);
        let characters: Vec<(usize, char)> = characters.take_while(|&(_, character)| character != '\n').collect();
        let equals = characters.iter().rev().filter(|&&(_, character)| character == '=');
        let equals: Vec<usize> = equals.map(|&(offset, _)| from + offset + 1).collect();
        let found = equals.into_iter().find_map(|behind| self.plain_behind_space(behind, Following::NoEquals));
        let found = found.or_else(|| {
            let mut near = line.char_indices().take(MAX_BEFORE_ANSWER + 1);
            let mut is_on_line = true;
            near.find_map(|(offset, prefix)| {
                let plain = is_on_line.then(|| self.plain.beginning(prefix, from + offset)).flatten();
                is_on_line &= prefix != '\n';
                self.plain.plain(plain?, Following::NoEquals)
            })
        });
        found.map(|plain| (start, plain.end, What::Plain(plain)))
    }

    /// Returns the first listed word closely behind a position, on its line.
    fn first_word(&self, start: usize, from: usize) -> Option<(usize, usize, What)> {
        let mut is_on_line = true;
        let mut near = self.text[from..].char_indices().take(MAX_BEFORE_ANSWER + 1);
        let word = near.find_map(|(offset, prefix)| {
            let word = is_on_line.then(|| self.words.behind(prefix, from + offset)).flatten();
            is_on_line &= prefix != '\n';
            word
        })?;
        Some((start, word.end, What::Word(word.content)))
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
                let contents = boxes::contents(self.text, extent.clone(), Joined::Near);
                if contents.is_empty() { Vec::new() } else { vec![candidate(contents, Kind::Latex, false)] }
            }
            What::Plain(plain) => {
                let text = plain.reading(self.text);
                let plain = candidate(vec![plain.content.clone()], Kind::Expression, plain.is_percent);
                vec![Candidate { text, ..plain }]
            }
            What::Word(content) => vec![candidate(vec![content.clone()], Kind::Word, false)],
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
            candidates.push(candidate(spans, Kind::Latex, first.is_percent));
        }
        candidates
    }
}
