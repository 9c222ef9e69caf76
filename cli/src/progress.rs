//! Progress on the terminal: a bar a stage with rate, time left and what matters in it.

use std::time::{Duration, Instant};

use gradus_config::{RunConfig, StageKind};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::api::RunReport;

/// How often a line is printed where the output is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(20);

/// The bars of a run. Where the output is no terminal, a line is printed instead: at every change of status, and now and then while
/// steps are taken.
#[derive(Debug)]
pub struct Progress {
    all: MultiProgress,
    stages: Vec<ProgressBar>,
    status: ProgressBar,
    last_status: String,
    last_line: Instant,
}

impl Progress {
    /// Draws an empty bar for every stage.
    pub fn new(config: &RunConfig) -> Self {
        let all = MultiProgress::new();
        let width = config.stages.iter().map(|stage| stage.name.len()).max().unwrap_or(0);
        let bar_style = style("{prefix} {bar:28.cyan/240} {pos:>4}/{len:<4} {msg}").progress_chars("━╸─");
        let stages = config.stages.iter().map(|stage| {
            let kind = match stage.kind {
                StageKind::Sft(_) => "sft",
                StageKind::Rl(_) => "rl ",
            };
            let bar = all.add(ProgressBar::new(stage.steps).with_style(bar_style.clone()));
            bar.set_prefix(format!("{:<width$} {kind}", stage.name));
            bar
        });
        let stages: Vec<ProgressBar> = stages.collect();
        let status = all.add(ProgressBar::new_spinner().with_style(style("{spinner:.cyan} {msg}")));
        status.enable_steady_tick(Duration::from_millis(120));
        status.set_message("starting processes");
        Self { all, stages, status, last_status: String::new(), last_line: Instant::now() }
    }

    /// Shows how the run stands.
    pub fn show(&mut self, report: &RunReport) {
        for (index, (bar, stage)) in self.stages.iter().zip(&report.stages).enumerate() {
            bar.set_position(stage.step);
            if index == report.stage {
                bar.set_message(stage_message(report));
            } else if stage.step == stage.num_steps {
                bar.set_message("done");
            }
        }
        let status = status_message(report);
        let is_news = report.status != self.last_status || self.last_line.elapsed() >= LINE_INTERVAL;
        if self.all.is_hidden() && is_news {
            let details = stage_message(report);
            let separator = if details.is_empty() { "" } else { ": " };
            crate::terminal::say(format!("{status}{separator}{details}"));
            self.last_line = Instant::now();
        }
        self.last_status.clone_from(&report.status);
        self.status.set_message(status);
    }

    /// Prints a line above the bars.
    pub fn note(&self, line: &str) {
        if self.all.is_hidden() || self.all.println(line).is_err() {
            crate::terminal::say(line);
        }
    }

    /// Completes every bar that the report says is complete, and leaves them standing.
    pub fn finish(&mut self, report: &RunReport) {
        self.show(report);
        self.abandon();
    }

    /// Leaves the bars standing as they are.
    pub fn abandon(&self) {
        self.status.finish_and_clear();
        for bar in &self.stages {
            bar.abandon();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates of this file are well-formed")
}

/// Says how fast the stage is, how long it will take, and what its last step was like.
fn stage_message(report: &RunReport) -> String {
    let mut parts = Vec::new();
    if let (Some(seconds), Some(left)) = (report.seconds_per_step, report.stage_time_left_seconds) {
        parts.push(format!("{seconds:.1} s/step, {} left", clock(left)));
    }
    let scalars = [("reward", "reward/mean"), ("loss", "loss/sft")];
    for (label, name) in scalars {
        if let Some(value) = report.scalars.get(name) {
            parts.push(format!("{label} {value:.2}"));
        }
    }
    if let Some(share) = report.scalars.get("group/zero_variance_frac") {
        parts.push(format!("zero-variance {:.0} %", 100.0 * share));
    }
    if let (Some(selected), Some(effective)) =
        (report.scalars.get("pad/num_selected_samples"), report.scalars.get("pad/num_effective_samples"))
    {
        parts.push(format!("PAD kept {selected:.0} of {effective:.0}"));
    }
    parts.join(" · ")
}

fn status_message(report: &RunReport) -> String {
    let stage = report.stages.get(report.stage).map_or("", |stage| stage.name.as_str());
    match (report.status.as_str(), report.evaluation) {
        ("waiting", _) => "waiting for the learner to load the model".to_owned(),
        ("evaluating", Some(evaluation)) => {
            format!("evaluating on held-out prompts: {} of {}", evaluation.num_done, evaluation.num_prompts)
        }
        ("finished", _) => "finished".to_owned(),
        (status, _) => format!("{status} `{stage}`, step {} of {}", report.step, report.num_steps),
    }
}

/// Renders a time as minutes and seconds.
fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
