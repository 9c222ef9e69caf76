//! Pictures in the forms people store them: paths, URLs, bytes, base64, and records of these.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use gradus_types::MediaHash;
use image::ImageReader;

use crate::quarantine::Reason;
use crate::value::Value;
use crate::{Error, MediaStore};

/// Reads a record's pictures far enough to name them by hash and to know that their headers are sound.
pub(crate) struct PictureReader<'a> {
    /// Where relative paths start.
    pub directory: &'a Path,
    pub max_image_pixels: u64,
    pub media: &'a MediaStore,
}

/// Why a picture could not be taken in.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The record is at fault.
    Record(Reason),
    /// Nothing can go on.
    Set(Error),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Record(reason)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Set(error)
    }
}

enum Encoded {
    File(PathBuf, Vec<u8>),
    Embedded(Vec<u8>),
}

/// Accepts what encoders write: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl PictureReader<'_> {
    /// Takes in the picture at a position of the record.
    pub fn read(&self, value: &Value, position: usize) -> Result<MediaHash, Failure> {
        match self.encoded(value, position)? {
            Encoded::File(path, bytes) => {
                self.check_header(&bytes, position)?;
                let hash = MediaHash::of(&bytes);
                self.media.add_file(hash, &path);
                Ok(hash)
            }
            Encoded::Embedded(bytes) => {
                self.check_header(&bytes, position)?;
                Ok(self.media.add_bytes(&bytes)?)
            }
        }
    }

    fn encoded(&self, value: &Value, position: usize) -> Result<Encoded, Reason> {
        let shape = || Reason::ImageShape { position };
        match value {
            Value::Record(_) => {
                let names = ["bytes", "base64", "data", "path", "image", "url"];
                self.encoded(names.iter().find_map(|name| value.at(name)).ok_or_else(shape)?, position)
            }
            Value::List(elements) => Ok(Encoded::Embedded(byte_list(elements).ok_or_else(shape)?)),
            // No encoded picture is free of control characters, and no path or base64 text contains one.
            Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if !text.contains(|letter: char| letter.is_control() && letter != '\n') => {
                    self.encoded_text(text, position)
                }
                _ => Ok(Encoded::Embedded(bytes.clone())),
            },
            Value::Text(text) => self.encoded_text(text, position),
            Value::Null | Value::Bool(_) | Value::Number(_) => Err(shape()),
        }
    }

    fn encoded_text(&self, text: &str, position: usize) -> Result<Encoded, Reason> {
        if let Some(rest) = text.strip_prefix("data:") {
            let payload = rest.split_once(";base64,").map(|(_, payload)| payload);
            let decoded = payload.and_then(decode_base64).ok_or(Reason::ImageShape { position })?;
            return Ok(Encoded::Embedded(decoded));
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return Err(Reason::RemoteImage { url: text.to_owned() });
        }
        let path = match text.strip_prefix("file://") {
            Some(rest) => PathBuf::from(percent_decoded(rest.strip_prefix("localhost").unwrap_or(rest))),
            None => self.directory.join(text),
        };
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Encoded::File(path, bytes)),
            // A text that names no file may be the picture itself.
            Err(error) => match decode_base64(text).filter(|bytes| image::guess_format(bytes).is_ok()) {
                Some(bytes) => Ok(Encoded::Embedded(bytes)),
                None if error.kind() == std::io::ErrorKind::NotFound => Err(Reason::MissingImage { path }),
                None => Err(Reason::UnreadableImage { path, message: error.to_string() }),
            },
        }
    }

    /// Reads the header alone: format and size, no pixel.
    fn check_header(&self, encoded: &[u8], position: usize) -> Result<(), Reason> {
        let unknown = |message: String| Reason::UnknownImageFormat { position, message };
        let reader = ImageReader::new(Cursor::new(encoded)).with_guessed_format();
        let reader = reader.map_err(|error| unknown(error.to_string()))?;
        let (width, height) = reader.into_dimensions().map_err(|error| unknown(error.to_string()))?;
        if u64::from(width) * u64::from(height) > self.max_image_pixels {
            return Err(Reason::ImageTooLarge { position, width, height, max_image_pixels: self.max_image_pixels });
        }
        Ok(())
    }
}

fn byte_list(elements: &[Value]) -> Option<Vec<u8>> {
    let byte = |element: &Value| if let Value::Number(number) = element { number.parse().ok() } else { None };
    elements.iter().map(byte).collect()
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}

/// Replaces `%20` and its like; a percent sign that starts no code stays.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let code = text.get(index + 1..index + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[index], code) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                index += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_codes_become_characters() {
        assert_eq!(percent_decoded("/a%20b/100%/%C3%A4.png"), "/a b/100%/ä.png");
    }

    #[test]
    fn base64_may_be_padded_broken_over_lines_or_neither() {
        for text in ["aGVsbG8=", "aGVsbG8", "aGVs\nbG8=\n"] {
            assert_eq!(decode_base64(text), Some(b"hello".to_vec()), "{text}");
        }
        assert_eq!(decode_base64("no base64!"), None);
    }
}
