//! Measures how much memory a comparison takes, and prints the most that any pair took.
//!
//! `cargo run --release -p gradus-verify --example memory -- CASES.jsonl…`. It counts every allocation, which takes time, so times are measured by
//! another program.

mod exchange;

use std::{
    fs,
    hint::black_box,
    io::{self, Write},
};

use gradus_testkit::hostile_answers;
use peak_alloc::PeakAlloc;

use exchange::Comparison;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() -> io::Result<()> {
    let mut comparisons = Vec::new();
    for path in std::env::args().skip(1) {
        comparisons.extend(exchange::read(&fs::read_to_string(path)?));
    }
    let peak = comparisons.iter().map(peak_kibibytes).fold(0.0, f64::max);
    let hostile =
        hostile_answers().into_iter().map(|hostile| (peak_kibibytes(&Comparison::of_hostile(&hostile)), hostile.name));
    let (hostile_peak, name) =
        hostile.max_by(|left, right| left.0.total_cmp(&right.0)).expect("there are hostile pairs");
    let mut output = io::stdout().lock();
    writeln!(output, "peak memory of a pair\t{peak:.0} KiB")?;
    writeln!(output, "adversarial peak memory\t{hostile_peak:.0} KiB ({name})")
}

/// The most memory in use while a pair is compared, beyond what was in use before.
fn peak_kibibytes(comparison: &Comparison) -> f64 {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    black_box(comparison.verdict());
    ALLOCATOR.peak_usage().saturating_sub(before) as f64 / 1_024.0
}
