//! The programs: where they are, and running one to its end.

use std::{
    env,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::poll::poll;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote, standard output and standard error together.
    pub output: String,
}

/// Runs a program, such as `gradus-coordinator`, in a directory to its end.
///
/// # Panics
/// The program is not built, or does not end in time.
#[must_use]
pub fn run_program(name: &str, directory: &Path, arguments: &[&str]) -> Ended {
    let log = directory.join(format!("{name}.output"));
    let mut child = start(name, directory, arguments, &log);
    let Some(ended) = poll(|| ended(&mut child, &log)) else {
        // It is the test that fails; that the process is gone already would be no news.
        let _ = child.kill();
        panic!("`{name} {}` does not end; its output:\n{}", arguments.join(" "), read(&log));
    };
    ended
}

/// Starts a program whose output goes to a new file.
pub(crate) fn start(name: &str, directory: &Path, arguments: &[&str], log: &Path) -> Child {
    let open = || {
        let output = File::create(log)?;
        Ok::<_, std::io::Error>((output.try_clone()?, output))
    };
    let (output, errors) = open().unwrap_or_else(|error| panic!("failed to create `{}`: {error}", log.display()));
    let program = path(name);
    Command::new(&program)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .unwrap_or_else(|error| panic!("failed to start `{}`: {error}", program.display()))
}

/// Returns how a child ended, once it has.
pub(crate) fn ended(child: &mut Child, log: &Path) -> Option<Ended> {
    let status = child.try_wait().expect("a child can be waited for")?;
    Some(Ended { code: status.code(), output: read(log) })
}

/// Reads the output of a program so far.
pub(crate) fn read(log: &Path) -> String {
    std::fs::read(log).map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Finds a program beside the test executable, which lies in `deps` of the directory that programs are built into.
fn path(name: &str) -> PathBuf {
    let own = env::current_exe().expect("the test knows its own executable");
    let directories = own.ancestors().skip(1).take(2);
    let found = directories.map(|directory| directory.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is not built beside `{}`: run `cargo build --bins` first", own.display()))
}
