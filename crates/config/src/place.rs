//! Where a run keeps its things, and the endpoints that follow from it.

use std::path::PathBuf;

use crate::RunConfig;

impl RunConfig {
    /// Returns the coordinator's gRPC endpoint.
    #[must_use]
    pub fn coordinator_endpoint(&self) -> String {
        self.coordinator.endpoint.clone().unwrap_or_else(|| self.socket("coordinator"))
    }

    /// Returns the reward server's gRPC endpoint.
    #[must_use]
    pub fn reward_server_endpoint(&self) -> String {
        self.reward_server.endpoint.clone().unwrap_or_else(|| self.socket("reward-server"))
    }

    /// Returns the endpoint that learner rank 0 publishes weights on.
    #[must_use]
    pub fn weights_endpoint(&self) -> String {
        self.learner.weights_endpoint.clone().unwrap_or_else(|| self.socket("weights"))
    }

    /// Returns the directory of the run's log files.
    #[must_use]
    pub fn log_directory(&self) -> PathBuf {
        self.telemetry.log_directory.clone().unwrap_or_else(|| self.run.directory.join("logs"))
    }

    /// Returns the directory of the run's checkpoints.
    #[must_use]
    pub fn checkpoint_directory(&self) -> PathBuf {
        self.run.directory.join("checkpoints")
    }

    /// Returns the steps of all stages together.
    #[must_use]
    pub fn total_steps(&self) -> u64 {
        self.stages.iter().map(|stage| stage.steps).sum()
    }

    fn socket(&self, name: &str) -> String {
        format!("unix:{}", self.run.directory.join("sockets").join(format!("{name}.sock")).display())
    }
}
