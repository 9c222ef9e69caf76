//! Fetches the wheels that libtorch comes in, through pip, and makes sure they are the right ones.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::{
    archive::Selection,
    stamp::sha256,
    workspace::{run, step},
};

/// A wheel of the Python package index, and what is wanted from it.
#[derive(Debug)]
pub struct Wheel {
    /// The name of the component it becomes.
    pub component: &'static str,
    /// What pip is asked for.
    pub requirement: &'static str,
    /// The file pip leaves.
    pub file_name: &'static str,
    /// Its size.
    pub size_bytes: u64,
    /// Its hash.
    pub sha256: &'static str,
    /// The members that are kept.
    pub selections: &'static [Selection],
    /// The files and directories they make.
    pub products: &'static [&'static str],
}

/// libtorch 2.11.0, the version tch 0.24 binds. The wheel for one Python is as good as another: no Python is used.
pub const TORCH: Wheel = Wheel {
    component: "torch",
    requirement: "torch==2.11.0",
    file_name: "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    size_bytes: 530_604_548,
    sha256: "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
    selections: &[
        Selection { prefix: "torch/include/", destination: "include/" },
        Selection { prefix: "torch/lib/libc10.so", destination: "lib/libc10.so" },
        Selection { prefix: "torch/lib/libgomp.so.1", destination: "lib/libgomp.so.1" },
        Selection { prefix: "torch/lib/libtorch_cpu.so", destination: "lib/libtorch_cpu.so" },
    ],
    products: &["include", "lib/libc10.so", "lib/libgomp.so.1", "lib/libtorch_cpu.so"],
};

/// `libtorch_cpu` of the wheel is linked against the CUDA runtime, also where there is no GPU.
pub const CUDA_RUNTIME: Wheel = Wheel {
    component: "cuda-runtime",
    requirement: "nvidia-cuda-runtime==13.0.96",
    file_name: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    size_bytes: 2_243_632,
    sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    selections: &[Selection { prefix: "nvidia/cu13/lib/libcudart.so.13", destination: "lib/libcudart.so.13" }],
    products: &["lib/libcudart.so.13"],
};

/// `libtorch_cpu` of the wheel is linked against the CUDA profiler's interface as well.
pub const CUDA_CUPTI: Wheel = Wheel {
    component: "cuda-cupti",
    requirement: "nvidia-cuda-cupti==13.0.85",
    file_name: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
    size_bytes: 10_715_597,
    sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
    selections: &[Selection { prefix: "nvidia/cu13/lib/libcupti.so.13", destination: "lib/libcupti.so.13" }],
    products: &["lib/libcupti.so.13"],
};

/// pip picks wheels for the Python it runs under unless it is told what the wheels are for.
const TAGS: [&str; 11] = [
    "--only-binary=:all:",
    "--python-version=3.11",
    "--implementation=cp",
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux_2_25_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux2014_x86_64",
    "--no-deps",
    "--progress-bar=on",
    "--disable-pip-version-check",
    "--no-input",
];

// === impl Wheel ===

impl Wheel {
    /// Downloads the wheel into `directory`, unless it is there and whole, and returns its path. A wrong file is removed and fetched once more.
    pub fn fetch(&self, directory: &Path) -> anyhow::Result<PathBuf> {
        let path = directory.join(self.file_name);
        if path.exists() && self.check(&path).is_ok() {
            return Ok(path);
        }
        for attempt in 1..=2 {
            remove_if_there(&path)?;
            self.download(directory)?;
            match self.check(&path) {
                Ok(()) => break,
                Err(error) if attempt == 1 => step(&format!("{error:#}; fetching it again")),
                Err(error) => {
                    remove_if_there(&path)?;
                    return Err(error).context("the package index serves another file, check pip's index settings");
                }
            }
        }
        Ok(path)
    }

    fn download(&self, directory: &Path) -> anyhow::Result<()> {
        step(&format!("fetching {} ({} MB)", self.requirement, self.size_bytes.div_ceil(1_000_000)));
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "download"]).args(TAGS).arg("--dest").arg(directory).arg(self.requirement);
        run(&mut pip).with_context(|| {
            format!(
                "failed to fetch `{}`, check the network and pip's settings (`python3 -m pip config list`), or place `{}` in `{}`",
                self.requirement,
                self.file_name,
                directory.display()
            )
        })
    }

    fn check(&self, path: &Path) -> anyhow::Result<()> {
        let size_bytes = fs::metadata(path).with_context(|| format!("pip left no `{}`", path.display()))?.len();
        if size_bytes != self.size_bytes {
            bail!("`{}` has {size_bytes} bytes instead of {}", path.display(), self.size_bytes);
        }
        let hash = sha256(path)?;
        if hash != self.sha256 {
            bail!("`{}` has the SHA-256 {hash} instead of {}", path.display(), self.sha256);
        }
        Ok(())
    }
}

fn remove_if_there(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("failed to remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Wheel = Wheel {
        component: "small",
        requirement: "small==1",
        file_name: "small.whl",
        size_bytes: 3,
        // Of "abc", from FIPS 180-2, appendix B.1.
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        selections: &[],
        products: &[],
    };

    #[test]
    fn a_whole_wheel_is_not_fetched_again() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        fs::write(directory.path().join("small.whl"), "abc").expect("a file");
        assert_eq!(SMALL.fetch(directory.path()).expect("it is there"), directory.path().join("small.whl"));
    }

    #[test]
    fn a_wrong_wheel_is_told_by_size_and_by_hash() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("small.whl");
        let refusal = |content: &str| {
            fs::write(&path, content).expect("a file");
            SMALL.check(&path).expect_err("wrong").to_string()
        };
        assert!(refusal("ab").contains("has 2 bytes instead of 3"));
        assert!(refusal("abd").contains("has the SHA-256"));
    }
}
