//! gradus-learner
