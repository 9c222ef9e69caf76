//! What came of a load.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{Answered, GROUP_SAMPLES, process::Usage};

/// The figures of a load.
#[derive(Debug)]
pub struct Report {
    begun: Instant,
    ended: Instant,
    before: Usage,
    after: Usage,
    resident_bytes: Vec<u64>,
    latencies: Vec<Duration>,
    unscored: u64,
    refused: u64,
}

impl Report {
    /// Begins a report.
    pub fn new(before: Usage) -> Self {
        let now = Instant::now();
        Self {
            begun: now,
            ended: now,
            before,
            after: before,
            resident_bytes: Vec::new(),
            latencies: Vec::new(),
            unscored: 0,
            refused: 0,
        }
    }

    /// Notes what became of a group.
    pub fn note(&mut self, answered: &Answered) {
        self.latencies.push(answered.latency);
        self.unscored += answered.unscored;
        self.refused += u64::from(answered.refused);
    }

    /// Notes the server's memory at a moment.
    pub fn resident(&mut self, bytes: u64) {
        self.resident_bytes.push(bytes);
    }

    /// Ends the report.
    pub fn finish(&mut self, after: Usage) {
        self.ended = Instant::now();
        self.after = after;
        self.latencies.sort_unstable();
    }

    fn quantile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let latency = self.latencies.get((last as f64 * share).round() as usize).copied().unwrap_or_default();
        latency.as_secs_f64() * 1e3
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.ended.duration_since(self.begun).as_secs_f64();
        let num_samples = self.latencies.len() as u64 * GROUP_SAMPLES;
        let processor = self.after.processor_seconds - self.before.processor_seconds;
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        writeln!(formatter, "samples              {num_samples}")?;
        writeln!(formatter, "samples a second     {:.0}", num_samples as f64 / seconds)?;
        writeln!(formatter, "unscored samples     {}", self.unscored)?;
        writeln!(formatter, "refused groups       {}", self.refused)?;
        writeln!(
            formatter,
            "latency of a group   p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, max {:.2} ms",
            self.quantile(0.5),
            self.quantile(0.99),
            self.quantile(0.999),
            self.quantile(1.0)
        )?;
        writeln!(
            formatter,
            "server's processor   {:.1} us a sample, {:.0} % of a core",
            processor / num_samples as f64 * 1e6,
            processor / seconds * 100.0
        )?;
        write!(formatter, "server's memory      {:.1} MiB before;", mebibytes(self.before.resident_bytes))?;
        for bytes in &self.resident_bytes {
            write!(formatter, " {:.1}", mebibytes(*bytes))?;
        }
        writeln!(formatter)
    }
}
