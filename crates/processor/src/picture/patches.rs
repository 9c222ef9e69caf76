//! Patches: a resized picture as the rows a vision tower reads.
//!
//! Legend: T temporal patch size, P patch size, m merge size, H and W the grid in patches.

use super::{ImageSettings, RgbPicture};

/// A picture as patches.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelPatches {
    /// `[grid[0] * grid[1] * grid[2], 3 * T * P * P]` f32, row-major. Patches of one m × m merge block are neighbours.
    pub values: Vec<f32>,
    /// Patches in time, height and width.
    pub grid: [u32; 3],
    /// The m × m block of patches that becomes one token.
    merge_size: u32,
}

impl PixelPatches {
    /// Returns the number of patches, the first dimension of `values`.
    #[must_use]
    pub fn num_patches(&self) -> usize {
        self.grid.iter().map(|&side| side as usize).product()
    }

    /// Returns the number of placeholder tokens the picture takes in a prompt.
    #[must_use]
    pub fn num_tokens(&self) -> usize {
        self.num_patches() / (self.merge_size as usize * self.merge_size as usize)
    }

    /// Returns the memory the values take.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.values.len() * size_of::<f32>()
    }
}

/// The normalised value of each of the 256 samples, by channel.
pub(super) type NormalisedSamples = [[f32; 256]; 3];

/// Computes rescaling and normalisation once per sample value, with transformers' rounding: the product in f64, rounded to
/// f32, then difference and quotient in f32.
pub(super) fn normalised_samples(settings: &ImageSettings) -> NormalisedSamples {
    let mut table = [[0.0; 256]; 3];
    for (channel, values) in table.iter_mut().enumerate() {
        let (mean, std) = (settings.image_mean[channel] as f32, settings.image_std[channel] as f32);
        for (sample, value) in values.iter_mut().enumerate() {
            *value = ((sample as f64 * settings.rescale_factor) as f32 - mean) / std;
        }
    }
    table
}

/// Cuts a picture whose sides are multiples of P·m into patches.
///
/// The order is transformers': blocks of m × m patches row by row, inside a block its patches row by row, inside a patch
/// channel, time, row, column. The single picture fills all T moments.
pub(super) fn patchify(picture: &RgbPicture, settings: &ImageSettings, table: &NormalisedSamples) -> PixelPatches {
    let (patch, merge) = (settings.patch_size as usize, settings.merge_size as usize);
    let (rows, columns) = (picture.height as usize / patch, picture.width as usize / patch);
    let cut = Cut { picture, table, patch, num_moments: settings.temporal_patch_size };
    let mut values = Vec::with_capacity(picture.samples.len() * settings.temporal_patch_size as usize);
    for block_row in (0..rows).step_by(merge) {
        for block_column in (0..columns).step_by(merge) {
            for (i, j) in (0..merge * merge).map(|position| (position / merge, position % merge)) {
                cut.push_patch(&mut values, (block_row + i) * patch, (block_column + j) * patch);
            }
        }
    }
    PixelPatches { values, grid: [1, rows as u32, columns as u32], merge_size: settings.merge_size }
}

/// A picture and how it is cut.
struct Cut<'a> {
    picture: &'a RgbPicture,
    table: &'a NormalisedSamples,
    patch: usize,
    num_moments: u32,
}

impl Cut<'_> {
    fn push_patch(&self, values: &mut Vec<f32>, top: usize, left: usize) {
        let width = self.picture.width as usize;
        for (channel, normalised) in self.table.iter().enumerate() {
            for _moment in 0..self.num_moments {
                for y in top..top + self.patch {
                    let start = (y * width + left) * 3;
                    let row = self.picture.samples[start..start + self.patch * 3].chunks_exact(3);
                    values.extend(row.map(|pixel| normalised[usize::from(pixel[channel])]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_of_a_merge_block_are_neighbours_and_time_is_repeated() {
        let settings = ImageSettings { patch_size: 1, merge_size: 2, ..ImageSettings::default() };
        let samples = (0..8).flat_map(|pixel| [pixel, 100, 200]).collect();
        let picture = RgbPicture { width: 4, height: 2, samples };
        let mut table = [[0.0; 256]; 3];
        for (sample, value) in table.iter_mut().flat_map(|channel| channel.iter_mut().enumerate()) {
            *value = sample as f32;
        }
        let patches = patchify(&picture, &settings, &table);
        assert_eq!(patches.grid, [1, 2, 4]);
        assert_eq!(patches.num_tokens(), 2);
        let red: Vec<f32> = patches.values.chunks(6).map(|patch| patch[0]).collect();
        assert_eq!(red, [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
        assert_eq!(patches.values[..6], [0.0, 0.0, 100.0, 100.0, 200.0, 200.0]);
    }
}
