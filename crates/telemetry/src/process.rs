//! What every process measures of itself, read when the metrics are asked for.

use std::{fmt, fs};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};
use rustix::time::{ClockId, clock_gettime};

/// Reads the process's own figures from the kernel.
#[derive(Debug)]
pub struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let cpu = ConstCounter::new(cpu_seconds());
        let help = "CPU time of the process in seconds";
        cpu.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, cpu.metric_type())?)?;
        if let Some(bytes) = resident_bytes() {
            let memory = ConstGauge::new(bytes);
            let help = "Resident memory of the process in bytes";
            memory.encode(encoder.encode_descriptor(
                "process_resident_memory_bytes",
                help,
                None,
                memory.metric_type(),
            )?)?;
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            let open = ConstGauge::new(i64::try_from(files.count()).unwrap_or(i64::MAX));
            let help = "Files and sockets the process has open";
            open.encode(encoder.encode_descriptor("process_open_fds", help, None, open.metric_type())?)?;
        }
        Ok(())
    }
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Reads the line `VmRSS: 123 kB`; systems without `/proc` have none.
fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1_024)
}
