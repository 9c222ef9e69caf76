//! The orientation a camera noted, applied as Pillow's `ImageOps.exif_transpose` does.

use image::metadata::Orientation;

use super::RgbPicture;

/// The parts of a file that may hold an orientation.
pub(super) struct Metadata {
    /// The EXIF block, with or without its `Exif\0\0` prefix.
    pub exif: Option<Vec<u8>>,
    /// The XMP packet, asked when EXIF names no orientation.
    pub xmp: Option<Vec<u8>>,
}

impl Metadata {
    fn orientation(&self) -> Orientation {
        let from_exif = self
            .exif
            .as_deref()
            .and_then(|exif| Orientation::from_exif_chunk(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)));
        let from_xmp = || self.xmp.as_deref().and_then(xmp_orientation);
        from_exif.or_else(from_xmp).unwrap_or(Orientation::NoTransforms)
    }
}

/// Finds `tiff:Orientation="N"` or `tiff:Orientation>N` in an XMP packet.
fn xmp_orientation(xmp: &[u8]) -> Option<Orientation> {
    const KEY: &[u8] = b"tiff:Orientation";
    let value_at = |start: usize| match &xmp[start..] {
        [b'=', b'"', digit @ b'0'..=b'9', ..] | [b'>', digit @ b'0'..=b'9', ..] => Some(digit - b'0'),
        _ => None,
    };
    let keys = xmp.windows(KEY.len()).enumerate().filter(|(_, window)| *window == KEY);
    keys.map(|(start, _)| start + KEY.len()).find_map(value_at).and_then(Orientation::from_exif)
}

/// Turns a picture so that its first row is the top as seen.
pub(super) fn upright(picture: RgbPicture, metadata: &Metadata) -> RgbPicture {
    apply(picture, metadata.orientation())
}

fn apply(picture: RgbPicture, orientation: Orientation) -> RgbPicture {
    let (width, height) = (picture.width, picture.height);
    let (right, bottom) = (width - 1, height - 1);
    // For each target pixel `(x, y)`: the source pixel it shows.
    match orientation {
        Orientation::NoTransforms => picture,
        Orientation::FlipHorizontal => remap(&picture, (width, height), |x, y| (right - x, y)),
        Orientation::Rotate180 => remap(&picture, (width, height), |x, y| (right - x, bottom - y)),
        Orientation::FlipVertical => remap(&picture, (width, height), |x, y| (x, bottom - y)),
        Orientation::Rotate90FlipH => remap(&picture, (height, width), |x, y| (y, x)),
        Orientation::Rotate90 => remap(&picture, (height, width), |x, y| (y, bottom - x)),
        Orientation::Rotate270FlipH => remap(&picture, (height, width), |x, y| (right - y, bottom - x)),
        Orientation::Rotate270 => remap(&picture, (height, width), |x, y| (right - y, x)),
    }
}

fn remap(picture: &RgbPicture, size: (u32, u32), source_of: impl Fn(u32, u32) -> (u32, u32)) -> RgbPicture {
    let (width, height) = size;
    let mut samples = Vec::with_capacity(picture.samples.len());
    for y in 0..height {
        for x in 0..width {
            let (source_x, source_y) = source_of(x, y);
            let start = (source_y as usize * picture.width as usize + source_x as usize) * 3;
            samples.extend_from_slice(&picture.samples[start..start + 3]);
        }
    }
    RgbPicture { width, height, samples }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers the pixels of a 3×2 picture from 0 and lists them after the orientation.
    fn check(orientation: Orientation, expected_width: u32, expected: [u8; 6]) {
        let picture = RgbPicture { width: 3, height: 2, samples: (0..6).flat_map(|i| [i; 3]).collect() };
        let turned = apply(picture, orientation);
        assert_eq!(turned.width, expected_width, "{orientation:?}");
        let pixels: Vec<u8> = turned.samples.chunks(3).map(|pixel| pixel[0]).collect();
        assert_eq!(pixels, expected, "{orientation:?}");
    }

    #[test]
    fn every_orientation_turns_the_picture_upright() {
        check(Orientation::NoTransforms, 3, [0, 1, 2, 3, 4, 5]);
        check(Orientation::FlipHorizontal, 3, [2, 1, 0, 5, 4, 3]);
        check(Orientation::Rotate180, 3, [5, 4, 3, 2, 1, 0]);
        check(Orientation::FlipVertical, 3, [3, 4, 5, 0, 1, 2]);
        check(Orientation::Rotate90FlipH, 2, [0, 3, 1, 4, 2, 5]);
        check(Orientation::Rotate90, 2, [3, 0, 4, 1, 5, 2]);
        check(Orientation::Rotate270FlipH, 2, [5, 2, 4, 1, 3, 0]);
        check(Orientation::Rotate270, 2, [2, 5, 1, 4, 0, 3]);
    }

    #[test]
    fn an_xmp_packet_is_asked_in_both_of_its_notations() {
        for packet in ["<rdf tiff:Orientation=\"6\"/>", "<tiff:Orientation>6</tiff:Orientation>"] {
            assert_eq!(xmp_orientation(packet.as_bytes()), Some(Orientation::Rotate90));
        }
        assert_eq!(xmp_orientation(b"tiff:Orientation"), None);
        assert_eq!(xmp_orientation(b"tiff:Orientation=\"9\""), None);
    }
}
