//! What goes wrong stays where it belongs, and what changes on the way is written down.

use bytes::Bytes;
use gradus_actor::engine::{Error, Limits, Weights};
use gradus_model::Policy;
use gradus_types::PolicyVersion;

use crate::fixture::{IMAGE, LIMITS, picture_prompt, policy, request, start, text_prompt};

fn weights_of(policy: &Policy, version: u64) -> Weights {
    let tensors = policy.named_bytes().map(|tensor| (tensor.name, Bytes::from(tensor.bytes))).collect();
    Weights { version: PolicyVersion(version), tensors }
}

#[tokio::test]
async fn a_bad_prompt_fails_its_own_group_alone() {
    let engine = start(LIMITS);
    let mut bad = request(picture_prompt(), 1);
    bad.prompt.token_ids.push(IMAGE);
    let (bad, good) = tokio::join!(engine.generate(bad), engine.generate(request(picture_prompt(), 1)));
    let error = bad.unwrap_err();
    assert!(error.is_prompt_fault() && !error.is_fatal(), "{error:?}");
    assert_eq!(good.unwrap().len(), 6);
}

#[tokio::test]
async fn a_prompt_that_can_never_fit_is_refused_with_the_numbers() {
    let long = start(LIMITS).generate(request(text_prompt(65), 1)).await.unwrap_err();
    assert!(matches!(long, Error::PromptTooLong { num_tokens: 65, max_prompt_tokens: 64 }));
    let engine = start(Limits { cache_bytes: 1_000, ..LIMITS });
    let large = engine.generate(request(text_prompt(9), 1)).await.unwrap_err();
    assert!(matches!(large, Error::CacheTooSmall { cache_bytes: 1_000, .. }));
    assert!(large.is_limits_fault() && !large.is_prompt_fault(), "the prompt is as good as any");
    let mut far = request(text_prompt(9), 1);
    far.sampling.max_new_tokens = 504;
    let far = engine.generate(far).await.unwrap_err();
    assert!(matches!(far, Error::TooManyPositions { max_positions: 512, .. }));
}

#[tokio::test]
async fn new_weights_take_effect_and_are_written_down() {
    let engine = start(LIMITS);
    let before = engine.generate(request(text_prompt(9), 1)).await.unwrap();
    engine.swap_weights(weights_of(&policy(2), 5)).await.unwrap();
    assert_eq!(engine.policy_version(), PolicyVersion(5));
    let after = engine.generate(request(text_prompt(9), 1)).await.unwrap();
    assert_ne!(before[0].token_ids, after[0].token_ids);
    let versions = |completion: &gradus_actor::engine::SampledTokens| {
        (completion.min_policy_version.0, completion.max_policy_version.0)
    };
    assert!(before.iter().all(|completion| versions(completion) == (0, 0)));
    assert!(after.iter().all(|completion| versions(completion) == (5, 5)));
    engine.swap_weights(weights_of(&policy(1), 6)).await.unwrap();
    let again = engine.generate(request(text_prompt(9), 1)).await.unwrap();
    assert_eq!(before[0].token_ids, again[0].token_ids);
}

#[tokio::test]
async fn weights_that_are_not_those_of_the_policy_change_nothing() {
    let engine = start(LIMITS);
    let before = engine.generate(request(text_prompt(9), 1)).await.unwrap();
    let mut weights = weights_of(&policy(2), 5);
    let (name, bytes) = weights.tensors.pop().unwrap();
    weights.tensors[0].1 = bytes.slice(..4);
    weights.tensors.push((format!("{name}.copy"), bytes));
    let message = engine.swap_weights(weights).await.unwrap_err().to_string();
    for part in [format!("`{name}` is missing"), "has 4 bytes".to_owned(), format!("no `{name}.copy`")] {
        assert!(message.contains(&part), "{part} not in {message}");
    }
    assert_eq!(engine.policy_version(), PolicyVersion(0));
    assert_eq!(engine.generate(request(text_prompt(9), 1)).await.unwrap(), before);
}

#[tokio::test]
async fn a_group_whose_caller_went_away_is_dropped() {
    let engine = start(Limits { max_groups: 1, ..LIMITS });
    let mut endless = request(text_prompt(9), 1);
    endless.sampling.max_new_tokens = 500;
    endless.prompt.token_ids = vec![5];
    {
        let abandoned = engine.generate(endless);
        let brief = engine.generate(request(text_prompt(3), 2));
        tokio::pin!(abandoned, brief);
        // The first poll sends the request; the second request waits for the only place until the first is dropped.
        tokio::select! {
            biased;
            _ = &mut abandoned => {}
            () = std::future::ready(()) => {}
        }
        tokio::select! {
            biased;
            _ = &mut brief => {}
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(engine.generate(request(text_prompt(3), 2)).await.unwrap().len(), 6);
    assert_eq!(engine.statistics().num_waiting_groups, 0);
}

#[tokio::test]
async fn a_draining_engine_refuses_what_has_not_begun() {
    let engine = start(LIMITS);
    engine.drain().await.unwrap();
    let error = engine.generate(request(text_prompt(3), 2)).await.unwrap_err();
    assert!(matches!(error, Error::Draining) && !error.is_prompt_fault());
}

#[tokio::test]
async fn completions_in_flight_go_on_with_new_weights_and_name_both_versions() {
    let engine = start(LIMITS);
    let mut long = request(text_prompt(5), 3);
    long.sampling.num_completions = 32;
    long.sampling.max_new_tokens = 500;
    let weights = weights_of(&policy(2), 1);
    let (completions, swapped) = tokio::join!(engine.generate(long), engine.swap_weights(weights));
    swapped.unwrap();
    let completions = completions.unwrap();
    assert!(completions.iter().any(|completion| completion.max_policy_version == PolicyVersion(1)));
    let orders = completions.iter().all(|completion| completion.min_policy_version <= completion.max_policy_version);
    assert!(orders);
}
