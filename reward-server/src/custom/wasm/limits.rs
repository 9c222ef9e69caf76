//! The memory of an instance, counted over all its memories and tables.

use wasmtime::{Error, ResourceLimiter};

/// What an element of a table takes, in bytes.
const ELEMENT_BYTES: usize = 16;

/// The bytes that an instance may still take.
#[derive(Debug)]
pub struct Limits {
    max_memory_bytes: usize,
    left: usize,
}

impl Limits {
    /// Gives an instance so many bytes.
    pub const fn new(max_memory_bytes: usize) -> Self {
        Self { max_memory_bytes, left: max_memory_bytes }
    }

    /// Takes bytes, or ends the instance: a program that is told that there is no more memory fails with less to say.
    fn take(&mut self, num_bytes: usize) -> Result<bool, Error> {
        let left = self.left.checked_sub(num_bytes);
        self.left = left.ok_or_else(|| {
            Error::msg(format!("it needs more memory than `max_memory_bytes` = {}", self.max_memory_bytes))
        })?;
        Ok(true)
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool, Error> {
        self.take(desired.saturating_sub(current))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool, Error> {
        self.take(desired.saturating_sub(current).saturating_mul(ELEMENT_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_and_tables_share_what_there_is() {
        let mut limits = Limits::new(1 << 20);
        assert!(limits.memory_growing(0, 1 << 19, None).is_ok());
        assert!(limits.memory_growing(0, 1 << 18, None).is_ok());
        assert!(limits.table_growing(0, 1 << 15, None).is_err());
        assert!(limits.table_growing(0, 1 << 14, None).is_ok());
        let error = limits.memory_growing(1 << 18, (1 << 18) + 1, None).unwrap_err();
        assert!(error.to_string().contains("`max_memory_bytes` = 1048576"), "{error}");
        assert!(limits.memory_growing(0, usize::MAX, None).is_err());
    }
}
