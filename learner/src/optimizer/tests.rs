//! AdamW against torch, and its own rules.

use gradus_config::Schedule;
use serde_json::Value;
use tch::Kind;

use super::*;

fn settings() -> Settings {
    Settings {
        learning_rate: 0.01,
        schedule: Schedule::Constant,
        warmup_steps: 0,
        final_learning_rate_ratio: 0.0,
        betas: [0.9, 0.95],
        epsilon: 1e-8,
        weight_decay: 0.1,
        max_gradient_norm: 1.0,
    }
}

fn tensor(value: &Value) -> Tensor {
    let rows = value.as_array().unwrap();
    if rows[0].is_array() {
        return Tensor::stack(&rows.iter().map(tensor).collect::<Vec<_>>(), 0);
    }
    Tensor::from_slice(&rows.iter().map(|number| number.as_f64().unwrap()).collect::<Vec<_>>()).to_kind(Kind::Float)
}

fn parameter(name: &str, initial: &Tensor) -> Parameter {
    Parameter { name: name.to_owned(), tensor: initial.copy().set_requires_grad(true), trainable: true }
}

/// Gives a parameter this gradient.
fn set_gradient(parameter: &Tensor, gradient: &Tensor) {
    (parameter * gradient).sum(Kind::Float).backward();
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    Vec::<f32>::try_from(tensor.flatten(0, -1)).unwrap().into_iter().map(f32::to_bits).collect()
}

#[test]
fn updates_are_those_of_torch() {
    let golden: Value = serde_json::from_str(include_str!("../../../tests/golden/learner/adamw.json")).unwrap();
    let names = ["matrix", "vector"];
    let parameters = names.map(|name| parameter(name, &tensor(&golden["initial"][name])));
    let weights = parameters.each_ref().map(|parameter| parameter.tensor.shallow_clone());
    let mut optimizer = AdamW::new(&settings(), parameters.into_iter().collect());
    for step in golden["steps"].as_array().unwrap() {
        for (name, weight) in names.iter().zip(&weights) {
            set_gradient(weight, &tensor(&step["gradients"][name]));
        }
        let update = optimizer.update(step["learning_rate"].as_f64().unwrap());
        assert!((update.gradient_norm - step["norm"].as_f64().unwrap()).abs() < 1e-5);
        for (name, weight) in names.iter().zip(&weights) {
            // f32 weights of order 1, whose updates torch adds up in another order.
            let difference = (weight - tensor(&step[name])).abs().max().double_value(&[]);
            assert!(difference < 1e-6, "`{name}` differs by {difference}");
        }
    }
}

#[test]
fn gradients_that_are_not_finite_change_nothing() {
    let weights = parameter("weight", &Tensor::ones([2, 2], (Kind::Float, tch::Device::Cpu)));
    let weight = weights.tensor.shallow_clone();
    let before = bits(&weight);
    let mut optimizer = AdamW::new(&settings(), vec![weights]);
    set_gradient(&weight, &Tensor::from_slice(&[1.0_f32, f32::NAN, 0.0, 0.0]).view([2, 2]));
    assert!(optimizer.update(0.1).is_skipped);
    assert_eq!(bits(&weight), before);
    assert_eq!(optimizer.num_updates(), 0);
    set_gradient(&weight, &weight.ones_like());
    assert!(!optimizer.update(0.1).is_skipped);
}

#[test]
fn a_missing_gradient_is_a_gradient_of_zeros() {
    let initial = Tensor::from_slice(&[0.5_f32, -2.0]);
    let update = |zeros: bool| {
        let parameter = parameter("bias", &initial);
        let weight = parameter.tensor.shallow_clone();
        let mut optimizer = AdamW::new(&settings(), vec![parameter]);
        if zeros {
            set_gradient(&weight, &weight.zeros_like());
        }
        optimizer.update(0.1);
        set_gradient(&weight, &weight.ones_like());
        optimizer.update(0.1);
        bits(&weight)
    };
    assert_eq!(update(true), update(false));
}

#[test]
fn restored_moments_continue_bit_for_bit() {
    let run = |restores: bool| {
        let parameter = parameter("weight", &Tensor::from_slice(&[0.5_f32, -2.0, 1.0]));
        let weight = parameter.tensor.shallow_clone();
        let mut optimizer = AdamW::new(&settings(), vec![parameter]);
        for step in 1..6 {
            if restores && step == 3 {
                let state = optimizer.state().into_iter().map(|(name, moment)| (name, moment.copy())).collect();
                let num_updates = optimizer.num_updates();
                let tensor = weight.shallow_clone();
                optimizer =
                    AdamW::new(&settings(), vec![Parameter { name: "weight".to_owned(), tensor, trainable: true }]);
                optimizer.restore(num_updates, state).unwrap();
            }
            set_gradient(&weight, &(weight.detach() * f64::from(step)));
            optimizer.update(0.1);
        }
        bits(&weight)
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn moments_of_other_parameters_are_refused_by_name() {
    let mut optimizer = AdamW::new(&settings(), vec![parameter("weight", &Tensor::from_slice(&[0.5_f32]))]);
    let error =
        optimizer.restore(1, vec![("bias.first_moment".to_owned(), Tensor::from_slice(&[0.0_f32]))]).unwrap_err();
    assert!(error.to_string().contains("`weight.first_moment`"), "{error}");
}

#[test]
fn frozen_parameters_have_no_place_in_the_optimizer() {
    let frozen = Parameter { trainable: false, ..parameter("weight", &Tensor::from_slice(&[0.5_f32])) };
    assert_eq!(AdamW::new(&settings(), vec![frozen]).parameters().count(), 0);
}
