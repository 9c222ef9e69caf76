//! The model that commands work with: its directory, where it computes, and how it takes pictures.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use gradus_model::{ComputeType, MediaInput, Policy, Prompt, parse_device};
use gradus_processor::{ImageMarkers, Options, Prepared, Processor};

use crate::prompt_line::PictureRule;

/// Which model, and how it is run.
#[derive(Clone, Debug, Args)]
pub struct ModelArguments {
    /// The directory of a Hugging Face checkpoint.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Where to compute: `cpu`, `cuda` or `cuda:N`.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// The number type of matrix products; weights are f32 in either case.
    #[arg(long, value_enum, default_value_t = Compute::F32)]
    compute: Compute,
    /// Scales pictures up to at least this many pixels; the model's own bound by default.
    #[arg(long)]
    min_pixels: Option<u64>,
    /// Scales pictures down to at most this many pixels; the model's own bound by default.
    #[arg(long)]
    max_pixels: Option<u64>,
    /// What stands for a picture in the texts of users.
    #[arg(long, default_value = "<image>")]
    image_marker: String,
}

/// The number types of [`ComputeType`], as arguments.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Compute {
    F32,
    Bf16,
}

/// A loaded model.
#[derive(Debug)]
pub struct Checkpoint {
    /// Its tokenizer, chat template and image pipeline.
    pub processor: Processor,
    /// Its weights.
    pub policy: Policy,
}

impl ModelArguments {
    /// Loads the model.
    pub fn load(&self) -> Result<Checkpoint> {
        let directory = self.model.display();
        ensure!(
            self.model.join("config.json").is_file(),
            "`--model`: there is no `config.json` in `{directory}`; give the directory of a Hugging Face checkpoint"
        );
        let options = Options { min_pixels: self.min_pixels, max_pixels: self.max_pixels, ..Options::default() };
        let failed = || format!("failed to load the model in `{directory}`");
        let processor = Processor::load_with(&self.model, &options).with_context(failed)?;
        let compute = match self.compute {
            Compute::F32 => ComputeType::F32,
            Compute::Bf16 => ComputeType::Bf16,
        };
        let device = parse_device(&self.device).context("`--device`")?;
        let policy = Policy::load(&self.model, device, compute).with_context(failed)?;
        Ok(Checkpoint { processor, policy })
    }

    /// Returns how the pictures of an input file are found and placed.
    pub fn picture_rule(&self, input: &Path, processor: &Processor) -> PictureRule {
        PictureRule {
            directory: input.parent().map(Path::to_owned).unwrap_or_default(),
            markers: ImageMarkers { marker: self.image_marker.clone(), ..ImageMarkers::default() },
            spelled: processor.image_spelling().map(str::to_owned),
        }
    }
}

/// Hands a prepared prompt to the model.
pub fn model_prompt(prepared: Prepared) -> Prompt {
    let media = prepared
        .media
        .iter()
        .map(|patches| MediaInput { pixel_values: patches.values.clone(), grid: patches.grid }.into());
    Prompt { media: media.collect(), token_ids: prepared.token_ids }
}

#[cfg(test)]
pub mod fixture;
