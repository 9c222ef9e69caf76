//! The book: the state machine, its journal and the payloads kept in step. What it answers is true on disk once
//! [`Book::sync`] has returned.

use tracing::{debug, info};

use crate::{
    Error,
    machine::{Command, Effect, Event, Machine, Open, Plan, Refusal, Settings, State, Submit, Timestamp},
    store::{Journal, PayloadReader, Payloads, Record, RunDirectory},
};

/// A journal that has grown by so many bytes since its last snapshot is replaced by a new one.
const COMPACT_BYTES: u64 = 16 << 20;

/// The machine with what it keeps on disk.
#[derive(Debug)]
pub struct Book {
    directory: RunDirectory,
    machine: Machine,
    journal: Journal,
    payloads: Payloads,
    effects: Vec<Effect>,
    compact_length: u64,
    needs_sync: bool,
}

impl Book {
    /// Opens a run's book: replays its journal and notes that the coordinator has started.
    ///
    /// # Errors
    /// A file cannot be used, is damaged, or belongs to another version.
    pub fn open(directory: RunDirectory, plan: Plan, settings: Settings, now: Timestamp) -> Result<Self, Error> {
        let path = directory.journal();
        let (journal, records) = Journal::open(&path)?;
        let num_records = records.len();
        let mut machine = Machine::new(plan.clone());
        for (position, record) in records.into_iter().enumerate() {
            match record {
                Record::Snapshot(state) => machine = Machine::resume(plan.clone(), *state),
                Record::Event { at, event } => machine.apply(&event, at).map_err(|source| Error::Replay {
                    path: path.clone(),
                    position: position as u64,
                    source,
                })?,
            }
            machine.take_effects();
        }
        let mut payloads = Payloads::open(&directory.payloads())?;
        payloads.delete_orphans(&machine.state().segments)?;
        let compact_length = COMPACT_BYTES.max(2 * journal.length());
        let mut book =
            Self { directory, machine, journal, payloads, effects: Vec::new(), compact_length, needs_sync: false };
        if book.carry_out(Open { settings }, now)?.is_err() {
            debug_assert!(false, "a start is never refused");
        }
        book.sync()?;
        info!(num_records, revision = book.state().revision, "opened the book of the run");
        Ok(book)
    }

    /// Carries out a command, and journals it if it changed anything.
    ///
    /// # Errors
    /// The journal cannot be written; the book must not be used any more.
    pub fn carry_out<C: Command + Clone>(
        &mut self,
        command: C,
        now: Timestamp,
    ) -> Result<Result<C::Reply, Refusal>, Error> {
        let before = self.machine.state().revision;
        let reply = command.apply(&mut self.machine, now);
        if self.machine.state().revision != before {
            let event: Event = command.into();
            self.journal.append(&Record::Event { at: now, event })?;
            self.needs_sync |= C::IS_DURABLE;
            self.effects.extend(self.machine.take_effects());
        }
        Ok(reply)
    }

    /// Stores a group: its payload, if the group is still wanted, and then its admission.
    ///
    /// # Errors
    /// A file cannot be written; the book must not be used any more.
    pub fn submit(
        &mut self,
        mut submit: Submit,
        payload: &[u8],
        now: Timestamp,
    ) -> Result<Result<<Submit as Command>::Reply, Refusal>, Error> {
        if let Some(segment) = self.machine.segment_for(submit.header.id) {
            submit.location = self.payloads.append(segment, payload)?;
        }
        self.carry_out(submit, now)
    }

