//! Drawing tokens: temperature, top-k and top-p over logits, and the logprob of what was drawn.
//!
//! Everything runs on the logits' device, and three numbers a row come back to the host, so that a vocabulary of 500 and one
//! of 150,000 take the same path. The steps, for each row alone:
//!
//! 1. weights = softmax(logits / temperature);
//! 2. top-k and then top-p set the weights of unlikely tokens to zero; tokens as likely as the last one kept stay;
//! 3. cumulative weights in f64, in the order of token ids;
//! 4. the token is the first whose cumulative weight exceeds uniform × total, its logprob ln(weight / total).
//!
//! No step mixes rows, and each works row by row in the same order whatever the number of rows, so a draw is a function of
//! its logits and its [`Row`] alone. At temperature 0 the token is the most likely one, and its logprob that of the
//! untruncated distribution at temperature 1: a point mass would report zero for every token and say nothing.
//!
//! Legend: N rows (one a live completion), V vocabulary, M rows that a truncation applies to.

use tch::{Device, IndexOp as _, Kind, TchError, Tensor};

/// How one row's token is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Divides the logits; 0 takes the most likely token and ignores the other fields.
    pub temperature: f64,
    /// Keeps the most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// Keeps the smallest set of tokens with at least this share of what top-k left; 1 keeps all.
    pub top_p: f64,
    /// Where in the cumulative distribution the token lies, in [0, 1).
    pub uniform: f64,
}

/// A token that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// The token.
    pub token_id: u32,
    /// Its natural logprob under the distribution it was drawn from.
    pub logprob: f32,
}

/// Elements of the largest block of logits that is turned into a distribution at once: bounds the f64 copy to 128 MiB.
const BLOCK_ELEMENTS: usize = 1 << 24;

/// The number of most likely tokens first searched for a nucleus, and the factor it grows by until the nucleus is inside.
const NUCLEUS_CANDIDATES: i64 = 64;
const NUCLEUS_GROWTH: i64 = 16;

/// Draws one token a row. `logits` [N, V] f32; `rows` holds N. A row whose logits give no distribution, because one of
/// them is not a number or infinite, has no draw.
pub fn draw(logits: &Tensor, rows: &[Row]) -> Result<Vec<Option<Draw>>, TchError> {
    let (num_rows, vocabulary) = logits.size2()?;
    if num_rows != rows.len() as i64 {
        return Err(TchError::Shape(format!("{num_rows} rows of logits for {} rows to draw", rows.len())));
    }
    let rows_per_block = (BLOCK_ELEMENTS / vocabulary.max(1) as usize).max(1);
    let mut draws = Vec::with_capacity(rows.len());
    for (block, rows) in rows.chunks(rows_per_block).enumerate() {
        let start = (block * rows_per_block) as i64;
        draws.extend(draw_block(&logits.f_narrow(0, start, rows.len() as i64)?, rows)?);
    }
    Ok(draws)
}

/// Draws the rows of one block.
fn draw_block(logits: &Tensor, rows: &[Row]) -> Result<Vec<Option<Draw>>, TchError> {
    let device = logits.device();
    let last = logits.size2()?.1 - 1;
    let weights = distribution(logits, rows)?; // [N, V] f32
    let cumulative = weights.f_cumsum(-1, Kind::Double)?; // [N, V] f64
    let total = cumulative.f_narrow(1, last, 1)?; // [N, 1] f64
    let uniform = column(rows, device, |row| row.uniform)?; // [N, 1] f64
    // The target stays one unit in the last place below the total, so that a token is found, and with a positive weight:
    // its cumulative weight exceeds the target and that of the token before does not.
    let target = (&total * uniform).f_minimum(&(&total * (1.0 - f64::EPSILON)))?;
    let mut chosen = target.f_searchsorted::<&Tensor>(&cumulative, false, true, "right", None)?.f_clamp_max(last)?;
    if rows.iter().any(Row::is_greedy) {
        let greedy = column(rows, device, |row| f64::from(u8::from(row.is_greedy())))?.f_gt(0.0)?; // [N, 1] bool
        chosen = logits.f_argmax(-1, true)?.f_where_self(&greedy, &chosen)?;
    }
    let weight = weights.f_gather(1, &chosen, false)?.f_to_kind(Kind::Double)?; // [N, 1] f64
    let columns = Tensor::f_cat(&[chosen.f_to_kind(Kind::Double)?, weight, total], 1)?; // [N, 3] f64
    let numbers = Vec::<f64>::try_from(columns.f_to_device(Device::Cpu)?.f_view([-1])?)?;
    Ok(numbers.chunks_exact(3).map(|numbers| found(numbers[0], numbers[1], numbers[2])).collect())
}

fn found(token_id: f64, weight: f64, total: f64) -> Option<Draw> {
    let logprob = (weight / total).ln();
    logprob.is_finite().then_some(Draw { token_id: token_id as u32, logprob: logprob as f32 })
}

