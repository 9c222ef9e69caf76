//! Rotary position embeddings: pairs of channels turned by an angle that grows with the token's position.
//!
//! Legend: T tokens, h heads, C channels of a head. Angles, sines and cosines are f32.

use tch::{Device, Kind, Tensor};

use crate::TextConfig;

/// The rotations of T tokens, shared by all heads and layers.
#[derive(Debug)]
pub(crate) struct Rotation {
    /// `[T, 1, C]`.
    cosine: Tensor,
    /// `[T, 1, C]`; negated in the first half, where the partner channel is subtracted.
    signed_sine: Tensor,
}

/// The frequencies of the text decoder's embedding, and which of time, height and width each follows.
#[derive(Debug)]
pub(crate) struct TextRotary {
    /// `[C / 2]` f32.
    inverse_frequencies: Tensor,
    /// `[C / 2]` i64 in 0..3.
    axes: Tensor,
}

/// theta^(-2i / num_channels) for i in 0..num_channels / 2 → `[num_channels / 2]` f32.
pub(crate) fn inverse_frequencies(num_channels: i64, theta: f64, device: Device) -> Tensor {
    let exponents = Tensor::arange_start_step(0, num_channels, 2, (Kind::Float, Device::Cpu)) / num_channels as f64;
    Tensor::pow_scalar(theta, &exponents).reciprocal().to_device(device)
}

// === impl Rotation ===

impl Rotation {
    /// angles `[T, C / 2]` f32.
    pub(crate) fn new(angles: &Tensor) -> Self {
        let (cosine, sine) = (angles.cos(), angles.sin());
        Self {
            cosine: Tensor::cat(&[&cosine, &cosine], -1).unsqueeze(1),
            signed_sine: Tensor::cat(&[&-&sine, &sine], -1).unsqueeze(1),
        }
    }

    /// heads `[T, h, C]` → the same shape and type, every channel turned with the one half a head away; computed in f32.
    pub(crate) fn apply(&self, heads: &Tensor) -> Tensor {
        let half = heads.size()[2] / 2;
        let kind = heads.kind();
        let heads = heads.to_kind(Kind::Float);
        let turned = &heads * &self.cosine + heads.roll([half], [-1]) * &self.signed_sine;
        turned.to_kind(kind)
    }
}

// === impl TextRotary ===

impl TextRotary {
    pub(crate) fn new(config: &TextConfig, device: Device) -> Self {
        let half = config.head_dim() / 2;
        let sections = config.mrope_section.unwrap_or([half, 0, 0]);
        let axes: Vec<i64> =
            sections.iter().zip(0..).flat_map(|(&size, axis)| std::iter::repeat_n(axis, size as usize)).collect();
        Self {
            inverse_frequencies: inverse_frequencies(config.head_dim(), config.rope_theta, device),
            axes: Tensor::from_slice(&axes).to_device(device),
        }
    }

    /// positions `[T, 3]` f32 (time, height, width) → the rotations of T tokens.
    pub(crate) fn at(&self, positions: &Tensor) -> Rotation {
        Rotation::new(&(positions.index_select(1, &self.axes) * &self.inverse_frequencies))
    }

    /// positions `[T, 1]` f32, the same on all axes → the rotations of T text tokens.
    pub(crate) fn at_text(&self, positions: &Tensor) -> Rotation {
        Rotation::new(&(positions * &self.inverse_frequencies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_zero_leaves_heads_as_they_are() {
        let heads = Tensor::randn([2, 3, 8], (Kind::Float, Device::Cpu));
        let rotation = Rotation::new(&Tensor::zeros([2, 4], (Kind::Float, Device::Cpu)));
        assert!(rotation.apply(&heads).allclose(&heads, 1e-6, 1e-6, false));
    }

    #[test]
    fn a_quarter_turn_swaps_partner_channels() {
        let heads = Tensor::from_slice(&[1f32, 2.0, 3.0, 4.0]).reshape([1, 1, 4]);
        let quarter = Tensor::full([1, 2], std::f64::consts::FRAC_PI_2, (Kind::Float, Device::Cpu));
        let expected = Tensor::from_slice(&[-3f32, -4.0, 1.0, 2.0]).reshape([1, 1, 4]);
        assert!(Rotation::new(&quarter).apply(&heads).allclose(&expected, 1e-6, 1e-6, false));
    }
}
