//! The headers of Gloo, which libtorch contains but does not publish: the distribution's `libgloo-dev`, unpacked without being installed.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, bail};

use crate::{
    component::{Component, remove},
    system,
    workspace::{run, step},
};

/// Installs the headers in `root` if they are missing or damaged, and says whether they were.
pub fn ensure(root: &Path) -> anyhow::Result<bool> {
    let make = |aside: &Path| make(root, aside);
    let products = vec!["gloo/include/gloo".into()];
    Component { name: "gloo", recipe: "libgloo-dev of the distribution".to_owned(), products, make: &make }.ensure(root)
}

fn make(root: &Path, aside: &Path) -> anyhow::Result<()> {
    let unpacked = aside.join("package");
    let downloads = root.join("downloads/gloo");
    // Emptied, because the name of the package's file is the distribution's business.
    remove(&downloads)?;
    fs::create_dir_all(&downloads).with_context(|| format!("failed to make `{}`", downloads.display()))?;
    step("fetching libgloo-dev");
    system::require_package_candidate("libgloo-dev")?;
    let mut download = Command::new("apt-get");
    download.current_dir(&downloads).arg("--quiet").arg("download").arg("libgloo-dev");
    if system::is_root() {
        // apt's own user cannot write into this directory.
        download.args(["-o", "APT::Sandbox::User=root"]);
    }
    run(&mut download).context("failed to fetch `libgloo-dev`, check the network and apt's sources")?;
    let mut files = fs::read_dir(&downloads).with_context(|| format!("failed to read `{}`", downloads.display()))?;
    let Some(Ok(package)) = files.next() else {
        bail!("apt-get left no package in `{}`", downloads.display());
    };
    run(Command::new("dpkg").arg("-x").arg(package.path()).arg(&unpacked))?;
    let headers = unpacked.join("usr/include/gloo");
    if !headers.join("context.h").exists() {
        bail!("`libgloo-dev` of this distribution holds no `usr/include/gloo/context.h`");
    }
    let destination = aside.join("gloo/include");
    fs::create_dir_all(&destination)
        .and_then(|()| fs::rename(&headers, destination.join("gloo")))
        .with_context(|| format!("failed to fill `{}`", destination.display()))
}
