//! The judge model of a benchmark: how it is named on the command line, and whether it was of any use.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Result, bail};
use clap::Args;
use gradus_judge::{JudgeConfig, OpenAiJudge};
use gradus_verify::benchmark::{Judge, JudgeError, NoJudge, Question};

/// The environment variable that holds the judge's key.
const KEY_VARIABLE: &str = "GRADUS_JUDGE_API_KEY";

/// How long a judge may take over one question, how often it is asked and how long is waited in between at first.
const TIMEOUT: Duration = Duration::from_secs(120);
const MAX_ATTEMPTS: u32 = 4;
const BACKOFF: Duration = Duration::from_secs(1);

/// The arguments about the judge.
#[derive(Clone, Debug, Args)]
pub struct JudgeArguments {
    /// A judge model behind an OpenAI-compatible address, such as `http://127.0.0.1:8000/v1`, for benchmarks whose protocol asks one.
    /// Its key, if it wants one, is read from GRADUS_JUDGE_API_KEY.
    #[arg(long, value_name = "URL", requires_all = ["benchmark", "judge_model"])]
    judge: Option<String>,
    /// The judge model's name there.
    #[arg(long, value_name = "M", requires = "judge")]
    judge_model: Option<String>,
}

/// The judge that was named, if any, with its answers counted.
#[derive(Debug)]
pub struct Watched {
    judge: Option<Box<dyn Judge>>,
    record: Mutex<Record>,
}

#[derive(Debug, Default)]
struct Record {
    num_answers: u64,
    num_failures: u64,
    last_failure: Option<JudgeError>,
}

// === impl JudgeArguments ===

impl JudgeArguments {
    /// Makes the judge, if one is named.
    pub fn judge(&self) -> Option<Box<dyn Judge>> {
        Some(Box::new(OpenAiJudge::new(JudgeConfig {
            base_url: self.judge.clone()?,
            model: self.judge_model.clone()?,
            api_key: std::env::var(KEY_VARIABLE).ok().filter(|key| !key.is_empty()),
            timeout: TIMEOUT,
            max_attempts: MAX_ATTEMPTS,
            backoff: BACKOFF,
        })))
    }
}

// === impl Watched ===

impl Watched {
    /// Begins to count. Without a judge, what needs one is unknown.
    pub fn new(judge: Option<Box<dyn Judge>>) -> Self {
        Self { judge, record: Mutex::default() }
    }

    /// Fails if there is a judge that was asked and has never answered, as behind a wrong address.
    pub fn finish(self) -> Result<()> {
        let record = self.record.into_inner().unwrap_or_else(PoisonError::into_inner);
        match record.last_failure {
            Some(failure) if record.num_answers == 0 => {
                bail!("none of {} questions to the judge was answered; the last time, {failure}", record.num_failures)
            }
            _ => Ok(()),
        }
    }

    fn ask<T>(&self, question: impl FnOnce(&dyn Judge) -> Result<T, JudgeError>) -> Result<T, JudgeError> {
        let Some(judge) = &self.judge else { return question(&NoJudge) };
        let answered = question(&**judge);
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        match &answered {
            Ok(_) => record.num_answers += 1,
            Err(failure) => {
                record.num_failures += 1;
                record.last_failure = Some(failure.clone());
            }
        }
        answered
    }
}

impl Judge for Watched {
    fn extract(&self, question: &Question) -> Result<String, JudgeError> {
        self.ask(|judge| judge.extract(question))
    }

    fn is_same(&self, question: &Question) -> Result<bool, JudgeError> {
        self.ask(|judge| judge.is_same(question))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares, but extracts nothing.
    #[derive(Debug)]
    struct Moody;

    impl Judge for Moody {
        fn extract(&self, _: &Question) -> Result<String, JudgeError> {
            Err(JudgeError { reason: "it sulks".to_owned() })
        }

        fn is_same(&self, _: &Question) -> Result<bool, JudgeError> {
            Ok(true)
        }
    }

    fn question() -> Question {
        Question::Compare { question: String::new(), gold: "4".to_owned(), answer: "four".to_owned() }
    }

    #[test]
    fn a_judge_that_never_answers_is_a_failure_that_tells_why() {
        let judge = Watched::new(Some(Box::new(Moody)));
        (0..2).for_each(|_| assert!(judge.extract(&question()).is_err()));
        let error = judge.finish().unwrap_err().to_string();
        assert!(error.contains("none of 2 questions") && error.contains("it sulks"), "{error}");
    }

    #[test]
    fn a_judge_that_answers_now_and_then_and_none_at_all_are_no_failures() {
        let judge = Watched::new(Some(Box::new(Moody)));
        assert!(judge.extract(&question()).is_err());
        assert!(judge.is_same(&question()).unwrap());
        judge.finish().unwrap();
        let none = Watched::new(None);
        assert!(none.is_same(&question()).is_err());
        none.finish().unwrap();
    }
}
