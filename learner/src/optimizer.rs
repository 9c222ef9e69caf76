//! AdamW over the policy's f32 master weights (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2, with the learning rate
//! as the schedule multiplier, as in torch).
//!
//! Weight decay is of matrices and convolution kernels only: decaying norms' scales and biases has no regularising sense.
//! A parameter without a gradient counts as one with a gradient of zeros, so that an update does not depend on whether an
//! earlier step, perhaps before a resume, happened to reach the parameter.

use std::collections::BTreeMap;

use tch::Tensor;

use gradus_config::Optimizer as Settings;
use gradus_model::Parameter;

use crate::Error;

/// The suffixes of a parameter's name in the saved state.
const FIRST_MOMENT: &str = ".first_moment";
const SECOND_MOMENT: &str = ".second_moment";

/// The optimizer of one stage: the trainable parameters and the moments of their gradients.
#[derive(Debug)]
pub struct AdamW {
    settings: Settings,
    slots: Vec<Slot>,
    num_updates: u64,
}

/// What came of an update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// The global norm of the gradients before clipping.
    pub gradient_norm: f64,
    /// Whether the norm was not finite, so that the parameters stayed as they were.
    pub is_skipped: bool,
}

#[derive(Debug)]
struct Slot {
    name: String,
    parameter: Tensor,
    first_moment: Tensor,
    second_moment: Tensor,
    decays: bool,
}

/// The factors of one update that are the same for all parameters.
struct Factors {
    betas: [f64; 2],
    epsilon: f64,
    decay: f64,
    step_size: f64,
    second_correction: f64,
}

// === impl AdamW ===

impl AdamW {
    /// Starts with zero moments over the trainable ones of these parameters.
    #[must_use]
    pub fn new(settings: &Settings, parameters: Vec<Parameter>) -> Self {
        let trainable = parameters.into_iter().filter(|parameter| parameter.trainable);
        Self { settings: settings.clone(), slots: trainable.map(Slot::new).collect(), num_updates: 0 }
    }

    /// Returns the trainable parameters, in the policy's order.
    pub fn parameters(&self) -> impl Iterator<Item = &Tensor> {
        self.slots.iter().map(|slot| &slot.parameter)
    }

    /// Returns how many updates were applied.
    #[must_use]
    pub const fn num_updates(&self) -> u64 {
        self.num_updates
    }

    /// Clips the gradients to the configured global norm, updates the parameters and zeroes the gradients. Gradients that
    /// are not finite change nothing but are zeroed as well.
    pub fn update(&mut self, learning_rate: f64) -> Update {
        tch::no_grad(|| {
            let gradient_norm = self.gradient_norm();
            let is_skipped = !gradient_norm.is_finite();
            if !is_skipped {
                self.clip(gradient_norm);
                self.apply(learning_rate);
            }
            self.zero_gradients();
            Update { gradient_norm, is_skipped }
        })
    }

    /// Zeroes the gradients.
    pub fn zero_gradients(&mut self) {
        for slot in &mut self.slots {
            slot.parameter.zero_grad();
        }
    }

    /// Returns the moments by name, to be saved.
    #[must_use]
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let tensors = self.slots.iter().flat_map(|slot| {
            [
                (format!("{}{FIRST_MOMENT}", slot.name), slot.first_moment.shallow_clone()),
                (format!("{}{SECOND_MOMENT}", slot.name), slot.second_moment.shallow_clone()),
            ]
        });
        tensors.collect()
    }

    /// Takes over saved moments, which must be those of exactly these parameters.
    pub fn restore(&mut self, num_updates: u64, state: Vec<(String, Tensor)>) -> Result<(), Error> {
        let mut state: BTreeMap<String, Tensor> = state.into_iter().collect();
        for slot in &mut self.slots {
            for (suffix, moment) in [(FIRST_MOMENT, &mut slot.first_moment), (SECOND_MOMENT, &mut slot.second_moment)] {
                let name = format!("{}{suffix}", slot.name);
                let saved = state.remove(&name).filter(|saved| saved.size() == moment.size());
                let saved = saved.ok_or(Error::OptimizerState { name })?;
                tch::no_grad(|| moment.copy_(&saved));
            }
        }
        match state.into_keys().next() {
            Some(name) => Err(Error::OptimizerState { name }),
            None => {
                self.num_updates = num_updates;
                Ok(())
            }
        }
    }

    fn gradient_norm(&self) -> f64 {
        let norms: Vec<Tensor> = self.slots.iter().filter_map(Slot::gradient).map(|gradient| gradient.norm()).collect();
        if norms.is_empty() { 0.0 } else { Tensor::stack(&norms, 0).norm().double_value(&[]) }
    }

    fn clip(&mut self, gradient_norm: f64) {
        // The same guard against a norm of 0 as torch's clip_grad_norm_.
        let factor = self.settings.max_gradient_norm / (gradient_norm + 1e-6);
        if self.settings.max_gradient_norm == 0.0 || factor >= 1.0 {
            return;
        }
        for mut gradient in self.slots.iter().filter_map(Slot::gradient) {
            let _ = gradient.g_mul_scalar_(factor);
        }
    }

    fn apply(&mut self, learning_rate: f64) {
        self.num_updates += 1;
        let exponent = self.num_updates as f64;
        let [first_decay, second_decay] = self.settings.betas;
        let factors = Factors {
            betas: self.settings.betas,
            epsilon: self.settings.epsilon,
            decay: 1.0 - learning_rate * self.settings.weight_decay,
            step_size: learning_rate / (1.0 - first_decay.powf(exponent)),
            second_correction: (1.0 - second_decay.powf(exponent)).sqrt(),
        };
        for slot in &mut self.slots {
            slot.apply(&factors);
        }
    }
}

// === impl Slot ===

impl Slot {
    fn new(parameter: Parameter) -> Self {
        let Parameter { name, tensor, .. } = parameter;
        let (first_moment, second_moment) = tch::no_grad(|| (tensor.zeros_like(), tensor.zeros_like()));
        Self { name, decays: tensor.dim() > 1, parameter: tensor, first_moment, second_moment }
    }

    fn gradient(&self) -> Option<Tensor> {
        let gradient = self.parameter.grad();
        gradient.defined().then_some(gradient)
    }

    fn apply(&mut self, factors: &Factors) {
        let [first_decay, second_decay] = factors.betas;
        let gradient = self.gradient().unwrap_or_else(|| self.parameter.zeros_like());
        if self.decays && factors.decay != 1.0 {
            let _ = self.parameter.g_mul_scalar_(factors.decay);
        }
        let _ = self.first_moment.lerp_(&gradient, 1.0 - first_decay);
        let _ = self.second_moment.g_mul_scalar_(second_decay);
        let _ = self.second_moment.g_add_(&gradient.square().g_mul_scalar_(1.0 - second_decay));
        let mut denominator = self.second_moment.sqrt();
        let _ = denominator.g_div_scalar_(factors.second_correction).g_add_scalar_(factors.epsilon);
        let mut step = self.first_moment.g_div(&denominator);
        let _ = self.parameter.g_sub_(&step.g_mul_scalar_(factors.step_size));
    }
}

#[cfg(test)]
mod tests;
