//! gradus-algorithms
