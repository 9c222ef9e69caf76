//! gradus-coordinator
