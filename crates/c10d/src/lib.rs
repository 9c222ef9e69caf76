//! gradus-c10d
