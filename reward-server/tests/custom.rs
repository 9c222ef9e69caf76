//! Scorers that users bring: what they are given, what they cost when they misbehave, and that it is their own samples alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped must be seen")]

#[path = "custom/grpc.rs"]
mod grpc;
#[path = "custom/http.rs"]
mod http;
#[path = "custom/python/bounds.rs"]
mod python_bounds;
#[path = "custom/python/fallback.rs"]
mod python_fallback;
#[path = "custom/python/functions.rs"]
mod python_functions;
#[path = "custom/wasm.rs"]
mod wasm;

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use gradus_config::{CustomScorer, RewardServer, ScorerKind, Signature};
use gradus_reward_server::{Error, GroupToScore, SampleText, Scorer};
use gradus_runtime::CpuPool;
use gradus_telemetry::Metrics;
use gradus_types::{Reward, UnscoredReason};
use tempfile::TempDir;

/// What became of a sample.
#[derive(Debug, PartialEq)]
enum Outcome {
    Value(f64),
    Error(String),
    Timeout,
}

/// A server with one custom scorer.
struct Server {
    scorer: Scorer,
    metrics: Metrics,
}

impl Server {
    fn open(custom: CustomScorer) -> Result<Self, Error> {
        Self::open_with(custom, Path::new(env!("CARGO_BIN_EXE_gradus-reward-server")))
    }

    /// Opens a server whose workers are confined by another program.
    fn open_with(custom: CustomScorer, helper: &Path) -> Result<Self, Error> {
        let metrics = Metrics::new("reward-server");
        let config = RewardServer { scorers: vec![custom], group_timeout_seconds: 600.0, ..Default::default() };
        Ok(Self { scorer: Scorer::with_helper(&config, &metrics, helper)?, metrics })
    }

    /// Scores texts against the reference answer 4, by the custom scorer alone.
    async fn score(&self, texts: &[&str]) -> Vec<Outcome> {
        let spec = r#"{"gold": "4", "components": [{"name": "own", "kind": "scorer", "scorer": "own", "weight": 1}]}"#;
        self.score_by(spec, texts).await.iter().map(Outcome::of).collect()
    }

    async fn score_by(&self, spec: &str, texts: &[&str]) -> Vec<Reward> {
        let samples = texts.iter().map(|text| SampleText::new(*text)).collect();
        let group = GroupToScore { spec: spec.to_owned(), prefill: String::new(), samples };
        self.scorer.score(group).await.unwrap()
    }
}

impl Outcome {
    fn of(reward: &Reward) -> Self {
        match reward {
            Reward::Scored { total, .. } => Self::Value(*total),
            Reward::Unscored { reason: UnscoredReason::Timeout, .. } => Self::Timeout,
            Reward::Unscored { detail, .. } => Self::Error(detail.clone()),
        }
    }

    fn is_error_about(&self, text: &str) -> bool {
        matches!(self, Self::Error(detail) if detail.contains(text))
    }
}

fn custom(kind: ScorerKind) -> CustomScorer {
    let name = match kind {
        ScorerKind::Http => "http",
        ScorerKind::Grpc => "grpc",
        ScorerKind::Python => "python",
        ScorerKind::Wasm => "wasm",
    };
    serde_json::from_str(&format!(r#"{{"name": "own", "kind": "{name}"}}"#)).unwrap()
}

fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/example/scorers").join(file)
}

/// Tells whether there is a Python, and says so where a test is skipped for want of one.
fn has_python() -> bool {
    let found = std::process::Command::new("python3").arg("--version").output().is_ok_and(|run| run.status.success());
    if !found {
        eprintln!("skipped: there is no python3");
    }
    found
}

fn python(file: &Path, name: &str, signature: Signature) -> CustomScorer {
    let function = Some(format!("{}:{name}", file.display()));
    CustomScorer {
        function,
        signature: Some(signature),
        timeout_seconds: 30.0,
        max_memory_bytes: Some(512 << 20),
        ..custom(ScorerKind::Python)
    }
}

/// Makes sure that no process holds a lock any more. One that was killed ends in its own time, far within a minute.
async fn assert_free(lock: fs::File) {
    let pool = CpuPool::new("lock", 1, 0).unwrap();
    let locked = tokio::time::timeout(Duration::from_secs(60), pool.run(move || lock.lock())).await;
    locked.expect("a process that holds the lock is left").unwrap().unwrap();
}

/// Writes a file that workers can read, whatever user they run as.
fn file(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::Builder::new().permissions(Permissions::from_mode(0o755)).tempdir().unwrap();
    let path = directory.path().join("reward.py");
    fs::write(&path, text).unwrap();
    (directory, path)
}
