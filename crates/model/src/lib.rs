//! gradus-model
