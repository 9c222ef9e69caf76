//! The processor against Pillow and transformers, and its own contracts on a small model.

#![cfg(test)]

mod chats;
mod examples;
mod model;
mod pictures;
mod prompts;
