//! The keys and values of one group: its prompt's once, and each live completion's own.

/// The key and value cache of a prompt and its live completions. Made by [`crate::Policy::prefill`], advanced by
/// [`crate::Policy::decode`].
#[derive(Debug)]
pub struct GroupCache {
    num_live: usize,
}

impl GroupCache {
    /// Returns the number of completions still being decoded.
    pub fn num_live(&self) -> usize {
        self.num_live
    }

    /// Returns the number of tokens decoded so far in each live completion.
    pub fn num_decoded(&self) -> usize {
        todo!()
    }

    /// Returns the bytes held on the device, unused capacity included.
    pub fn bytes(&self) -> usize {
        todo!()
    }

    /// Drops the completions whose flag is false, keeping the order of the others.
    ///
    /// # Panics
    /// When the number of flags is not [`Self::num_live`].
    pub fn retain(&mut self, _keep: &[bool]) {
        todo!()
    }
}
