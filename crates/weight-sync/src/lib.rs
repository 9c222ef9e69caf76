//! gradus-weight-sync
