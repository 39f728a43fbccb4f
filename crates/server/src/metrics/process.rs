//! The process itself: its memory and its age, read when they are asked for.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What the kernel says of this process.
const STATUS: &str = "/proc/self/status";
const BYTES_PER_KIB: u64 = 1024;

/// Adds the process to what is told. Its age counts from here.
pub(super) fn register(registry: &mut Registry) {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let started_s = since_1970.as_secs_f64();
    registry.register_collector(Box::new(Process { started: Instant::now(), started_s }));
}

#[derive(Debug)]
struct Process {
    started: Instant,
    started_s: f64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut gauge = |name: &str, help: &str, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        // Where the kernel does not say, nothing is said: no memory would be a lie.
        if let Some(bytes) = resident_bytes() {
            gauge("process_resident_memory_bytes", "Memory that the process has in use.", bytes as f64)?;
        }
        gauge("process_start_time_seconds", "When the server started, seconds since 1970.", self.started_s)?;
        let uptime_s = self.started.elapsed().as_secs_f64();
        gauge("process_uptime_seconds", "How long the server has been running.", uptime_s)
    }
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string(STATUS).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * BYTES_PER_KIB)
}
