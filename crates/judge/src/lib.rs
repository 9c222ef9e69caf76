//! A judge model behind an OpenAI-compatible endpoint, for benchmarks whose protocol asks one.
//!
//! The principal type is [`OpenAiJudge`]; whoever evaluates benchmarks hands it to
//! [`Benchmark::score`](gradus_verify::benchmark::Benchmark::score), which asks it only where no rule decides. The verifier itself does no I/O,
//! which is why this is a crate of its own. Calls block, so they belong on a thread that may. TLS is left to a proxy: judges run on the
//! machine or in the cluster.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use gradus_judge::{JudgeConfig, OpenAiJudge};
//! use gradus_verify::benchmark::{Benchmark, Item};
//!
//! let judge = OpenAiJudge::new(JudgeConfig {
//!     base_url: "http://127.0.0.1:8000/v1".to_owned(),
//!     model: "judge".to_owned(),
//!     api_key: None,
//!     timeout: Duration::from_secs(60),
//!     max_attempts: 3,
//!     backoff: Duration::from_secs(1),
//! });
//! let item = Item { id: "1".to_owned(), answers: vec!["50 cm".to_owned()], ..Item::default() };
//! let score = Benchmark::named("mathverse")?.score(&item, "half a metre, I would say", &judge);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{thread, time::Duration};

use gradus_verify::benchmark::{Judge, JudgeError, Question};
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest answer that a judge may give, in tokens: an answer as short as it can be said.
const MAX_ANSWER_TOKENS: u32 = 256;

/// The characters at the end of a response that a judge is shown.
const MAX_RESPONSE_CHARACTERS: usize = 8_000;

/// Where a judge is and how long it is waited for.
#[derive(Clone)]
pub struct JudgeConfig {
    /// The address up to the version: `http://127.0.0.1:8000/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// What the endpoint knows its callers by, if it asks.
    pub api_key: Option<String>,
    /// How long one call may take.
    pub timeout: Duration,
    /// How often a call is made before the judge counts as silent, at least once.
    pub max_attempts: u32,
    /// How long is waited before the second attempt; it doubles with each further one.
    pub backoff: Duration,
}

/// A judge that is asked over HTTP.
#[derive(Clone, Debug)]
pub struct OpenAiJudge {
    config: JudgeConfig,
    agent: ureq::Agent,
}

#[derive(Deserialize)]
struct ChatCompletion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: ChatMessage,
}

#[derive(Deserialize)]
struct ChatMessage {
    content: Option<String>,
}

// === impl JudgeConfig ===

impl std::fmt::Debug for JudgeConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key is a secret, and never printed.
        let Self { base_url, model, timeout, max_attempts, backoff, api_key: _ } = self;
        let mut fields = formatter.debug_struct("JudgeConfig");
        fields.field("base_url", base_url).field("model", model).field("timeout", timeout);
        fields.field("max_attempts", max_attempts).field("backoff", backoff).finish_non_exhaustive()
    }
}

// === impl OpenAiJudge ===

impl OpenAiJudge {
    /// Makes a client; nothing is called yet.
    #[must_use]
    pub fn new(config: JudgeConfig) -> Self {
        let settings = ureq::Agent::config_builder().timeout_global(Some(config.timeout)).http_status_as_error(false);
        Self { agent: settings.build().into(), config }
    }

    /// Asks until there is an answer or the attempts are used up. A refusal that another attempt would meet too ends it.
    fn ask(&self, instruction: &str, question: &str) -> Result<String, JudgeError> {
        let body = json!({
            "model": self.config.model, "temperature": 0, "max_tokens": MAX_ANSWER_TOKENS,
            "messages": [{"role": "system", "content": instruction}, {"role": "user", "content": question}],
        });
        let mut backoff = self.config.backoff;
        let mut attempt = 1;
        loop {
            match self.call(&body) {
                Ok(answer) => return Ok(answer),
                Err((error, is_final)) if is_final || attempt >= self.config.max_attempts => return Err(error),
                Err(_) => thread::sleep(backoff),
            }
            (attempt, backoff) = (attempt + 1, backoff * 2);
        }
    }

    /// Makes one call. A failure says whether another attempt would fail as well.
    fn call(&self, body: &Value) -> Result<String, (JudgeError, bool)> {
        let url = format!("{}/chat/completions", self.config.base_url.trim_end_matches('/'));
        let mut request = self.agent.post(&url);
        if let Some(key) = &self.config.api_key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let failed = |reason: String, is_final| (JudgeError { reason: format!("`{url}` {reason}") }, is_final);
        let mut response =
            request.send_json(body).map_err(|error| failed(format!("could not be asked: {error}"), false))?;
        let status = response.status();
        if !status.is_success() {
            let is_final = status.is_client_error() && status.as_u16() != 429;
            return Err(failed(format!("answered {status}"), is_final));
        }
        let completion: ChatCompletion = response
            .body_mut()
            .read_json()
            .map_err(|error| failed(format!("answered something else: {error}"), true))?;
        let content = completion.choices.into_iter().next().and_then(|choice| choice.message.content);
        content.ok_or_else(|| failed("answered without a choice".to_owned(), true))
    }
}

