//! Pictures: from encoded bytes to the patches a vision tower reads.
//!
//! ```text
//! bytes ─decode─► RGB, upright ─smart_resize, resample─► RGB of the patch grid ─patchify─► PixelPatches
//! ```
//!
//! Each step equals what Pillow and transformers' `Qwen2VLImageProcessor` do; where they are exact, so is this.

mod cache;
mod colour;
mod decode;
mod error;
mod gif_frame;
mod jpeg_markers;
mod orientation;
mod patches;
mod pipeline;
mod resample;
mod smart_resize;

pub use cache::MediaCache;
pub use decode::{DecodeLimits, RgbPicture, decode};
pub use error::{Error, Format};
pub use patches::PixelPatches;
pub use pipeline::{ImagePipeline, ImageSettings};
pub use resample::resize_bicubic;
pub use smart_resize::{SizeBounds, smart_resize};