/// Turns logits [N, V] into the weights [N, V] f32 that the rows are drawn from: zero where a token was cut, and
/// proportional to its probability where not.
pub fn distribution(logits: &Tensor, rows: &[Row]) -> Result<Tensor, TchError> {
    let device = logits.device();
    let unscaled = rows.iter().all(|row| row.divisor() == 1.0);
    let weights = if unscaled {
        logits.f_softmax(-1, Kind::Float)?
    } else {
        let divisor = column(rows, device, Row::divisor)?.f_to_kind(Kind::Float)?; // [N, 1] f32
        logits.f_div(&divisor)?.f_softmax(-1, Kind::Float)?
    };
    let weights = truncate(weights, rows, Row::has_top_k, top_k_threshold)?;
    truncate(weights, rows, Row::has_top_p, top_p_threshold)
}

// === impl Row ===

impl Row {
    fn is_greedy(&self) -> bool {
        self.temperature == 0.0
    }

    fn divisor(&self) -> f64 {
        if self.is_greedy() { 1.0 } else { self.temperature }
    }

    fn has_top_k(&self) -> bool {
        !self.is_greedy() && self.top_k > 0
    }

    fn has_top_p(&self) -> bool {
        !self.is_greedy() && self.top_p < 1.0
    }
}

/// A number a row, as a column [N, 1] f64.
fn column(rows: &[Row], device: Device, value: impl Fn(&Row) -> f64) -> Result<Tensor, TchError> {
    let values: Vec<f64> = rows.iter().map(value).collect();
    Tensor::from_slice(&values).f_view([-1, 1])?.f_to_device(device)
}

/// Cuts the tokens of the selected rows whose weight is below the row's threshold.
fn truncate(
    weights: Tensor,
    rows: &[Row],
    selects: impl Fn(&Row) -> bool,
    threshold: impl Fn(&Tensor, &[Row]) -> Result<Tensor, TchError>,
) -> Result<Tensor, TchError> {
    let (indices, selected): (Vec<i64>, Vec<Row>) =
        (0..).zip(rows).filter(|(_, row)| selects(row)).map(|(index, row)| (index, *row)).unzip();
    if selected.is_empty() {
        return Ok(weights);
    }
    let indices = Tensor::from_slice(&indices).f_to_device(weights.device())?;
    let threshold = threshold(&weights.f_index_select(0, &indices)?, &selected)?; // [M, 1]
    let everywhere = Tensor::f_zeros([rows.len() as i64, 1], (Kind::Float, weights.device()))?;
    let everywhere = everywhere.f_index_copy(0, &indices, &threshold)?; // [N, 1]
    weights.f_mul(&weights.f_ge_tensor(&everywhere)?)
}

/// The weight of each row's k-th most likely token. `weights` [M, V] → [M, 1].
fn top_k_threshold(weights: &Tensor, rows: &[Row]) -> Result<Tensor, TchError> {
    let vocabulary = weights.size2()?.1;
    let kept = |row: &Row| i64::from(row.top_k).min(vocabulary);
    let most = rows.iter().map(kept).max().unwrap_or(1);
    let (largest, _) = weights.f_topk(most, -1, true, true)?; // [M, most], falling
    let last_kept = column(rows, weights.device(), |row| (kept(row) - 1) as f64)?.f_to_kind(Kind::Int64)?;
    largest.f_gather(1, &last_kept, false)
}

/// The weight of the least likely token of each row's nucleus. `weights` [M, V] → [M, 1].
fn top_p_threshold(weights: &Tensor, rows: &[Row]) -> Result<Tensor, TchError> {
    let vocabulary = weights.size2()?.1;
    let share = column(rows, weights.device(), |row| row.top_p)?;
    let mass = weights.f_sum_dim_intlist([-1].as_slice(), true, Kind::Double)?.f_mul(&share)?; // [M, 1] f64
    let mut candidates = NUCLEUS_CANDIDATES.min(vocabulary);
    loop {
        let (largest, _) = weights.f_topk(candidates, -1, true, true)?; // [M, candidates], falling
        let cumulative = largest.f_cumsum(-1, Kind::Double)?;
        let covers = cumulative.i((.., candidates - 1..)).f_ge_tensor(&mass)?.f_all()?;
        if candidates == vocabulary || bool::try_from(covers)? {
            // A token belongs to the nucleus when those before it fall short of the mass; the first always does.
            let inside = cumulative.f_sub(&largest)?.f_lt_tensor(&mass)?;
            let last_inside = inside.f_sum_dim_intlist([-1].as_slice(), true, Kind::Int64)?.f_sub_scalar(1)?;
            return largest.f_gather(1, &last_inside.f_clamp_min(0)?, false);
        }
        candidates = vocabulary.min(candidates * NUCLEUS_GROWTH);
    }
}

#[cfg(test)]
mod tests;
