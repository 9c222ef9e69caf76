//! The thread that owns the device: it joins the ranks, holds the trainer, and runs one piece of work after another.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::timeout;
use tracing::warn;

use gradus_c10d::AbortHandle;
use gradus_config::RunConfig;
use gradus_runtime::{DeviceThread, Reply};

use crate::{Error, Trainer, world::World};

/// A piece of work, on the trainer once it is open.
type Work = Box<dyn FnOnce(&mut Option<Trainer>) + Send>;

/// A handle of the device thread. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Device {
    thread: DeviceThread<Work>,
    /// Ends the collectives from outside, once there is a process group.
    abort: Arc<Mutex<Option<AbortHandle>>>,
}

// === impl Device ===

impl Device {
    /// Starts the thread. It has nothing to work on yet.
    pub fn start(num_threads: u32) -> Result<Self, Error> {
        let thread = DeviceThread::start("device", 1, move |mut inbox| {
            tch::set_num_threads(i32::try_from(num_threads).unwrap_or(i32::MAX));
            let mut trainer = None;
            while let Some(work) = inbox.receive() {
                let work: Work = work;
                work(&mut trainer);
            }
            Ok::<(), Error>(())
        })?;
        Ok(Self { thread, abort: Arc::default() })
    }

    /// Connects to the other ranks and loads the policy.
    pub async fn open(&self, config: RunConfig, world: World) -> Result<(), Error> {
        let abort = Arc::clone(&self.abort);
        let open = move |trainer: &mut Option<Trainer>| {
            let ranks = world.rendezvous.meet()?;
            *abort.lock().unwrap_or_else(PoisonError::into_inner) = Some(ranks.abort_handle()?);
            *trainer = Some(Trainer::open(config, ranks, world.checkpoint.as_ref())?);
            Ok(())
        };
        self.call(open).await
    }

    /// Runs a piece of work with the trainer.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Trainer) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.call(move |trainer| work(trainer.as_mut().ok_or(Error::NotOpen)?)).await
    }

    /// Cuts collectives in progress short and waits a while for the thread to let go of everything, so that the process
    /// does not end under libtorch's feet.
    pub async fn leave(&self, patience: Duration) {
        let abort = self.abort.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = abort.map(|abort| abort.abort()) {
            warn!(%error, "failed to end the collectives");
        }
        match timeout(patience, self.thread.stop()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%error, "the device thread failed while leaving"),
            Err(_) => warn!(?patience, "left the device thread at work"),
        }
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Option<Trainer>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let message = |reply: Reply<Result<T, Error>>| -> Work { Box::new(move |trainer| reply.send(work(trainer))) };
        self.thread.call(message).await?
    }
}
