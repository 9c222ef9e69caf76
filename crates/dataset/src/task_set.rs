//! Prompts from task generators: item `i` is generated whenever it is asked for.

use std::sync::Arc;

use gradus_config::{AnswerStyle, Split, TaskShare, TaskSource};
use gradus_tasks::{Difficulty, Item, Mixture, Spec};
use gradus_types::{ContentPart, MediaHash, Message, Prompt, PromptId, RewardSpec, Role, random};

use crate::format::{Formatter, TargetParts};
use crate::prompt_set::OpenOptions;
use crate::quarantine::Reason;
use crate::{Error, MediaStore};

/// An endless sequence of generated prompts.
#[derive(Debug)]
pub(crate) struct TaskSet {
    name: String,
    mixture: Arc<Mixture>,
    formatter: Formatter,
    media: Arc<MediaStore>,
}

impl TaskSet {
    /// Checks the tasks, their weights and difficulties, and that the templates render.
    pub fn open(source: &TaskSource, formatter: Formatter, options: &OpenOptions) -> Result<Self, Error> {
        let failed = |source| Error::Task { name: options.name.clone(), source };
        let mut parts = Vec::new();
        for share in &source.tasks {
            parts.extend(levels(share, source.image_size, &options.name)?);
        }
        let split = match source.split {
            Split::Train => gradus_tasks::Split::Train,
            Split::HeldOut => gradus_tasks::Split::HeldOut,
        };
        let seed = random::derive(options.seed, &format!("data/{}", options.name));
        let mixture = Arc::new(Mixture::new(parts, seed, split).map_err(failed)?);
        let set = Self { name: options.name.clone(), mixture, formatter, media: Arc::clone(&options.media) };
        set.item(0)?;
        Ok(set)
    }

    /// Generates prompt `index` and remembers where its picture can be generated again.
    pub fn item(&self, index: u64) -> Result<Prompt, Error> {
        let item = self.mixture.item(index);
        self.prompt(item).map_err(|reason| match reason {
            Reason::Template { template, message } => self.failed(index, template, message),
            other => self.failed(index, "user_template", other.to_string()),
        })
    }

    fn prompt(&self, item: Item) -> Result<Prompt, Reason> {
        let mut content = Vec::new();
        if let Some(picture) = &item.picture {
            let hash = MediaHash::of(&picture.png);
            self.media.add_generated(hash, &self.mixture, item.index);
            content.push(ContentPart::Image { hash });
        }
        content.push(ContentPart::Text { text: item.question_with_options() });
        let completion = item.completion();
        let parts = TargetParts {
            rationale: Some(&item.rationale),
            answer: Some(&item.answer.text),
            target: Some(&completion),
            num_images: usize::from(item.picture.is_some()),
        };
        Ok(Prompt {
            id: PromptId(item.index),
            source: item.spec.kind.name().to_owned(),
            body: self.formatter.body(vec![Message { role: Role::User, content }])?,
            prefill: self.formatter.prefill(),
            target: self.formatter.target(&parts)?,
            difficulty: Some(item.spec.difficulty.fraction()),
            chance: Some(item.spec.chance_accuracy()),
            reward: RewardSpec { gold: Some(item.answer.text), options: item.options, ..Default::default() },
        })
    }

    fn failed(&self, index: u64, template: &'static str, message: String) -> Error {
        Error::Render { name: self.name.clone(), template, index, message }
    }
}

/// Divides a share among the levels: level `k` of five covers the `k`-th fifth of the range from 0 to 1, and weighs as much as
/// it covers of the share's own range.
fn levels(share: &TaskShare, image_size: u32, name: &str) -> Result<Vec<(Spec, f64)>, Error> {
    let failed = |source| Error::Task { name: name.to_owned(), source };
    let kind = share.task.parse().map_err(failed)?;
    let [low, high] = share.difficulty;
    if !(0.0 <= low && low <= high && high <= 1.0) {
        let (name, task) = (name.to_owned(), share.task.clone());
        return Err(Error::DifficultyRange { name, task, low, high });
    }
    let covered = |difficulty: Difficulty| {
        let (start, end) = (f64::from(difficulty.level() - 1) / 5.0, f64::from(difficulty.level()) / 5.0);
        match low < high {
            true => (high.min(end) - low.max(start)).max(0.0) / (high - low),
            // A range without width is a point, which lies in one fifth; 1 belongs to the last.
            false if (start..end).contains(&low) || (low == 1.0 && end == 1.0) => 1.0,
            false => 0.0,
        }
    };
    let answer_style = match share.answer_style {
        AnswerStyle::Letter => gradus_tasks::AnswerStyle::Letter,
        AnswerStyle::Free => gradus_tasks::AnswerStyle::Free,
    };
    let spec = |difficulty| Spec { answer_style, image_size, ..Spec::new(kind, difficulty) };
    let parts = Difficulty::all().map(|difficulty| (spec(difficulty), share.weight * covered(difficulty)));
    // Two ranges that only touch cover a rounding error of each other.
    Ok(parts.filter(|(_, weight)| *weight > share.weight * 1e-9).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(difficulty: [f64; 2]) -> Vec<(u8, f64)> {
        let share = TaskShare { task: "colour".to_owned(), weight: 2.0, difficulty, answer_style: AnswerStyle::Letter };
        let round = |weight: f64| (weight * 1000.0).round() / 1000.0;
        let parts = levels(&share, 84, "train").unwrap();
        parts.into_iter().map(|(spec, weight)| (spec.difficulty.level(), round(weight))).collect()
    }

    #[test]
    fn a_difficulty_range_is_divided_among_five_levels() {
        assert_eq!(weights([0.0, 1.0]), [(1, 0.4), (2, 0.4), (3, 0.4), (4, 0.4), (5, 0.4)]);
        assert_eq!(weights([0.0, 0.2]), [(1, 2.0)]);
        assert_eq!(weights([0.0, 0.0]), [(1, 2.0)]);
        assert_eq!(weights([1.0, 1.0]), [(5, 2.0)]);
        assert_eq!(weights([0.4, 0.6]), [(3, 2.0)]);
        assert_eq!(weights([0.1, 0.3]), [(1, 1.0), (2, 1.0)]);
    }

    #[test]
    fn a_task_that_does_not_exist_is_named() {
        let share = TaskShare {
            task: "color".to_owned(),
            weight: 1.0,
            difficulty: [0.0, 1.0],
            answer_style: AnswerStyle::Letter,
        };
        let error = levels(&share, 84, "train").unwrap_err();
        assert!(matches!(error, Error::Task { .. }), "{error}");
        let share = TaskShare { task: "colour".to_owned(), difficulty: [0.5, 0.1], ..share };
        assert!(matches!(levels(&share, 84, "train"), Err(Error::DifficultyRange { .. })));
    }
}
