//! Draws against a plain host implementation in f64, and the promises the module makes.

use gradus_types::random;
use tch::Tensor;

use super::*;

const PLAIN: Row = Row { temperature: 1.0, top_k: 0, top_p: 1.0, uniform: 0.5 };

/// The distribution a row is drawn from, the slow and obvious way.
fn expected_distribution(logits: &[f32], row: &Row) -> Vec<f64> {
    let scaled: Vec<f64> = logits.iter().map(|&logit| f64::from(logit) / row.divisor()).collect();
    let highest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut weights: Vec<f64> = scaled.iter().map(|logit| (logit - highest).exp()).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&i, &j| weights[j].total_cmp(&weights[i]));
    if row.has_top_k() {
        order.iter().skip(row.top_k as usize).for_each(|&index| weights[index] = 0.0);
    }
    if row.has_top_p() {
        let mass = row.top_p * weights.iter().sum::<f64>();
        let mut before = 0.0;
        for &index in &order {
            let weight = weights[index];
            if before >= mass {
                weights[index] = 0.0;
            }
            before += weight;
        }
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

fn random_logits(num_rows: usize, vocabulary: usize, seed: u64) -> Vec<Vec<f32>> {
    let logit = |row, token| (random::uniform(seed, row, token) * 12.0 - 6.0) as f32;
    (0..num_rows as u64).map(|row| (0..vocabulary as u64).map(|token| logit(row, token)).collect()).collect()
}

fn matrix(rows: &[Vec<f32>]) -> Tensor {
    Tensor::from_slice2(rows)
}

fn assorted_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for temperature in [0.0, 0.3, 1.0, 1.7] {
        for top_k in [0, 1, 5, 10_000] {
            for top_p in [0.2, 0.9, 1.0] {
                let uniform = random::uniform(11, rows.len() as u64, 0);
                rows.push(Row { temperature, top_k, top_p, uniform });
            }
        }
    }
    rows
}

#[test]
fn a_draw_is_the_inverse_of_the_cumulative_distribution_and_reports_its_logprob() {
    let rows = assorted_rows();
    let logits = random_logits(rows.len(), 257, 1);
    let draws = draw(&matrix(&logits), &rows).unwrap();
    for ((row, logits), found) in rows.iter().zip(&logits).zip(&draws) {
        let found = found.unwrap();
        let distribution = expected_distribution(logits, row);
        let probability = distribution[found.token_id as usize];
        assert!((f64::from(found.logprob) - probability.ln()).abs() < 1e-5, "{row:?}: {found:?}, {probability}");
        if !row.is_greedy() {
            let before: f64 = distribution[..found.token_id as usize].iter().sum();
            assert!(before <= row.uniform + 1e-6 && row.uniform < before + probability + 1e-6, "{row:?}: {found:?}");
        }
    }
}

#[test]
fn greedy_takes_the_most_likely_token_and_reports_its_logprob_at_temperature_one() {
    let logits = matrix(&[vec![0.0, 2.0, 1.0]]);
    let row = Row { temperature: 0.0, top_k: 1, top_p: 0.1, uniform: 0.999 };
    let found = draw(&logits, &[row]).unwrap()[0].unwrap();
    let expected = 2.0 - (0_f64.exp() + 2_f64.exp() + 1_f64.exp()).ln();
    assert_eq!(found.token_id, 1);
    assert!((f64::from(found.logprob) - expected).abs() < 1e-6);
}

#[test]
fn a_draw_does_not_depend_on_the_rows_beside_it() {
    let rows = assorted_rows();
    let logits = random_logits(rows.len(), 515, 2);
    let together = draw(&matrix(&logits), &rows).unwrap();
    for index in 0..rows.len() {
        let alone = draw(&matrix(&logits[index..=index]), &rows[index..=index]).unwrap();
        assert_eq!(alone[0], together[index], "row {index}");
    }
}

#[test]
fn the_frequencies_of_many_draws_are_the_probabilities() {
    const DRAWS: usize = 20_000;
    let logits = vec![0.3, -1.0, 1.2, 0.0, -3.0];
    let row = |index| Row { temperature: 0.8, top_k: 4, top_p: 0.95, uniform: random::uniform(5, 0, index) };
    let rows: Vec<Row> = (0..DRAWS as u64).map(row).collect();
    let draws = draw(&matrix(&vec![logits.clone(); DRAWS]), &rows).unwrap();
    let mut counts = [0_u32; 5];
    draws.iter().for_each(|found| counts[found.unwrap().token_id as usize] += 1);
    for (count, probability) in counts.iter().zip(expected_distribution(&logits, &rows[0])) {
        let deviation = (probability * (1.0 - probability) / DRAWS as f64).sqrt();
        assert!((f64::from(*count) / DRAWS as f64 - probability).abs() <= 4.0 * deviation, "{counts:?}");
    }
}

