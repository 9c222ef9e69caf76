//! A tokenized prompt with its preprocessed media, as a policy takes it.

use std::sync::Arc;

use crate::{Config, Error};

/// One preprocessed image: its patches and their grid.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaInput {
    /// Patches, row-major `[num_patches, patch_dim]`, in the processor's order: merge units of `spatial_merge_size²` patches
    /// are contiguous, and a patch holds channel, time, row, column.
    pub pixel_values: Vec<f32>,
    /// Patches along time, height and width.
    pub grid: [u32; 3],
}

impl MediaInput {
    /// Returns the number of patches the grid implies: t · h · w.
    pub fn num_patches(&self) -> usize {
        self.grid.iter().map(|&extent| extent as usize).product()
    }
}

/// The tokens of a prompt, with one placeholder token for every embedding of its media, and the media in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prompt {
    /// Token ids, placeholders included.
    pub token_ids: Vec<u32>,
    /// Media in the order of their placeholders; shared, since the samples of a prompt all refer to them.
    pub media: Vec<Arc<MediaInput>>,
}

/// Why a prompt cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromptFault {
    /// There are no tokens.
    #[error("it has no tokens")]
    NoTokens,
    /// A token id outside the vocabulary.
    #[error("token id `{token_id}` at position {position} is outside the vocabulary of {vocab_size}")]
    TokenOutOfRange {
        /// The id.
        token_id: u32,
        /// Where it is.
        position: usize,
        /// The vocabulary's size.
        vocab_size: i64,
    },
    /// Media for a model that has no vision tower.
    #[error("it has {num_media} images but the model has no vision tower")]
    NoVisionTower {
        /// Number of images.
        num_media: usize,
    },
    /// A grid that is empty or cannot be merged.
    #[error(
        "image {media} has grid {grid:?}, whose height and width must be positive multiples of {spatial_merge_size}"
    )]
    Grid {
        /// Index of the image in the prompt.
        media: usize,
        /// Its grid.
        grid: [u32; 3],
        /// The model's merge size.
        spatial_merge_size: i64,
    },
    /// Pixel values that do not fill the grid.
    #[error("image {media} has {found} pixel values but grid {grid:?} needs {expected}")]
    PixelValues {
        /// Index of the image in the prompt.
        media: usize,
        /// Its grid.
        grid: [u32; 3],
        /// Values the grid needs.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// The number of placeholder tokens differs from the number of media embeddings.
    #[error(
        "it has {num_placeholders} image placeholder tokens but its {num_media} images give {num_embeddings} embeddings"
    )]
    Placeholders {
        /// Placeholder tokens in the prompt.
        num_placeholders: usize,
        /// Images of the prompt.
        num_media: usize,
        /// Embeddings its images give.
        num_embeddings: usize,
    },
    /// The placeholders of one image are interrupted by other tokens.
    #[error(
        "the {num_embeddings} placeholder tokens of image {media} are not contiguous: position {position} holds `{token_id}`"
    )]
    ScatteredPlaceholders {
        /// Index of the image in the prompt.
        media: usize,
        /// Embeddings of the image.
        num_embeddings: usize,
        /// Where another token stands.
        position: usize,
        /// That token.
        token_id: u32,
    },
}

impl Prompt {
    /// Checks that the model can compute this prompt: ids inside the vocabulary, grids and pixel values that agree, and as many
    /// placeholder tokens as media embeddings, contiguous for each image.
    pub fn check(&self, config: &Config) -> Result<(), Error> {
        self.check_tokens(config)?;
        let Some(vision) = &config.vision else {
            return match self.media.len() {
                0 => Ok(()),
                num_media => Err(PromptFault::NoVisionTower { num_media }.into()),
            };
        };
        for (media, input) in self.media.iter().enumerate() {
            let merge = vision.spatial_merge_size as u32;
            let [time, height, width] = input.grid;
            if time == 0 || height == 0 || width == 0 || height % merge != 0 || width % merge != 0 {
                let spatial_merge_size = vision.spatial_merge_size;
                return Err(PromptFault::Grid { media, grid: input.grid, spatial_merge_size }.into());
            }
            let (expected, found) = (input.num_patches() * vision.patch_dim() as usize, input.pixel_values.len());
            if expected != found {
                return Err(PromptFault::PixelValues { media, grid: input.grid, expected, found }.into());
            }
        }
        self.check_placeholders(config)
    }

    fn check_tokens(&self, config: &Config) -> Result<(), PromptFault> {
        if self.token_ids.is_empty() {
            return Err(PromptFault::NoTokens);
        }
        let vocab_size = config.text.vocab_size;
        match self.token_ids.iter().position(|&token_id| i64::from(token_id) >= vocab_size) {
            None => Ok(()),
            Some(position) => {
                Err(PromptFault::TokenOutOfRange { token_id: self.token_ids[position], position, vocab_size })
            }
        }
    }

    fn check_placeholders(&self, config: &Config) -> Result<(), Error> {
        let is_placeholder = |token_id: u32| config.image_token_id == Some(token_id);
        let num_placeholders = self.token_ids.iter().filter(|&&token_id| is_placeholder(token_id)).count();
        let embeddings: Vec<usize> = self.media.iter().map(|input| config.num_embeddings(input.grid)).collect();
        let num_embeddings = embeddings.iter().sum();
        if num_placeholders != num_embeddings {
            let num_media = self.media.len();
            return Err(PromptFault::Placeholders { num_placeholders, num_media, num_embeddings }.into());
        }
        let mut position = 0;
        for (media, &num_embeddings) in embeddings.iter().enumerate() {
            while !is_placeholder(self.token_ids[position]) {
                position += 1;
            }
            for _ in 0..num_embeddings {
                let token_id = self.token_ids[position];
                if !is_placeholder(token_id) {
                    return Err(PromptFault::ScatteredPlaceholders { media, num_embeddings, position, token_id }.into());
                }
                position += 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
