//! Completions are a function of the policy and the request, and their logprobs are those of the policy.

use std::future::Future;

use gradus_actor::engine::{GroupRequest, Handle, Limits, SampledTokens};
use gradus_model::{PackedBatch, PackedGroup, Prompt, ScoreOptions};
use gradus_types::FinishReason;

use crate::fixture::{LIMITS, STOPS, assorted_requests, policy, request, start, text_prompt};

/// The rounding of a logprob depends on how many completions of its own group are decoded together.
const ROUNDING: f32 = 1e-5;

async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

async fn together(engine: &Handle, requests: &[GroupRequest]) -> Vec<Vec<SampledTokens>> {
    let groups = join_all(requests.iter().map(|request| engine.generate(request.clone()))).await;
    groups.into_iter().map(Result::unwrap).collect()
}

#[track_caller]
fn assert_same(left: &[SampledTokens], right: &[SampledTokens]) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        assert_eq!((&left.token_ids, left.finish_reason), (&right.token_ids, right.finish_reason));
        for (left, right) in left.logprobs.iter().zip(&right.logprobs) {
            assert!((left - right).abs() < ROUNDING, "{left} and {right}");
        }
    }
}

#[tokio::test]
async fn a_group_is_completed_to_the_last_bit_alike_alone_and_among_others_and_again() {
    let (engine, requests) = (start(LIMITS), assorted_requests());
    let all = together(&engine, &requests).await;
    for (request, expected) in requests.iter().zip(&all) {
        assert_eq!(&engine.generate(request.clone()).await.unwrap(), expected);
    }
    let mut reversed = requests.clone();
    reversed.reverse();
    for (again, expected) in together(&engine, &reversed).await.iter().zip(all.iter().rev()) {
        assert_eq!(again, expected);
    }
}

#[tokio::test]
async fn a_group_beyond_the_limits_is_completed_in_parts_with_the_same_result() {
    let request = request(text_prompt(9), 21);
    let whole = start(LIMITS).generate(request.clone()).await.unwrap();
    let narrow = start(Limits { max_completions: 2, ..LIMITS });
    assert_same(&narrow.generate(request).await.unwrap(), &whole);
    assert_eq!(narrow.statistics().num_prompt_tokens, 27);
}

#[tokio::test]
async fn completions_of_one_group_differ_and_end_at_stop_tokens_or_at_the_limit() {
    let completions = start(LIMITS).generate(request(text_prompt(9), 21)).await.unwrap();
    assert_eq!(completions.len(), 6);
    assert!(completions.iter().any(|completion| completion.token_ids != completions[0].token_ids));
    for SampledTokens { token_ids, logprobs, finish_reason, .. } in &completions {
        let (last, before) = token_ids.split_last().unwrap();
        assert_eq!(token_ids.len(), logprobs.len());
        assert!(before.iter().all(|token_id| !STOPS.contains(token_id)));
        assert_eq!(STOPS.contains(last), *finish_reason == FinishReason::Stop);
        assert!(*finish_reason == FinishReason::Stop || token_ids.len() == 24);
    }
}

/// Scores completions with the learner's forward pass at a temperature.
fn scored(prompt: &Prompt, completions: &[SampledTokens], temperature: f64) -> Vec<f32> {
    let policy = policy(1);
    let suffixes = completions.iter().map(|completion| completion.token_ids.as_slice()).collect();
    let batch = PackedBatch::new(&[PackedGroup { prompt, suffixes }], policy.config(), policy.device());
    let batch = batch.expect("completions are not empty");
    let options = ScoreOptions { temperature, ..ScoreOptions::default() };
    let scores = tch::no_grad(|| policy.score(&batch, options)).expect("a batch is scored");
    Vec::<f32>::try_from(scores.logprobs).expect("logprobs are f32")
}

#[tokio::test]
async fn behaviour_logprobs_are_those_of_the_training_forward_pass() {
    let (engine, requests) = (start(LIMITS), assorted_requests());
    for (request, completions) in requests.iter().zip(together(&engine, &requests).await) {
        if request.sampling.top_k > 0 || request.sampling.top_p < 1.0 {
            continue;
        }
        let expected = scored(&request.prompt, &completions, request.sampling.temperature);
        let found: Vec<f32> = completions.iter().flat_map(|completion| completion.logprobs.clone()).collect();
        assert_eq!(found.len(), expected.len());
        let gap = found.iter().zip(&expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max);
        assert!(gap < 1e-4, "gap {gap}");
    }
}

#[tokio::test]
async fn a_truncated_distribution_gives_its_tokens_more_than_the_full_one() {
    let (engine, requests) = (start(LIMITS), assorted_requests());
    for request in &requests[2..4] {
        let completions = engine.generate(request.clone()).await.unwrap();
        let full = scored(&request.prompt, &completions, 1.0);
        let found = completions.iter().flat_map(|completion| completion.logprobs.clone());
        assert!(found.zip(full).all(|(truncated, full)| truncated > full));
    }
}

#[tokio::test]
async fn greedy_takes_the_most_likely_token_of_the_full_forward_pass() {
    let mut request = request(text_prompt(7), 0);
    request.sampling.temperature = 0.0;
    request.sampling.num_completions = 2;
    let completions = start(LIMITS).generate(request.clone()).await.unwrap();
    assert_eq!(completions[0], completions[1]);
    let (policy, mut prompt) = (policy(1), request.prompt.clone());
    for (&token_id, logprob) in completions[0].token_ids.iter().zip(&completions[0].logprobs) {
        let (_, logits) = policy.prefill(&prompt, 1).unwrap();
        assert_eq!(logits.argmax(-1, false).int64_value(&[]) as u32, token_id);
        let expected = logits.log_softmax(-1, tch::Kind::Float).double_value(&[i64::from(token_id)]);
        assert!((f64::from(*logprob) - expected).abs() < 1e-4);
        prompt.token_ids.push(token_id);
    }
}
