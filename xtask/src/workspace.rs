//! Where things are, and how other programs are run from here.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

/// The checkout this command was built in.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
}

/// Tells the person at the terminal what happens now.
pub fn step(text: &str) {
    eprintln!("==> {text}");
}

/// Runs `command` with its output shown, and fails unless it succeeds.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("failed to start `{}`", describe(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", describe(command));
    }
    Ok(())
}

/// Runs `command` quietly, and returns what it printed if it succeeds. Failing, it is reported with its own words.
pub fn read(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("failed to start `{}`", describe(command)))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}: {}", describe(command), output.status, words.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether `command` starts and succeeds; its output is nobody's business.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

// === impl Workspace ===

impl Workspace {
    /// The checkout around the current directory.
    pub fn find() -> anyhow::Result<Self> {
        let start = env::current_dir().context("failed to read the current directory")?;
        let is_root = |directory: &&Path| directory.join("xtask/Cargo.toml").exists();
        let Some(root) = start.ancestors().find(is_root) else {
            bail!("`{}` is not inside a checkout of the project, run this from one", start.display());
        };
        Ok(Self { root: root.to_owned() })
    }

    /// The top of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of libtorch.
    pub fn libtorch(&self) -> PathBuf {
        self.root.join(".libtorch")
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |target| self.root.join(target))
    }

    /// A cargo command in the root. `.cargo/config.toml` says where libtorch is, so an inherited `LIBTORCH` must not; programs that
    /// cargo runs from other directories than `target` find libtorch by the loader's path.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).env_remove("LIBTORCH").env("LD_LIBRARY_PATH", self.loader_path());
        cargo
    }

    /// libtorch's libraries first, then what the environment says.
    pub fn loader_path(&self) -> String {
        let libraries = self.libtorch().join("lib").display().to_string();
        match env::var("LD_LIBRARY_PATH") {
            Ok(inherited) if !inherited.is_empty() => format!("{libraries}:{inherited}"),
            _ => libraries,
        }
    }
}
