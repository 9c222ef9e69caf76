//! gradus-rpc
