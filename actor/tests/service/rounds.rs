//! What an actor does all day: groups for policy after policy, until the run is over.

use gradus_types::{GroupId, MediaHash, PolicyVersion, Reward, StageIndex};

use crate::{
    cluster::Cluster,
    coordinator::State,
    prompts::{picture, picture_lease, text_lease},
};

fn versions(state: &State, draw: u64) -> (u64, u64) {
    let id = GroupId::train(StageIndex(0), draw);
    let group = state.groups.iter().find(|group| group.id == id).expect("the group was submitted");
    let versions = |version: fn(&gradus_types::Completion) -> PolicyVersion| {
        group.samples.iter().map(move |sample| version(&sample.completion).0)
    };
    let oldest = versions(|completion| completion.min_policy_version).min().expect("a group has samples");
    (oldest, versions(|completion| completion.max_policy_version).max().expect("a group has samples"))
}

#[tokio::test]
async fn groups_of_words_and_pictures_are_sampled_scored_and_submitted() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    let (policy, picture) = (cluster.publish(0, 1), picture());
    let hash = MediaHash::of(&picture);
    cluster.script.change(|state| {
        state.policy = Some(policy);
        state.media.insert(hash, picture);
        state.leases.extend((0..6).map(text_lease));
        state.leases.extend((6..8).map(|draw| picture_lease(draw, hash)));
    });
    let actor = cluster.start_actor();
    cluster.script.until(|state| state.groups.len() == 8).await;
    cluster.finish(actor).await;
    let state = cluster.script.state();
    assert!(state.returned.is_empty(), "{:?}", state.returned);
    // Nine completions are decoded at a time, so no more than three groups of three are ever asked for.
    assert!(state.asked.iter().all(|request| request.max_groups <= 3), "{:?}", state.asked);
    for group in &state.groups {
        assert_eq!((group.actor.as_str(), group.samples.len()), ("actor-0", 3));
        let has_picture = group.id.draw() >= 6;
        assert_eq!(group.prompt_token_ids.iter().filter(|&&token_id| token_id == 553).count() > 1, has_picture);
        for sample in &group.samples {
            assert_eq!(sample.reward, Reward::Scored { total: 1.0, components: Vec::new() });
            assert_eq!(sample.completion.token_ids.len(), sample.completion.logprobs.len());
            assert_eq!(sample.completion.max_policy_version, PolicyVersion(0));
        }
    }
}

#[tokio::test]
async fn each_group_is_sampled_from_the_policy_that_came_with_its_lease() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    let actor = cluster.start_actor();
    for (version, seed) in [(1, 2), (2, 3), (1, 4)] {
        let policy = cluster.publish(version, seed);
        let draw = seed as u64;
        cluster.script.change(|state| {
            state.policy = Some(policy);
            state.leases.push_back(text_lease(draw));
        });
        cluster.script.until(|state| state.groups.iter().any(|group| group.id.draw() == draw)).await;
        assert_eq!(versions(&cluster.script.state(), draw), (version, version));
    }
    cluster.finish(actor).await;
    let state = cluster.script.state();
    assert!(state.returned.is_empty(), "{:?}", state.returned);
    assert_eq!(state.asked.last().map(|request| request.held_policy_version), Some(1));
}

#[tokio::test]
async fn a_prompt_that_is_lent_again_gives_the_same_completions() {
    let mut cluster = Cluster::start().await;
    cluster.start_coordinator().await;
    let policy = cluster.publish(0, 1);
    cluster.script.change(|state| {
        state.policy = Some(policy);
        state.leases.extend([text_lease(5), text_lease(1), text_lease(5)]);
    });
    let actor = cluster.start_actor();
    cluster.script.until(|state| state.groups.len() == 3).await;
    cluster.finish(actor).await;
    let state = cluster.script.state();
    let tokens: Vec<Vec<&[u32]>> = state
        .groups
        .iter()
        .filter(|group| group.id.draw() == 5)
        .map(|group| group.samples.iter().map(|sample| sample.completion.token_ids.as_slice()).collect())
        .collect();
    assert_eq!(tokens[0], tokens[1]);
}
