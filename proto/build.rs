//! Generates the wire types and services from the `.proto` files; no `protoc` is needed.

use std::error::Error;

const FILES: [&str; 5] = [
    "gradus/v1/types.proto",
    "gradus/v1/coordinator.proto",
    "gradus/v1/reward.proto",
    "gradus/v1/scorer.proto",
    "gradus/v1/weights.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        println!("cargo::rerun-if-changed={file}");
    }
    let descriptors = protox::compile(FILES, ["."])?;
    tonic_prost_build::configure().bytes(".gradus.v1").compile_fds(descriptors)?;
    Ok(())
}
