//! gradus-verify
