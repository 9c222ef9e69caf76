//! Preparing shares.
