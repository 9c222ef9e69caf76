//! OlympiadBench (He et al.: OlympiadBench, ACL 2024), after its `eval/auto_scoring_judge.py`: a reference may hold several answers,
//! separated by commas outside brackets, which are compared as a multiset; an item may state the absolute error that its numbers
//! may have, 1e-8 where it states none. Expressions are compared by the verifier.

use super::{Item, ItemScore, answer_text, judge::Assessment, mathematics::Reference};
use crate::{Verdict, delimiters::bare};

/// How far numbers may be apart where an item does not say.
const DEFAULT_TOLERANCE: f64 = 1e-8;

/// More answers than that are not matched with each other.
const MAX_ANSWERS: usize = 16;

/// Scores a response.
pub fn assess(item: &Item, response: &str) -> Assessment {
    let score = answer_text::marked(response).map(|answer| score_extracted(item, answer));
    Assessment::Done(score.unwrap_or_else(|| ItemScore::unknown("the response marks no answer")))
}

/// Scores what was extracted.
pub fn score_extracted(item: &Item, answer: &str) -> ItemScore {
    let tolerance = item.tolerance.unwrap_or(DEFAULT_TOLERANCE);
    let golds: Vec<&str> = item.answers.iter().flat_map(|gold| parts(gold)).collect();
    let answers = parts(answer);
    if let ([gold], [only]) = (golds.as_slice(), answers.as_slice()) {
        return Reference::new(gold, tolerance).score(only);
    }
    // A list may also be one answer, such as a set, that the verifier knows how to compare.
    if item.answers.len() == 1 && Reference::new(item.answer(), tolerance).compare(answer) == Verdict::Equal {
        return ItemScore::of(true, answer, "it is equal to the reference answer");
    }
    if golds.len() != answers.len() {
        return ItemScore::of(false, answer, "it holds another number of answers");
    }
    if golds.len() > MAX_ANSWERS {
        return ItemScore::unknown("it holds too many answers to match");
    }
    let golds = golds.into_iter().map(|gold| Reference::new(gold, tolerance));
    let verdicts: Vec<Vec<Verdict>> =
        golds.map(|gold| answers.iter().map(|answer| gold.compare(answer)).collect()).collect();
    let matches = |is_edge: &dyn Fn(Verdict) -> bool| {
        let edges: Vec<Vec<bool>> = verdicts.iter().map(|row| row.iter().map(|one| is_edge(*one)).collect()).collect();
        has_perfect_matching(&edges)
    };
    if matches(&|verdict| verdict == Verdict::Equal) {
        return ItemScore::of(true, answer, "its answers match the reference answers one to one");
    }
    // What nobody could compare may be what is missing.
    if matches(&|verdict| verdict != Verdict::Different) {
        return ItemScore {
            extracted: Some(answer.to_owned()),
            ..ItemScore::unknown("some answers cannot be compared")
        };
    }
    ItemScore::of(false, answer, "its answers do not match the reference answers one to one")
}

/// Splits at commas outside brackets.
fn parts(text: &str) -> Vec<&str> {
    let text = bare(text);
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (index, character) in text.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// Tells whether every row can have a column of its own, by augmenting paths (Kuhn: The Hungarian Method, 1955).
fn has_perfect_matching(edges: &[Vec<bool>]) -> bool {
    fn augment(edges: &[Vec<bool>], row: usize, visited: &mut [bool], rows: &mut [Option<usize>]) -> bool {
        for column in 0..visited.len() {
            if !edges[row][column] || visited[column] {
                continue;
            }
            visited[column] = true;
            if rows[column].is_none_or(|other| augment(edges, other, visited, rows)) {
                rows[column] = Some(row);
                return true;
            }
        }
        false
    }
    let mut rows = vec![None; edges.len()];
    (0..edges.len()).all(|row| augment(edges, row, &mut vec![false; edges.len()], &mut rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(gold: &str, tolerance: Option<f64>, answer: &str) -> Option<bool> {
        let item = Item { answers: vec![gold.to_owned()], tolerance, ..Item::default() };
        let score = score_extracted(&item, answer);
        score.is_known.then(|| score.is_correct())
    }

    #[test]
    fn several_answers_are_a_multiset() {
        assert_eq!(score("1, 2, 2", None, "2,1,2"), Some(true));
        assert_eq!(score("1, 2, 2", None, "2,1,1"), Some(false));
        assert_eq!(score("1, 2", None, "1"), Some(false));
        assert_eq!(score("(1,2), (3,4)", None, "(3,4), (1,2)"), Some(true));
    }

    #[test]
    fn the_item_says_how_far_a_number_may_be_off() {
        assert_eq!(score("9.8", Some(0.1), "9.89"), Some(true));
        assert_eq!(score("9.8", Some(0.1), "9.95"), Some(false));
        assert_eq!(score("9.8", None, "9.81"), Some(false));
        // Only one assignment works: 1.0 with 0.95, and 1.08 with 1.04.
        assert_eq!(score("1.0, 1.08", Some(0.06), "1.04, 0.95"), Some(true));
    }
}
