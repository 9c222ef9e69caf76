//! Where a policy computes and in which number type.

use tch::{Device, Kind};

use crate::Error;

/// The number type of matrix products; weights stay f32, and norms, softmax, rotary embeddings and log-probabilities are
/// always computed in f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComputeType {
    /// 32-bit floating point throughout.
    F32,
    /// Weights are cast to bfloat16 for each matrix product.
    Bf16,
}

impl ComputeType {
    /// Returns the libtorch kind of this type.
    pub fn kind(self) -> Kind {
        match self {
            Self::F32 => Kind::Float,
            Self::Bf16 => Kind::BFloat16,
        }
    }
}

/// Reads a device name: `cpu`, `cuda` or `cuda:N`.
pub fn parse_device(name: &str) -> Result<Device, Error> {
    let unknown = || Error::UnknownDevice { name: name.to_owned() };
    match name {
        "cpu" => Ok(Device::Cpu),
        "cuda" => Ok(Device::Cuda(0)),
        _ => {
            let index = name.strip_prefix("cuda:").ok_or_else(unknown)?;
            index.parse().map(Device::Cuda).map_err(|_| unknown())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_are_read() {
        assert_eq!(parse_device("cpu").unwrap(), Device::Cpu);
        assert_eq!(parse_device("cuda").unwrap(), Device::Cuda(0));
        assert_eq!(parse_device("cuda:3").unwrap(), Device::Cuda(3));
    }

    #[test]
    fn a_misspelt_device_is_named_in_the_error() {
        let message = parse_device("cuda:x").unwrap_err().to_string();
        assert!(message.contains("`cuda:x`"), "{message}");
    }
}
