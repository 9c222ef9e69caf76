//! A component with its bounds, and a call of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use wasmtime::{
    Config, Engine, Error, Store, Trap, UpdateDeadline,
    component::{Component, InstancePre, Linker, TypedFunc},
};

use super::{Question, limits::Limits};
use crate::batch::Failure;

/// The function that a component exports.
const FUNCTION: &str = "score";

/// Characters of what a component says that are kept.
const KEPT_CHARACTERS: usize = 500;

/// What it is given: the completion, the reference answer, the options, the record's other facts as JSON, the length in tokens, whether the
/// completion was cut off.
type Arguments<'a> = (&'a str, Option<&'a str>, &'a [String], &'a str, u32, bool);

/// What it gives: a value, or why there is none.
type Results = (Result<f64, String>,);

/// What one completion may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Instructions.
    pub fuel: u64,
    /// Memory.
    pub max_memory_bytes: usize,
}

/// Why a file cannot be used as a component, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum NoScorer {
    /// WebAssembly cannot be compiled for this machine.
    #[error("no component can be compiled here")]
    Engine(#[source] Cause),
    /// It is something else.
    #[error("it is no component; `wasm-tools component new` makes a component of a core module")]
    Component(#[source] Cause),
    /// It imports something.
    #[error("it imports what a scorer is not given; there is nothing to import, so build it without WASI")]
    Imports(#[source] Cause),
    /// It exports no function to call.
    #[error("it cannot be called; it has to export `{FUNCTION}` as `docs/example/scorers/scorer.wit` has it")]
    Export(#[source] Cause),
}

/// What the compiler said.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A component, compiled. Cheap to clone.
#[derive(Clone)]
pub struct Compiled {
    engine: Engine,
    component: InstancePre<Limits>,
    bounds: Bounds,
}

/// A completion as another thread can have it.
pub struct OwnedQuestion {
    completion: String,
    gold: Option<String>,
    options: Vec<String>,
    facts: String,
    num_tokens: u32,
    truncated: bool,
}

// === impl Compiled ===

impl Compiled {
    /// Compiles a component, binary or text, or says what is wrong with it and what to do about it.
    pub fn new(bytes: &[u8], bounds: Bounds) -> Result<Self, NoScorer> {
        let mut config = Config::new();
        config.consume_fuel(true).epoch_interruption(true);
        let engine = Engine::new(&config).map_err(|error| NoScorer::Engine(error.into()))?;
        let component = Component::new(&engine, bytes).map_err(|error| NoScorer::Component(error.into()))?;
        let component =
            Linker::new(&engine).instantiate_pre(&component).map_err(|error| NoScorer::Imports(error.into()))?;
        let compiled = Self { engine, component, bounds };
        compiled.instantiate(Arc::default()).map_err(|error| NoScorer::Export(error.into()))?;
        Ok(compiled)
    }

    /// Returns the engine, whose epoch bounds the time of all instances.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Scores a completion, until it is over.
    pub fn score(&self, question: &OwnedQuestion, is_over: Arc<AtomicBool>) -> Result<f64, Failure> {
        let OwnedQuestion { completion, gold, options, facts, num_tokens, truncated } = question;
        let call = || {
            let (mut store, function) = self.instantiate(is_over)?;
            let (gold, options) = (gold.as_deref(), options.as_slice());
            function.call(&mut store, (completion.as_str(), gold, options, facts.as_str(), *num_tokens, *truncated))
        };
        match call() {
            Ok((result,)) => result.map_err(|reason| Failure::error(start(&reason))),
            Err(error) => Err(self.failure(&error)),
        }
    }

    fn instantiate<'a>(
        &self,
        is_over: Arc<AtomicBool>,
    ) -> Result<(Store<Limits>, TypedFunc<Arguments<'a>, Results>), Error> {
        let mut store = Store::new(&self.engine, Limits::new(self.bounds.max_memory_bytes));
        store.limiter(|limits| limits);
        store.set_fuel(self.bounds.fuel)?;
        store.set_epoch_deadline(1);
        // From here on the epoch is watched. What was over before is not begun.
        if is_over.load(Ordering::SeqCst) {
            return Err(Trap::Interrupt.into());
        }
        store.epoch_deadline_callback(move |_| {
            Ok(if is_over.load(Ordering::SeqCst) { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
        });
        let instance = self.component.instantiate(&mut store)?;
        let function = instance.get_typed_func(&mut store, FUNCTION)?;
        Ok((store, function))
    }

    fn failure(&self, error: &Error) -> Failure {
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Failure::timeout(format!("it took more than `fuel` = {}", self.bounds.fuel)),
            Some(Trap::Interrupt) => Failure::timeout("its time was up"),
            Some(trap) => Failure::error(format!("it trapped: {trap}")),
            None => Failure::error(start(&error.root_cause().to_string())),
        }
    }
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Compiled").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

// === impl OwnedQuestion ===

impl TryFrom<&Question<'_>> for OwnedQuestion {
    type Error = Failure;

    fn try_from(question: &Question<'_>) -> Result<Self, Failure> {
        Ok(Self {
            completion: question.completion(),
            gold: question.reference.gold.clone(),
            options: question.reference.options.clone(),
            facts: question.facts_as_json()?,
            num_tokens: question.sample.num_tokens,
            truncated: question.is_truncated(),
        })
    }
}

fn start(text: &str) -> String {
    text.chars().take(KEPT_CHARACTERS).collect()
}
