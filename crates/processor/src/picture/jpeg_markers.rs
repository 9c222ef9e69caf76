//! The markers of a JPEG file, as far as needed to tell a whole file from one that was cut short.
//!
//! The decoder fills what is missing with grey; Pillow refuses such a file, and so does this crate.

const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

/// Tells whether an end-of-image marker follows the first scan. Entropy-coded data never contains one.
pub(super) fn has_end_of_image(encoded: &[u8]) -> bool {
    let scan = first_scan(encoded).unwrap_or(encoded.len());
    encoded[scan..].windows(2).any(|pair| pair == [0xff, END_OF_IMAGE])
}

/// Walks over the segments (which may hold whole thumbnails) to where the first scan starts.
fn first_scan(encoded: &[u8]) -> Option<usize> {
    let mut position = 2;
    loop {
        if *encoded.get(position)? != 0xff {
            position += 1;
            continue;
        }
        match *encoded.get(position + 1)? {
            START_OF_SCAN => return Some(position),
            // Padding, stuffing and markers without a length.
            0xff => position += 1,
            0x00 | 0x01 | 0xd0..=END_OF_IMAGE => position += 2,
            _ => {
                let length = u16::from_be_bytes([*encoded.get(position + 2)?, *encoded.get(position + 3)?]);
                position += 2 + usize::from(length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_inside_a_segment_is_not_the_end() {
        let thumbnail = [0xff, 0xe1, 0, 4, 0xff, 0xd9];
        let scan = [0xff, 0xda, 0, 2, 1, 2, 3];
        let cut = [&[0xff, 0xd8][..], &thumbnail, &scan].concat();
        assert!(!has_end_of_image(&cut));
        assert!(has_end_of_image(&[&cut[..], &[0xff, 0xd9]].concat()));
    }

    #[test]
    fn a_file_without_a_scan_has_no_end() {
        assert!(!has_end_of_image(&[0xff, 0xd8]));
        assert!(!has_end_of_image(&[]));
    }
}
