//! Launching a run on this machine and following it to its end: what `gradus run` and `gradus demo` share.

use std::{
    fs,
    io::ErrorKind,
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use gradus_config::RunConfig;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::{
    api::{self, Client, RunReport},
    cluster::{Cluster, Event},
    progress::Progress,
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
    ensure!(
        config.model.path.join("config.json").is_file(),
        "`model.path`: there is no `config.json` in `{}`; give the directory of a Hugging Face checkpoint",
        config.model.path.display()
    );
    check_status_address(&config.coordinator.http)?;
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // A second signal while draining ends the launcher at once.
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&interrupted))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)))
            .context("failed to listen for Ctrl-C")?;
    }
    let run_file = write_run_file(config)?;
    let mut cluster = Cluster::start(config, &run_file)?;
    write_process_ids(config, &cluster)?;
    let client = Client::new(&config.coordinator.http);
    let mut progress = Progress::new(config);
    while !interrupted.load(Ordering::Relaxed) {
        for event in cluster.poll(Instant::now())? {
            match event {
                Event::Finished => return end(config, &mut progress),
                Event::Restarting { name, ending } => {
                    progress.note(&format!("{name} {ending}; starting it again"));
                }
                Event::Restarted => write_process_ids(config, &cluster)?,
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
    cluster.drain();
    progress.abandon();
    Ok(Ending::Interrupted)
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

/// Writes the resolved run file that all processes read.
fn write_run_file(config: &RunConfig) -> Result<PathBuf> {
    let directory = &config.run.directory;
    fs::create_dir_all(directory).with_context(|| format!("failed to make run directory `{}`", directory.display()))?;
    let path = directory.join("run.toml");
    let text = toml::to_string(config).context("failed to write out the resolved run file")?;
    fs::write(&path, text).with_context(|| format!("failed to write run file `{}`", path.display()))?;
    Ok(path)
}

/// Writes names and ids of the processes, for people who want to look at or kill one.
fn write_process_ids(config: &RunConfig, cluster: &Cluster) -> Result<()> {
    let path = config.run.directory.join("processes.txt");
    let lines: Vec<String> = cluster.process_ids().iter().map(|(name, id)| format!("{id} {name}\n")).collect();
    fs::write(&path, lines.concat()).with_context(|| format!("failed to write `{}`", path.display()))
}