/// Lists the tokens that keep a positive weight.
fn kept(logits: &[f32], row: Row) -> Vec<usize> {
    let weights = distribution(&matrix(&[logits.to_vec()]), &[row]).unwrap();
    let weights = Vec::<f32>::try_from(weights.view([-1])).unwrap();
    (0..weights.len()).filter(|&token| weights[token] > 0.0).collect()
}

#[test]
fn top_k_keeps_the_most_likely_tokens_and_those_tied_with_the_last() {
    let logits = [1.0, 3.0, 2.0, 2.0, 0.0];
    assert_eq!(kept(&logits, Row { top_k: 1, ..PLAIN }), [1]);
    assert_eq!(kept(&logits, Row { top_k: 2, ..PLAIN }), [1, 2, 3]);
    assert_eq!(kept(&logits, Row { top_k: 99, ..PLAIN }), [0, 1, 2, 3, 4]);
}

#[test]
fn top_p_keeps_the_smallest_set_that_reaches_its_share() {
    let logits = [0.5_f32, 0.3, 0.15, 0.05].map(f32::ln);
    assert_eq!(kept(&logits, Row { top_p: 1e-9, ..PLAIN }), [0]);
    assert_eq!(kept(&logits, Row { top_p: 0.45, ..PLAIN }), [0]);
    assert_eq!(kept(&logits, Row { top_p: 0.6, ..PLAIN }), [0, 1]);
    assert_eq!(kept(&logits, Row { top_p: 0.9, ..PLAIN }), [0, 1, 2]);
    assert_eq!(kept(&logits, Row { top_p: 0.99, ..PLAIN }), [0, 1, 2, 3]);
}

#[test]
fn top_p_takes_its_share_of_what_top_k_left() {
    let logits = [0.5_f32, 0.3, 0.15, 0.05].map(f32::ln);
    // Of the two tokens left the first has 0.625, which reaches 0.6 but not 0.65.
    assert_eq!(kept(&logits, Row { top_k: 2, top_p: 0.6, ..PLAIN }), [0]);
    assert_eq!(kept(&logits, Row { top_k: 2, top_p: 0.65, ..PLAIN }), [0, 1]);
}

#[test]
fn a_nucleus_wider_than_the_first_candidates_is_found() {
    let logits: Vec<f32> = (0..3_000).map(|token| token as f32 * -1e-4).collect();
    let row = Row { top_p: 0.7, ..PLAIN };
    let positive = expected_distribution(&logits, &row).iter().filter(|&&probability| probability > 0.0).count();
    let found = kept(&logits, row).len();
    assert!(positive > 1_024 && found.abs_diff(positive) <= 1, "{found} and {positive}");
}

#[test]
fn the_ends_of_the_unit_interval_draw_tokens_that_were_kept() {
    let logits = matrix(&[vec![f32::NEG_INFINITY, 1.0, 0.5, f32::NEG_INFINITY], vec![0.0, 1.0, 0.5, -200.0]]);
    let at = |uniform| {
        let rows = [Row { uniform, ..PLAIN }, Row { uniform, top_k: 2, ..PLAIN }];
        draw(&logits, &rows).unwrap().into_iter().map(|found| found.unwrap().token_id).collect::<Vec<_>>()
    };
    assert_eq!(at(0.0), [1, 1]);
    assert_eq!(at(1.0_f64.next_down()), [2, 2]);
}

#[test]
fn a_row_that_is_no_distribution_has_no_draw_and_leaves_the_others_alone() {
    let logits = matrix(&[vec![0.0, f32::NAN], vec![0.0, 9.0], vec![f32::INFINITY, 0.0]]);
    let greedy = Row { temperature: 0.0, ..PLAIN };
    let draws = draw(&logits, &[PLAIN, PLAIN, greedy]).unwrap();
    assert_eq!(draws.iter().map(|found| found.map(|found| found.token_id)).collect::<Vec<_>>(), [None, Some(1), None]);
}

#[test]
fn a_huge_vocabulary_is_drawn_in_blocks_with_the_same_result() {
    let vocabulary = 1_i64 << 22;
    let ramp = Tensor::arange(vocabulary, (Kind::Float, Device::Cpu)).remainder(1009.0).multiply_scalar(0.01);
    let logits = ramp.unsqueeze(0).expand([6, vocabulary], false);
    let rows = [0.1, 0.3, 0.5, 0.7, 0.9, 0.3].map(|uniform| Row { uniform, ..PLAIN });
    let draws = draw(&logits, &rows).unwrap();
    assert_eq!(draws[1], draws[5]);
    assert!(draws[..5].windows(2).all(|pair| pair[0].unwrap().token_id < pair[1].unwrap().token_id));
}

#[test]
fn a_wrong_number_of_rows_is_refused() {
    assert!(draw(&matrix(&[vec![0.0, 1.0]]), &[]).is_err());
}
