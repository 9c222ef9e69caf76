//! Random initial weights: a function of the seed, the tensor's name and the element's index, so the same on every device.

use tch::{Device, Tensor};

use crate::{
    inventory::{Entry, Initial},
    parameters::Parameters,
};

/// Draws every tensor of an inventory.
pub(crate) fn parameters(entries: Vec<Entry>, seed: i64, device: Device) -> Parameters {
    let tensors = entries.iter().map(|entry| draw(entry, seed).to_device(device)).collect();
    Parameters::new(entries, tensors)
}

fn draw(entry: &Entry, seed: i64) -> Tensor {
    let num_elements = entry.shape.iter().product::<i64>() as usize;
    let elements = match entry.initial {
        Initial::Zeros => vec![0.0; num_elements],
        Initial::Ones => vec![1.0; num_elements],
        Initial::Normal { standard_deviation } => {
            let stream = stream(seed, &entry.name);
            let pairs = (0..num_elements.div_ceil(2) as u64).flat_map(|pair| normal_pair(stream, pair));
            pairs.take(num_elements).map(|normal| (normal * standard_deviation) as f32).collect()
        }
    };
    Tensor::from_slice(&elements).reshape(&entry.shape)
}

fn stream(seed: i64, name: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes()).update(name.as_bytes());
    let first: [u8; 8] = hasher.finalize().as_bytes()[..8].try_into().expect("a digest has 32 bytes");
    u64::from_le_bytes(first)
}

/// Box and Muller's transform of two uniform numbers.
fn normal_pair(stream: u64, pair: u64) -> [f64; 2] {
    let radius = (-2.0 * uniform(stream, 2 * pair).ln()).sqrt();
    let (sine, cosine) = (std::f64::consts::TAU * uniform(stream, 2 * pair + 1)).sin_cos();
    [radius * cosine, radius * sine]
}

/// Returns a number in (0, 1): splitmix64's finaliser over a counter, Steele, Lea and Flood (2014), figure 16.
fn uniform(stream: u64, counter: u64) -> f64 {
    let mut bits = stream.wrapping_add((counter + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    fn normal(name: &str) -> Entry {
        let initial = Initial::Normal { standard_deviation: 0.02 };
        Entry { name: name.to_owned(), shape: vec![100, 101], initial }
    }

    #[test]
    fn weights_have_the_configured_mean_and_deviation() {
        let weights = draw(&normal("a"), 7).to_kind(Kind::Double);
        assert!(weights.mean(Kind::Double).double_value(&[]).abs() < 1e-3);
        assert!((weights.std(true).double_value(&[]) - 0.02).abs() < 1e-3);
    }

    #[test]
    fn weights_depend_on_seed_and_name_alone() {
        assert_eq!(draw(&normal("a"), 7), draw(&normal("a"), 7));
        assert_ne!(draw(&normal("a"), 7), draw(&normal("a"), 8));
        assert_ne!(draw(&normal("a"), 7), draw(&normal("b"), 7));
    }
}
