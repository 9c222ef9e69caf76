//! Colour modes to 8-bit RGB, as Pillow's `convert("RGB")`: alpha is dropped, never blended.

use image::ColorType;

/// Converts a decoder's output (native-endian where samples have 16 bits) to three bytes a pixel.
pub(super) fn to_rgb(bytes: &[u8], colour_type: ColorType) -> Vec<u8> {
    match colour_type {
        ColorType::L8 => bytes.iter().flat_map(|&grey| [grey; 3]).collect(),
        ColorType::La8 => bytes.chunks_exact(2).flat_map(|pixel| [pixel[0]; 3]).collect(),
        ColorType::Rgba8 => bytes.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        ColorType::L16 => bytes.chunks_exact(2).flat_map(|sample| [clip(sample); 3]).collect(),
        ColorType::La16 => bytes.chunks_exact(4).flat_map(|pixel| [high_byte(&pixel[..2]); 3]).collect(),
        ColorType::Rgb16 => bytes.chunks_exact(2).map(high_byte).collect(),
        ColorType::Rgba16 => {
            bytes.chunks_exact(8).flat_map(|pixel| pixel[..6].chunks_exact(2).map(high_byte)).collect()
        }
        // `Rgb8`; no decoder that is compiled in gives anything else.
        _ => bytes.to_vec(),
    }
}

/// Converts 16-bit grey whose transparent colour the decoder turned into an alpha channel.
pub(super) fn grey_alpha_16_as_grey(bytes: &[u8]) -> Vec<u8> {
    bytes.chunks_exact(4).flat_map(|pixel| [clip(&pixel[..2]); 3]).collect()
}

/// Tells whether a PNG file holds 16-bit grey without an alpha channel of its own (colour type 0, depth 16).
pub(super) fn is_grey_16_bit_png(encoded: &[u8]) -> bool {
    // The header chunk is first: 8 bytes signature, 8 of chunk head, 4 width, 4 height, then depth and colour type.
    encoded.starts_with(b"\x89PNG") && encoded.get(24..26) == Some(&[16, 0])
}

/// Pillow keeps 16-bit grey at full range and clips it to 255 when it converts.
fn clip(sample: &[u8]) -> u8 {
    u16::from_ne_bytes([sample[0], sample[1]]).min(255) as u8
}

/// Pillow keeps the high byte of 16-bit samples in every other mode.
fn high_byte(sample: &[u8]) -> u8 {
    (u16::from_ne_bytes([sample[0], sample[1]]) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(colour_type: ColorType, samples: &[u16], expected: &[u8]) {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect();
        assert_eq!(to_rgb(&bytes, colour_type), expected, "{colour_type:?}");
    }

    #[test]
    fn sixteen_bit_grey_is_clipped_and_other_sixteen_bit_modes_keep_the_high_byte() {
        check(ColorType::L16, &[7, 0x1234], &[7, 7, 7, 255, 255, 255]);
        check(ColorType::La16, &[0x1234, 0], &[0x12; 3]);
        check(ColorType::Rgb16, &[0x1234, 0xff00, 0x00ff], &[0x12, 0xff, 0]);
        check(ColorType::Rgba16, &[0x1234, 0xff00, 0x00ff, 0], &[0x12, 0xff, 0]);
    }

    #[test]
    fn alpha_is_dropped_not_blended() {
        assert_eq!(to_rgb(&[10, 20, 30, 0], ColorType::Rgba8), [10, 20, 30]);
        assert_eq!(to_rgb(&[10, 0], ColorType::La8), [10; 3]);
    }
}
