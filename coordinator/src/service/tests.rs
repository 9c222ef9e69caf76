//! The whole service over Unix sockets, with actors and learner ranks that play their parts.

mod cluster;

use std::collections::BTreeMap;

use gradus_proto::v1;
use gradus_rpc::{Code, Endpoint};
use gradus_types::{Checkpoint, GroupId, PolicyDigest, Rank, Step, Work};

use self::cluster::{Batches, Cluster, Learner};
use crate::{Clock, Service, fixture, machine::Timestamp};

#[tokio::test]
async fn a_run_of_three_stages_goes_from_start_to_end() {
    let mut cluster = Cluster::start().await;
    let batches = cluster.train_to_the_end().await;
    assert_eq!(batches.keys().map(|step| step.0).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
    let report = cluster.report().await;
    assert_eq!(report["status"], "finished");
    assert_eq!(report["ledger"]["balances"], true);
    assert_eq!(report["ledger"]["training"]["consumed"], 21);
    assert_eq!(report["stages"][1]["start_evaluation"], report["stages"][0]["end_evaluation"]);
    let measure = &report["evaluations"][4]["sets"][0]["overall"];
    assert_eq!((&measure["accuracy"], &measure["num_prompts"]), (&0.5.into(), &2.into()));
    cluster.end().await;
}

#[tokio::test]
async fn an_evaluation_leaves_a_file_with_every_answer_and_the_pictures() {
    let mut cluster = Cluster::start().await;
    cluster.train_to_the_end().await;
    let directory = cluster.directory().join("evaluations");
    cluster.end().await;
    let content = std::fs::read(directory.join("0004-version-9.json")).unwrap();
    let evaluation: serde_json::Value = serde_json::from_slice(&content).unwrap();
    assert_eq!(evaluation["items"].as_array().unwrap().len(), 4);
    let item = &evaluation["items"][1];
    assert_eq!(
        (&item["set"], &item["question"], &item["gold"]),
        (&"pictures".into(), &"which picture is 1?".into(), &"1".into())
    );
    assert_eq!(item["completions"][0]["accuracy"], 0.0);
    let picture = directory.join("media").join(format!("{}.bin", item["media"][0].as_str().unwrap()));
    assert_eq!(std::fs::read(picture).unwrap(), fixture::picture(1));
    assert!(!cluster.directory().join("payloads/evaluation-0004.bin").exists());
}

#[tokio::test]
async fn a_dead_actors_prompts_are_lent_again_and_the_batch_is_the_same() {
    let mut undisturbed = Cluster::start().await;
    let expected = undisturbed.train_to_the_end().await;
    undisturbed.end().await;

    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    cluster.train(&mut learner, Step(2)).await;
    cluster.work_off("actor-0").await;
    cluster.complete(&mut learner, Step(3)).await;
    let lost = cluster.lease("actor-1", 2).await;
    assert_eq!(lost.len(), 2);
    cluster.pass_lease_time();
    let again = cluster.lease_expired("actor-2", 3).await;
    assert_eq!(
        again.iter().map(|lease| (lease.group_id, lease.seed)).take(2).collect::<Vec<_>>(),
        lost.iter().map(|lease| (lease.group_id, lease.seed)).collect::<Vec<_>>()
    );
    for lease in again {
        cluster.submit("actor-2", &lease).await.unwrap();
    }
    let batches = cluster.train_on(&mut learner).await;
    assert!(batches.iter().all(|(step, batch)| expected[step] == *batch));
    assert_eq!(cluster.report().await["ledger"]["training"]["expired"], 2);
    cluster.end().await;
}

#[tokio::test]
async fn of_two_processes_under_one_name_the_first_is_refused_and_the_second_keeps_its_leases() {
    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    cluster.train(&mut learner, Step(2)).await;
    cluster.complete(&mut learner, Step(3)).await;
    let lease_as = async |process| cluster.lease_as("actor-0", process, 1, 0).await;
    let first = lease_as("first").await.unwrap();
    let second = lease_as("second").await.unwrap();
    assert_eq!(second[0].group_id, first[0].group_id, "a successor is lent what its predecessor held");
    let refused = lease_as("first").await.unwrap_err();
    assert_eq!(refused.code, Code::FailedPrecondition);
    assert!(refused.message.contains("another process has joined as `actor-0`"), "{refused}");
    assert_ne!(lease_as("second").await.unwrap()[0].group_id, second[0].group_id, "the refused call took nothing away");
    cluster.end().await;
}

#[tokio::test]
async fn a_group_that_is_submitted_twice_counts_once() {
    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    cluster.train(&mut learner, Step(2)).await;
    cluster.complete(&mut learner, Step(3)).await;
    let lease = cluster.lease("actor-0", 1).await.remove(0);
    assert_eq!(cluster.submit("actor-0", &lease).await.unwrap(), v1::Admission::Accepted);
    assert_eq!(cluster.submit("actor-0", &lease).await.unwrap(), v1::Admission::Duplicate);
    let mut unknown = lease.clone();
    unknown.group_id = GroupId::train(gradus_types::StageIndex(1), 77);
    assert_eq!(cluster.submit("actor-0", &unknown).await.unwrap_err().code, Code::InvalidArgument);
    cluster.end().await;
}

#[tokio::test]
async fn a_restarted_learner_goes_on_from_its_checkpoint_with_the_same_batches() {
    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    let first = cluster.train(&mut learner, Step(5)).await;
    let mut reborn = Learner::join_all(&cluster).await;
    assert_eq!(reborn.completed, Step(4), "the last checkpoint");
    let refused = learner.next(&cluster, Rank(0)).await.unwrap_err();
    assert_eq!(refused.code, Code::FailedPrecondition);
    let heartbeat = cluster.heartbeat("learner-0", learner.generation).await;
    assert!(heartbeat.generation_over);
    let second = cluster.train_on(&mut reborn).await;
    assert_eq!(second[&Step(5)], first[&Step(5)]);
    let report = cluster.report().await;
    assert_eq!((&report["counters"]["repeated_steps"], &report["counters"]["diverged_steps"]), (&1.into(), &0.into()));
    cluster.end().await;
}

#[tokio::test]
async fn a_restarted_coordinator_has_lost_nothing() {
    let mut undisturbed = Cluster::start().await;
    let expected = undisturbed.train_to_the_end().await;
    undisturbed.end().await;

    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    let mut batches: Batches = BTreeMap::new();
    for step in 1..=9 {
        batches.extend(cluster.train(&mut learner, Step(step)).await);
        let held = cluster.lease_now("actor-0", 2).await;
        cluster.crash().await;
        for lease in held {
            let admission = cluster.submit("actor-0", &lease).await.unwrap();
            assert_eq!(admission, v1::Admission::Accepted, "what an actor held is welcome after the restart");
        }
    }
    batches.extend(cluster.train_on(&mut learner).await);
    assert_eq!(batches, expected);
    let report = cluster.report().await;
    assert_eq!((&report["counters"]["openings"], &report["world"]["generation"]), (&10.into(), &1.into()));
    assert_eq!(report["ledger"]["balances"], true);
    cluster.end().await;
}

#[tokio::test]
async fn pictures_are_handed_out_whole() {
    let mut cluster = Cluster::start().await;
    let encoded = fixture::picture(5);
    assert_eq!(cluster.fetch_media(gradus_types::MediaHash::of(&encoded)).await.unwrap(), encoded);
    let error = cluster.fetch_media(gradus_types::MediaHash::of(b"nothing")).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    cluster.end().await;
}

#[tokio::test]
async fn a_rank_reads_the_groups_of_its_batch() {
    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    cluster.train(&mut learner, Step(2)).await;
    cluster.work_off("actor-0").await;
    let Work::Rollouts(batch) = learner.next(&cluster, Rank(1)).await.unwrap() else { panic!() };
    let ids: Vec<GroupId> = batch.groups.iter().map(|group| group.id).collect();
    let groups = cluster.fetch_groups(learner.generation, &ids[1..]).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.header()).collect::<Vec<_>>(), batch.groups[1..]);
    let missing = cluster.fetch_groups(learner.generation, &[GroupId::train(gradus_types::StageIndex(1), 50)]).await;
    assert_eq!(missing.unwrap_err().code, Code::NotFound);
    cluster.end().await;
}

