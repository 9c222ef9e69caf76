//! The benchmarks there are, by name.

use std::fmt;

use gradus_types::near_miss;

use super::{
    Item, ItemScore, Judge, Metric, Question, Report, Scored, competition, document, dynamath, emotion, gpqa,
    judge::Assessment, mathverse, mathvision, mathvista, olympiad, perception, wemath, yes_no,
};

/// A benchmark: how responses are scored, and what is reported of them.
pub struct Benchmark {
    name: &'static str,
    source: &'static str,
    assess: fn(&Item, &str) -> Assessment,
    assess_extracted: fn(&Item, &str) -> Assessment,
    metrics: fn(&[Scored<'_>]) -> Vec<Metric>,
}

/// There is no benchmark of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no benchmark `{name}`{}; there are {}", suggestion.as_ref().map(|word| format!(", did you mean `{word}`?")).unwrap_or_default(), names())]
pub struct UnknownBenchmark {
    /// The name as given.
    pub name: String,
    /// A name that is much like it.
    pub suggestion: Option<String>,
}

/// A benchmark whose scores are sums alone.
fn none(_: &[Scored<'_>]) -> Vec<Metric> {
    Vec::new()
}

/// Wraps the scorer of an extracted answer that needs no second question.
macro_rules! done {
    ($score:path) => {
        |item, answer| Assessment::Done($score(item, answer))
    };
}

macro_rules! benchmark {
    ($name:literal, $source:literal, $assess:path, $extracted:expr, $metrics:path) => {
        Benchmark { name: $name, source: $source, assess: $assess, assess_extracted: $extracted, metrics: $metrics }
    };
}

static BENCHMARKS: [Benchmark; 23] = [
    benchmark!(
        "aime",
        "MAA, AIME 2024 and 2025",
        competition::assess_aime,
        done!(competition::score_aime),
        competition::sampled_metrics
    ),
    benchmark!(
        "blink",
        "arXiv:2404.12390",
        perception::assess_leading,
        done!(perception::score_leading),
        perception::blink_metrics
    ),
    benchmark!(
        "chartqa",
        "arXiv:2203.10244",
        document::assess_chart,
        done!(document::score_chart),
        document::chart_metrics
    ),
    benchmark!(
        "cvbench",
        "arXiv:2406.16860",
        perception::assess_leading,
        done!(perception::score_leading),
        perception::cv_bench_metrics
    ),
    benchmark!(
        "docvqa",
        "arXiv:2007.00398",
        document::assess_document,
        done!(document::score_document),
        document::document_metrics
    ),
    benchmark!("dynamath", "arXiv:2411.00836", dynamath::assess, done!(dynamath::score_extracted), dynamath::metrics),
    benchmark!("emotion", "DFEW, MAFW", emotion::assess, done!(emotion::score_extracted), emotion::metrics),
    benchmark!("gpqa", "arXiv:2311.12022, simple-evals", gpqa::assess, done!(gpqa::score_extracted), none),
    benchmark!(
        "gpqa_flexible",
        "arXiv:2311.12022, lm-evaluation-harness",
        gpqa::assess_flexibly,
        done!(gpqa::score_extracted),
        none
    ),
    benchmark!(
        "gpqa_strict",
        "arXiv:2311.12022, lm-evaluation-harness",
        gpqa::assess_strictly,
        done!(gpqa::score_extracted),
        none
    ),
    benchmark!(
        "gsm8k",
        "arXiv:2110.14168, lm-evaluation-harness",
        competition::assess_gsm8k,
        done!(competition::score_gsm8k),
        none
    ),
    benchmark!(
        "gsm8k_strict",
        "arXiv:2110.14168, lm-evaluation-harness",
        competition::assess_gsm8k_strictly,
        done!(competition::score_gsm8k),
        none
    ),
    benchmark!("logicvista", "arXiv:2407.04973", perception::assess_set, done!(perception::score_set), none),
    benchmark!(
        "math500",
        "arXiv:2305.20050",
        competition::assess_math,
        done!(competition::score_math),
        competition::sampled_metrics
    ),
    benchmark!("mathverse", "arXiv:2403.14624", mathverse::assess, mathverse::assess_extracted, none),
    benchmark!("mathvision", "arXiv:2402.14804", mathvision::assess, done!(mathvision::score_extracted), none),
    benchmark!("mathvista", "arXiv:2310.02255", mathvista::assess, done!(mathvista::score_extracted), none),
    benchmark!(
        "mmstar",
        "arXiv:2403.20330, VLMEvalKit",
        perception::assess_inferred,
        done!(perception::score_inferred),
        perception::mmstar_metrics
    ),
    benchmark!(
        "ocrbench",
        "arXiv:2305.07895",
        document::assess_text,
        done!(document::score_text),
        document::text_metrics
    ),
    benchmark!("olympiadbench", "arXiv:2402.14008", olympiad::assess, done!(olympiad::score_extracted), none),
    benchmark!("pope", "arXiv:2305.10355", yes_no::assess, done!(yes_no::score_extracted), yes_no::metrics),
    benchmark!("vsr", "arXiv:2205.00363", yes_no::assess, done!(yes_no::score_extracted), yes_no::metrics),
    benchmark!("wemath", "arXiv:2407.01284", wemath::assess, done!(wemath::score_extracted), wemath::metrics),
];

fn names() -> String {
    BENCHMARKS.iter().map(|benchmark| benchmark.name).collect::<Vec<_>>().join(", ")
}

// === impl Benchmark ===

impl Benchmark {
    /// Returns all benchmarks, in the order of their names.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &BENCHMARKS
    }

    /// Returns the benchmark of a name.
    pub fn named(name: &str) -> Result<&'static Self, UnknownBenchmark> {
        let found = BENCHMARKS.iter().find(|benchmark| benchmark.name == name);
        found.ok_or_else(|| UnknownBenchmark {
            name: name.to_owned(),
            suggestion: near_miss(name, BENCHMARKS.iter().map(|benchmark| benchmark.name)).map(str::to_owned),
        })
    }

    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the paper that it is from, and the code whose reading of answers it follows where that is another's.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Scores a response as far as no judge is needed.
    #[must_use]
    pub fn assess(&self, item: &Item, response: &str) -> Assessment {
        (self.assess)(item, response)
    }

    /// Scores a response, asking the judge at most twice: for the answer that it gives, and whether that is the reference.
    #[must_use]
    pub fn score(&self, item: &Item, response: &str, judge: &dyn Judge) -> ItemScore {
        let mut assessment = self.assess(item, response);
        for _ in 0..2 {
            let question = match assessment {
                Assessment::Done(score) => return score,
                Assessment::NeedsJudge(question) => question,
            };
            let answered = match &question {
                Question::Extract { .. } => {
                    judge.extract(&question).map(|answer| (self.assess_extracted)(item, answer.trim()))
                }
                Question::Compare { answer, .. } => judge
                    .is_same(&question)
                    .map(|is_same| Assessment::Done(ItemScore::of(is_same, answer, "compared by the judge"))),
            };
            assessment = answered.unwrap_or_else(|error| Assessment::Done(ItemScore::unknown(&error.to_string())));
        }
        match assessment {
            Assessment::Done(score) => score,
            Assessment::NeedsJudge(_) => ItemScore::unknown("the judge's answer needs a judge"),
        }
    }

    /// Sums up scores.
    #[must_use]
    pub fn report(&self, scored: &[Scored<'_>]) -> Report {
        Report::of(scored, (self.metrics)(scored))
    }
}

impl fmt::Debug for Benchmark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Benchmark")
            .field("name", &self.name)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::{JudgeError, NoJudge};

    /// Says the same of everything.
    #[derive(Debug)]
    struct Fixed(&'static str, bool);

    impl Judge for Fixed {
        fn extract(&self, _: &Question) -> Result<String, JudgeError> {
            Ok(self.0.to_owned())
        }

        fn is_same(&self, _: &Question) -> Result<bool, JudgeError> {
            Ok(self.1)
        }
    }

    #[test]
    fn names_are_sorted_and_a_misspelt_one_is_answered_with_the_one_that_was_meant() {
        assert!(BENCHMARKS.is_sorted_by_key(|benchmark| benchmark.name));
        for benchmark in Benchmark::all() {
            assert_eq!(Benchmark::named(benchmark.name()).unwrap().source(), benchmark.source());
        }
        let guide = include_str!("../../../../docs/benchmark-scorers.md");
        assert!(Benchmark::all().iter().all(|benchmark| guide.contains(&format!("`{}`", benchmark.name()))));
        let error = Benchmark::named("mathvisto").unwrap_err().to_string();
        assert!(error.contains("did you mean `mathvista`?") && error.contains("wemath"), "{error}");
    }

    #[test]
    fn the_judge_extracts_and_then_compares() {
        let mathverse = Benchmark::named("mathverse").unwrap();
        let item = Item { answers: vec!["50 cm".to_owned()], ..Item::default() };
        for (judge, expected) in
            [(Fixed("a half", true), true), (Fixed("a half", false), false), (Fixed("50 cm", false), true)]
        {
            let score = mathverse.score(&item, "half a metre", &judge);
            assert!(score.is_known && score.is_correct() == expected, "{judge:?}: {score:?}");
        }
        let score = mathverse.score(&item, "half a metre", &NoJudge);
        assert!(!score.is_known && score.reason.contains("there is none"), "{score:?}");
    }

    #[test]
    fn every_benchmark_scores_any_response_from_zero_to_one_and_reports_it() {
        let responses = ["", "A", "<answer>(B) 7</answer>", r"\boxed{\frac{1}{2}}", "#### 12", "yes no", "🦀 <think>"];
        for benchmark in Benchmark::all() {
            for answers in [vec!["A".to_owned()], vec!["yes".to_owned()], vec!["12".to_owned()], Vec::new()] {
                let item = Item { answers, ..Item::default() };
                let scores = responses.map(|response| benchmark.score(&item, response, &NoJudge));
                assert!(scores.iter().all(|score| (0.0..=1.0).contains(&score.score)), "{benchmark:?}: {scores:?}");
                let scored: Vec<Scored<'_>> = scores.iter().map(|score| Scored { item: &item, score }).collect();
                let report = benchmark.report(&scored);
                assert!(report.overall.low <= report.overall.mean && report.overall.mean <= report.overall.high);
                assert!(report.metrics.iter().all(|metric| metric.value.is_finite()), "{benchmark:?}: {report:?}");
                assert!(benchmark.report(&[]).metrics.iter().all(|metric| metric.value.is_finite()));
            }
        }
    }
}