    /// Makes everything carried out so far safe, with one wait for the disk however much it is; then does what follows.
    ///
    /// # Errors
    /// A file cannot be written; the book must not be used any more.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.journal.write()?;
        if self.needs_sync {
            self.payloads.sync()?;
            self.journal.sync()?;
            self.needs_sync = false;
        }
        for effect in &self.effects {
            if let Effect::SegmentsReleased { segments } = effect {
                debug!(num_segments = segments.len(), "deleting payloads that a checkpoint covers");
                self.payloads.delete(segments)?;
            }
        }
        if self.journal.length() > self.compact_length { self.compact() } else { Ok(()) }
    }

    /// Replaces the journal's records by a snapshot of the state they lead to.
    fn compact(&mut self) -> Result<(), Error> {
        self.journal.compact(self.machine.state())?;
        self.compact_length = COMPACT_BYTES.max(2 * self.journal.length());
        debug!(bytes = self.journal.length(), "replaced the journal by a snapshot");
        Ok(())
    }

    /// Takes what must happen outside, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Deletes the payloads of an evaluation whose report is written.
    ///
    /// # Errors
    /// The file cannot be deleted.
    pub fn forget_evaluation(&mut self, number: u64) -> Result<(), Error> {
        self.payloads.delete(&[crate::machine::Segment::Evaluation(number)])
    }

    /// Returns the run's directory.
    #[must_use]
    pub fn directory(&self) -> &RunDirectory {
        &self.directory
    }

    /// Returns the machine.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Returns what has happened so far.
    #[must_use]
    pub fn state(&self) -> &State {
        self.machine.state()
    }

    /// Returns a reader of the payloads.
    #[must_use]
    pub fn payloads(&self) -> PayloadReader {
        self.payloads.reader()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use gradus_types::{GroupId, Rank};

    use super::*;
    use crate::{
        fixture,
        machine::{Announce, Item, Join, Lend, Location, Scoring, Segment, fixture as machine_fixture},
    };

    const NOW: Timestamp = Timestamp(5_000);

    fn open(path: &Path) -> Book {
        let config = fixture::run_config(path);
        let directory = RunDirectory::claim(&config).unwrap();
        Book::open(directory, Plan::of(&config), machine_fixture::settings(), NOW).unwrap()
    }

    /// A book with one answer of the first evaluation.
    fn with_an_answer(path: &Path) -> Book {
        let mut book = open(path);
        for rank in 0..2 {
            let (incarnation, store_endpoint) = ("process".to_owned(), "host:1".to_owned());
            let join = Join { rank: Rank(rank), world_size: 2, incarnation, store_endpoint };
            book.carry_out(join, NOW).unwrap().unwrap();
        }
        book.carry_out(Announce { generation: 1, policy: machine_fixture::policy(0) }, NOW).unwrap().unwrap();
        let lend = Lend { actor: "actor-0".to_owned(), incarnation: "life-1".to_owned(), max_groups: 2 };
        let id = book.carry_out(lend, NOW).unwrap().unwrap()[0].group_id;
        let location = Location { segment: Segment::Step(0), offset: 0 };
        let header = machine_fixture::header(id, 0);
        let submit = Submit { actor: "actor-0".to_owned(), header, scoring: Scoring::Scored, location };
        book.submit(submit, b"payload", NOW).unwrap().unwrap();
        book.sync().unwrap();
        book
    }

    fn location_of_the_answer(book: &Book) -> Location {
        match book.state().evaluation.as_ref().unwrap().series.get(0).unwrap() {
            Item::Done(answer) => answer.location,
            Item::Open(_) => panic!("the answer is lost"),
        }
    }

    #[test]
    fn a_book_opened_again_is_at_the_same_place() {
        let directory = tempfile::tempdir().unwrap();
        let book = with_an_answer(directory.path());
        let before = book.state().clone();
        drop(book);
        let book = open(directory.path());
        assert_eq!(book.state().revision, before.revision + 1);
        assert_eq!(book.state().evaluation, before.evaluation);
        assert_eq!(book.payloads().read(location_of_the_answer(&book)).unwrap(), b"payload");
    }

    #[test]
    fn a_snapshot_leads_to_the_same_state_as_the_records_before_it() {
        let directory = tempfile::tempdir().unwrap();
        let mut book = with_an_answer(directory.path());
        let (before, length) = (book.state().clone(), book.journal.length());
        book.compact().unwrap();
        assert!(book.journal.length() != length);
        drop(book);
        let book = open(directory.path());
        let reopened = State { revision: before.revision + 1, counters: book.state().counters, ..before };
        assert_eq!(*book.state(), reopened);
    }

    #[test]
    fn a_book_whose_journal_is_torn_loses_only_what_was_not_acknowledged() {
        let directory = tempfile::tempdir().unwrap();
        drop(with_an_answer(directory.path()));
        let path = directory.path().join("journal.bin");
        let content = fs::read(&path).unwrap();
        // The last record is the answer: without its last byte it was never acknowledged, and is asked for again.
        fs::write(&path, &content[..content.len() - 1]).unwrap();
        let book = open(directory.path());
        let evaluation = book.state().evaluation.as_ref().unwrap();
        assert_eq!(evaluation.progress(), (0, 4));
        assert!(book.machine().segment_for(GroupId::evaluation(0, 0)).is_some());
        book.state().check_ledger().unwrap();
    }
}
