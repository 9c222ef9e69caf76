//! What the wider forms add: what an announcement says is the answer, to the end of its line, and option letters.

use super::{ANSWER, ANYTHING, COLON, FINAL, FORMULA, LAST_LINE, START, Search, What};
use crate::extraction::{Found, anchor::Anchor, letter, statement};

/// How far behind a formula that makes a whole line the marks and the punctuation reach that are no part of it.
const BEYOND: usize = 8;

impl Search<'_> {
    /// Finds what announcements state and option letters, and the text itself where it is nothing but an answer.
    pub(super) fn statements(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        for anchor in &anchors {
            if let Some(behind) = anchor.behind_colon(self.text, self.settings.forms) {
                self.stated(*anchor, COLON, behind);
            } else if let Some(behind) = anchor.behind_copula(self.text) {
                let level = if anchor.r#final.is_some() { FINAL } else { COLON };
                self.stated(*anchor, level, behind);
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
        let line = statement::line(self.text, behind);
        let formula = line.clone().filter(|line| statement::is_formula(&self.text[line.clone()]));
        if let Some(formula) = formula.clone() {
            // Whatever is found within it comes after it.
            self.add(start..formula.end + BEYOND, level, found, What::Text(formula));
        }
        if self.settings.targets.latex
            && let Some((start, end, what)) = self.first_chain(start, behind)
        {
            self.add(start..end, level, found, what);
        }
        if self.settings.targets.expression
            && let Some((start, end, what)) = self.first_plain(start, behind)
        {
            self.add(start..end, level, found, what);
        }
        if self.settings.targets.letters
            && let Some(letter) = letter::at(self.text, behind)
        {
            self.add(start..letter.end, level, found, What::Word(letter));
        }
        // Words are read only where nothing in them can be.
        if let Some(line) = line.filter(|_| formula.is_none()) {
            self.add(start..behind, level, found, What::Prose(line));
        }
    }

    /// Adds the text itself if it is a formula, and else its last line, or all of an element.
    fn whole(&mut self) {
        let found = if self.is_element { Found::AnswerElement } else { Found::Whole };
        let Some(all) = statement::within_marks(self.text, 0..self.text.len()) else { return };
        let content = &self.text[all.clone()];
        if !content.contains('\n') && statement::is_formula(content) {
            self.add(all.clone(), FORMULA, found, What::Text(all));
        } else if self.is_element || !content.contains('\n') {
            self.add(all.clone(), LAST_LINE, found, What::Prose(all));
        } else if let Some(line) =
            self.text[all.clone()].rfind('\n').and_then(|end| statement::line(self.text, all.start + end))
        {
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
