//! The one type behind which prompts are served, wherever they come from.

use std::sync::Arc;

use gradus_config::{Data, DataSource};
use gradus_types::{Prompt, random};

use crate::filter::Filter;
use crate::format::Formatter;
use crate::order::DrawOrder;
use crate::quarantine::LoadReport;
use crate::task_set::TaskSet;
use crate::{Error, MediaStore, files};

/// A prompt set: addressed by draw for training, and by item for evaluation.
#[derive(Debug)]
pub struct PromptSet {
    prompts: Prompts,
    report: LoadReport,
}

#[derive(Debug)]
enum Prompts {
    Loaded { prompts: Vec<Prompt>, order: DrawOrder },
    Generated(Box<TaskSet>),
}

/// What opening a set needs besides its section of the run file.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The set's name in the run file; errors report it, and the set's own seed is derived from it.
    pub name: String,
    /// The run's seed.
    pub seed: u64,
    /// What every record must have.
    pub needs: Needs,
    /// Where the set's pictures are registered.
    pub media: Arc<MediaStore>,
}

/// What a record must have to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Needs {
    /// An answer or a target.
    #[default]
    Either,
    /// A reference answer, because completions are scored.
    Answer,
    /// A target, because it is imitated.
    Target,
    /// An answer and a target.
    Both,
}

impl PromptSet {
    /// Opens the set that a `[data.NAME]` section describes. Bad records go to the report; a set without a good one is an error.
    pub fn open(data: &Data, options: &OpenOptions) -> Result<Self, Error> {
        let formatter = Formatter::new(&options.name, &data.prompt)?;
        match &data.source {
            DataSource::Files(source) => {
                let (prompts, report) = files::load(source, &formatter, options)?;
                let num_rows = prompts.len() as u64;
                let order = match source.shuffle {
                    true => {
                        DrawOrder::shuffled(num_rows, random::derive(options.seed, &format!("data/{}", options.name)))
                    }
                    false => DrawOrder::sequential(num_rows),
                };
                Ok(Self { prompts: Prompts::Loaded { prompts, order }, report })
            }
            DataSource::Tasks(source) => {
                let tasks = TaskSet::open(source, formatter, options)?;
                Ok(Self { prompts: Prompts::Generated(Box::new(tasks)), report: LoadReport::default() })
            }
        }
    }

    /// Returns the prompt of a draw. The number of the next draw is all there is to resume from.
    ///
    /// Draws of files pass through all records each epoch; draws of tasks never repeat an item. The reward has no components yet:
    /// they belong to the stage. Drawing again also recalls where the prompt's pictures are.
    pub fn draw(&self, draw: u64) -> Result<Prompt, Error> {
        match &self.prompts {
            Prompts::Loaded { prompts, order } => Ok(prompts[order.row(draw).1 as usize].clone()),
            Prompts::Generated(tasks) => tasks.item(draw),
        }
    }

    /// Returns an item in the order of the files or of the generator, or nothing past the end.
    pub fn item(&self, index: u64) -> Result<Option<Prompt>, Error> {
        match &self.prompts {
            Prompts::Loaded { prompts, .. } => Ok(prompts.get(index as usize).cloned()),
            Prompts::Generated(tasks) => tasks.item(index).map(Some),
        }
    }

    /// Returns the first `count` items that a filter keeps, or as many as there are.
    pub fn first(&self, count: usize, filter: &Filter) -> Result<Vec<Prompt>, Error> {
        // A generator is endless, and may have no item at all that the filter keeps.
        const MAX_MISSES: u64 = 10_000;
        let (mut kept, mut num_misses) = (Vec::new(), 0);
        for index in 0.. {
            if kept.len() == count || num_misses == MAX_MISSES && self.num_items().is_none() {
                break;
            }
            match self.item(index)? {
                Some(prompt) if filter.keeps(&prompt) => {
                    kept.push(prompt);
                    num_misses = 0;
                }
                Some(_) => num_misses += 1,
                None => break,
            }
        }
        Ok(kept)
    }

    /// Returns how many items there are; nothing for generators, which have no end.
    pub fn num_items(&self) -> Option<u64> {
        match &self.prompts {
            Prompts::Loaded { prompts, .. } => Some(prompts.len() as u64),
            Prompts::Generated(_) => None,
        }
    }

    /// Returns what came of reading the files; empty for generators.
    pub fn report(&self) -> &LoadReport {
        &self.report
    }
}
