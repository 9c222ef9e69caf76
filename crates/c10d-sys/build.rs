//! Compiles the C++ shim over libtorch's c10d and links it with the libraries in `$LIBTORCH`.

use std::{
    env,
    path::{Path, PathBuf},
};

const SOURCES: [&str; 3] = ["shim/store.cpp", "shim/group.cpp", "shim/reducer.cpp"];

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-changed=shim");
    let libtorch = PathBuf::from(env::var_os("LIBTORCH").expect("LIBTORCH names the libtorch directory"));
    let required = ["include/torch/csrc/distributed/c10d/ProcessGroupGloo.hpp", "gloo/include/gloo/context.h"];
    for file in required {
        let path = libtorch.join(file);
        assert!(path.exists(), "`{}` is missing; run `cargo xtask setup` first", path.display());
        println!("cargo:rerun-if-changed={}", path.display());
    }
    compile(&libtorch);
    println!("cargo:rustc-link-search=native={}", libtorch.join("lib").display());
    println!("cargo:rustc-link-lib=dylib=torch_cpu");
    println!("cargo:rustc-link-lib=dylib=c10");
}

/// `USE_C10D_GLOO` uncovers the Gloo half of the headers; libtorch is built with the C++11 ABI.
fn compile(libtorch: &Path) {
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").pic(true).files(SOURCES);
    build.define("USE_C10D_GLOO", None).define("_GLIBCXX_USE_CXX11_ABI", "1");
    // As system headers, so that only the shim's own warnings show.
    for directory in ["include", "include/torch/csrc/api/include", "gloo/include"] {
        build.flag("-isystem").flag(libtorch.join(directory));
    }
    build.compile("gradus_c10d");
}
