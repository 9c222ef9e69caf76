//! Evaluations: held-out prompts, answered by exactly one policy version, while training waits.

use std::collections::BTreeMap;

use gradus_types::{Admission, FinishReason, GroupHeader, GroupId, PolicyVersion};
use serde::{Deserialize, Serialize};

use crate::machine::{Effect, EvaluationPlan, Holder, Location, Machine, Measure, Scoring, Series, Submit, Timestamp};

/// An evaluation under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActiveEvaluation {
    /// Its number, from 0.
    pub number: u64,
    /// The policy that is measured.
    pub version: PolicyVersion,
    /// Prompts of each set: an item's draw counts through the sets in order.
    pub num_prompts: Vec<u64>,
    /// The items.
    pub series: Series<Answer>,
}

/// What came of one held-out prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The prompt's data source or task kind.
    pub source: String,
    /// What its completions were measured at.
    pub measure: AnswerMeasure,
    /// Where the group's payload is.
    pub location: Location,
}

/// Sums over the completions of one prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerMeasure {
    /// Completions.
    pub num_completions: u64,
    /// Completions that have an accuracy.
    pub num_scored: u64,
    /// The sum of their accuracies.
    pub accuracy: f64,
    /// Completions that have a format score.
    pub num_formatted: u64,
    /// The sum of their format scores.
    pub format: f64,
    /// Tokens of all completions.
    pub num_tokens: u64,
    /// Completions that reached the length limit.
    pub num_truncated: u64,
}

/// A complete evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationResult {
    /// Its number, from 0.
    pub number: u64,
    /// The policy that was measured.
    pub version: PolicyVersion,
    /// When it was complete.
    pub finished_at: Timestamp,
    /// The prompt sets.
    pub sets: Vec<SetResult>,
    /// Where the answers are, in order.
    pub answers: Vec<(GroupPlace, Location)>,
}

/// The place of a prompt among the sets of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPlace {
    /// The position of the set in the run file.
    pub set: usize,
    /// The position of the prompt in the set.
    pub position: u64,
}

/// What came of one prompt set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetResult {
    /// The set's name.
    pub name: String,
    /// All its prompts together.
    pub overall: Measure,
    /// Its prompts by data source or task kind.
    pub sources: BTreeMap<String, Measure>,
    /// Prompts that were set aside.
    pub num_quarantined: u64,
}

impl ActiveEvaluation {
    /// Returns how many items are done, and how many there are.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.series.live().waiting, self.series.len() as u64)
    }

    fn is_complete(&self) -> bool {
        let live = self.series.live();
        live.open == 0 && live.in_flight == 0
    }

    fn result(&self, plan: &EvaluationPlan, now: Timestamp) -> EvaluationResult {
        let sets = plan.sets.iter().enumerate().map(|(set, name)| self.set_result(set, name)).collect();
        let place = |draw| EvaluationPlan::place(&self.num_prompts, draw);
        let answers = self.series.done().map(|(draw, answer)| (place(draw), answer.location)).collect();
        EvaluationResult { number: self.number, version: self.version, finished_at: now, sets, answers }
    }

    fn set_result(&self, set: usize, name: &str) -> SetResult {
        let answers: Vec<&Answer> = self
            .series
            .done()
            .filter(|(draw, _)| EvaluationPlan::place(&self.num_prompts, *draw).set == set)
            .map(|(_, answer)| answer)
            .collect();
        let mut by_source: BTreeMap<String, Vec<AnswerMeasure>> = BTreeMap::new();
        for answer in &answers {
            by_source.entry(answer.source.clone()).or_default().push(answer.measure);
        }
        let num_prompts = self.num_prompts.get(set).copied().unwrap_or_default();
        SetResult {
            name: name.to_owned(),
            overall: Measure::of(answers.iter().map(|answer| answer.measure)),
            sources: by_source.into_iter().map(|(source, answers)| (source, Measure::of(answers))).collect(),
            num_quarantined: num_prompts - answers.len() as u64,
        }
    }
}

