//! Training scalars: one JSON line a step in `metrics.jsonl` of the run directory.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use gradus_types::{Scalar, Step};
use serde_json::{Map, Value};

use crate::Error;

const FILE_NAME: &str = "metrics.jsonl";

/// Appends the scalars of steps to a run's file.
///
/// A line is `{"step":…,"time":…,"area/name":…}` with the time in seconds since 1970. Numbers JSON does not have are written as
/// the texts `NaN`, `inf` and `-inf`. After a crash the repeated steps are appended again: the last line of a step counts.
#[derive(Debug)]
pub struct Scalars {
    path: PathBuf,
    file: File,
}

/// The scalars of one step, as they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalarLine {
    /// The step.
    pub step: Step,
    /// When it was recorded, in seconds since 1970.
    pub time_seconds: f64,
    /// The values by name.
    pub values: BTreeMap<String, f64>,
}

// === impl Scalars ===

impl Scalars {
    /// Opens the file of a run, making it if there is none, and cuts off a last line that a crash left unfinished.
    pub fn open(run_directory: &Path) -> Result<Self, Error> {
        let path = run_directory.join(FILE_NAME);
        let open = || -> io::Result<File> {
            let file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
            let content = fs::read(&path)?;
            let whole = content.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            if whole < content.len() {
                file.set_len(whole as u64)?;
            }
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => Err(Error::Open { path, source }),
        }
    }

    /// Appends the scalars of a step, in one write.
    pub fn append(&mut self, step: Step, time: SystemTime, scalars: &[Scalar]) -> Result<(), Error> {
        if let Some(scalar) = scalars.iter().find(|scalar| !is_name(&scalar.name)) {
            return Err(Error::ScalarName { name: scalar.name.clone() });
        }
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let mut line = Map::new();
        line.insert("step".to_owned(), step.0.into());
        line.insert("time".to_owned(), number(seconds));
        line.extend(scalars.iter().map(|scalar| (scalar.name.clone(), number(scalar.value))));
        let text = format!("{}\n", Value::Object(line));
        self.write_whole(text.as_bytes()).map_err(|source| Error::Scalars {
            action: "append",
            path: self.path.clone(),
            source,
        })
    }

    /// Writes a line, or nothing of it: half a line on a full disk would take the next one with it.
    fn write_whole(&mut self, line: &[u8]) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        self.file.write_all(line).or_else(|failure| {
            self.file.set_len(length)?;
            Err(failure)
        })
    }

    /// Reads a run's file: the last line of each step, in order of steps. A file that does not exist has no lines.
    pub fn read(run_directory: &Path) -> Result<Vec<ScalarLine>, Error> {
        let path = run_directory.join(FILE_NAME);
        let content = match fs::read_to_string(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(Error::Scalars { action: "read", path, source }),
        };
        let lines = content.lines().filter_map(parse).map(|line| (line.step, line));
        Ok(lines.collect::<BTreeMap<_, _>>().into_values().collect())
    }
}

/// Tells whether a name is `area/name[/stat]`.
fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    let parts: Vec<&str> = name.split('/').collect();
    (2..=3).contains(&parts.len()) && parts.iter().all(|part| !part.is_empty() && part.bytes().all(is_allowed))
}

fn number(value: f64) -> Value {
    if value.is_finite() { value.into() } else { value.to_string().into() }
}

/// Reads a line; one that a crash left unfinished has no scalars.
fn parse(line: &str) -> Option<ScalarLine> {
    let fields: Map<String, Value> = serde_json::from_str(line).ok()?;
    let mut values = BTreeMap::new();
    for (name, value) in &fields {
        if name.contains('/') {
            let value = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
            values.insert(name.clone(), value);
        }
    }
    Some(ScalarLine { step: Step(fields.get("step")?.as_u64()?), time_seconds: fields.get("time")?.as_f64()?, values })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn what_is_appended_is_read_back_and_a_repeated_step_counts_once() {
        let run = tempfile::tempdir().unwrap();
        let mut scalars = Scalars::open(run.path()).unwrap();
        scalars.append(Step(1), at(10), &[Scalar::new("loss/policy", 0.5)]).unwrap();
        scalars.append(Step(2), at(11), &[Scalar::new("optim/gradient_norm", f64::INFINITY)]).unwrap();
        scalars.append(Step(1), at(20), &[Scalar::new("loss/policy", 0.25)]).unwrap();
        let lines = Scalars::read(run.path()).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].values["loss/policy"], lines[0].time_seconds), (0.25, 20.0));
        assert_eq!(lines[1].values["optim/gradient_norm"], f64::INFINITY);
    }

    #[test]
    fn a_line_that_a_crash_tore_is_cut_off() {
        let run = tempfile::tempdir().unwrap();
        fs::write(run.path().join(FILE_NAME), "{\"step\":1,\"time\":1.0,\"loss/policy\":2.0}\n{\"step\":2,\"ti")
            .unwrap();
        let mut scalars = Scalars::open(run.path()).unwrap();
        scalars.append(Step(2), at(5), &[Scalar::new("loss/policy", 1.0)]).unwrap();
        let steps: Vec<u64> = Scalars::read(run.path()).unwrap().iter().map(|line| line.step.0).collect();
        assert_eq!(steps, [1, 2]);
    }

    #[test]
    fn a_name_without_an_area_is_refused() {
        let run = tempfile::tempdir().unwrap();
        let mut scalars = Scalars::open(run.path()).unwrap();
        for name in ["loss", "Loss/policy", "loss//mean", "a/b/c/d", ""] {
            let error = scalars.append(Step(1), at(0), &[Scalar::new(name, 0.0)]).unwrap_err();
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
        assert!(Scalars::read(run.path()).unwrap().is_empty());
    }

    #[test]
    fn a_run_without_a_file_has_no_scalars() {
        assert!(Scalars::read(tempfile::tempdir().unwrap().path()).unwrap().is_empty());
    }
}
