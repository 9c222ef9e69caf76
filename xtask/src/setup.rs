//! From a bare checkout to one that builds, and nothing at all the second time.

use crate::{
    component::remove,
    gloo,
    lock::Lock,
    system, torch,
    workspace::{Workspace, step},
};

/// Installs what is missing or damaged. One setup runs at a time.
pub fn run(workspace: &Workspace) -> anyhow::Result<()> {
    system::require_platform()?;
    system::ensure_packages()?;
    let root = workspace.libtorch();
    let _lock = Lock::acquire(&root)?;
    let libraries_changed = torch::ensure(&root)?;
    let headers_changed = gloo::ensure(&root)?;
    if libraries_changed || headers_changed {
        remove(&root.join("downloads"))?;
        remove(&root.join("aside"))?;
        step("libtorch is in place");
    }
    Ok(())
}
