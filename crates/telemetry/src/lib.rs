//! gradus-telemetry
