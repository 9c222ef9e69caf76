//! How much work a comparison may do: counted, not timed, so that a verdict is the same on every machine.

/// The units of work of one comparison. A unit is a visit of a node at machine precision, about a fifth of a microsecond.
pub const FUEL_PER_COMPARISON: u32 = 100_000;

/// What is left of a comparison's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fuel {
    left: u32,
}

/// A comparison would take more work than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the comparison takes more than {FUEL_PER_COMPARISON} units of work")]
pub struct OutOfFuel;

// === impl Fuel ===

impl Fuel {
    /// Spends units, or says that there are not so many; then none are left.
    pub fn spend(&mut self, units: u32) -> Result<(), OutOfFuel> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(OutOfFuel)
            }
        }
    }

    /// Returns the units that are left.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.left
    }

    /// Returns the units that were spent.
    #[must_use]
    pub const fn spent(&self) -> u32 {
        FUEL_PER_COMPARISON - self.left
    }
}

impl Default for Fuel {
    fn default() -> Self {
        Self { left: FUEL_PER_COMPARISON }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_counted_and_more_than_there_is_is_refused() {
        let mut fuel = Fuel::default();
        assert_eq!(fuel.spend(60_000), Ok(()));
        assert_eq!(fuel.spent(), 60_000);
        assert_eq!(fuel.spend(60_000), Err(OutOfFuel));
        assert_eq!(fuel.spend(1), Err(OutOfFuel));
    }
}
