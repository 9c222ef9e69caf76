//! Measures how fast answers are compared, and prints what it measured, a line each: name, tab, value.
//!
//! `cargo run --release -p gradus-verify --example speed -- CASES.jsonl…` runs over the cases of the files, in the exchange format for answer
//! checkers. A pair is timed with the reading of both sides. `cargo xtask bench verify` calls this with the project's cases and lays the
//! figures out beside those of math-verify.

mod exchange;

use std::{
    fs,
    hint::black_box,
    io::{self, Write},
    thread,
    time::{Duration, Instant},
};

use gradus_testkit::hostile_answers;
use rustix::time::{ClockId, clock_gettime};

use exchange::Comparison;

/// How often the corpus is gone through; the fastest pass counts.
const NUM_PASSES: usize = 7;

/// The least time a measured pass takes, so that two cores are kept busy for long enough to compare.
const MIN_PASS: Duration = Duration::from_millis(500);

fn main() -> io::Result<()> {
    let mut comparisons = Vec::new();
    for path in std::env::args().skip(1) {
        comparisons.extend(exchange::read(&fs::read_to_string(path)?));
    }
    if comparisons.is_empty() {
        return Err(io::Error::other("give files of cases"));
    }
    let mut output = io::stdout().lock();
    writeln!(output, "pairs\t{}", comparisons.len())?;
    let (mean, mut micros) = latencies(&comparisons);
    micros.sort_by(f64::total_cmp);
    let quantile = |share: f64| micros[((micros.len() - 1) as f64 * share).round() as usize];
    writeln!(output, "pairs/s, one core\t{:.0}", 1e6 / mean)?;
    writeln!(output, "mean\t{mean:.1} µs")?;
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
        writeln!(output, "{name}\t{:.1} µs", quantile(share))?;
    }
    let one = throughput(&comparisons, 1);
    writeln!(output, "two cores against one\t{:.2}", throughput(&comparisons, 2) / one)?;
    let (name, slowest) = slowest_hostile();
    writeln!(output, "adversarial max\t{:.1} ms ({name})", slowest * 1e3)?;
    output.flush()
}

/// Of the corpus the mean in its fastest pass, and of each pair its fastest time, in microseconds. It is processor time that counts: what
/// else the machine does in between is not the pair's.
fn latencies(comparisons: &[Comparison]) -> (f64, Vec<f64>) {
    let mut fastest = vec![f64::INFINITY; comparisons.len()];
    let mut mean = f64::INFINITY;
    for _ in 0..NUM_PASSES {
        let whole = processor_seconds(|| {
            comparisons.iter().for_each(|comparison| {
                black_box(comparison.verdict());
            })
        });
        mean = mean.min(whole * 1e6 / comparisons.len() as f64);
        for (comparison, fastest) in comparisons.iter().zip(&mut fastest) {
            *fastest = fastest.min(
                processor_seconds(|| {
                    black_box(comparison.verdict());
                }) * 1e6,
            );
        }
    }
    (mean, fastest)
}

/// The processor time that this thread takes for some work.
fn processor_seconds(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
    };
    let began = now();
    work();
    now() - began
}

/// Pairs a second, all threads together.
fn throughput(comparisons: &[Comparison], num_threads: usize) -> f64 {
    let work = || {
        let (began, mut num_pairs) = (Instant::now(), 0);
        while began.elapsed() < MIN_PASS {
            for comparison in comparisons {
                black_box(comparison.verdict());
            }
            num_pairs += comparisons.len();
        }
        num_pairs as f64 / began.elapsed().as_secs_f64()
    };
    let pass = || -> f64 {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..num_threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().expect("comparing does not panic")).sum()
        })
    };
    (0..3).map(|_| pass()).fold(0.0, f64::max)
}

/// The hostile pair that takes longest, in seconds.
fn slowest_hostile() -> (&'static str, f64) {
    let times = hostile_answers().into_iter().map(|hostile| {
        let comparison = Comparison::of_hostile(&hostile);
        let time = |_| {
            processor_seconds(|| {
                black_box(comparison.verdict());
            })
        };
        (hostile.name, (0..NUM_PASSES).map(time).fold(f64::INFINITY, f64::min))
    });
    times.max_by(|left, right| left.1.total_cmp(&right.1)).expect("there are hostile pairs")
}
