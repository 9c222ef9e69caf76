//! What the wider forms add: what an announcement says is the answer, to the end of its line, and option letters.

use std::ops::Range;

use super::{ANSWER, ANYTHING, COLON, FINAL, FORMULA, HOPED, LAST_LINE, START, Search, What};
use crate::extraction::{Found, anchor::Anchor, letter, plain::Following, statement};

/// How far behind a formula that makes a whole line the marks and the punctuation reach that are no part of it.
const BEYOND: usize = 8;

impl Search<'_> {
    /// Finds what announcements state and option letters, and the text itself where it is nothing but an answer.
    pub(super) fn statements(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        for &anchor in &anchors {
            if let Some((place, what)) = anchor.behind_final_is(self.text).and_then(|is| self.right_behind(anchor, is))
            {
                self.add(place, HOPED, Found::FinalAnswerIs, what);
            }
            if let Some(behind) = anchor.behind_colon(self.text, self.settings.forms) {
                self.stated(anchor, COLON, behind);
            } else if let Some(behind) = anchor.behind_copula(self.text) {
                let level = if anchor.r#final.is_some() { FINAL } else { COLON };
                self.stated(anchor, level, behind);
            }
        }
        self.anchors = anchors;
        if self.settings.is_unanchored || self.is_element {
            self.whole();
            self.letters();
        }
    }

    /// Adds what stands behind an announcement.
    fn stated(&mut self, anchor: Anchor, level: u16, behind: usize) {
        let start = anchor.start;
        let found = if level == FINAL { Found::FinalAnswerIs } else { Found::AnswerColon };
        match self.statements.behind(behind) {
            Some((formula, true)) => {
                // Whatever is found within it comes after it.
                let place = start..formula.end + BEYOND;
                let what = self.formula(formula);
                self.add(place, level, found, what);
            }
            // Words are read only where nothing in them can be.
            Some((line, false)) => self.add(start..behind, level, found, What::Prose(line)),
            None => {}
        }
        if let Some((place, what)) = self.first_of_both(anchor, behind) {
            self.add(place, level, found, what);
        }
        let letter = self.settings.targets.letters.then(|| letter::at(self.text, behind)).flatten();
        let word = self.first_word(start, behind).map(|(start, end, what)| (start..end, what));
        for (place, what) in letter.map(|letter| (start..letter.end, What::Word(letter))).into_iter().chain(word) {
            self.add(place, level, found, what);
        }
    }

    /// Returns the environment or the plain expression behind an announcement: what is right behind it, or right behind an `is`
    /// on its line, or else what comes first.
    fn first_of_both(&mut self, anchor: Anchor, behind: usize) -> Option<(Range<usize>, What)> {
        if let Some(found) = self.right_behind(anchor, behind) {
            return Some(found);
        }
        let after_is: Vec<usize> = anchor.behind_each_is(self.text, true).filter(|&is| is > behind).collect();
        if let Some(found) = after_is.into_iter().find_map(|is| self.right_behind(anchor, is)) {
            return Some(found);
        }
        let targets = &self.settings.targets;
        let (latex, expression) = (targets.latex, targets.expression);
        let chain = latex.then(|| self.first_chain(anchor.start, behind)).flatten();
        let plain = expression.then(|| self.first_plain(anchor.start, behind)).flatten();
        let chain_start = chain.as_ref().map_or(usize::MAX, |(_, _, what)| self.content_start(what));
        let plain_start = plain.as_ref().map_or(usize::MAX, |(_, _, what)| self.content_start(what));
        let (start, end, what) = if plain_start < chain_start { plain? } else { chain? };
        Some((start..end, what))
    }

    /// Returns the environment or the plain expression right behind a position, white space and marks of emphasis.
    fn right_behind(&mut self, anchor: Anchor, position: usize) -> Option<(Range<usize>, What)> {
        let targets = &self.settings.targets;
        let (latex, expression) = (targets.latex, targets.expression);
        if let Some(chain) = latex.then(|| self.chain_behind(position)).flatten() {
            return Some((anchor.start..chain.end, What::Environments(chain)));
        }
        let plain = expression.then(|| self.plain_behind_space(position, Following::NoEquals)).flatten()?;
        Some((anchor.start..plain.end, What::Plain(plain)))
    }

    fn content_start(&self, what: &What) -> usize {
        match what {
            What::Environments(chain) => {
                chain.members.first().map_or(usize::MAX, |&first| self.environments.get(first).start)
            }
            What::Plain(plain) => plain.content.start,
            What::Box(range) | What::Word(range) | What::Text(range) | What::Prose(range) => range.start,
        }
    }

    /// Returns how a formula is read: as a number if it is nothing else.
    fn formula(&self, formula: Range<usize>) -> What {
        let number = self.plain.number(formula.start, Following::Anything);
        match number.filter(|number| number.end == formula.end && self.settings.targets.expression) {
            Some(number) => What::Plain(number),
            None => What::Text(statement::unwrapped(self.text, formula)),
        }
    }

    /// Adds the text itself if it is a formula, and else its last line, or all of an element.
    fn whole(&mut self) {
        let found = if self.is_element { Found::AnswerElement } else { Found::Whole };
        let Some(all) = statement::within_marks(self.text, 0..self.text.len()) else { return };
        let content = &self.text[all.clone()];
        if !content.contains('\n') && statement::is_formula(content) {
            let what = self.formula(all.clone());
            self.add(all, FORMULA, found, what);
        } else if self.is_element || !content.contains('\n') {
            self.add(all.clone(), LAST_LINE, found, What::Prose(all));
        } else if let Some(line) = content.rfind('\n').and_then(|end| statement::line(self.text, all.start + end)) {
            self.add(line.clone(), LAST_LINE, Found::LastLine, What::Prose(line));
        }
    }

    /// Adds option letters at the start of the text, behind announcements without a colon, and anywhere.
    fn letters(&mut self) {
        if !self.settings.targets.letters {
            return;
        }
        if let Some(letter) = letter::at(self.text, 0) {
            self.add(0..letter.end, START, Found::StartOfText, What::Word(letter));
        }
        let mut position_of_last = None;
        for (position, prefix) in self.text.char_indices() {
            if let Some(letter) = letter::behind(self.text, prefix, position) {
                position_of_last = Some(letter.clone());
                self.add(letter.clone(), ANYTHING, Found::Word, What::Word(letter));
            }
        }
        let Some(last) = position_of_last else { return };
        let Some(anchor) = self.anchors.last().filter(|anchor| anchor.end < last.start) else { return };
        let near = self.text.get(anchor.end..).unwrap_or_default();
        let near = near.split('\n').next().unwrap_or_default();
        if last.start < anchor.end + near.len() {
            self.add(anchor.start..last.end, ANSWER, Found::AnswerWord, What::Word(last));
        }
    }
}
