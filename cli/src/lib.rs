//! gradus-cli
