//! The table of a run's held-out accuracy: a row a prompt set, a column a measured policy, with 95 % intervals.

use crate::api::{EvaluationReport, MeasureReport, RunReport};

/// Renders the table; no lines where nothing was measured.
pub fn table(report: &RunReport) -> Vec<String> {
    let stage_ends: Vec<&EvaluationReport> =
        report.evaluations.iter().filter(|one| one.starts_stage == Some(0) || one.ends_stage.is_some()).collect();
    let Some(first) = stage_ends.first() else { return Vec::new() };
    let mut rows = vec![header(report, &stage_ends)];
    for set in &first.sets {
        let measures = stage_ends.iter().filter_map(|one| one.sets.iter().find(|other| other.name == set.name));
        let mut row = vec![format!("{} ({})", set.name, set.overall.num_prompts)];
        row.extend(measures.map(|set| cell(&set.overall)));
        rows.push(row);
    }
    align(&rows)
}

/// Renders an accuracy in percent with half the width of its interval.
pub fn cell(measure: &MeasureReport) -> String {
    let half_width = (measure.accuracy_high - measure.accuracy_low) / 2.0;
    format!("{:.1} ± {:.1} %", 100.0 * measure.accuracy, 100.0 * half_width)
}

fn header(report: &RunReport, evaluations: &[&EvaluationReport]) -> Vec<String> {
    let mut row = vec!["held-out accuracy".to_owned()];
    row.extend(evaluations.iter().map(|evaluation| match evaluation.ends_stage.and_then(|i| report.stages.get(i)) {
        Some(stage) => format!("after {}", stage.name),
        None => "at the start".to_owned(),
    }));
    row
}

fn align(rows: &[Vec<String>]) -> Vec<String> {
    let num_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..num_columns).map(|column| width(column).unwrap_or(0)).collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            cells.collect::<Vec<_>>().join("   ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_accuracies_carry_their_interval() {
        let measure = MeasureReport { num_prompts: 500, accuracy: 0.5, accuracy_low: 0.456, accuracy_high: 0.544 };
        assert_eq!(cell(&measure), "50.0 ± 4.4 %");
        let rows = vec![vec!["a".to_owned(), "1".to_owned()], vec!["long".to_owned(), "100".to_owned()]];
        assert_eq!(align(&rows), ["a        1", "long   100"]);
    }
}
