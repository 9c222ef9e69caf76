//! gradus-tasks
