//! Master weights as layers consume them: matrices cast to the compute type and fused where one product serves several.
//!
//! A network is built anew for every differentiable pass, so that casts and fusions are part of the autograd graph, and kept
//! between decode steps, where they would cost more than the products.

use tch::{Kind, Tensor};

use crate::{ComputeType, parameters::Parameters};

/// Hands out the weights of one network.
pub(crate) struct Weights<'a> {
    pub parameters: &'a Parameters,
    pub compute: ComputeType,
}

/// A linear layer: weight `[outputs, inputs]` and perhaps bias `[outputs]`, both of the compute type.
#[derive(Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

/// A root-mean-square norm: weight `[width]` f32.
#[derive(Debug)]
pub(crate) struct RmsNorm {
    weight: Tensor,
    epsilon: f64,
    output: Kind,
}

// === impl Weights ===

impl Weights<'_> {
    /// Returns the f32 master of a tensor.
    pub(crate) fn master(&self, name: &str) -> Tensor {
        self.parameters.get(name).shallow_clone()
    }

    /// Returns a tensor in the compute type.
    pub(crate) fn cast(&self, name: &str) -> Tensor {
        match self.compute {
            ComputeType::F32 => self.master(name),
            ComputeType::Bf16 => self.parameters.get(name).to_kind(Kind::BFloat16),
        }
    }

    /// Builds a linear layer without bias from modules whose outputs are concatenated.
    pub(crate) fn linear(&self, modules: &[String]) -> Linear {
        Linear { weight: self.fused(modules, "weight"), bias: None }
    }

    /// Builds a linear layer with bias from modules whose outputs are concatenated.
    pub(crate) fn biased_linear(&self, modules: &[String]) -> Linear {
        Linear { weight: self.fused(modules, "weight"), bias: Some(self.fused(modules, "bias")) }
    }

    /// Builds a norm.
    pub(crate) fn norm(&self, module: &str, epsilon: f64) -> RmsNorm {
        RmsNorm { weight: self.master(&format!("{module}.weight")), epsilon, output: self.compute.kind() }
    }

    fn fused(&self, modules: &[String], field: &str) -> Tensor {
        let parts: Vec<Tensor> = modules.iter().map(|module| self.cast(&format!("{module}.{field}"))).collect();
        match &parts[..] {
            [single] => single.shallow_clone(),
            _ => Tensor::cat(&parts, 0),
        }
    }
}

// === impl Linear ===

impl Linear {
    pub(crate) fn new(weight: Tensor) -> Self {
        Self { weight, bias: None }
    }

    /// input `[T, inputs]` → `[T, outputs]`, both of the compute type.
    pub(crate) fn forward(&self, input: &Tensor) -> Tensor {
        input.linear(&self.weight, self.bias.as_ref())
    }
}

// === impl RmsNorm ===

impl RmsNorm {
    /// input `[T, width]` f32 → `[T, width]` of the compute type, which is what linear layers take; computed in f32.
    pub(crate) fn forward(&self, input: &Tensor) -> Tensor {
        input.rms_norm(self.weight.size(), Some(&self.weight), self.epsilon).to_kind(self.output)
    }
}
