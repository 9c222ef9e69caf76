//! The gradient reducer against gradients summed by hand.

mod cluster;

use std::time::Duration;

use cluster::{PATIENCE, run_ranks};
use gradus_c10d::{Error, GradientReducer, Operation, ProcessGroup, Reduction};
use tch::{Device, Kind, Tensor};

/// Two layers, a head that only some batches reach, and a parameter nothing uses. The same values on every rank.
struct Model {
    parameters: Vec<Tensor>,
}

const INPUT: i64 = 5;
const HIDDEN: i64 = 7;
const HEAD: usize = 3;
const UNUSED: usize = 4;

impl Model {
    fn new() -> Self {
        let shapes: [&[i64]; 5] = [&[HIDDEN, INPUT], &[HIDDEN], &[1, HIDDEN], &[2, HIDDEN], &[11]];
        let parameter = |(seed, shape): (usize, &&[i64])| {
            let num_elements: i64 = shape.iter().product();
            let ramp = Tensor::arange(num_elements, (Kind::Float, Device::Cpu)) * 0.37 + seed as f64;
            ramp.sin().view(*shape).set_requires_grad(true)
        };
        Self { parameters: shapes.iter().enumerate().map(parameter).collect() }
    }

    fn loss(&self, microbatch: &Microbatch) -> Tensor {
        let input = (Tensor::arange(3 * INPUT, (Kind::Float, Device::Cpu)) * microbatch.slope).cos().view([3, INPUT]);
        let hidden = (input.matmul(&self.parameters[0].tr()) + &self.parameters[1]).tanh();
        let output = hidden.matmul(&self.parameters[2].tr()).sum(Kind::Float);
        if microbatch.uses_head {
            output + hidden.matmul(&self.parameters[HEAD].tr()).square().sum(Kind::Float)
        } else {
            output
        }
    }

    fn gradients(&self) -> Vec<Option<Vec<f32>>> {
        let read = |parameter: &Tensor| {
            let gradient = parameter.grad();
            gradient.defined().then(|| Vec::try_from(gradient.reshape(-1)).expect("a dense f32 tensor"))
        };
        self.parameters.iter().map(read).collect()
    }
}

#[derive(Clone, Copy)]
struct Microbatch {
    slope: f64,
    uses_head: bool,
}

/// What `rank` trains on; only rank 1 reaches the head, and only in its first microbatch.
fn microbatches(rank: u32) -> [Microbatch; 3] {
    [0, 1, 2].map(|i| Microbatch { slope: 0.1 * f64::from(1 + i + 10 * rank), uses_head: rank == 1 && i == 0 })
}

fn step(group: &ProcessGroup, model: &Model, reducer: &mut GradientReducer) -> Result<Reduction, Error> {
    let [earlier @ .., last] = microbatches(group.rank());
    for microbatch in &earlier {
        model.loss(microbatch).backward();
    }
    let armed = reducer.arm()?;
    model.loss(&last).backward();
    armed.finish(PATIENCE)
}

/// The gradients of all ranks' microbatches, accumulated in one model.
fn expected_gradients(world_size: u32) -> Vec<Option<Vec<f32>>> {
    let model = Model::new();
    for rank in 0..world_size {
        for microbatch in microbatches(rank) {
            model.loss(&microbatch).backward();
        }
    }
    model.gradients()
}

fn assert_close(actual: &[Option<Vec<f32>>], expected: &[Option<Vec<f32>>]) {
    for (index, pair) in actual.iter().zip(expected).enumerate() {
        match pair {
            (None, None) => {}
            (Some(actual), Some(expected)) => {
                assert_eq!(actual.len(), expected.len());
                let close = actual.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-5 * b.abs().max(1.0));
                assert!(close, "parameter {index}: {actual:?} is not {expected:?}");
            }
            _ => panic!("parameter {index}: {pair:?}"),
        }
    }
}

#[test]
fn reduced_gradients_are_the_sum_over_ranks_and_microbatches() {
    let expected = expected_gradients(2);
    assert!(expected[UNUSED].is_none() && expected[HEAD].is_some());
    // One bucket a parameter, a few, and one for all.
    for (bucket_capacity_bytes, num_buckets) in [(0, 5), (100, 3), (1 << 20, 1)] {
        let ranks = run_ranks(2, PATIENCE, |group| {
            let model = Model::new();
            let mut reducer = GradientReducer::new(&group, &model.parameters, bucket_capacity_bytes).expect("built");
            let reduction = step(&group, &model, &mut reducer).expect("reduced");
            assert_eq!((reduction.num_buckets, reduction.num_absent_gradients), (num_buckets, 1));
            model.gradients()
        });
        assert_eq!(ranks[0], ranks[1]);
        assert_close(&ranks[0], &expected);
    }
}

