//! Round trips of every message through its encoded bytes, and refusals that name the field.

use std::{collections::BTreeMap, fmt::Debug, time::Duration};

use gradus_types::{
    Admission, Checkpoint, Completion, ComponentScore, ContentPart, FinishReason, Group, GroupId, Lease, MediaHash,
    Message, PolicyDigest, PolicyVersion, Prompt, PromptBody, PromptId, PublishedPolicy, Reward, RewardComponent,
    RewardSpec, Role, RolloutBatch, Sample, SamplingParameters, Scalar, SftBatch, SftSample, StageIndex, Step,
    UnscoredReason, Work,
};
use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::v1;

/// Encodes, decodes and converts back.
fn check<D, W>(domain: D)
where
    D: Clone + PartialEq + Debug + TryFrom<W>,
    D::Error: Debug,
    W: From<D> + prost::Message + Default,
{
    let wire = W::decode(W::from(domain.clone()).encode_to_vec().as_slice()).unwrap();
    assert_eq!(D::try_from(wire).unwrap(), domain);
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(-1.5), Just(f64::INFINITY), -1e300..1e300]
}

fn content() -> impl Strategy<Value = ContentPart> {
    prop_oneof![
        "[ -~é数]{0,12}".prop_map(|text| ContentPart::Text { text }),
        any::<[u8; 32]>().prop_map(|hash| ContentPart::Image { hash: MediaHash::from_bytes(hash) }),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let role = prop_oneof![Just(Role::System), Just(Role::User), Just(Role::Assistant)];
    (role, vec(content(), 0..4)).prop_map(|(role, content)| Message { role, content })
}

fn body() -> impl Strategy<Value = PromptBody> {
    prop_oneof![vec(message(), 1..4).prop_map(PromptBody::Chat), vec(content(), 1..4).prop_map(PromptBody::Raw),]
}

fn reward_spec() -> impl Strategy<Value = RewardSpec> {
    let parameter =
        prop_oneof![Just(serde_json::json!("boxed")), Just(serde_json::json!({"tolerance": [1, 2.5, null]}))];
    let component = ("[a-z]{1,6}", -2.0..2.0, parameter).prop_map(|(kind, weight, value)| RewardComponent {
        name: format!("{kind}_score"),
        kind,
        weight,
        parameters: BTreeMap::from([("template".to_owned(), value)]),
    });
    (option::of("[ -~]{0,8}"), vec("[a-z]{0,4}", 0..4), vec(component, 0..3))
        .prop_map(|(gold, options, components)| RewardSpec { gold, options, components, ..Default::default() })
}

fn prompt() -> impl Strategy<Value = Prompt> {
    let texts = ("[a-z]{0,8}", option::of("[ -~]{0,8}"), option::of("[ -~]{0,8}"));
    (any::<u64>(), texts, body(), reward_spec(), option::of(0.0..1.0), option::of(0.0..1.0)).prop_map(
        |(id, (source, prefill, target), body, reward, difficulty, chance)| Prompt {
            id: PromptId(id),
            source,
            body,
            prefill,
            target,
            reward,
            difficulty,
            chance,
        },
    )
}

fn reward() -> impl Strategy<Value = Reward> {
    let scores = vec(("[a-z]{1,6}", number()).prop_map(|(name, value)| ComponentScore { name, value }), 0..3);
    let reason =
        prop_oneof![Just(UnscoredReason::Timeout), Just(UnscoredReason::Error), Just(UnscoredReason::Unavailable)];
    prop_oneof![
        (number(), scores).prop_map(|(total, components)| Reward::Scored { total, components }),
        (reason, "[ -~]{0,8}").prop_map(|(reason, detail)| Reward::Unscored { reason, detail }),
    ]
}

fn completion() -> impl Strategy<Value = Completion> {
    let finish = prop_oneof![Just(FinishReason::Stop), Just(FinishReason::Length)];
    (vec((any::<u32>(), -20.0_f32..0.0), 0..6), "[ -~]{0,12}", finish, 0_u64..9, 0_u64..9).prop_map(
        |(tokens, text, finish_reason, oldest, age)| {
            let (token_ids, logprobs) = tokens.into_iter().unzip();
            let (min_policy_version, max_policy_version) = (PolicyVersion(oldest), PolicyVersion(oldest + age));
            Completion { token_ids, logprobs, text, finish_reason, min_policy_version, max_policy_version }
        },
    )
}

fn group() -> impl Strategy<Value = Group> {
    let sample = (completion(), reward()).prop_map(|(completion, reward)| Sample { completion, reward });
    (any::<u64>(), prompt(), vec(any::<u32>(), 0..6), vec(sample, 0..4)).prop_map(
        |(id, prompt, prompt_token_ids, samples)| Group {
            id: GroupId(id),
            prompt,
            prompt_token_ids,
            samples,
            actor: "actor-1".to_owned(),
        },
    )
}

fn sampling() -> SamplingParameters {
    SamplingParameters {
        num_completions: 8,
        temperature: 0.7,
        top_p: 0.95,
        top_k: 20,
        max_new_tokens: 512,
        max_prompt_tokens: 1_024,
    }
}

proptest! {
    #[test]
    fn groups_and_their_headers_survive_the_wire(group in group()) {
        check::<_, v1::GroupHeader>(group.header());
        check::<_, v1::Group>(group);
    }

    #[test]
    fn leases_survive_the_wire(prompt in prompt(), seed: u64, millis in 0_u64..1 << 40) {
        check::<_, v1::Lease>(Lease {
            group_id: GroupId(seed ^ 1),
            prompt,
            sampling: sampling(),
            seed,
            min_policy_version: PolicyVersion(3),
            attempt: 2,
            time_to_live: Duration::from_millis(millis),
        });
    }

    #[test]
    fn work_survives_the_wire(groups in vec(group(), 0..3), prompts in vec(prompt(), 0..3), step: u64, stage: u32) {
        let (step, stage) = (Step(step), StageIndex(stage));
        let groups = groups.iter().map(Group::header).collect();
        let samples = prompts.into_iter().zip(0..).map(|(prompt, draw)| SftSample { draw, prompt }).collect();
        for work in [
            Work::Rollouts(RolloutBatch { step, stage, stage_step: 4, groups }),
            Work::Examples(SftBatch { step, stage, stage_step: 5, samples }),
            Work::Checkpoint { step, stage, ends_stage: true },
            Work::Wait,
            Work::Finished,
        ] {
            check::<_, v1::NextWorkResponse>(work);
        }
    }

    #[test]
    fn the_ledger_survives_the_wire(step: u64, digest: [u8; 32], value in number()) {
        let digest = PolicyDigest(digest);
        let weights_endpoint = "unix:weights.sock".to_owned();
        check::<_, v1::Policy>(PublishedPolicy { version: PolicyVersion(step), weights_endpoint, digest });
        let path = "checkpoints/12".into();
        let stage = StageIndex(2);
        check::<_, v1::Checkpoint>(Checkpoint { step: Step(step), stage, ends_stage: true, path, digest });
        check::<_, v1::Scalar>(Scalar::new("loss/policy", value));
        for admission in [Admission::Accepted, Admission::Duplicate, Admission::Late] {
            check::<_, v1::SubmitGroupResponse>(admission);
        }
    }
}

/// A prompt that is right, for tests to break.
fn wire_prompt() -> v1::Prompt {
    v1::Prompt {
        chat: vec![Message::text(Role::User, "1 + 1?").into()],
        reward_spec: "{\"components\":[]}".to_owned(),
        ..Default::default()
    }
}

fn wire_completion() -> v1::Completion {
    v1::Completion { finish_reason: v1::FinishReason::Stop.into(), ..Default::default() }
}

/// Converts a message that must be refused, and compares the refusal.
fn refuse<W, D>(wire: W, expected: &str)
where
    D: TryFrom<W, Error = ConvertError> + Debug,
{
    let error = D::try_from(wire).unwrap_err().to_string();
    assert!(error.starts_with("failed to read field "), "{error}");
    assert!(error.contains(expected), "`{error}` does not hold `{expected}`");
}

#[test]
fn a_broken_prompt_is_refused_with_its_field() {
    let raw = vec![ContentPart::Text { text: "x".to_owned() }.into()];
    refuse::<_, Prompt>(v1::Prompt { chat: vec![], ..wire_prompt() }, "`chat` of message `Prompt`: neither");
    refuse::<_, Prompt>(v1::Prompt { raw, ..wire_prompt() }, "`chat` of message `Prompt`: both");
    refuse::<_, Prompt>(
        v1::Prompt { reward_spec: "{".to_owned(), ..wire_prompt() },
        "`reward_spec` of message `Prompt`",
    );
    refuse::<_, Message>(v1::Message::default(), "`role` of message `Message`: it is unspecified");
    refuse::<_, Message>(v1::Message { role: 9, ..Default::default() }, "`9` is not a value of it");
    let part = v1::content_part::Part::ImageHash(vec![1, 2].into());
    refuse::<_, ContentPart>(
        v1::ContentPart { part: Some(part) },
        "`image_hash` of message `ContentPart`: expected 32 bytes, got 2",
    );
    refuse::<_, ContentPart>(v1::ContentPart::default(), "`part` of message `ContentPart`: it is missing");
}

#[test]
fn a_broken_completion_is_refused_with_its_field() {
    let short = v1::Completion { token_ids: vec![1, 2], logprobs: vec![0.0], ..wire_completion() };
    refuse::<_, Completion>(short, "`logprobs` of message `Completion`: 1 logprobs for 2 tokens");
    let backwards = v1::Completion { min_policy_version: 4, max_policy_version: 3, ..wire_completion() };
    refuse::<_, Completion>(backwards, "`min_policy_version` of message `Completion`");
    refuse::<_, Completion>(v1::Completion::default(), "`finish_reason` of message `Completion`: it is unspecified");
    refuse::<_, Sample>(v1::Sample::default(), "`completion` of message `Sample`");
    refuse::<_, Reward>(v1::Reward::default(), "`outcome` of message `Reward`");
}

#[test]
fn a_broken_record_is_refused_with_its_field() {
    refuse::<_, PublishedPolicy>(v1::Policy::default(), "`digest` of message `Policy`: expected 32 bytes, got 0");
    refuse::<_, Checkpoint>(v1::Checkpoint::default(), "`path` of message `Checkpoint`: it is empty");
    refuse::<_, Admission>(v1::SubmitGroupResponse::default(), "`admission` of message `SubmitGroupResponse`");
    refuse::<_, Work>(v1::NextWorkResponse::default(), "`work` of message `NextWorkResponse`");
    refuse::<_, Lease>(
        v1::Lease { prompt: Some(wire_prompt()), ..Default::default() },
        "`sampling` of message `Lease`",
    );
}
