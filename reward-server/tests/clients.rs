//! The clients of `docs/reward-server.md`, as they stand there, against a running server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped must be seen")]

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    extract::Request,
    http::{StatusCode, header::RETRY_AFTER},
    middleware::{self, Next},
    response::IntoResponse,
};
use gradus_config::RewardServer;
use gradus_reward_server::{Scorer, router};
use gradus_rpc::serve_http;
use gradus_runtime::{Runtime, Shutdown, spawn};
use gradus_telemetry::Metrics;
use tokio::sync::oneshot;

/// Calls every client as its framework does, and compares.
const DRIVER: &str = r#"
import urllib.error

import gradus_rewards
from gradus_rewards import compute_score, gradus_reward, reward_func

right, wrong = "<think>2+2</think><answer>4</answer>", r"\boxed{5}"

texts = gradus_reward(prompts=["2+2?"] * 2, completions=[right, wrong], solution=["4", "4"], completion_ids=[[1], [2]])
assert texts == [1.5, 0.0], texts
turns = [[{"role": "assistant", "content": right}], [{"role": "assistant", "content": "no"}]]
asked = [[{"role": "user", "content": "2+2?"}]] * 2
assert gradus_reward(prompts=asked, completions=turns, solution=["4", None]) == [1.5, None]
assert gradus_reward(prompts=["", ""], completions=[right, wrong], solution=["4", "4"]) == [1.5, 0.0]

for gold in [None, "", ["4", "5"]]:
    score = compute_score("gsm8k", right, gold)
    assert (score["score"], score["unscored"]) == (0.0, 1.0), score

try:
    gradus_rewards.ask("/v1/batch", {"completions": ["4"], "golds": []})
    raise AssertionError("it was not refused")
except RuntimeError as error:
    assert "`golds` has 0 elements" in str(error), error

gradus_rewards.URL, url = "http://127.0.0.1:1", gradus_rewards.URL
try:
    gradus_rewards.ask("/v1/batch", {}, patience=0)
    raise AssertionError("there is no such server")
except urllib.error.URLError:
    gradus_rewards.URL = url

score = compute_score("gsm8k", right, "4", {"index": 0})
assert score == {"score": 1.5, "unscored": 0.0, "accuracy": 1.0, "format": 1.0}, score

prompt = "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n"
rewards = reward_func([prompt + right + "<|im_end|>", prompt + wrong], [prompt] * 2, ["4", "4"])
assert rewards["rewards"] == [1.5, 0.0] and rewards["acc_rewards"] == [1.0, 0.0], rewards
assert rewards["extra_logs"]["unscored"] == [0.0, 0.0], rewards
"#;

/// Cuts the Python files out of a page: their first line names them.
fn files(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("```python\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|block| (block.lines().next().unwrap().strip_prefix("# ").unwrap(), block)).collect()
}

#[test]
fn the_clients_of_the_documentation_work_as_they_stand_there() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reward-server.md")).unwrap();
    let files = files(&page);
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["gradus_rewards.py"]);
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().chain(&[("driver.py", DRIVER)]) {
        fs::write(directory.path().join(name), text).unwrap();
    }
    // Two workers: Python is waited for on one of them.
    let runtime = Runtime::new("clients", 2).unwrap();
    let (tell, told) = oneshot::channel();
    let (config, metrics) = (RewardServer::default(), Metrics::new("reward-server"));
    let routes = router(&config, Scorer::new(&config, &metrics).unwrap(), metrics);
    // A server that is full every other time.
    let num_calls = Arc::new(AtomicUsize::new(0));
    let routes = routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let is_full = num_calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        async move {
            match is_full {
                true => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "0")], "").into_response(),
                false => next.run(request).await,
            }
        }
    }));
    let _server = runtime.within(|| {
        spawn("server", async move {
            let endpoint = "127.0.0.1:0".parse().unwrap();
            serve_http(&endpoint, routes, Shutdown::new(), |bound| tell.send(bound.to_string()).unwrap()).await
        })
    });
    let url = format!("http://{}", told.blocking_recv().unwrap());
    let mut python = Command::new("python3");
    python
        .arg("driver.py")
        .current_dir(directory.path())
        .env("GRADUS_REWARDS", url)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = python.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
