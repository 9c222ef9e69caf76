//! Steps of whole trainers, on one rank and on several.

use std::fs;

use gradus_types::Checkpoint;

use crate::{
    Error, StepReport, Trainer,
    fixture::{Fixture, examples, rollout_batch, weights},
};

/// Makes an update proportional to the gradient, so that weights compare as gradients do: AdamW's own denominator would
/// blow rounding of gradients near zero up to whole steps.
const LINEAR: [&str; 3] = [
    "stages.practise.optimizer.epsilon=1.0",
    "stages.practise.optimizer.learning_rate=1.0",
    "stages.imitate.optimizer.epsilon=1.0",
];

fn scalar(report: &StepReport, name: &str) -> f64 {
    report.scalars.iter().find(|scalar| scalar.name == name).unwrap_or_else(|| panic!("no scalar `{name}`")).value
}

fn assert_near(left: &[(String, Vec<f32>)], right: &[(String, Vec<f32>)], tolerance: f32) {
    assert_eq!(left.len(), right.len());
    for ((name, left), (_, right)) in left.iter().zip(right) {
        let difference = left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max);
        assert!(difference <= tolerance, "`{name}` differs by {difference}");
    }
}

fn rollout_steps(trainer: &mut Trainer, fixture: &Fixture, (steps, member): (std::ops::Range<u64>, (u32, u32))) {
    for step in steps {
        trainer.rollout_step(&fixture.rollouts(&rollout_batch(step), member)).unwrap();
    }
}

#[test]
fn a_rollout_step_of_two_or_three_ranks_equals_that_of_one() {
    let fixture = Fixture::new(&LINEAR);
    let outcome = |world_size| {
        fixture.run(world_size, |fixture, ranks| {
            let member = (ranks.rank(), world_size);
            let mut trainer = fixture.trainer(ranks, None);
            let report = trainer.rollout_step(&fixture.rollouts(&rollout_batch(1), member)).unwrap();
            (weights(&trainer), report)
        })
    };
    let one = outcome(1);
    for world_size in [2, 3] {
        let many = outcome(world_size);
        for (found, report) in &many {
            assert_eq!(found, &many[0].0, "ranks differ");
            assert_near(found, &one[0].0, 2e-6);
            for name in ["loss/policy", "loss/kl", "policy/entropy", "optim/gradient_norm", "rollout/logprob_gap_max"] {
                let (found, expected) = (scalar(report, name), scalar(&one[0].1, name));
                assert!((found - expected).abs() < 1e-5 * expected.abs().max(1.0), "{name}: {found} {expected}");
            }
        }
    }
}

#[test]
fn a_supervised_step_of_three_ranks_equals_that_of_one() {
    let fixture = Fixture::new(&LINEAR);
    let outcome = |world_size| {
        fixture.run(world_size, |fixture, ranks| {
            let member = (ranks.rank(), world_size);
            let mut trainer = fixture.trainer(ranks, None);
            let report = trainer.example_step(&examples(1, member)).unwrap();
            (weights(&trainer), scalar(&report, "loss/sft"))
        })
    };
    let (one, three) = (outcome(1), outcome(3));
    assert_near(&three[2].0, &one[0].0, 2e-6);
    assert!((three[0].1 - one[0].1).abs() < 1e-6);
}

#[test]
fn a_supervised_stage_learns_its_examples() {
    let fixture = Fixture::new(&[]);
    let losses = fixture.run(1, |fixture, ranks| {
        let mut trainer = fixture.trainer(ranks, None);
        (1..=60)
            .map(|step| scalar(&trainer.example_step(&examples(step, (0, 1))).unwrap(), "loss/sft"))
            .collect::<Vec<_>>()
    });
    let (first, last) = (losses[0][0], losses[0][59]);
    assert!(first > 3.5 && last < 0.5 * first, "from {first} to {last}");
}

#[test]
fn rewarded_completions_become_likelier() {
    let fixture =
        Fixture::new(&["stages.practise.algorithm.pad.enabled=false", "stages.practise.algorithm.updates_per_batch=1"]);
    let losses = fixture.run(1, |fixture, ranks| {
        let mut trainer = fixture.trainer(ranks, None);
        let share = fixture.rollouts(&rollout_batch(1), (0, 1));
        (0..8).map(|_| scalar(&trainer.rollout_step(&share).unwrap(), "loss/policy")).collect::<Vec<_>>()
    });
    assert!(losses[0][7] < losses[0][0] - 0.01, "{losses:?}");
}

