//! The name of one life of a process. Process ids repeat: in containers, every process may have the same one.

use std::hash::{BuildHasher, RandomState};

/// Draws a name that no other life of this process, or of another one, has.
#[must_use]
pub fn incarnation() -> String {
    // The keys of a hasher's state come from the operating system's random numbers.
    let half = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_incarnations_are_the_same() {
        let (one, other) = (incarnation(), incarnation());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
