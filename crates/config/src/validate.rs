//! Checks that no single key can tell: ranges, references between sections, and what must fit together.

use gradus_types::near_miss;

use crate::{
    Algorithm, DataSource, Evaluation, Optimizer, RunConfig, Sampling, Stage, StageKind, fault::Faults, scorer,
};

/// The longest time that a key may name, about 30 years.
const MAX_SECONDS: f64 = 1e9;

/// Adds every fault of a resolved run.
pub(crate) fn validate(config: &RunConfig, faults: &mut Faults) {
    check_name("run.name", &config.run.name, faults);
    faults.require(!config.stages.is_empty(), "stages", || "at least one stage is needed".to_owned());
    for (name, data) in &config.data {
        check_source(&format!("data.{name}"), &data.source, faults);
    }
    for (index, stage) in config.stages.iter().enumerate() {
        let key = format!("stages.{index}");
        let repeated = config.stages[..index].iter().any(|earlier| earlier.name == stage.name);
        faults
            .require(!repeated, format!("{key}.name"), || format!("`{}` is the name of an earlier stage", stage.name));
        check_reference(&format!("{key}.data"), &stage.data, config, faults);
        check_stage(&key, stage, faults);
    }
    if let Some(evaluation) = &config.evaluation {
        for name in &evaluation.data {
            check_reference("evaluation.data", name, config, faults);
        }
        check_evaluation(evaluation, faults);
    }
    check_services(config, faults);
}

fn check_evaluation(evaluation: &Evaluation, faults: &mut Faults) {
    faults.require(!evaluation.data.is_empty(), "evaluation.data", || "at least one prompt set is needed".to_owned());
    let measures = evaluation.reward.components.iter().any(|component| component.name == "accuracy");
    faults.require(measures, "evaluation.reward.components", || {
        "a component named `accuracy` is needed: evaluations report its mean".to_owned()
    });
    at_least_one("evaluation.num_prompts", u64::from(evaluation.num_prompts), faults);
    at_least_one("evaluation.num_completions", u64::from(evaluation.num_completions), faults);
    at_least_one("evaluation.max_new_tokens", u64::from(evaluation.max_new_tokens), faults);
    at_least_one("evaluation.max_prompt_tokens", u64::from(evaluation.max_prompt_tokens), faults);
    within("evaluation.temperature", evaluation.temperature, (0.0, f64::MAX), faults);
}

fn check_services(config: &RunConfig, faults: &mut Faults) {
    let (learner, actor) = (&config.learner, &config.actor);
    at_least_one("learner.world_size", u64::from(learner.world_size), faults);
    faults.require(learner.rank < learner.world_size.max(1), "learner.rank", || {
        format!("`{}` is not below `learner.world_size` = {}", learner.rank, learner.world_size)
    });
    at_least_one("learner.threads", u64::from(learner.threads), faults);
    at_least_one("learner.bucket_bytes", learner.bucket_bytes, faults);
    check_name("actor.name", &actor.name, faults);
    at_least_one("actor.threads", u64::from(actor.threads), faults);
    at_least_one("actor.num_processes", u64::from(actor.num_processes), faults);
    at_least_one("actor.max_groups", u64::from(actor.max_groups), faults);
    at_least_one("actor.max_completions", u64::from(actor.max_completions), faults);
    at_least_one("actor.cache_bytes", actor.cache_bytes, faults);
    at_least_one("reward_server.threads", u64::from(config.reward_server.threads), faults);
    at_least_one("reward_server.max_queued_groups", u64::from(config.reward_server.max_queued_groups), faults);
    at_least_one("reward_server.max_queued_bytes", config.reward_server.max_queued_bytes, faults);
    at_least_one("reward_server.max_stream_groups", u64::from(config.reward_server.max_stream_groups), faults);
    at_least_one("reward_server.max_message_bytes", config.reward_server.max_message_bytes, faults);
    let unscored_value = config.reward_server.unscored_value;
    faults.require(unscored_value.is_finite(), "reward_server.unscored_value", || {
        format!("`{unscored_value}` is no number that JSON can hold")
    });
    scorer::check(&config.reward_server.scorers, faults);
    at_least_one("coordinator.max_lease_attempts", u64::from(config.coordinator.max_lease_attempts), faults);
    seconds("learner.collective_timeout_seconds", learner.collective_timeout_seconds, faults);
    seconds("actor.score_timeout_seconds", config.actor.score_timeout_seconds, faults);
    seconds("coordinator.lease_seconds", config.coordinator.lease_seconds, faults);
    seconds("coordinator.heartbeat_timeout_seconds", config.coordinator.heartbeat_timeout_seconds, faults);
    seconds("reward_server.sample_timeout_seconds", config.reward_server.sample_timeout_seconds, faults);
    seconds("reward_server.group_timeout_seconds", config.reward_server.group_timeout_seconds, faults);
}

fn check_stage(key: &str, stage: &Stage, faults: &mut Faults) {
    check_name(&format!("{key}.name"), &stage.name, faults);
    at_least_one(&format!("{key}.steps"), stage.steps, faults);
    at_least_one(&format!("{key}.microbatch_tokens"), u64::from(stage.microbatch_tokens), faults);
    check_optimizer(&format!("{key}.optimizer"), &stage.optimizer, faults);
    match &stage.kind {
        StageKind::Sft(sft) => {
            at_least_one(&format!("{key}.batch_samples"), u64::from(sft.batch_samples), faults);
            at_least_one(&format!("{key}.max_tokens"), u64::from(sft.max_tokens), faults);
            positive(&format!("{key}.answer_weight"), sft.answer_weight, faults);
        }
        StageKind::Rl(rl) => {
            at_least_one(&format!("{key}.batch_prompts"), u64::from(rl.batch_prompts), faults);
            check_sampling(&format!("{key}.sampling"), &rl.sampling, faults);
            check_algorithm(&format!("{key}.algorithm"), &rl.algorithm, faults);
            let scored = !rl.reward.components.is_empty();
            faults.require(scored, format!("{key}.reward.components"), || "at least one is needed".to_owned());
        }
    }
}

