//! gradus-actor