#[test]
fn a_second_step_starts_from_cleared_gradients_and_repeats_the_sums_bit_for_bit() {
    let ranks = run_ranks(2, PATIENCE, |group| {
        let mut model = Model::new();
        let mut reducer = GradientReducer::new(&group, &model.parameters, 100).expect("built");
        step(&group, &model, &mut reducer).expect("reduced");
        let first = model.gradients();
        model.parameters.iter_mut().filter(|parameter| parameter.grad().defined()).for_each(Tensor::zero_grad);
        step(&group, &model, &mut reducer).expect("reduced again");
        (first, model.gradients())
    });
    for (first, second) in ranks {
        assert_eq!(first, second);
    }
}

#[test]
fn buckets_are_sent_while_backward_runs() {
    let overlapped = run_ranks(2, PATIENCE, |group| {
        let model = Model::new();
        // Without the parameters that backward does not reach, every bucket is full before it ends.
        let used: Vec<Tensor> = model.parameters[..HEAD].iter().map(Tensor::shallow_clone).collect();
        let mut reducer = GradientReducer::new(&group, &used, 0).expect("built");
        step(&group, &model, &mut reducer).expect("reduced").num_overlapped_buckets
    });
    assert_eq!(overlapped, [3, 3]);
}

#[test]
fn a_group_of_one_keeps_its_own_gradients() {
    let ranks = run_ranks(1, PATIENCE, |group| {
        let model = Model::new();
        let mut reducer = GradientReducer::new(&group, &model.parameters, 100).expect("built");
        let reduction = step(&group, &model, &mut reducer).expect("reduced");
        assert_eq!((reduction.num_overlapped_buckets, reduction.num_absent_gradients), (0, 2));
        model.gradients()
    });
    assert_eq!(ranks[0], expected_gradients(1));
}

#[test]
fn ranks_with_different_parameters_or_capacities_are_told_so() {
    for differ in [false, true] {
        let errors = run_ranks(2, PATIENCE, |group| {
            let model = Model::new();
            let (num_parameters, capacity) =
                if differ { (5 - group.rank() as usize, 0) } else { (5, 200 * group.rank()) };
            GradientReducer::new(&group, &model.parameters[..num_parameters], capacity as usize).err()
        });
        for error in errors {
            let error = error.expect("the layouts differ");
            assert!(error.to_string().contains("the ranks disagree"), "{error}");
        }
    }
}

#[test]
fn a_missing_rank_is_a_timeout_of_finish_and_the_reducer_stays_unusable() {
    let short = Duration::from_millis(300);
    let errors = run_ranks(2, PATIENCE, |group| {
        let model = Model::new();
        let mut reducer = GradientReducer::new(&group, &model.parameters, 0).expect("built");
        if group.rank() == 1 {
            // Present, but at another operation.
            return group.barrier(PATIENCE).err();
        }
        let armed = reducer.arm().expect("armed");
        model.loss(&microbatches(0)[0]).backward();
        let error = armed.finish(short).err();
        assert!(reducer.arm().is_err());
        error
    });
    let Some(Error::Timeout { member, operation, timeout, .. }) = &errors[0] else {
        panic!("not a timeout: {errors:?}")
    };
    assert_eq!((member.rank, *operation, *timeout), (0, Operation::ReduceGradients, short));
}

#[test]
fn a_second_backward_after_arming_is_an_error_not_a_wrong_sum() {
    let errors = run_ranks(2, PATIENCE, |group| {
        let model = Model::new();
        let mut reducer = GradientReducer::new(&group, &model.parameters[..HEAD], 0).expect("built");
        let armed = reducer.arm().expect("armed");
        for microbatch in microbatches(0) {
            model.loss(&microbatch).backward();
        }
        armed.finish(PATIENCE).expect_err("the gradients changed under way").to_string()
    });
    for error in errors {
        assert!(error.contains("arm only before the last backward"), "{error}");
    }
}

#[test]
fn only_leaves_that_require_gradients_are_reduced() {
    let errors = run_ranks(1, PATIENCE, |group| {
        let frozen = Tensor::zeros([2], (Kind::Float, Device::Cpu));
        GradientReducer::new(&group, &[frozen], 0).expect_err("a frozen parameter").to_string()
    });
    assert!(errors[0].contains("parameter 0 is not a leaf that requires a gradient"), "{}", errors[0]);
}
