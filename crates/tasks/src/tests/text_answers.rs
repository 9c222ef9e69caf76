//! Every answer in words, derived again from the wording of the question.

use super::for_items;
use crate::{Item, TaskKind};

fn numbers(text: &str) -> Vec<i64> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

fn check(item: &Item, derived: i64) {
    assert_eq!(item.answer.text, derived.to_string(), "{}", item.question);
}

#[test]
fn the_expression_has_the_value_of_the_answer() {
    for_items(TaskKind::Arithmetic, 200, |item| {
        let words: Vec<&str> = item.question.trim_end_matches('?').split(' ').skip(2).collect();
        let mut terms = vec![words[0].parse::<i64>().unwrap()];
        for pair in words[1..].chunks(2) {
            let number: i64 = pair[1].parse().unwrap();
            match pair[0] {
                "x" => *terms.last_mut().unwrap() *= number,
                "-" => terms.push(-number),
                _ => terms.push(number),
            }
        }
        check(item, terms.iter().sum());
    });
}

#[test]
fn the_answer_is_the_extreme_of_the_listed_numbers() {
    for_items(TaskKind::Comparison, 200, |item| {
        let mut listed = numbers(&item.question);
        listed.sort_unstable();
        assert!(listed.is_sorted_by(|a, b| a < b), "no number twice: {listed:?}");
        let extreme = if item.question.contains("largest") { listed.pop().unwrap() } else { listed[0] };
        check(item, extreme);
    });
}

#[test]
fn the_story_leaves_as_many_things_as_the_answer_says() {
    for_items(TaskKind::WordProblem, 200, |item| {
        let (story, told) = (&item.question, numbers(&item.question));
        let (mut have, mut rest) = match story.contains("boxes") {
            true => (told[0] * told[1], told[2..].iter()),
            false => (told[0], told[1..].iter()),
        };
        if story.contains(" gets ") {
            have += rest.next().unwrap();
        }
        if story.contains("gives away") {
            have -= rest.next().unwrap();
        }
        assert_eq!(rest.next(), None, "{story}");
        check(item, have);
    });
}