fn check_sampling(key: &str, sampling: &Sampling, faults: &mut Faults) {
    faults.require(sampling.num_completions >= 2, format!("{key}.num_completions"), || {
        format!("`{}` leaves no group to compare; at least 2 are needed", sampling.num_completions)
    });
    positive(&format!("{key}.temperature"), sampling.temperature, faults);
    within(&format!("{key}.top_p"), sampling.top_p, (f64::MIN_POSITIVE, 1.0), faults);
    at_least_one(&format!("{key}.max_new_tokens"), u64::from(sampling.max_new_tokens), faults);
    at_least_one(&format!("{key}.max_prompt_tokens"), u64::from(sampling.max_prompt_tokens), faults);
}

fn check_algorithm(key: &str, algorithm: &Algorithm, faults: &mut Faults) {
    within(&format!("{key}.clip_low"), algorithm.clip_low, (0.0, 1.0), faults);
    within(&format!("{key}.clip_high"), algorithm.clip_high, (0.0, f64::MAX), faults);
    within(&format!("{key}.kl_coefficient"), algorithm.kl_coefficient, (0.0, f64::MAX), faults);
    within(&format!("{key}.advantage_epsilon"), algorithm.advantage_epsilon, (0.0, 1.0), faults);
    at_least_one(&format!("{key}.updates_per_batch"), u64::from(algorithm.updates_per_batch), faults);
    if let Some(bound) = algorithm.clip_dual {
        faults.require(bound > 1.0, format!("{key}.clip_dual"), || format!("`{bound}` is not above 1"));
    }
    if let Some(pad) = &algorithm.pad {
        positive(&format!("{key}.pad.threshold_low"), pad.threshold_low, faults);
        positive(&format!("{key}.pad.temperature_start"), pad.temperature_start, faults);
        positive(&format!("{key}.pad.temperature_end"), pad.temperature_end, faults);
        within(&format!("{key}.pad.ratio"), pad.ratio, (f64::MIN_POSITIVE, 1.0), faults);
        if let Some(high) = pad.threshold_high {
            faults.require(high > pad.threshold_low, format!("{key}.pad.threshold_high"), || {
                format!("`{high}` is not above `threshold_low` = {}", pad.threshold_low)
            });
        }
    }
}

fn check_optimizer(key: &str, optimizer: &Optimizer, faults: &mut Faults) {
    positive(&format!("{key}.learning_rate"), optimizer.learning_rate, faults);
    positive(&format!("{key}.epsilon"), optimizer.epsilon, faults);
    for beta in optimizer.betas {
        faults.require((0.0..1.0).contains(&beta), format!("{key}.betas"), || format!("`{beta}` is not in [0, 1)"));
    }
    within(&format!("{key}.final_learning_rate_ratio"), optimizer.final_learning_rate_ratio, (0.0, 1.0), faults);
    within(&format!("{key}.weight_decay"), optimizer.weight_decay, (0.0, f64::MAX), faults);
    within(&format!("{key}.max_gradient_norm"), optimizer.max_gradient_norm, (0.0, f64::MAX), faults);
}

fn check_source(key: &str, source: &DataSource, faults: &mut Faults) {
    match source {
        DataSource::Files(files) => {
            faults
                .require(!files.paths.is_empty(), format!("{key}.paths"), || "at least one file is needed".to_owned());
        }
        DataSource::Tasks(tasks) => {
            faults.require(!tasks.tasks.is_empty(), format!("{key}.tasks"), || "at least one is needed".to_owned());
            for (index, share) in tasks.tasks.iter().enumerate() {
                positive(&format!("{key}.tasks.{index}.weight"), share.weight, faults);
                let [low, high] = share.difficulty;
                faults.require(
                    (0.0..=high).contains(&low) && high <= 1.0,
                    format!("{key}.tasks.{index}.difficulty"),
                    || format!("`[{low}, {high}]` is not a range within 0 and 1"),
                );
            }
        }
    }
}

fn check_reference(key: &str, name: &str, config: &RunConfig, faults: &mut Faults) {
    if !config.data.contains_key(name) {
        let hint = near_miss(name, config.data.keys().map(String::as_str))
            .map_or_else(|| "add the section".to_owned(), |candidate| format!("did you mean `{candidate}`?"));
        faults.add(key, format!("there is no section `[data.{name}]`; {hint}"));
    }
}

fn check_name(key: &str, name: &str, faults: &mut Faults) {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    faults.require(!name.is_empty() && name.chars().all(plain), key, || {
        format!("`{name}` may hold only letters, digits, `-`, `_` and `.`")
    });
}

fn at_least_one(key: &str, value: u64, faults: &mut Faults) {
    faults.require(value >= 1, key, || format!("`{value}` must be at least 1"));
}

fn positive(key: &str, value: f64, faults: &mut Faults) {
    faults.require(value > 0.0 && value.is_finite(), key, || format!("`{value}` must be above 0"));
}

/// A time is bounded above as well: a clock cannot be moved on by any number of seconds.
pub(crate) fn seconds(key: &str, value: f64, faults: &mut Faults) {
    faults.require(value > 0.0 && value <= MAX_SECONDS, key, || {
        format!("`{value}` must be above 0 and at most {MAX_SECONDS}")
    });
}

fn within(key: &str, value: f64, (low, high): (f64, f64), faults: &mut Faults) {
    faults.require(value >= low && value <= high, key, || format!("`{value}` is not within {low} and {high}"));
}