#[tokio::test]
async fn a_stopped_run_ends_with_a_checkpoint_and_goes_on_at_the_next_start() {
    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    cluster.train(&mut learner, Step(3)).await;
    cluster.post("stop").await;
    let checkpoint = Work::Checkpoint { step: Step(3), stage: gradus_types::StageIndex(1), ends_stage: false };
    assert_eq!(learner.next(&cluster, Rank(0)).await.unwrap(), checkpoint);
    learner
        .commit(
            &cluster,
            Checkpoint {
                step: Step(3),
                stage: gradus_types::StageIndex(1),
                ends_stage: false,
                path: "checkpoints/3".into(),
                digest: PolicyDigest([3; 32]),
            },
        )
        .await;
    assert_eq!(learner.next(&cluster, Rank(1)).await.unwrap(), Work::Finished);
    cluster.end().await;
    assert!(!cluster.directory().join("report.json").exists(), "the run has not come to its end");
    cluster.launch().await;
    let mut reborn = Learner::join_all(&cluster).await;
    assert_eq!(reborn.completed, Step(3));
    cluster.train_on(&mut reborn).await;
    assert_eq!(cluster.report().await["status"], "finished");
    cluster.end().await;
}

#[tokio::test]
async fn the_service_ends_by_itself_once_every_member_knows_the_end() {
    let mut cluster = Cluster::start().await;
    cluster.train_to_the_end().await;
    cluster.ended().await;
    let content = std::fs::read(cluster.directory().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&content).unwrap();
    assert_eq!((&report["status"], &report["step"]), (&"finished".into(), &9.into()));
}

