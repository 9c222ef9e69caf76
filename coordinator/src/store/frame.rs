//! Frames: how records are laid end to end in a file so that a torn end can be told from damage.
//!
//! A frame is `length u32 | its complement u32 | CRC-32 of the body u32 | body`, all little-endian. A process that is
//! killed leaves a prefix of what it was writing; a machine that loses power may leave zeros. Both can only be at the end.

use std::ops::Range;

/// Bytes before a frame's body.
pub(crate) const HEADER_BYTES: usize = 12;

/// What follows at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// A whole frame, with the place of its body.
    Frame(Range<usize>),
    /// The end of the file.
    End,
    /// A frame that was being written when its writer died.
    Torn,
    /// Something that no dying writer leaves.
    Damaged,
}

/// Appends a frame to a buffer.
pub(crate) fn write(buffer: &mut Vec<u8>, body: &[u8]) {
    let length = body.len() as u32;
    buffer.extend(length.to_le_bytes());
    buffer.extend((!length).to_le_bytes());
    buffer.extend(crc32fast::hash(body).to_le_bytes());
    buffer.extend(body);
}

/// Reads a frame's header: the body's length and checksum, or nothing if the header is no header.
pub(crate) fn read_header(header: [u8; HEADER_BYTES]) -> Option<(usize, u32)> {
    let word = |position: usize| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&header[position * 4..][..4]);
        u32::from_le_bytes(bytes)
    };
    (word(0) == !word(1)).then(|| (word(0) as usize, word(2)))
}

/// Looks at what follows in `file` from `offset`.
pub(crate) fn scan(file: &[u8], offset: usize) -> Scan {
    let rest = &file[offset..];
    if rest.is_empty() {
        return Scan::End;
    }
    let Some((header, after)) = rest.split_first_chunk::<HEADER_BYTES>() else { return Scan::Torn };
    let is_blank = |bytes: &[u8]| bytes.iter().all(|&byte| byte == 0);
    let Some((length, checksum)) = read_header(*header) else {
        return if is_blank(rest) { Scan::Torn } else { Scan::Damaged };
    };
    let Some((body, following)) = after.split_at_checked(length) else { return Scan::Torn };
    if crc32fast::hash(body) == checksum {
        let start = offset + HEADER_BYTES;
        Scan::Frame(start..start + length)
    } else if is_blank(following) {
        Scan::Torn
    } else {
        Scan::Damaged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_frames() -> Vec<u8> {
        let mut file = Vec::new();
        write(&mut file, b"first");
        write(&mut file, b"second");
        file
    }

    #[test]
    fn frames_are_read_one_after_the_other() {
        let file = two_frames();
        let Scan::Frame(first) = scan(&file, 0) else { panic!() };
        assert_eq!(&file[first.clone()], b"first");
        let Scan::Frame(second) = scan(&file, first.end) else { panic!() };
        assert_eq!(&file[second.clone()], b"second");
        assert_eq!(scan(&file, second.end), Scan::End);
    }

    #[test]
    fn every_cut_within_the_last_frame_is_a_torn_end() {
        let file = two_frames();
        for length in 18..file.len() {
            assert_eq!(scan(&file[..length], 17), Scan::Torn, "{length}");
        }
    }

    #[test]
    fn zeros_at_the_end_are_a_torn_end() {
        let mut file = two_frames();
        let end = file.len();
        file.extend([0; 40]);
        assert_eq!(scan(&file, end), Scan::Torn);
    }

    #[test]
    fn a_flipped_bit_before_the_last_frame_is_damage() {
        for position in 0..17 {
            let mut file = two_frames();
            file[position] ^= 1;
            assert_eq!(scan(&file, 0), Scan::Damaged, "{position}");
        }
    }
}
