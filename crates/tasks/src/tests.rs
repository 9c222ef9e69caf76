//! Tests over all kinds and levels: answers derived again from pixels and wording, splits, priors and determinism.

mod picture_answers;
mod properties;
mod regions;
mod text_answers;

use crate::{AnswerStyle, Difficulty, Item, Spec, Split, TaskKind};

/// Calls `check` with free items of every level of a kind, drawn on large pictures from both splits.
fn for_items(kind: TaskKind, num_items: u64, check: impl Fn(&Item)) {
    for difficulty in Difficulty::all() {
        let spec = Spec { answer_style: AnswerStyle::Free, image_size: 336, ..Spec::new(kind, difficulty) };
        for index in 0..num_items {
            let split = if index % 8 == 0 { Split::HeldOut } else { Split::Train };
            check(&spec.generate(11, split, index));
        }
    }
}
