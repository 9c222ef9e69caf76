//! gradus-config
