//! Loads a reward server of its own process over gRPC, in an open loop: groups are sent when their time has come, whether or not earlier
//! ones were answered, and are timed from that moment on.
//!
//! ```text
//! cargo xtask bench reward-server --rate 20000 --samples 1000000
//! ```

#[path = "load/process.rs"]
mod process;
#[path = "load/report.rs"]
mod report;
#[path = "load/traffic.rs"]
mod traffic;

use std::{
    io::{self, Write},
    ops::Range,
    path::Path,
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use futures_util::{StreamExt, stream::FuturesUnordered};
use gradus_proto::v1::{ScoreGroupRequest, reward::Outcome};
use gradus_rpc::{Channel, ClientConfig, RetryPolicy, connect_with, idempotent, stub};
use tokio::time::{Instant, sleep_until};

use crate::{process::Server, report::Report, traffic::Traffic};

/// Loads a reward server.
#[derive(Debug, Parser)]
struct Arguments {
    /// Samples a second that are sent.
    #[arg(long, default_value_t = 20_000.0)]
    rate: f64,
    /// Samples in all.
    #[arg(long, default_value_t = 200_000)]
    samples: u64,
    /// Threads of the server that score.
    #[arg(long, default_value_t = 1)]
    threads: u32,
    /// Connections.
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// What `cargo bench` passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Completions of a group.
const GROUP_SAMPLES: u64 = 16;

/// Groups before the measurement, in which caches fill and memory finds its level.
const WARM_UP_GROUPS: u64 = 2_000;

/// What became of a group, and how long after its time it was answered.
struct Answered {
    latency: Duration,
    unscored: u64,
    refused: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(load(&arguments))?;
    write!(io::stdout(), "{report}").context("failed to write the report")
}

async fn load(arguments: &Arguments) -> anyhow::Result<Report> {
    let binary = Path::new(env!("CARGO_BIN_EXE_gradus-reward-server"));
    let server = Server::start(binary, arguments.threads).await?;
    let config = ClientConfig { retry: RetryPolicy::never(), ..ClientConfig::default() };
    let channels: Vec<Channel> =
        (0..arguments.connections.max(1)).map(|_| connect_with(&server.endpoint, &config)).collect();
    let traffic = Traffic::new(512, GROUP_SAMPLES as usize);
    let interval = Duration::from_secs_f64(GROUP_SAMPLES as f64 / arguments.rate);
    let mut warm_up = Report::new(server.usage()?);
    send(&channels, &traffic, (0..WARM_UP_GROUPS, interval), |answered| warm_up.note(&answered)).await;
    let mut report = Report::new(server.usage()?);
    let num_groups = (arguments.samples / GROUP_SAMPLES).max(1);
    let mut num_answered = 0;
    send(&channels, &traffic, (WARM_UP_GROUPS..WARM_UP_GROUPS + num_groups, interval), |answered| {
        report.note(&answered);
        num_answered += 1;
        if num_answered % (num_groups / 10).max(1) == 0 {
            // A reading that fails shows in the last one.
            report.resident(server.usage().map(|usage| usage.resident_bytes).unwrap_or_default());
        }
    })
    .await;
    report.finish(server.usage()?);
    Ok(report)
}

/// Sends groups one interval apart, over the channels in turn.
async fn send(
    channels: &[Channel],
    traffic: &Traffic,
    (numbers, interval): (Range<u64>, Duration),
    mut answered: impl FnMut(Answered),
) {
    let begun = Instant::now();
    let mut calls = FuturesUnordered::new();
    let num_groups = numbers.end - numbers.start;
    let mut sent = 0;
    while sent < num_groups || !calls.is_empty() {
        let due = begun + interval.mul_f64(sent as f64);
        // Both arms are cancel-safe: what is not sent yet is sent on the next turn.
        tokio::select! {
            () = sleep_until(due), if sent < num_groups => {
                let channel = channels[sent as usize % channels.len()].clone();
                calls.push(call(channel, traffic.group(numbers.start + sent), due));
                sent += 1;
            }
            Some(answer) = calls.next(), if !calls.is_empty() => answered(answer),
        }
    }
}

async fn call(channel: Channel, group: ScoreGroupRequest, due: Instant) -> Answered {
    let answer = stub::reward(channel).score_group(idempotent(group)).await;
    let latency = due.elapsed();
    match answer {
        Ok(response) => {
            let rewards = response.into_inner().rewards;
            let scored = rewards.iter().filter(|reward| matches!(reward.outcome, Some(Outcome::Scored(_)))).count();
            Answered { latency, unscored: (rewards.len() - scored) as u64, refused: false }
        }
        Err(_) => Answered { latency, unscored: 0, refused: true },
    }
}