#[tokio::test]
async fn metrics_and_scalars_tell_of_the_run() {
    let mut cluster = Cluster::start().await;
    let mut learner = Learner::join_all(&cluster).await;
    cluster.train(&mut learner, Step(3)).await;
    let page = cluster.get("metrics").await;
    for line in [
        "coordinator_step 3",
        "coordinator_groups{purpose=\"train\",outcome=\"consumed\"} 3",
        "coordinator_training_scalar{name=\"loss/total\"} 3.0",
    ] {
        assert!(page.contains(line), "`{line}` is not in {page}");
    }
    let lines: serde_json::Value = serde_json::from_str(&cluster.get("api/v1/scalars?since=1").await).unwrap();
    assert_eq!(lines.as_array().unwrap().len(), 2);
    assert_eq!(lines[1]["values"]["ledger/consumed"], 3.0);
    assert_eq!(cluster.get("healthz").await, "ok");
    assert_eq!(cluster.get("readyz").await, "ready");
    cluster.end().await;
}

#[tokio::test]
async fn a_port_in_use_names_the_key_to_change() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = fixture::run_config(directory.path());
    let taken = gradus_rpc::Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let Endpoint::Tcp { port, .. } = taken.endpoint() else { panic!() };
    config.coordinator.http = format!("127.0.0.1:{port}");
    let prompts = fixture::prompts(&config);
    let service = Service::new(config, prompts, Clock::new(|| Timestamp(0)));
    let error = service.run(gradus_runtime::Shutdown::new()).await.unwrap_err();
    assert!(error.to_string().contains("`coordinator.http`"), "{error}");
    assert!(!directory.path().join("journal.bin").exists(), "nothing was begun");
}
