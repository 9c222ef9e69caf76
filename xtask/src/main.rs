//! The build and development tasks of Gradus.
fn main() {}
