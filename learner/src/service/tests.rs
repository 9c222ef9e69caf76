//! Two whole ranks against a scripted coordinator.

mod coordinator;

use gradus_rpc::stub;
use gradus_runtime::spawn;
use gradus_types::{
    Completion, ContentPart, FinishReason, Group, GroupId, MediaHash, PolicyVersion, Prompt, PromptBody, PromptId,
    Reward, RewardSpec, RolloutBatch, Sample, SftBatch, SftSample, StageIndex, Work, random,
};

use self::coordinator::{Script, Scripted, Told};
use super::*;
use crate::fixture::Fixture;

fn question(id: u64, mut content: Vec<ContentPart>) -> Prompt {
    content.push(ContentPart::Text { text: format!("{id} + {id} = ") });
    Prompt {
        id: PromptId(id),
        source: "sums".to_owned(),
        body: PromptBody::Raw(content),
        prefill: None,
        target: Some(format!("<answer>{}</answer>", 2 * id)),
        reward: RewardSpec::default(),
        difficulty: None,
        chance: None,
    }
}

fn examples(step: u64) -> Work {
    let sample = |draw| SftSample { draw, prompt: question(draw, Vec::new()) };
    let samples = (step * 6..step * 6 + 6).map(sample).collect();
    Work::Examples(SftBatch { step: Step(step), stage: StageIndex(0), stage_step: step, samples })
}

fn group(draw: u64) -> Group {
    let id = GroupId::train(StageIndex(1), draw);
    let sample = |index: u64| Sample {
        completion: Completion {
            token_ids: (0..4).map(|token| random::below(500, id.0, index, token) as u32).collect(),
            logprobs: vec![-6.0; 4],
            text: String::new(),
            finish_reason: FinishReason::Stop,
            min_policy_version: PolicyVersion(2),
            max_policy_version: PolicyVersion(2),
        },
        reward: Reward::Scored { total: (index % 2) as f64, components: Vec::new() },
    };
    // One group has a picture that the coordinator has lost.
    let pictures = if draw == 0 { vec![ContentPart::Image { hash: MediaHash::of(b"lost") }] } else { Vec::new() };
    let prompt = question(draw, pictures);
    Group { id, prompt, prompt_token_ids: vec![1, 2, 3], samples: (0..4).map(sample).collect(), actor: String::new() }
}

/// Two supervised steps that end a stage, and one on rollouts.
fn script() -> Script {
    let groups: Vec<Group> = (0..4).map(group).collect();
    let headers = groups.iter().map(Group::header).collect();
    let rollouts = RolloutBatch { step: Step(3), stage: StageIndex(1), stage_step: 1, groups: headers };
    Script {
        steps: vec![examples(1), examples(2), Work::Rollouts(rollouts)],
        checkpoints: [(2, true), (3, false)].into(),
        groups,
        ..Script::default()
    }
}

/// Runs both ranks to their ends.
async fn run(fixture: &Fixture, script: Script) -> ([Result<Ending, Error>; 2], Told) {
    run_until(fixture, script, &Shutdown::new()).await
}

async fn run_until(fixture: &Fixture, script: Script, leaving: &Shutdown) -> ([Result<Ending, Error>; 2], Told) {
    let endpoint: Endpoint = fixture.config.coordinator_endpoint().parse().unwrap();
    let coordinator = Scripted::new(script);
    let listener = Listener::bind(&endpoint).await.unwrap();
    let server =
        Server::new(&gradus_telemetry::Metrics::new("test")).with(stub::coordinator_server(coordinator.clone()));
    let shutdown = Shutdown::new();
    let server = spawn("coordinator", server.serve(listener, shutdown.clone()));
    let rank = |rank| {
        let mut config = fixture.config.clone();
        config.learner.rank = rank;
        config.learner.world_size = 2;
        spawn("rank", Service::open(config).unwrap().run(leaving.clone()))
    };
    let (first, second) = tokio::join!(rank(0), rank(1));
    shutdown.trigger();
    server.await.unwrap().unwrap();
    ([first.unwrap(), second.unwrap()], coordinator.told())
}

fn value(told: &Told, step: usize, name: &str) -> f64 {
    let scalar = told.completed[step - 1].1.iter().find(|scalar| scalar.name == name);
    scalar.unwrap_or_else(|| panic!("no scalar `{name}`")).value
}

#[tokio::test]
async fn two_ranks_train_report_and_commit_what_they_are_handed() {
    let fixture = Fixture::new(&["coordinator.heartbeat_timeout_seconds=1.0"]);
    let (endings, told) = run(&fixture, script()).await;
    assert!(endings.iter().all(|ending| matches!(ending, Ok(Ending::Finished))), "{endings:?}");
    let steps: Vec<u64> = told.completed.iter().map(|completed| completed.0).collect();
    assert_eq!(steps, [1, 2, 3]);
    assert_eq!(told.announced[0].0, 0);
    assert_eq!((value(&told, 1, "sft/num_examples"), value(&told, 1, "sft/num_rejected_examples")), (6.0, 0.0));
    assert!(value(&told, 2, "loss/sft") < value(&told, 1, "loss/sft"));
    assert_eq!((value(&told, 3, "rollout/num_samples"), value(&told, 3, "rollout/num_rejected_groups")), (16.0, 1.0));
    assert_eq!(value(&told, 3, "optim/num_updates"), 2.0);
    assert!(value(&told, 3, "perf/tokens_per_second") > 0.0);
    let [first, second] = &told.committed[..] else { panic!("{:?}", told.committed) };
    assert_eq!((first.step, first.ends_stage, first.digest), (Step(2), true, told.completed[1].2));
    assert_eq!((second.step, second.ends_stage, second.digest), (Step(3), false, told.completed[2].2));
    assert_ne!(first.digest, second.digest);
}

#[tokio::test]
async fn ranks_that_resume_repeat_the_step_to_the_same_weights() {
    let fixture = Fixture::new(&[]);
    let (_, told) = run(&fixture, script()).await;
    let start = Some(told.committed[0].clone());
    let (endings, again) = run(&fixture, Script { start, ..script() }).await;
    assert!(endings.iter().all(Result::is_ok), "{endings:?}");
    assert_eq!(again.announced, [(2, told.completed[1].2)]);
    assert_eq!(again.completed.len(), 1);
    assert_eq!(again.completed[0].2, told.completed[2].2);
}

#[tokio::test]
async fn ranks_whose_generation_is_over_leave_to_join_again() {
    let fixture = Fixture::new(&["coordinator.heartbeat_timeout_seconds=0.1"]);
    let (endings, _) = run(&fixture, Script { ends_generation: true, ..script() }).await;
    for ending in endings {
        assert!(ending.is_err_and(|error| error.asks_for_restart()));
    }
}

#[tokio::test]
async fn ranks_that_are_asked_to_leave_are_drained_whoever_leaves_first() {
    let fixture = Fixture::new(&["coordinator.heartbeat_timeout_seconds=0.1"]);
    let leaving = Shutdown::new();
    leaving.trigger();
    let (endings, told) = run_until(&fixture, Script { ends_generation: true, ..script() }, &leaving).await;
    assert!(endings.iter().all(|ending| matches!(ending, Ok(Ending::Drained))), "{endings:?}");
    assert!(told.completed.is_empty());
}

#[tokio::test]
async fn a_model_directory_that_is_none_is_named() {
    let mut fixture = Fixture::new(&[]);
    fixture.config.model.path = "nowhere".into();
    let error = Service::open(fixture.config.clone()).unwrap_err().to_string();
    assert!(error.contains("`nowhere/config.json`"), "{error}");
}
