//! A WebAssembly component, compiled once; every completion gets an instance of its own, on a thread of its own.
//!
//! The interface is `docs/example/scorers/scorer.wit`. A component is given nothing to import, so it can do nothing but compute. Fuel
//! bounds its instructions, alike on every machine; [`limits`] bound its memory. Its time is bounded by the engine's epoch: when a completion
//! is waited for no longer, the epoch moves on, and every instance that runs then looks whether it was meant.

mod compiled;
mod limits;

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use gradus_config::CustomScorer;
use gradus_runtime::CpuPool;
use tokio::sync::Semaphore;
use wasmtime::Engine;

use super::{Fault, Question, timeout};
use crate::batch::Failure;
use compiled::{Bounds, Compiled, OwnedQuestion};

pub use compiled::NoScorer;

const DEFAULT_MEMORY_BYTES: u64 = 64 << 20;
const DEFAULT_FUEL: u64 = 1_000_000_000;

/// A component with the threads it runs on.
#[derive(Debug)]
pub struct WasmScorer {
    compiled: Compiled,
    pool: CpuPool,
    places: Semaphore,
    timeout: Duration,
}

/// A completion that is waited for. Dropping this ends the instance that works on it.
struct Awaited {
    engine: Engine,
    is_over: Arc<AtomicBool>,
}

// === impl WasmScorer ===

impl WasmScorer {
    /// Compiles a component, and checks that it is one of the interface.
    pub fn new(declared: &CustomScorer) -> Result<Self, Fault> {
        let path = declared.component.clone().unwrap_or_default();
        let bytes = fs::read(&path).map_err(|source| Fault::Read { path: path.clone(), source })?;
        let max_memory_bytes = declared.max_memory_bytes.unwrap_or(DEFAULT_MEMORY_BYTES);
        let bounds = Bounds {
            fuel: declared.fuel.unwrap_or(DEFAULT_FUEL),
            max_memory_bytes: usize::try_from(max_memory_bytes).unwrap_or(usize::MAX),
        };
        let compiled = Compiled::new(&bytes, bounds).map_err(|source| Fault::Component { path, source })?;
        let parallel = declared.parallel.unwrap_or(1) as usize;
        let pool = CpuPool::new("wasm", parallel, 0)?;
        Ok(Self { compiled, pool, places: Semaphore::new(parallel), timeout: timeout(declared) })
    }

    /// Scores a completion.
    pub async fn score(&self, question: &Question<'_>) -> Result<f64, Failure> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let awaited = Awaited { engine: self.compiled.engine().clone(), is_over: Arc::default() };
        let (compiled, is_over) = (self.compiled.clone(), Arc::clone(&awaited.is_over));
        let question = OwnedQuestion::try_from(question)?;
        let work = self.pool.run(move || compiled.score(&question, is_over));
        match tokio::time::timeout(self.timeout, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(Failure::panicked(&error.to_string())),
            Err(_) => Err(Failure::timeout(format!("it took longer than {:?}", self.timeout))),
        }
    }
}

// === impl Awaited ===

impl Drop for Awaited {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.engine.increment_epoch();
    }
}
