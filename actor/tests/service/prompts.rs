//! Leases for the tests' model.

use std::{path::PathBuf, time::Duration};

use gradus_types::{
    ContentPart, GroupId, Lease, MediaHash, PolicyVersion, Prompt, PromptBody, PromptId, RewardComponent, RewardSpec,
    SamplingParameters, StageIndex,
};

/// Leases a question in words.
pub fn text_lease(draw: u64) -> Lease {
    lease(draw, vec![ContentPart::Text { text: format!("What is {draw} + 2?") }])
}

/// Leases a question about a picture.
pub fn picture_lease(draw: u64, hash: MediaHash) -> Lease {
    lease(draw, vec![ContentPart::Image { hash }, ContentPart::Text { text: "What is this?".to_owned() }])
}

/// Returns the bytes of a picture.
pub fn picture() -> Vec<u8> {
    std::fs::read(golden().join("images").join("grey.png")).expect("the picture is in the repository")
}

/// Returns the directory with the golden processor and its pictures.
pub fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/processor")
}

fn lease(draw: u64, content: Vec<ContentPart>) -> Lease {
    let component =
        RewardComponent { name: "accuracy".into(), kind: "answer".into(), weight: 1.0, parameters: [].into() };
    let reward = RewardSpec { gold: Some("4".into()), components: vec![component], ..Default::default() };
    let prompt = Prompt {
        id: PromptId(draw),
        source: "test".into(),
        body: PromptBody::Raw(content),
        prefill: None,
        target: None,
        reward,
        difficulty: None,
        chance: None,
    };
    let sampling = SamplingParameters {
        num_completions: 3,
        temperature: 1.0,
        top_p: 1.0,
        top_k: 0,
        max_new_tokens: 6,
        max_prompt_tokens: 64,
    };
    Lease {
        group_id: GroupId::train(StageIndex(0), draw),
        prompt,
        sampling,
        seed: draw,
        min_policy_version: PolicyVersion(0),
        attempt: 0,
        time_to_live: Duration::from_secs(60),
    }
}
