//! gradus-dataset
