//! The prompt sets of a run, opened from the run file.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use gradus_config::{RunConfig, StageKind};
use gradus_dataset::{Error, MediaStore, Needs, OpenOptions, PromptSet};
use gradus_types::{MediaHash, Prompt, RewardComponent};
use tracing::{info, warn};

use crate::prompts::{MediaSource, PromptSource, Prompts, Rejection};

/// The prompt sets of a run, and what is wrong with them.
pub(crate) struct Opened {
    /// The prompts.
    pub prompts: Prompts,
    /// The records that cannot be used.
    pub quarantine: Quarantine,
}

/// The records that cannot be used, by prompt set.
#[derive(Debug, Default)]
pub(crate) struct Quarantine(BTreeMap<String, Arc<PromptSet>>);

/// Opens every prompt set that a stage or the evaluation uses.
///
/// # Errors
/// A set cannot be opened, or has no record that can be used.
pub(crate) fn open(config: &RunConfig) -> Result<Opened, Error> {
    let mut opener = Opener { config, media: Arc::default(), sets: BTreeMap::new() };
    let mut stages: Vec<Arc<dyn PromptSource>> = Vec::new();
    for stage in &config.stages {
        let (needs, components) = match &stage.kind {
            StageKind::Sft(_) => (Needs::Target, Vec::new()),
            StageKind::Rl(rl) => (Needs::Answer, rl.reward.components.clone()),
        };
        let set = opener.open(&stage.data, needs)?;
        stages.push(Arc::new(Draws { set, components }));
    }
    let mut evaluations: Vec<Arc<dyn PromptSource>> = Vec::new();
    if let Some(evaluation) = &config.evaluation {
        for name in &evaluation.data {
            let set = opener.open(name, Needs::Answer)?;
            evaluations.push(Arc::new(Items { set, components: evaluation.reward.components.clone() }));
        }
    }
    let Opener { media, sets, .. } = opener;
    Ok(Opened { prompts: Prompts { stages, evaluations, media }, quarantine: Quarantine(sets) })
}

impl Quarantine {
    /// Lists the records, in one file a set.
    pub(crate) fn write(&self, run_directory: &Path) -> Result<(), Error> {
        for (key, set) in &self.0 {
            let report = set.report();
            if !report.quarantined.is_empty() {
                let path = run_directory.join(format!("quarantine-{key}.jsonl"));
                report.write_quarantine(&path)?;
                let (num_quarantined, list) = (report.quarantined.len(), path.display());
                warn!(data = key, num_quarantined, %list, "some records cannot be used");
            }
        }
        Ok(())
    }
}

/// The prompts of a stage: draws in the set's own order.
struct Draws {
    set: Arc<PromptSet>,
    components: Vec<RewardComponent>,
}

/// The prompts of an evaluation: the first items of the set, each once.
struct Items {
    set: Arc<PromptSet>,
    components: Vec<RewardComponent>,
}

struct Opener<'a> {
    config: &'a RunConfig,
    media: Arc<MediaStore>,
    sets: BTreeMap<String, Arc<PromptSet>>,
}

impl Opener<'_> {
    fn open(&mut self, name: &str, needs: Needs) -> Result<Arc<PromptSet>, Error> {
        let key = format!("{name}-{needs:?}").to_lowercase();
        if let Some(set) = self.sets.get(&key) {
            return Ok(Arc::clone(set));
        }
        let media = Arc::clone(&self.media);
        let options = OpenOptions { name: name.to_owned(), seed: self.config.run.seed, needs, media };
        let set = Arc::new(PromptSet::open(&self.config.data[name], &options)?);
        info!(data = name, num_prompts = set.num_items(), "opened prompt set");
        self.sets.insert(key, Arc::clone(&set));
        Ok(set)
    }
}

impl PromptSource for Draws {
    fn prompt(&self, draw: u64) -> Result<Prompt, Rejection> {
        let prompt = self.set.draw(draw).map_err(rejection)?;
        Ok(with_components(prompt, &self.components))
    }

    fn num_prompts(&self) -> Option<u64> {
        self.set.num_items()
    }
}

impl PromptSource for Items {
    fn prompt(&self, draw: u64) -> Result<Prompt, Rejection> {
        let item = self.set.item(draw).map_err(rejection)?;
        let missing = || Rejection { reason: format!("the prompt set has no item `{draw}`") };
        Ok(with_components(item.ok_or_else(missing)?, &self.components))
    }

    fn num_prompts(&self) -> Option<u64> {
        self.set.num_items()
    }
}

impl MediaSource for MediaStore {
    fn media(&self, hash: MediaHash) -> Result<Option<Vec<u8>>, Rejection> {
        match self.get(hash) {
            Ok(encoded) => Ok(Some(encoded)),
            Err(Error::UnknownMedia { .. }) => Ok(None),
            Err(error) => Err(rejection(error)),
        }
    }
}

fn with_components(mut prompt: Prompt, components: &[RewardComponent]) -> Prompt {
    prompt.reward.components = components.to_vec();
    prompt
}

fn rejection(error: Error) -> Rejection {
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    Rejection { reason }
}

#[cfg(test)]
mod tests {
    use gradus_types::StageIndex;

    use super::*;
    use crate::fixture;

    #[test]
    fn stages_and_evaluations_draw_what_the_run_file_says() {
        let directory = tempfile::tempdir().unwrap();
        let prompts = open(&fixture::run_config(directory.path())).unwrap().prompts;
        let example = prompts.example(StageIndex(0), 3).unwrap();
        assert!(example.target.is_some());
        let prompt = prompts.example(StageIndex(1), 3).unwrap();
        assert_eq!(prompt.reward.components[0].name, "accuracy");
        let picture = prompt.body.images().next().unwrap();
        assert!(prompts.media.media(picture).unwrap().unwrap().starts_with(b"\x89PNG"));
        assert!(prompts.media.media(MediaHash::of(b"nothing")).unwrap().is_none());
    }
}