impl AnswerMeasure {
    /// Measures a group: its accuracy is the component named `accuracy`, its format rate the one named `format`.
    #[must_use]
    pub fn of(header: &GroupHeader) -> Self {
        let mut measure = Self::default();
        for sample in &header.samples {
            let component =
                |name: &str| sample.components.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
            measure.num_completions += 1;
            measure.num_tokens += u64::from(sample.num_tokens);
            measure.num_truncated += u64::from(sample.finish_reason == FinishReason::Length);
            if let Some(accuracy) = component("accuracy") {
                measure.num_scored += 1;
                measure.accuracy += accuracy;
            }
            if let Some(format) = component("format") {
                measure.num_formatted += 1;
                measure.format += format;
            }
        }
        measure
    }
}

impl Machine {
    /// Begins the evaluation of a policy, if one is due and has not been made.
    pub(super) fn begin_evaluation(&mut self, version: PolicyVersion, now: Timestamp) {
        if self.state.evaluation.is_some() || !self.evaluation_pending(version) {
            return;
        }
        let num_prompts = self.state.settings.evaluation_prompts.clone();
        let mut series = Series::default();
        for draw in 0..num_prompts.iter().sum() {
            series.draw(draw, &mut self.state.evaluation_ledger);
        }
        let number = self.state.evaluations.len() as u64;
        self.state.evaluation = Some(ActiveEvaluation { number, version, num_prompts, series });
        self.finish_evaluation(now);
    }

    /// Tells whether a policy must be measured before training goes on.
    pub(super) fn evaluation_pending(&self, version: PolicyVersion) -> bool {
        self.plan.evaluation_due(version) && !self.state.evaluations.iter().any(|result| result.version == version)
    }

    pub(super) fn evaluation_of(&self, id: GroupId) -> Option<&ActiveEvaluation> {
        self.state.evaluation.as_ref().filter(|active| active.number == id.series())
    }

    /// Lends an item of the evaluation under way, while actors sample from the very policy it measures.
    pub(super) fn lend_evaluation(&mut self, version: PolicyVersion, holder: &Holder) -> Option<(GroupId, u32)> {
        if self.state.stop_after.is_some() {
            return None;
        }
        let active = self.state.evaluation.as_mut().filter(|active| active.version == version)?;
        let (_, draw) = active.series.first_open(usize::MAX)?;
        let attempt = active.series.lend(draw, holder.clone(), &mut self.state.evaluation_ledger);
        Some((GroupId::evaluation(active.number, draw), attempt))
    }

    pub(super) fn admit_answer(&mut self, submit: &Submit, now: Timestamp) -> Admission {
        self.touch();
        let Some(active) = self.state.evaluation.as_mut() else { return Admission::Late };
        let (draw, ledger) = (submit.header.id.draw(), &mut self.state.evaluation_ledger);
        let is_measured = |version: PolicyVersion| version == active.version;
        let samples = &submit.header.samples;
        if !samples
            .iter()
            .all(|sample| is_measured(sample.min_policy_version) && is_measured(sample.max_policy_version))
        {
            ledger.stale += 1;
            active.series.drop_group(draw, &submit.actor, ledger);
            return Admission::Late;
        }
        // A measurement waits for the reward server, but not for a scorer that fails on the answer: that is part of the
        // result, as a completion without an accuracy.
        if submit.scoring == Scoring::Unavailable {
            ledger.unscored += 1;
            active.series.drop_group(draw, &submit.actor, ledger);
            return Admission::Late;
        }
        let answer = Answer {
            source: submit.header.source.clone(),
            measure: AnswerMeasure::of(&submit.header),
            location: submit.location,
        };
        active.series.complete(draw, answer, ledger);
        ledger.consumed += 1;
        self.finish_evaluation(now);
        Admission::Accepted
    }

    /// Closes the evaluation under way once every item is done or set aside.
    pub(super) fn finish_evaluation(&mut self, now: Timestamp) {
        let Some(plan) = &self.plan.evaluation else { return };
        let Some(active) = self.state.evaluation.take_if(|active| active.is_complete()) else { return };
        self.state.evaluations.push(active.result(plan, now));
        self.effects.push(Effect::EvaluationFinished { number: active.number });
    }
}
