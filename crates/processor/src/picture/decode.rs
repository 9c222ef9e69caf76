//! From encoded bytes to upright 8-bit RGB, as Pillow's `open`, `exif_transpose` and `convert("RGB")` give it.

use std::{io::Cursor, panic};

use image::{ColorType, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::{
    Error, Format, colour, gif_frame, jpeg_markers,
    orientation::{self, Metadata},
};

/// A decoded picture: rows from the top, three bytes a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbPicture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `3 * width * height` bytes: red, green, blue of each pixel.
    pub samples: Vec<u8>,
}

/// What a decoder may be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeLimits {
    /// The most pixels a picture may have; its header is checked before anything is allocated.
    pub max_pixels: u64,
}

impl Default for DecodeLimits {
    /// 30 million pixels: what a large camera takes, a tenth of a second's worth of decoding.
    fn default() -> Self {
        Self { max_pixels: 30_000_000 }
    }
}

impl DecodeLimits {
    /// Returns how much a decoder may allocate: 16 bytes a pixel (four 16-bit channels, twice) and 16 MiB for tables.
    fn max_alloc_bytes(self) -> u64 {
        self.max_pixels.saturating_mul(16).saturating_add(16 << 20)
    }

    pub(super) fn check(self, format: ImageFormat, width: u32, height: u32) -> Result<(), Error> {
        let format = Format(format);
        let num_pixels = u64::from(width) * u64::from(height);
        if num_pixels == 0 {
            return Err(Error::Empty { format, width, height });
        }
        if num_pixels > self.max_pixels {
            return Err(Error::TooLarge { format, width, height, num_pixels, max_pixels: self.max_pixels });
        }
        Ok(())
    }
}

/// Decodes a PNG, JPEG, WebP, GIF (its first frame) or BMP file and turns it upright.
///
/// # Errors
/// Returns an [`Error`] for bytes of another format, a picture beyond the limits, and a malformed or truncated file.
pub fn decode(encoded: &[u8], limits: DecodeLimits) -> Result<RgbPicture, Error> {
    let format = recognise(encoded)?;
    let decoded = panic::catch_unwind(|| match format {
        ImageFormat::Gif => gif_frame::decode_first(encoded, limits),
        _ => decode_still(encoded, format, limits),
    });
    // A decoder's bug may cost one picture, never the process.
    decoded.unwrap_or(Err(Error::DecoderPanicked { format: Format(format), size_bytes: encoded.len() }))
}

fn recognise(encoded: &[u8]) -> Result<ImageFormat, Error> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    match image::guess_format(encoded) {
        Ok(format @ (Png | Jpeg | WebP | Gif | Bmp)) => Ok(format),
        _ => {
            let head = encoded.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            Err(Error::UnknownFormat { size_bytes: encoded.len(), head })
        }
    }
}

fn decode_still(encoded: &[u8], format: ImageFormat, limits: DecodeLimits) -> Result<RgbPicture, Error> {
    let wrap = |source| Error::from_decoder(format, encoded, source);
    let mut reader = ImageReader::with_format(Cursor::new(encoded), format);
    let mut decoder_limits = Limits::no_limits();
    decoder_limits.max_alloc = Some(limits.max_alloc_bytes());
    reader.limits(decoder_limits);
    let mut decoder = reader.into_decoder().map_err(wrap)?;
    let (width, height) = decoder.dimensions();
    limits.check(format, width, height)?;
    if format == ImageFormat::Jpeg && !jpeg_markers::has_end_of_image(encoded) {
        return Err(Error::Truncated { format: Format(format), size_bytes: encoded.len() });
    }
    let metadata =
        Metadata { exif: decoder.exif_metadata().map_err(wrap)?, xmp: decoder.xmp_metadata().map_err(wrap)? };
    let colour_type = decoder.color_type();
    // Bounded by the check above: at most 8 bytes a pixel.
    let mut bytes = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut bytes).map_err(wrap)?;
    let samples = match colour_type {
        ColorType::La16 if colour::is_grey_16_bit_png(encoded) => colour::grey_alpha_16_as_grey(&bytes),
        _ => colour::to_rgb(&bytes, colour_type),
    };
    Ok(orientation::upright(RgbPicture { width, height, samples }, &metadata))
}

#[cfg(test)]
mod tests;
