//! The system packages a build needs, installed where that is allowed.

use std::{fs, os::unix::fs::MetadataExt, process::Command};

use anyhow::{Context, bail};

use crate::workspace::{read, run, step, succeeds};

/// A program the set-up or the build calls, and the Debian package that brings it.
struct Need {
    program: &'static str,
    arguments: &'static [&'static str],
    package: &'static str,
}

const NEEDS: [Need; 4] = [
    Need { program: "cc", arguments: &["--version"], package: "gcc" },
    Need { program: "c++", arguments: &["--version"], package: "g++" },
    Need { program: "python3", arguments: &["-m", "pip", "--version"], package: "python3-pip" },
    Need { program: "dpkg", arguments: &["--version"], package: "dpkg" },
];

/// Fails where the wheels of libtorch do not run.
pub fn require_platform() -> anyhow::Result<()> {
    if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return Ok(());
    }
    bail!("libtorch is fetched for x86-64 Linux with glibc only, this was built for something else")
}

/// Installs the packages whose programs are missing, or says which command does.
pub fn ensure_packages() -> anyhow::Result<()> {
    let missing = missing_packages();
    if missing.is_empty() {
        return Ok(());
    }
    step(&format!("missing system packages: {}", missing.join(" ")));
    require_apt(&missing)?;
    let mut install = vec!["install", "--yes", "--no-install-recommends", "ca-certificates"];
    install.extend(&missing);
    apt_get(&[&["update"], &install])?;
    match missing_packages().as_slice() {
        [] => Ok(()),
        still => bail!("`{}`: installed, and still not working, see the output of apt-get above", still.join(" ")),
    }
}

/// Makes sure apt knows `package`, having it read its sources where nobody has yet.
pub fn require_package_candidate(package: &str) -> anyhow::Result<()> {
    require_apt(&[package])?;
    if has_candidate(package)? {
        return Ok(());
    }
    apt_get(&[&["update"]])?;
    if has_candidate(package)? {
        return Ok(());
    }
    bail!(
        "apt knows no package `{package}`, add a source that has it (on Ubuntu the component `universe`) and run this again"
    )
}

/// Whether this process may do everything.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

fn require_apt(packages: &[&str]) -> anyhow::Result<()> {
    if succeeds(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    bail!(
        "this needs `{}`, and there is no apt-get to get it with: only Debian and Ubuntu are set up by this command",
        packages.join(" ")
    )
}

fn has_candidate(package: &str) -> anyhow::Result<bool> {
    let policy = read(Command::new("apt-cache").env("LC_ALL", "C").args(["policy", package]))?;
    Ok(policy.lines().any(|line| line.trim_start().starts_with("Candidate:") && !line.contains("(none)")))
}

fn missing_packages() -> Vec<&'static str> {
    NEEDS.iter().filter(|need| !need.is_met()).map(|need| need.package).collect()
}

/// Runs apt-get as root, once for each list of arguments, or fails with the commands for someone who can.
fn apt_get(calls: &[&[&str]]) -> anyhow::Result<()> {
    let prefix: &[&str] = if is_root() {
        &["env"]
    } else if succeeds(Command::new("sudo").args(["-n", "true"])) {
        &["sudo", "-n"]
    } else {
        let commands: Vec<_> = calls.iter().map(|arguments| format!("sudo apt-get {}", arguments.join(" "))).collect();
        bail!("this needs root, run `{}` and then this command again", commands.join(" && "));
    };
    for arguments in calls {
        let mut command = Command::new(prefix[0]);
        command.args(&prefix[1..]).args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]).args(*arguments);
        run(&mut command).context("failed to install system packages, check the network and apt's sources")?;
    }
    Ok(())
}

// === impl Need ===

impl Need {
    fn is_met(&self) -> bool {
        succeeds(Command::new(self.program).args(self.arguments))
    }
}
