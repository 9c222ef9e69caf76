//! What may stand anywhere: boxes, and what no words announce.

use super::{ANYTHING, START, Search, What};
use crate::extraction::{
    Boxes, Found, boxes,
    plain::{Following, Plain},
    word::Word,
};

impl Search<'_> {
    /// Finds everything at the last level, and words at the start of the text.
    pub(super) fn unannounced(&mut self) {
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

    pub(super) fn boxed(&mut self) {
        let level = self.settings.boxed_priority;
        if self.settings.boxes == Boxes::LastClosed {
            if let Some(content) = boxes::last(self.text) {
                self.add(content.clone(), level, Found::Boxed, What::Box(content));
            }
            return;
        }
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
}
