//! The user that a confined program runs as.

use anyhow::Context;
use rustix::{
    process::{DumpableBehavior, Gid, Signal, Uid, geteuid, set_dumpable_behavior, set_parent_process_death_signal},
    thread::{
        CapabilitySet, CapabilitySets, capabilities, configure_capability_in_ambient_set, set_capabilities,
        set_keep_capabilities, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
    },
};

/// Becomes another user where this process is root's, because limits of processes do not hold for root.
pub fn give_up_root(user: u32) -> anyhow::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    become_user(user).context("failed to give up root; start the server as another user")?;
    // The change of user undid both: that this process ends with its parent, and that it may write its own files in `/proc`.
    set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    end_with_parent()
}

/// Has this process killed when its parent ends.
pub fn end_with_parent() -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).context("failed to tie the process to its parent")
}

/// Of root's powers it keeps that to read: people's files and interpreters often lie in root's home.
fn become_user(user: u32) -> anyhow::Result<()> {
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    let kept = CapabilitySet::DAC_READ_SEARCH & capabilities(None)?.permitted;
    set_keep_capabilities(true)?;
    set_thread_groups(&[])?;
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: kept })?;
    if !kept.is_empty() {
        configure_capability_in_ambient_set(kept, true)?;
    }
    Ok(())
}
