//! Everything a run keeps on disk: the journal, the groups' payloads, and the claim on the run directory.

mod book;
mod directory;
mod frame;
mod journal;
mod payload;

pub use book::Book;
pub use directory::RunDirectory;
pub(crate) use journal::replace;
pub use journal::{Journal, Record};
pub use payload::{PayloadReader, Payloads};
