//! The server as a process of its own, and what it uses.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, bail};
use gradus_rpc::{ClientConfig, Endpoint, connect_with, idempotent, stub};
use tokio::process::{Child, Command};

use crate::traffic::Traffic;

/// A running server, which ends when this is dropped.
pub struct Server {
    /// Where it listens.
    pub endpoint: Endpoint,
    child: Child,
    _directory: tempfile::TempDir,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time, in seconds.
    pub processor_seconds: f64,
    /// Memory in use, in bytes.
    pub resident_bytes: u64,
}

/// How often it is asked whether it is there, and how long it has.
const START_ATTEMPTS: u32 = 200;
const START_INTERVAL: Duration = Duration::from_millis(50);

/// Ticks of a second in `/proc`, which Linux fixes for programs.
const TICKS_PER_SECOND: f64 = 100.0;

impl Server {
    /// Starts a server and waits until it answers.
    pub async fn start(binary: &Path, threads: u32) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let socket = format!("unix:{}/rewards.sock", directory.path().display());
        let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipes/demo.toml");
        let mut command = Command::new(binary);
        command.arg("--config").arg(recipe).kill_on_drop(true);
        for assignment in [
            format!("run.directory={}", directory.path().display()),
            format!("reward_server.endpoint={socket}"),
            format!("reward_server.threads={threads}"),
            "telemetry.log=error".to_owned(),
        ] {
            command.arg("--set").arg(assignment);
        }
        let child = command.spawn().with_context(|| format!("failed to start `{}`", binary.display()))?;
        let server = Self { endpoint: socket.parse()?, child, _directory: directory };
        server.answers().await?;
        Ok(server)
    }

    /// Reads what the server has used.
    pub fn usage(&self) -> anyhow::Result<Usage> {
        let id = self.child.id().context("the server has ended")?;
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).context("failed to read the server's usage")?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        let status = fs::read_to_string(format!("/proc/{id}/status")).context("failed to read the server's memory")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = resident.and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        Ok(Usage {
            processor_seconds: (field(11) + field(12)) / TICKS_PER_SECOND,
            resident_bytes: kibibytes.unwrap_or_default() * 1_024,
        })
    }

    async fn answers(&self) -> anyhow::Result<()> {
        for _ in 0..START_ATTEMPTS {
            let channel = connect_with(&self.endpoint, &ClientConfig::default());
            let request = Traffic::new(1, 1).group(0);
            if stub::reward(channel).score_group(idempotent(request)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(START_INTERVAL).await;
        }
        bail!("the server does not answer")
    }
}
