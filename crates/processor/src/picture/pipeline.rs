//! The whole way of a picture, with one model's settings.

use super::{
    DecodeLimits, Error, PixelPatches, SizeBounds, decode,
    patches::{NormalisedSamples, normalised_samples, patchify},
    resize_bicubic, smart_resize,
};

/// How a model wants its pictures: the fields of `preprocessor_config.json`, named as there.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageSettings {
    /// The side of a patch, in pixels.
    pub patch_size: u32,
    /// How many moments a patch spans; a single picture is repeated.
    pub temporal_patch_size: u32,
    /// The side of the block of patches that becomes one token.
    pub merge_size: u32,
    /// The smallest area after resizing.
    pub min_pixels: u64,
    /// The largest area after resizing.
    pub max_pixels: u64,
    /// What samples of 0 to 255 are multiplied with.
    pub rescale_factor: f64,
    /// What is subtracted from each rescaled channel.
    pub image_mean: [f64; 3],
    /// What each centred channel is divided by.
    pub image_std: [f64; 3],
}

impl Default for ImageSettings {
    /// The defaults of `Qwen2VLImageProcessor`; mean and deviation are CLIP's.
    fn default() -> Self {
        Self {
            patch_size: 14,
            temporal_patch_size: 2,
            merge_size: 2,
            min_pixels: 56 * 56,
            max_pixels: 28 * 28 * 1280,
            rescale_factor: 1.0 / 255.0,
            image_mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            image_std: [0.268_629_54, 0.261_302_58, 0.275_777_11],
        }
    }
}

impl ImageSettings {
    /// Returns the bounds a resized picture keeps.
    #[must_use]
    pub fn size_bounds(&self) -> SizeBounds {
        SizeBounds {
            factor: self.patch_size * self.merge_size,
            min_pixels: self.min_pixels,
            max_pixels: self.max_pixels,
        }
    }
}

/// Turns encoded pictures into patches.
#[derive(Clone, Debug)]
pub struct ImagePipeline {
    settings: ImageSettings,
    limits: DecodeLimits,
    normalised: Box<NormalisedSamples>,
}

impl ImagePipeline {
    /// Makes a pipeline for one model.
    #[must_use]
    pub fn new(settings: ImageSettings, limits: DecodeLimits) -> Self {
        let normalised = Box::new(normalised_samples(&settings));
        Self { settings, limits, normalised }
    }

    /// Returns the model's settings.
    #[must_use]
    pub fn settings(&self) -> &ImageSettings {
        &self.settings
    }

    /// Decodes, resizes, normalises and cuts one picture.
    ///
    /// # Errors
    /// Returns an [`Error`] when the bytes are no picture, or one beyond the limits.
    pub fn process(&self, encoded: &[u8]) -> Result<PixelPatches, Error> {
        let picture = decode(encoded, self.limits)?;
        let (width, height) = smart_resize(picture.width, picture.height, self.settings.size_bounds())?;
        let resized = resize_bicubic(&picture, width, height);
        Ok(patchify(&resized, &self.settings, &self.normalised))
    }
}
