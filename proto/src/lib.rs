//! gradus-proto
