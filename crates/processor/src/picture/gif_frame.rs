//! The first frame of a GIF, on the canvas Pillow puts it on.
//!
//! Where the frame does not reach, Pillow shows the frame's transparent colour, or the palette's first colour if it has
//! none. `image`'s decoder shows black there, so the frame is read as palette indices here.

use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};
use image::{ImageError, ImageFormat, error};

use super::{DecodeLimits, Error, RgbPicture};

/// Decodes the first frame and composes it on the canvas.
pub(super) fn decode_first(encoded: &[u8], limits: DecodeLimits) -> Result<RgbPicture, Error> {
    let wrap = |source| from_gif(encoded, source);
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    if let Some(bytes) = NonZeroU64::new(limits.max_pixels) {
        options.set_memory_limit(MemoryLimit::Bytes(bytes));
    }
    let mut decoder = options.read_info(encoded).map_err(wrap)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    limits.check(ImageFormat::Gif, width, height)?;
    let frame = decoder
        .next_frame_info()
        .map_err(wrap)?
        .ok_or(Error::Truncated { format: super::Format(ImageFormat::Gif), size_bytes: encoded.len() })?;
    limits.check(ImageFormat::Gif, frame.width.into(), frame.height.into())?;
    let placement = Placement {
        left: frame.left.into(),
        top: frame.top.into(),
        width: frame.width.into(),
        background: frame.transparent.unwrap_or(0),
    };
    let mut indices = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut indices).map_err(wrap)?;
    let palette = decoder.palette().map_err(wrap)?;
    let samples = placement.compose(&indices, palette, (width as usize, height as usize));
    Ok(RgbPicture { width, height, samples })
}

/// Where on the canvas the frame goes, and the colour index around it.
struct Placement {
    left: usize,
    top: usize,
    width: usize,
    background: u8,
}

impl Placement {
    fn compose(&self, indices: &[u8], palette: &[u8], canvas: (usize, usize)) -> Vec<u8> {
        let (canvas_width, canvas_height) = canvas;
        let mut canvas = vec![self.background; canvas_width * canvas_height];
        let rows = canvas.chunks_exact_mut(canvas_width).skip(self.top);
        for (target, source) in rows.zip(indices.chunks_exact(self.width)) {
            for (pixel, &index) in target.iter_mut().skip(self.left).zip(source) {
                *pixel = index;
            }
        }
        canvas.iter().flat_map(|&index| colour(palette, index)).collect()
    }
}

/// Looks a colour up; an index beyond the palette is a grey of its own value, as in Pillow.
fn colour(palette: &[u8], index: u8) -> [u8; 3] {
    let start = usize::from(index) * 3;
    match palette.get(start..start + 3) {
        Some(rgb) => [rgb[0], rgb[1], rgb[2]],
        None => [index; 3],
    }
}

fn from_gif(encoded: &[u8], source: DecodingError) -> Error {
    let source = match source {
        DecodingError::Io(source) => ImageError::IoError(source),
        source => ImageError::Decoding(error::DecodingError::new(ImageFormat::Gif.into(), source)),
    };
    Error::from_decoder(ImageFormat::Gif, encoded, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_smaller_than_the_canvas_is_surrounded_by_the_background() {
        let placement = Placement { left: 1, top: 1, width: 1, background: 2 };
        let palette = [0, 0, 0, 1, 1, 1, 2, 2, 2];
        let samples = placement.compose(&[1], &palette, (3, 2));
        assert_eq!(samples.chunks(3).map(|pixel| pixel[0]).collect::<Vec<_>>(), [2, 2, 2, 2, 1, 2]);
    }

    #[test]
    fn a_frame_that_leaves_the_canvas_is_cut() {
        let placement = Placement { left: 1, top: 0, width: 3, background: 0 };
        let samples = placement.compose(&[1, 1, 1, 1, 1, 1], &[0, 0, 0, 9, 9, 9], (2, 1));
        assert_eq!(samples, [0, 0, 0, 9, 9, 9]);
    }
}
