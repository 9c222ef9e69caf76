//! The outer process of a confined program: it enters the namespaces, and takes everything in them along when it dies.

use std::{
    fs,
    process::{Command, ExitCode},
};

use anyhow::Context;
use rustix::{
    io::Errno,
    process::{getgid, getuid},
    thread::UnshareFlags,
};

use super::{
    CELL, Confinement,
    cell::Settings,
    exit_code,
    user::{end_with_parent, give_up_root},
};

/// Starts the cell and waits for it.
pub fn run(settings: &str) -> anyhow::Result<ExitCode> {
    let confinement: Confinement = serde_json::from_str(settings).context("failed to read the confinement")?;
    end_with_parent()?;
    let has_namespaces = enter_namespaces(confinement.user)?;
    let settings = serde_json::to_string(&Settings { confinement, has_namespaces })?;
    let status = Command::new("/proc/self/exe").arg(CELL).arg(settings).status();
    Ok(exit_code(status.context("failed to start the cell")?))
}

/// Enters namespaces of its own, and tells whether the system permitted it.
fn enter_namespaces(user: u32) -> anyhow::Result<bool> {
    let own = UnshareFlags::NEWPID | UnshareFlags::NEWNET | UnshareFlags::NEWIPC;
    if unshare(own).is_ok() {
        return Ok(true);
    }
    // Without privileges, a user namespace comes first. It keeps user and group, so files are read as before, and knows no other, so a root
    // without privileges is given up before.
    give_up_root(user)?;
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    if unshare(own | UnshareFlags::NEWUSER).is_err() {
        return Ok(false);
    }
    let write = |file: &str, text: String| fs::write(file, text).with_context(|| format!("failed to write `{file}`"));
    write("/proc/self/setgroups", "deny".to_owned())?;
    write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    Ok(true)
}

#[expect(deprecated, reason = "what replaces it is unsafe for the sake of flags that are not used here")]
fn unshare(flags: UnshareFlags) -> Result<(), Errno> {
    rustix::thread::unshare(flags)
}
