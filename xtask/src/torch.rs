//! The parts of libtorch that come from wheels, and the one that is linked here.

use std::{fs, path::Path, process::Command};

use anyhow::Context;

use crate::{
    archive,
    component::Component,
    wheel::{CUDA_CUPTI, CUDA_RUNTIME, TORCH, Wheel},
    workspace::{run, step},
};

/// Installs what is missing or damaged of libtorch in `root`, and says whether anything was.
pub fn ensure(root: &Path) -> anyhow::Result<bool> {
    let mut changed = false;
    for wheel in [&TORCH, &CUDA_RUNTIME, &CUDA_CUPTI] {
        changed |= ensure_wheel(wheel, root)?;
    }
    changed |= ensure_umbrella(root)?;
    Ok(changed)
}

fn ensure_wheel(wheel: &Wheel, root: &Path) -> anyhow::Result<bool> {
    let downloads = root.join("downloads");
    let make = |aside: &Path| {
        fs::create_dir_all(&downloads).with_context(|| format!("failed to make `{}`", downloads.display()))?;
        let path = wheel.fetch(&downloads)?;
        step(&format!("unpacking {}", wheel.file_name));
        archive::unpack(&path, wheel.selections, aside)
    };
    let products = wheel.products.iter().map(Into::into).collect();
    Component { name: wheel.component, recipe: wheel.sha256.to_owned(), products, make: &make }.ensure(root)
}

/// tch links `libtorch.so`. The wheel's own pulls in the CUDA libraries; this one needs only `libtorch_cpu`.
fn ensure_umbrella(root: &Path) -> anyhow::Result<bool> {
    let make = |aside: &Path| {
        let directory = aside.join("lib");
        fs::create_dir_all(&directory).with_context(|| format!("failed to make `{}`", directory.display()))?;
        let mut linker = Command::new("cc");
        linker.args(["-shared", "-Wl,-soname,libtorch.so", "-Wl,--no-as-needed", "-Wl,-rpath,$ORIGIN", "-o"]);
        linker.arg(directory.join("libtorch.so")).arg("-L").arg(root.join("lib")).arg("-ltorch_cpu");
        // What `libtorch_cpu` itself needs is looked up when a program is linked.
        linker.arg("-Wl,--allow-shlib-undefined");
        run(&mut linker)
    };
    let recipe = format!("needs libtorch_cpu of {}", TORCH.sha256);
    Component { name: "umbrella", recipe, products: vec!["lib/libtorch.so".into()], make: &make }.ensure(root)
}
