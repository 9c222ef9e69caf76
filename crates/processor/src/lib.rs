//! gradus-processor

pub mod picture;
