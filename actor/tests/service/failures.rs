//! What an actor does when something is wrong: with a prompt, with weights, with those it talks to.

use std::sync::atomic::Ordering;

use gradus_actor::{Error, Service};
use gradus_types::{MediaHash, Reward, UnscoredReason};

use crate::{
    cluster::Cluster,
    prompts::{picture_lease, text_lease},
};

#[tokio::test]
async fn a_prompt_that_cannot_be_used_is_quarantined_with_its_reason_and_the_others_go_on() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    let policy = cluster.publish(0, 1);
    let broken = b"not a picture".to_vec();
    let (unknown, unreadable) = (MediaHash::of(b"unknown"), MediaHash::of(&broken));
    let mut long = text_lease(3);
    long.sampling.max_prompt_tokens = 2;
    cluster.script.change(|state| {
        state.policy = Some(policy);
        state.media.insert(unreadable, broken);
        state.leases.extend([picture_lease(1, unknown), picture_lease(2, unreadable), long, text_lease(4)]);
    });
    let actor = cluster.start_actor();
    cluster.script.until(|state| state.groups.len() == 1 && state.returned.len() == 3).await;
    cluster.finish(actor).await;
    let mut state = cluster.script.state();
    state.returned.sort_by_key(|request| request.group_id);
    assert_eq!(state.groups[0].id.draw(), 4);
    for (request, part) in state.returned.iter().zip([&unknown.to_string(), &unreadable.to_string(), "limit of 2"]) {
        assert!(request.quarantine && request.reason.contains(part), "{part} not in {request:?}");
    }
}

#[tokio::test]
async fn samples_that_nobody_scores_in_time_are_submitted_without_a_reward() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    cluster.rewards.is_overloaded.store(true, Ordering::Relaxed);
    let policy = cluster.publish(0, 1);
    cluster.script.change(|state| {
        state.policy = Some(policy);
        state.leases.push_back(text_lease(1));
    });
    let actor = cluster.start_actor();
    cluster.script.until(|state| state.groups.len() == 1).await;
    cluster.finish(actor).await;
    for sample in &cluster.script.state().groups[0].samples {
        assert!(matches!(&sample.reward, Reward::Unscored { reason: UnscoredReason::Unavailable, .. }));
    }
}

#[tokio::test]
async fn weights_that_are_not_those_announced_are_never_sampled() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    let mut forged = cluster.publish(1, 2);
    forged.digest.0[0] ^= 1;
    cluster.script.change(|state| {
        state.policy = Some(forged);
        state.leases.push_back(text_lease(1));
    });
    let actor = cluster.start_actor();
    cluster.script.until(|state| state.returned.len() == 1).await;
    let honest = cluster.publish(1, 2);
    cluster.script.change(|state| {
        assert!(state.groups.is_empty());
        assert!(!state.returned[0].quarantine && state.returned[0].reason.contains("digest"), "{:?}", state.returned);
        state.policy = Some(honest);
        state.leases.push_back(text_lease(1));
    });
    cluster.script.until(|state| state.groups.len() == 1).await;
    cluster.finish(actor).await;
}

#[tokio::test]
async fn a_coordinator_that_comes_late_is_waited_for() {
    let mut cluster = Cluster::start().await;
    let policy = cluster.publish(0, 1);
    cluster.script.change(|state| {
        state.policy = Some(policy);
        state.leases.push_back(text_lease(1));
    });
    let actor = cluster.start_actor();
    tokio::task::yield_now().await;
    cluster.start_coordinator().await;
    cluster.script.until(|state| state.groups.len() == 1).await;
    cluster.finish(actor).await;
}

#[tokio::test]
async fn an_actor_that_is_told_to_leave_stores_or_returns_what_it_has() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    let policy = cluster.publish(0, 1);
    let long = |draw| {
        let mut lease = text_lease(draw);
        lease.sampling.max_new_tokens = 200;
        lease
    };
    cluster.script.change(|state| {
        state.policy = Some(policy);
        state.leases.extend((0..4).map(long));
    });
    let actor = cluster.start_actor();
    cluster.script.until(|state| state.leases.len() < 4).await;
    cluster.shutdown.trigger();
    actor.await.unwrap().unwrap();
    let state = cluster.script.state();
    let num_settled = state.groups.len() + state.returned.len();
    assert_eq!(num_settled + state.leases.len(), 4, "{:?}", state.returned);
    assert!(state.returned.iter().all(|request| !request.quarantine));
}

#[tokio::test]
async fn an_actor_whose_name_another_process_has_taken_ends() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    cluster.script.change(|state| state.is_name_taken = true);
    let ended = cluster.start_actor().await.unwrap();
    assert!(matches!(&ended, Err(Error::NameTaken { name, .. }) if *name == cluster.config().actor.name), "{ended:?}");
}

#[tokio::test]
async fn a_model_directory_without_a_model_is_named() {
    let cluster = Cluster::start().await;
    Service::check(cluster.config()).unwrap();
    std::fs::remove_file(cluster.model_directory().join("model.safetensors")).unwrap();
    assert!(matches!(Service::check(cluster.config()), Err(Error::NoModel { file: "model.safetensors", .. })));
    std::fs::remove_file(cluster.model_directory().join("config.json")).unwrap();
    let message = Service::check(cluster.config()).unwrap_err().to_string();
    assert!(message.contains("`model.path`") && message.contains("`config.json`"), "{message}");
}
