//! Launching a run on this machine and following it to its end: what `gradus run` and `gradus demo` share.

mod claim;
mod interrupts;

pub use interrupts::Interrupts;

use std::{
    fs,
    io::{self, ErrorKind},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use gradus_config::{IDENTITY_FILE, RunConfig, differences};

use self::claim::Claim;

use crate::{
    api::{self, Client, RunReport},
    cluster::{Cluster, Drained, Event},
    progress::Progress,
    run_file,
};

/// How often the cluster is looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// How a launch ended.
#[derive(Debug)]
pub enum Ending {
    /// The run is over; this is its last report.
    Finished(Box<RunReport>),
    /// Ctrl-C or `gradus stop`: the processes were drained, and the same command goes on from there.
    Interrupted,
}

/// Starts every process of a run, follows it, and drains it at Ctrl-C.
pub fn launch(config: &RunConfig) -> Result<Ending> {
    run_file::check_model_directory(config)?;
    check_identity(config)?;
    let interrupts = Arc::new(Interrupts::listen()?);
    let Some(_claim) = Claim::take(&config.run.directory, &interrupts)? else { return Ok(Ending::Interrupted) };
    check_status_address(&config.coordinator.http)?;
    let run_file = write_run_file(config)?;
    let mut cluster = Cluster::start(config, &run_file, Arc::clone(&interrupts))?;
    let client = Client::new(&config.coordinator.http);
    let mut progress = Progress::new(config);
    write_process_ids(config, &cluster, &progress);
    while interrupts.count() == 0 {
        let events = cluster.poll(Instant::now()).inspect_err(|_| {
            // The cluster is drained when it is dropped, before the error is shown.
            progress.note("the run gives up and drains the other processes; twice Ctrl-C ends everything at once");
        })?;
        for event in events {
            match event {
                Event::Finished => return end(config, &mut progress),
                Event::Restarting { name, ending } => {
                    progress.note(&format!("{name} {ending}; starting it again"));
                }
                Event::Restarted { name, had_left } => {
                    if had_left {
                        progress.note(&format!("{name} had left though the run goes on; it is started again"));
                    }
                    write_process_ids(config, &cluster, &progress);
                }
                Event::Killed { name } => progress.note(&format!("{name} did not leave after the run and was killed")),
            }
        }
        // The coordinator may be starting, or another run's may hold its address; the next look will tell.
        if let Ok(report) = client.run()
            && report.directory == config.run.directory
        {
            progress.show(&report);
        }
        std::thread::sleep(INTERVAL);
    }
    progress.note("draining; once more Ctrl-C ends everything at once");
    let drained = cluster.drain();
    progress.abandon();
    match drained {
        Drained::All => Ok(Ending::Interrupted),
        Drained::Killed => bail!("ended with work in progress; the same command goes on from the last checkpoint"),
    }
}

/// Tells a run that has come to its end from one that was stopped.
fn end(config: &RunConfig, progress: &mut Progress) -> Result<Ending> {
    let Some(report) = api::read_report(&config.run.directory)? else {
        progress.abandon();
        return Ok(Ending::Interrupted);
    };
    progress.finish(&report);
    Ok(Ending::Finished(Box::new(report)))
}

/// Refuses a run directory that belongs to another run, before anything is written there. The coordinator, which makes the
/// directory a run's, looks again.
fn check_identity(config: &RunConfig) -> Result<()> {
    let path = config.run.directory.join(IDENTITY_FILE);
    let content = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        read => read.with_context(|| format!("failed to read `{}`", path.display()))?,
    };
    // What cannot be understood is the coordinator's to report.
    let Ok(keys) = differences(config, &content) else { return Ok(()) };
    let differing: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    ensure!(
        differing.is_empty(),
        "run directory `{}` belongs to another run file: {} differ; set another `run.directory`, or remove the directory to \
         start over",
        config.run.directory.display(),
        differing.join(", ")
    );
    Ok(())
}

/// Refuses to start where something else listens, which may be the very same run.
fn check_status_address(address: &str) -> Result<()> {
    let bound = TcpListener::bind(address);
    // Whatever else is wrong with the address is the coordinator's to report.
    ensure!(
        !bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse),
        "`coordinator.http`: `{address}` is in use by another process, perhaps by another run (`gradus status` asks it); end \
         that one or choose another address"
    );
    Ok(())
}

/// Writes the resolved run file that the processes of this launcher read. The run's own, `run.toml`, is the coordinator's to
/// write, once it knows that the directory belongs to this run.
fn write_run_file(config: &RunConfig) -> Result<PathBuf> {
    let path = config.run.directory.join("launch.toml");
    replace(&path, &config.to_toml()).with_context(|| format!("failed to write run file `{}`", path.display()))?;
    Ok(path)
}

/// Writes names and ids of the processes, for people who want to look at or kill one. The run goes on without.
fn write_process_ids(config: &RunConfig, cluster: &Cluster, progress: &Progress) {
    let path = config.run.directory.join("processes.txt");
    let lines: Vec<String> = cluster.process_ids().iter().map(|(name, id)| format!("{id} {name}\n")).collect();
    if let Err(error) = replace(&path, &lines.concat()) {
        progress.note(&format!("failed to write `{}`: {error}", path.display()));
    }
}

/// Writes a file aside and renames it, so that whoever reads it finds all of it. If that fails, the old one is left as it was.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let aside = path.with_extension("new");
    let replaced = fs::write(&aside, text).and_then(|()| fs::rename(&aside, path));
    replaced.inspect_err(|_| {
        // The failure itself is worth more than that of tidying up after it.
        let _ = fs::remove_file(&aside);
    })
}
