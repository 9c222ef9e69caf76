//! What can be wrong with a picture.

use std::{fmt, sync::Arc};

use image::{ImageError, ImageFormat};

/// Why a picture was refused. Cheap to clone, because callers that wait for the same picture share its failure.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The bytes start like none of the known formats.
    #[error(
        "failed to recognise a picture of {size_bytes} bytes starting with `{head}`: expected PNG, JPEG, WebP, GIF or BMP; convert it to one of them"
    )]
    UnknownFormat {
        /// The length of the file.
        size_bytes: usize,
        /// Its first bytes, in hexadecimal.
        head: String,
    },
    /// The header announces no pixels.
    #[error(
        "failed to decode a {format} picture: its header says {width}×{height} pixels; both sides must be at least 1"
    )]
    Empty {
        /// The file's format.
        format: Format,
        /// The width in the header.
        width: u32,
        /// The height in the header.
        height: u32,
    },
    /// The header announces more pixels than are accepted.
    #[error(
        "failed to decode a {format} picture: {width}×{height} is {num_pixels} pixels, over the limit of {max_pixels}; shrink it or raise the limit"
    )]
    TooLarge {
        /// The file's format.
        format: Format,
        /// The width in the header.
        width: u32,
        /// The height in the header.
        height: u32,
        /// Their product.
        num_pixels: u64,
        /// The largest accepted product.
        max_pixels: u64,
    },
    /// The file ends before its picture does.
    #[error("failed to decode a {format} picture of {size_bytes} bytes: it is truncated; fetch or export it again")]
    Truncated {
        /// The file's format.
        format: Format,
        /// The length of the file.
        size_bytes: usize,
    },
    /// The decoder refused the file.
    #[error("failed to decode a {format} picture, which is malformed; export it again")]
    Malformed {
        /// The file's format.
        format: Format,
        /// What the decoder said.
        source: Arc<ImageError>,
    },
    /// The decoder broke down on the file, which is a fault of the decoder.
    #[error("failed to decode a {format} picture of {size_bytes} bytes: the decoder panicked; export it again")]
    DecoderPanicked {
        /// The file's format.
        format: Format,
        /// The length of the file.
        size_bytes: usize,
    },
    /// One side is so much longer than the other that no sensible patch grid exists.
    #[error(
        "failed to resize a picture of {width}×{height} pixels: one side is more than 200 times the other; crop it"
    )]
    AspectRatio {
        /// The picture's width.
        width: u32,
        /// The picture's height.
        height: u32,
    },
}

/// The format of a picture's file, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format(pub(super) ImageFormat);

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            ImageFormat::Png => "PNG",
            ImageFormat::Jpeg => "JPEG",
            ImageFormat::WebP => "WebP",
            ImageFormat::Gif => "GIF",
            ImageFormat::Bmp => "BMP",
            _ => "unknown",
        })
    }
}

impl Error {
    /// Wraps what a decoder said, telling a file that ends early from one that is wrong.
    pub(super) fn from_decoder(format: ImageFormat, encoded: &[u8], source: ImageError) -> Self {
        let ends_early =
            matches!(&source, ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof);
        if ends_early {
            return Self::Truncated { format: Format(format), size_bytes: encoded.len() };
        }
        Self::Malformed { format: Format(format), source: Arc::new(source) }
    }
}
