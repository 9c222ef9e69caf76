//! Loads a checkpoint and saves it again: `cargo run -p gradus-model --example resave -- FROM TO`. `tests/golden/model/check_saved.py`
//! compares the two in transformers.

use std::path::Path;

use gradus_model::{ComputeType, Error, Policy, StoredType};

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let mut directory = || arguments.next().expect("two directories are given: from and to");
    let (from, to) = (directory(), directory());
    let policy = Policy::load(Path::new(&from), tch::Device::Cpu, ComputeType::F32)?;
    policy.save(Path::new(&to), StoredType::Checkpoint)
}
