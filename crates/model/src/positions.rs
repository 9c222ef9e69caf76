//! Positions of tokens in time, height and width, as `get_rope_index` of transformers assigns them.
//!
//! Text advances all three together. An image takes the next position as origin, spreads its merge units over height and width,
//! and text continues after the largest position used.

use crate::{Config, Prompt};

/// The positions of a prompt's tokens, and the position of the token after it.
#[derive(Debug, PartialEq)]
pub(crate) struct PromptPositions {
    /// Time, height and width of each token.
    pub tokens: Vec<[f32; 3]>,
    /// The next text token's position; it grows by one a token.
    pub next: i64,
    /// Which tokens are image placeholders.
    pub placeholders: Vec<usize>,
}

/// Assigns positions to a prompt that passed [`Prompt::check`].
pub(crate) fn prompt_positions(prompt: &Prompt, config: &Config) -> PromptPositions {
    let merge = config.vision.as_ref().map_or(1, |vision| vision.spatial_merge_size as u32);
    let mut media = prompt.media.iter();
    let mut positions = PromptPositions { tokens: Vec::new(), next: 0, placeholders: Vec::new() };
    while positions.tokens.len() < prompt.token_ids.len() {
        let token_id = prompt.token_ids[positions.tokens.len()];
        if config.image_token_id == Some(token_id) {
            let input = media.next().expect("a checked prompt has an image for every run of placeholders");
            let [time, height, width] = input.grid;
            positions.push_image([time, height / merge, width / merge]);
        } else {
            positions.push_text();
        }
    }
    positions
}

// === impl PromptPositions ===

impl PromptPositions {
    fn push_text(&mut self) {
        self.tokens.push([self.next as f32; 3]);
        self.next += 1;
    }

    /// Adds an image of merge units; all its frames share one position in time, since it is still.
    fn push_image(&mut self, [time, height, width]: [u32; 3]) {
        let origin = self.next as f32;
        for _ in 0..time {
            for row in 0..height {
                for column in 0..width {
                    self.placeholders.push(self.tokens.len());
                    self.tokens.push([origin, origin + row as f32, origin + column as f32]);
                }
            }
        }
        self.next += i64::from(height.max(width));
    }
}
