//! Holds a check to the memory that it may take. libFuzzer's own limit on allocations needs a sanitizer, and sees single ones only.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What one comparison may take, beyond what was in use before. A check makes many, one after the other.
pub const MEMORY_PER_COMPARISON_BYTES: usize = 16 << 20;

/// Runs a check and panics where at any moment it held more than [`MEMORY_PER_COMPARISON_BYTES`].
pub fn within_bound(check: fn(&[u8]), data: &[u8]) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    check(data);
    let taken = ALLOCATOR.peak_usage().saturating_sub(before);
    assert!(taken <= MEMORY_PER_COMPARISON_BYTES, "the check took {taken} bytes");
}
