//! Answers in words: option letters, yes and no, short texts.

use super::{Pair, draw::Draw};

/// An option letter in its many writings.
pub fn choice(draw: &mut Draw) -> Pair {
    let letters = ["A", "B", "C", "D", "E"];
    let index = draw.below(5) as usize;
    let gold = letters[index];
    let is_equal = draw.flip();
    let letter = if is_equal { gold } else { letters[(index + 1 + draw.below(4) as usize) % 5] };
    let written = draw.text([
        letter.to_owned(),
        format!("({letter})"),
        format!("{letter})"),
        format!("{letter}."),
        format!("\\boxed{{{letter}}}"),
        format!("\\boxed{{\\text{{{letter}}}}}"),
        format!("<answer>{letter}</answer>"),
        format!("<answer>({letter})</answer>"),
        format!("The answer is {letter}."),
        format!("The answer is ({letter})."),
        format!("**{letter}**"),
        format!("Answer: {letter}"),
        format!("After weighing them all, the correct option is {letter}.\n\n\\boxed{{{letter}}}"),
    ]);
    Pair::response(gold, written, is_equal)
}

/// Yes or no.
pub fn yes_no(draw: &mut Draw) -> Pair {
    let (gold, other) = draw.pick(&[("yes", "no"), ("no", "yes"), ("Yes", "No"), ("No", "Yes")]);
    let is_equal = draw.flip();
    let word = if is_equal { gold } else { other };
    let capital = if word.eq_ignore_ascii_case("yes") { "Yes" } else { "No" };
    let written = draw.text([
        word.to_owned(),
        capital.to_owned(),
        format!("{capital}."),
        format!("\\boxed{{\\text{{{word}}}}}"),
        format!("\\boxed{{{capital}}}"),
        format!("<answer>{word}</answer>"),
        format!("The answer is {word}."),
        format!("**{capital}**"),
    ]);
    Pair::response(gold, written, is_equal)
}

/// A few words, with other capitals, spaces and wrapping, or others.
pub fn text(draw: &mut Draw) -> Pair {
    let phrases = [
        "dark blue",
        "even",
        "odd",
        "Monday",
        "no solution",
        "parallel",
        "neither",
        "east",
        "isosceles triangle",
        "Paris",
        "left of",
        "the red cube",
        "increasing",
        "Alice",
        "March",
        "rectangle",
        "convergent",
        "not enough information",
    ];
    let index = draw.below(phrases.len() as u64) as usize;
    let gold = phrases[index];
    let is_equal = draw.flip();
    let other = phrases[(index + 1 + draw.below(phrases.len() as u64 - 1) as usize) % phrases.len()];
    let phrase = if is_equal { gold } else { other };
    let mut capitalised = phrase.to_owned();
    capitalised[..1].make_ascii_uppercase();
    let written = draw.text([
        format!("\\text{{{phrase}}}"),
        phrase.to_owned(),
        capitalised.clone(),
        format!("\\text{{{capitalised}}}"),
        phrase.replace(' ', "  "),
        format!("{phrase}."),
        phrase.to_uppercase(),
    ]);
    let gold = if draw.flip() { format!("\\text{{{gold}}}") } else { gold.to_owned() };
    Pair::new(gold, written, is_equal)
}