/// Trains six steps, with or without a checkpoint and a new trainer after the third, and returns the weights of rank 0.
fn six_steps(fixture: &Fixture, world_size: u32, is_interrupted: bool) -> Vec<(String, Vec<f32>)> {
    let train = |start: Option<&Checkpoint>, steps: std::ops::Range<u64>, saves: bool| {
        fixture.run(world_size, |fixture, ranks| {
            let member = (ranks.rank(), world_size);
            let mut trainer = fixture.trainer(ranks, start);
            rollout_steps(&mut trainer, fixture, (steps.clone(), member));
            let checkpoint = saves.then(|| trainer.checkpoint(false).unwrap());
            (weights(&trainer), checkpoint)
        })
    };
    if !is_interrupted {
        return train(None, 1..7, false).swap_remove(0).0;
    }
    let checkpoint = train(None, 1..4, true).swap_remove(0).1.unwrap();
    train(Some(&checkpoint), 4..7, false).swap_remove(0).0
}

#[test]
fn a_resumed_run_has_the_very_weights_of_an_uninterrupted_one() {
    for world_size in [1, 2] {
        let fixture = Fixture::new(&[]);
        assert_eq!(six_steps(&fixture, world_size, true), six_steps(&fixture, world_size, false));
    }
}

#[test]
fn a_stage_starts_anew_from_the_checkpoint_that_ended_the_last() {
    let fixture = Fixture::new(&[]);
    let train = |is_interrupted: bool| {
        let checkpoint = fixture.run(1, |fixture, ranks| {
            let mut trainer = fixture.trainer(ranks, None);
            (1..3).for_each(|step| drop(trainer.example_step(&examples(step, (0, 1))).unwrap()));
            let checkpoint = trainer.checkpoint(true).unwrap();
            if is_interrupted {
                return (checkpoint, None);
            }
            rollout_steps(&mut trainer, fixture, (3..6, (0, 1)));
            (checkpoint, Some(weights(&trainer)))
        });
        let (checkpoint, found) = checkpoint.into_iter().next().unwrap();
        found.unwrap_or_else(|| {
            fixture
                .run(1, |fixture, ranks| {
                    let mut trainer = fixture.trainer(ranks, Some(&checkpoint));
                    rollout_steps(&mut trainer, fixture, (3..6, (0, 1)));
                    weights(&trainer)
                })
                .swap_remove(0)
        })
    };
    assert_eq!(train(true), train(false));
}

#[test]
fn frozen_parameters_stay_and_the_others_move() {
    let fixture = Fixture::new(&[]);
    let (before, after) = fixture
        .run(2, |fixture, ranks| {
            let member = (ranks.rank(), 2);
            let mut trainer = fixture.trainer(ranks, None);
            let before = weights(&trainer);
            rollout_steps(&mut trainer, fixture, (1..3, member));
            (before, weights(&trainer))
        })
        .swap_remove(0);
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        assert_eq!(before == after, name.starts_with("visual"), "`{name}`");
    }
}

#[test]
fn a_batch_of_which_resampling_keeps_nothing_changes_nothing() {
    let fixture = Fixture::new(&[]);
    let mut batch = rollout_batch(1);
    batch.groups.iter_mut().flat_map(|group| &mut group.samples).for_each(|sample| sample.reward = Some(1.0));
    let batch = &batch;
    fixture.run(2, |fixture, ranks| {
        let member = (ranks.rank(), 2);
        let mut trainer = fixture.trainer(ranks, None);
        let before = weights(&trainer);
        let report = trainer.rollout_step(&fixture.rollouts(batch, member)).unwrap();
        assert_eq!(scalar(&report, "optim/num_updates"), 0.0);
        let means = ["policy/entropy", "loss/total", "optim/gradient_norm", "rollout/logprob_gap_max"];
        assert!(!report.scalars.iter().any(|scalar| means.contains(&scalar.name.as_str())), "{:?}", report.scalars);
        assert_eq!(weights(&trainer), before);
    });
}

