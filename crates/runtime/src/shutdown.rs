//! The token that tells every part of a process to stop intake, drain and leave.

use tokio_util::sync::CancellationToken;

/// A request to shut down that is made once and seen by every clone.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
}

impl Shutdown {
    /// Makes a token that nothing has triggered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a token that is triggered with this one, and can be triggered without it.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { token: self.token.child_token() }
    }

    /// Asks for the shutdown. Doing so again changes nothing.
    pub fn trigger(&self) {
        self.token.cancel();
    }

    /// Tells whether the shutdown was asked for.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until the shutdown is asked for. Cancel-safe.
    pub async fn triggered(&self) {
        self.token.cancelled().await;
    }

    /// Runs a future until it is done, or returns nothing once the shutdown is asked for.
    pub async fn unless_triggered<F: Future>(&self, future: F) -> Option<F::Output> {
        self.token.run_until_cancelled(future).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_clone_and_child_sees_the_trigger() {
        let shutdown = Shutdown::new();
        let (clone, child) = (shutdown.clone(), shutdown.child());
        shutdown.trigger();
        clone.triggered().await;
        child.triggered().await;
        assert!(clone.is_triggered() && child.is_triggered());
    }

    #[tokio::test]
    async fn a_child_does_not_trigger_its_parent() {
        let shutdown = Shutdown::new();
        shutdown.child().trigger();
        assert!(!shutdown.is_triggered());
    }

    #[tokio::test]
    async fn a_triggered_shutdown_ends_what_never_ends() {
        let shutdown = Shutdown::new();
        shutdown.trigger();
        assert_eq!(shutdown.unless_triggered(std::future::pending::<()>()).await, None);
        assert_eq!(Shutdown::new().unless_triggered(async { 1 }).await, Some(1));
    }
}
