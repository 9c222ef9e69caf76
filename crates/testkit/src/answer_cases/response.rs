//! Whole responses, with an answer somewhere in them and numbers that are not it.

use super::{Pair, draw::Draw, rational::Rational};

/// A response that ends in the reference answer, or mentions it and ends in another.
pub fn response(draw: &mut Draw) -> Pair {
    let value = Rational::draw(draw);
    let is_equal = draw.flip();
    let said = if is_equal { value } else { value.other(draw) };
    let (step, latex) = (draw.between(2, 99), said.plain());
    // The reference comes up on the way, so that only where it stands tells.
    let thinking = format!(
        "First, {step} + 1 = {}. One might guess ${}$, so let me check that carefully before I answer.",
        step + 1,
        value.plain()
    );
    let plain = said.decimal().unwrap_or_else(|| format!("{}/{}", said.numerator, said.denominator));
    let ending = draw.text([
        format!("<think>{thinking}</think><answer>{plain}</answer>"),
        format!("<think>\n{thinking}\n</think>\n<answer>\n${latex}$\n</answer>"),
        format!("<think>{thinking}</think>\n<answer>\\boxed{{{latex}}}</answer>"),
        format!("{thinking}\n\nTherefore the answer is $\\boxed{{{latex}}}$."),
        format!("{thinking} \\boxed{{{}}} cannot be right, since it is far too large for what was asked, so I take that back. \\boxed{{{latex}}}", step + 100),
        format!("{thinking}\n\nFinal Answer: The final answer is ${latex}$. I hope it is correct."),
        format!("{thinking}\n\n**Answer: {plain}**"),
        format!("{thinking}\n\nThe answer is ${latex}$."),
        format!("{thinking}\n\n\\[\n\\boxed{{{latex}}}\n\\]"),
        format!("{thinking} So the final answer is:\n$$\\boxed{{{latex}}}$$"),
    ]);
    Pair::response(value.plain(), ending, is_equal)
}