#[test]
fn unscored_samples_have_no_part_in_a_step() {
    let fixture = Fixture::new(&["stages.practise.algorithm.pad.enabled=false"]);
    let mut masked = rollout_batch(1);
    masked.groups[2].samples[3].reward = None;
    let mut without = masked.clone();
    without.groups[2].samples.truncate(3);
    let train = |batch| {
        fixture.run(1, |fixture, ranks| {
            let mut trainer = fixture.trainer(ranks, None);
            trainer.rollout_step(&fixture.rollouts(batch, (0, 1))).unwrap();
            weights(&trainer)
        })
    };
    assert_eq!(train(&masked), train(&without));
}

#[test]
fn gradients_that_are_not_finite_skip_the_update_on_every_rank() {
    let fixture = Fixture::new(&["stages.practise.algorithm.updates_per_batch=1"]);
    fixture.run(2, |fixture, ranks| {
        let member = (ranks.rank(), 2);
        let mut trainer = fixture.trainer(ranks, None);
        let before = weights(&trainer);
        let mut share = fixture.rollouts(&rollout_batch(1), member);
        if member.0 == 1 {
            share.updates[0].microbatches[0][0].samples[0].behaviour_logprobs[0] = f64::NAN;
        }
        let report = trainer.rollout_step(&share).unwrap();
        assert_eq!(scalar(&report, "optim/skipped"), 1.0);
        assert_eq!(weights(&trainer), before);
        let report = trainer.rollout_step(&fixture.rollouts(&rollout_batch(2), member)).unwrap();
        assert_eq!(scalar(&report, "optim/skipped"), 0.0);
    });
}

#[test]
fn a_checkpoint_that_fails_half_way_leaves_nothing_and_says_where() {
    let fixture = Fixture::new(&[]);
    fixture.run(1, |fixture, ranks| {
        let mut trainer = fixture.trainer(ranks, None);
        rollout_steps(&mut trainer, fixture, (1..2, (0, 1)));
        // The weights are written first, and the tokenizer can then not be copied.
        fs::remove_dir_all(&fixture.config.model.path).unwrap();
        let error = trainer.checkpoint(false).unwrap_err();
        assert!(
            matches!(error, Error::WriteCheckpoint { .. }) && error.to_string().contains("step-00000001"),
            "{error}"
        );
        let left = fs::read_dir(fixture.config.checkpoint_directory()).unwrap().count();
        assert_eq!(left, 0);
    });
}

#[test]
fn weights_that_are_not_those_of_the_ledger_are_refused() {
    let fixture = Fixture::new(&[]);
    fixture.run(1, |fixture, ranks| {
        let mut trainer = fixture.trainer(ranks, None);
        rollout_steps(&mut trainer, fixture, (1..2, (0, 1)));
        let checkpoint = trainer.checkpoint(false).unwrap();
        let base = fixture.config.model.path.join("model.safetensors");
        fs::copy(base, fixture.config.run.directory.join(&checkpoint.path).join("model.safetensors")).unwrap();
        drop(trainer);
        let refused = fixture.run(1, |fixture, ranks| {
            Trainer::open(fixture.config.clone(), ranks, Some(&checkpoint)).unwrap_err().to_string()
        });
        assert!(refused[0].contains(&checkpoint.digest.to_string()), "{}", refused[0]);
    });
}

#[test]
fn a_checkpoint_is_a_model_directory_and_old_ones_are_removed() {
    let fixture = Fixture::new(&[]);
    fixture.run(1, |fixture, ranks| {
        let mut trainer = fixture.trainer(ranks, None);
        for step in 1..4 {
            rollout_steps(&mut trainer, fixture, (step..step + 1, (0, 1)));
            let checkpoint = trainer.checkpoint(step == 1).unwrap();
            let directory = fixture.config.run.directory.join(&checkpoint.path);
            for file in ["config.json", "model.safetensors", "tokenizer.json", "optimizer.safetensors", "state.json"] {
                assert!(directory.join(file).is_file(), "no `{file}`");
            }
            trainer.prune_checkpoints().unwrap();
        }
        let entries = fs::read_dir(fixture.config.checkpoint_directory()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["step-00000001", "step-00000003"]);
    });
}
