//! gradus-processor
