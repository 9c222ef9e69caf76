//! What words such as `answer:` announce.

use super::{ANSWER, COLON, FINAL, HOPED, Search, What, announced_at};
use crate::extraction::{
    Forms,
    anchor::{Anchor, behind_hope},
    environment::Chain,
    plain::{Following, Plain},
    scan::{after_white_space, is_within},
};

/// How many characters may be between `answer` and what it announces.
const MAX_BEFORE_ANSWER: usize = 50;

/// How many characters may be between `answer` and the equals sign whose right side it announces.
const MAX_BEFORE_EQUALS: usize = 100;

impl Search<'_> {
    /// Finds what math-verify takes to be announced.
    pub(super) fn announced(&mut self) {
        if self.settings.targets.latex {
            self.announced_environments();
        }
        if self.settings.targets.expression {
            self.announced_plain();
        }
        if !self.settings.targets.words.is_empty() {
            self.announced_words();
        }
        self.nearby();
    }

    /// Finds what stands closely behind `answer`.
    pub(super) fn nearby(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        if self.settings.targets.latex {
            self.each_anchor(&anchors, ANSWER, |search, anchor| search.first_chain(anchor.start, anchor.end));
        }
        if self.settings.targets.expression {
            self.each_anchor(&anchors, ANSWER, |search, anchor| search.first_plain(anchor.start, anchor.end));
        }
        self.each_anchor(&anchors, ANSWER, |search, anchor| search.first_word(anchor.start, anchor.end));
        self.anchors = anchors;
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
        self.anchors = anchors;
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
                self.add(start..end, level, announced_at(level), what);
            }
        }
    }

    /// Returns the environments right behind a position and white space.
    pub(super) fn chain_behind(&self, position: usize) -> Option<Chain> {
        let first = self.environments.at(self.text, position, after_white_space(self.text, position))?;
        Some(self.environments.chain(self.text, first, false))
    }

    /// Returns the first environments that begin closely behind a position.
    pub(super) fn first_chain(&self, start: usize, from: usize) -> Option<(usize, usize, What)> {
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
    pub(super) fn plain_behind_space(&mut self, position: usize, following: Following) -> Option<Plain> {
        let behind = after_white_space(self.text, position);
        let space = self.text[position..behind].chars().next_back();
        let from_sign = self.plain_at(behind, following);
        from_sign.or_else(|| self.plain_at(behind - space?.len_utf8(), following))
    }

    /// Returns the first number or expression closely behind a position, on its line: best behind the last equals sign.
    pub(super) fn first_plain(&mut self, start: usize, from: usize) -> Option<(usize, usize, What)> {
        let line = &self.text[from..];
        let is_wide = self.settings.forms == Forms::Wide;
        let environment = self.environments.first_from(from).filter(|_| is_wide);
        let formula = environment.map_or(usize::MAX, |index| self.environments.get(index).start);
        let characters = line.char_indices().take(MAX_BEFORE_EQUALS + 1);
        let is_on_line = |&(offset, character): &(usize, char)| {
            // The equals signs of formulas and of other sentences are of another matter.
            let is_beyond = is_wide && (from + offset >= formula || line[offset..].starts_with(". "));
            character != '\n' && !is_beyond
        };
        let characters: Vec<(usize, char)> = characters.take_while(is_on_line).collect();
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
    pub(super) fn first_word(&self, start: usize, from: usize) -> Option<(usize, usize, What)> {
        let mut is_on_line = true;
        let mut near = self.text[from..].char_indices().take(MAX_BEFORE_ANSWER + 1);
        let word = near.find_map(|(offset, prefix)| {
            let word = is_on_line.then(|| self.words.behind(prefix, from + offset)).flatten();
            is_on_line &= prefix != '\n';
            word
        })?;
        Some((start, word.end, What::Word(word.content)))
    }
}