impl Judge for OpenAiJudge {
    fn extract(&self, question: &Question) -> Result<String, JudgeError> {
        const INSTRUCTION: &str = "You are shown a question and somebody's response to it. Reply with the final answer that the \
            response gives and with nothing else: for a multiple-choice question the letter of the option, otherwise the number or \
            the words. Do not solve the question. If the response gives no answer, reply NONE.";
        let answer = self.ask(INSTRUCTION, &shown(question))?;
        let answer = answer.trim();
        if answer.is_empty() || answer == "NONE" {
            return Err(JudgeError { reason: "it found no answer in the response".to_owned() });
        }
        Ok(answer.to_owned())
    }

    fn is_same(&self, question: &Question) -> Result<bool, JudgeError> {
        const INSTRUCTION: &str = "You are shown a question, its reference answer and another answer. Reply 1 if the other answer \
            means the same as the reference, else 0, and nothing else. Another form of an expression and another unit of the same \
            quantity mean the same; for a multiple-choice question the option must be the same. Do not solve the question.";
        let answer = self.ask(INSTRUCTION, &shown(question))?;
        match answer.trim().trim_end_matches('.') {
            "1" => Ok(true),
            "0" => Ok(false),
            other => {
                let beginning: String = other.chars().take(80).collect();
                Err(JudgeError { reason: format!("it replied `{beginning}` where 1 or 0 was asked for") })
            }
        }
    }
}

/// What a judge is shown of a question.
fn shown(question: &Question) -> String {
    match question {
        Question::Extract { question, options, response } => {
            let options: Vec<String> =
                ('A'..='Z').zip(options).map(|(letter, option)| format!("({letter}) {option}")).collect();
            let num_hidden = response.chars().count().saturating_sub(MAX_RESPONSE_CHARACTERS);
            let response: String = response.chars().skip(num_hidden).collect();
            format!("Question: {question}\n{}\n\nResponse: {response}", options.join("\n"))
        }
        Question::Compare { question, gold, answer } => {
            format!("Question: {question}\n\nReference answer: {gold}\n\nOther answer: {answer}")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
    };

    use super::*;

    /// Answers one request after another with a status and a body, and returns what was asked.
    fn serve(listener: &TcpListener, answers: &[(u16, String)]) -> Vec<String> {
        let mut requests = Vec::new();
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut content = vec![0; length];
            reader.read_exact(&mut content).unwrap();
            requests.push(head + &String::from_utf8(content).unwrap());
            let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
            write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
        requests
    }

    /// Asks a judge that gives these answers, and returns what it was asked as well.
    fn with_fake<T: Send>(answers: &[(u16, String)], ask: impl FnOnce(&OpenAiJudge) -> T + Send) -> (T, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let judge = OpenAiJudge::new(JudgeConfig {
            base_url: format!("http://{}/v1", listener.local_addr().unwrap()),
            model: "judge".to_owned(),
            api_key: Some("secret".to_owned()),
            timeout: Duration::from_secs(10),
            max_attempts: 3,
            backoff: Duration::ZERO,
        });
        thread::scope(|scope| {
            let server = scope.spawn(|| serve(&listener, answers));
            let asked = ask(&judge);
            (asked, server.join().unwrap())
        })
    }

    fn reply(content: &str) -> (u16, String) {
        (200, json!({"choices": [{"message": {"role": "assistant", "content": content}}]}).to_string())
    }

    fn comparison() -> Question {
        Question::Compare { question: "How long?".to_owned(), gold: "50 cm".to_owned(), answer: "0.5 m".to_owned() }
    }

    #[test]
    fn a_judge_is_asked_with_its_model_and_key_and_its_answer_is_read() {
        let (verdict, requests) = with_fake(&[reply("1.")], |judge| judge.is_same(&comparison()));
        assert_eq!(verdict, Ok(true));
        let request = &requests[0];
        assert!(request.starts_with("POST /v1/chat/completions"), "{request}");
        for expected in ["Bearer secret", "\"model\": \"judge\"", "50 cm", "0.5 m"] {
            assert!(request.contains(expected), "`{expected}` is not in {request}");
        }
        let response = Question::Extract {
            question: String::new(),
            options: vec!["red".to_owned()],
            response: "it is red".to_owned(),
        };
        let (answer, requests) = with_fake(&[reply(" A\n")], |judge| judge.extract(&response));
        assert_eq!(answer, Ok("A".to_owned()));
        assert!(requests[0].contains("(A) red"));
    }

    #[test]
    fn a_busy_judge_is_asked_again_and_a_refusal_is_final() {
        let busy = (503, String::new());
        let (verdict, requests) =
            with_fake(&[busy.clone(), (429, String::new()), reply("0")], |judge| judge.is_same(&comparison()));
        assert_eq!((verdict, requests.len()), (Ok(false), 3));
        let (verdict, requests) = with_fake(&[busy.clone(), busy.clone(), busy], |judge| judge.is_same(&comparison()));
        assert!(verdict.unwrap_err().reason.contains("503") && requests.len() == 3);
        let (verdict, _) = with_fake(&[(401, String::new())], |judge| judge.is_same(&comparison()));
        assert!(verdict.unwrap_err().reason.contains("401"));
    }

    #[test]
    fn what_is_no_verdict_is_an_error_and_the_key_is_never_printed() {
        let (verdict, _) = with_fake(&[reply("I think so")], |judge| judge.is_same(&comparison()));
        assert!(verdict.unwrap_err().reason.contains("I think so"));
        let (answer, _) = with_fake(&[reply("NONE")], |judge| (judge.extract(&comparison()), format!("{judge:?}")));
        assert!(answer.0.is_err() && !answer.1.contains("secret"), "{answer:?}");
    }
}
