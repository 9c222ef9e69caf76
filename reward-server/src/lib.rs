//! gradus-reward-server
