//! gradus-c10d-sys
