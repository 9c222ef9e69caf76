//! gradus-runtime
