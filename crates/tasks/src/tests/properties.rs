//! What holds for every kind and level: determinism, splits, priors, vocabulary and sizes.

use std::collections::{BTreeMap, BTreeSet};

use gradus_types::MediaHash;

use super::regions::decode;
use crate::{AnswerKind, AnswerStyle, Difficulty, Item, Modality, Spec, Split, TaskKind};

fn all_specs() -> impl Iterator<Item = Spec> {
    TaskKind::ALL.into_iter().flat_map(|kind| Difficulty::all().map(move |difficulty| Spec::new(kind, difficulty)))
}

/// What makes a problem the same problem: the pixels of its picture, or else the words of its question.
fn substance(item: &Item) -> Vec<u8> {
    match &item.picture {
        Some(_) => decode(item).into_raw(),
        None => item.question.clone().into_bytes(),
    }
}

#[test]
fn the_generated_items_are_those_they_have_always_been() {
    let mut record = Vec::new();
    for spec in all_specs() {
        for (split, index) in [(Split::Train, 0), (Split::Train, u64::MAX), (Split::HeldOut, 7)] {
            let item = spec.generate(2024, split, index);
            record.extend(substance(&item));
            record.extend(format!("{}{}", item.question_with_options(), item.completion()).bytes());
        }
    }
    // A change of this hash changes every run that draws generated prompts: models and recipes must be made again.
    assert_eq!(MediaHash::of(&record).to_string(), "5d5855bfb323c1bf5f34d4aab75aca63adc14fcbc308bfbb4b95f0eeabf56be3");
}

#[test]
fn no_held_out_problem_is_generated_for_training() {
    for spec in all_specs() {
        let draw = |seed, split, count| (0..count).map(|index| substance(&spec.generate(seed, split, index))).collect();
        let train: BTreeSet<Vec<u8>> =
            (1..4).flat_map(|seed| draw(seed, Split::Train, 100)).collect::<Vec<_>>().into_iter().collect();
        let held_out: Vec<Vec<u8>> = draw(1, Split::HeldOut, 40);
        let shared = held_out.iter().filter(|problem| train.contains(*problem)).count();
        assert_eq!(shared, 0, "{} at level {}", spec.kind, spec.difficulty);
    }
}

#[test]
fn every_level_holds_out_a_variety_of_problems() {
    for spec in all_specs() {
        let questions: BTreeSet<Vec<u8>> =
            (0..60).map(|index| substance(&spec.generate(5, Split::HeldOut, index))).collect();
        assert!(questions.len() >= 10, "{} at level {}: {}", spec.kind, spec.difficulty, questions.len());
    }
}

#[test]
fn every_letter_is_right_about_equally_often() {
    for spec in all_specs() {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for index in 0..400 {
            let item = spec.generate(3, Split::Train, index);
            assert_eq!(item.options.len(), spec.kind.generator().num_options(spec.difficulty));
            *counts.entry(item.answer.text).or_default() += 1;
        }
        for (letter, count) in &counts {
            let share = *count as f64 / 400.0;
            let distance = (share - spec.chance_accuracy()).abs();
            assert!(distance < 0.08, "{letter} at {share} for {} at level {}", spec.kind, spec.difficulty);
        }
    }
}

#[test]
fn no_free_answer_is_much_likelier_than_chance() {
    for spec in all_specs().map(|spec| Spec { answer_style: AnswerStyle::Free, ..spec }) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for index in 0..400 {
            *counts.entry(spec.generate(3, Split::Train, index).answer.text).or_default() += 1;
        }
        let likeliest = *counts.values().max().unwrap() as f64 / 400.0;
        let bound = spec.chance_accuracy() * 1.4 + 0.08;
        assert!(likeliest < bound, "{likeliest} for {} at level {}", spec.kind, spec.difficulty);
        assert!(counts.len() as f64 <= 1.5 / spec.chance_accuracy() || spec.kind == TaskKind::Comparison);
    }
}

#[test]
fn letters_and_free_answers_belong_to_the_same_problem() {
    for spec in all_specs() {
        let free = Spec { answer_style: AnswerStyle::Free, ..spec };
        for index in 0..20 {
            let (lettered, free) = (spec.generate(8, Split::Train, index), free.generate(8, Split::Train, index));
            let position = usize::from(lettered.answer.text.as_bytes()[0] - b'A');
            assert_eq!(lettered.answer.kind, AnswerKind::Letter);
            assert_eq!(lettered.options[position], free.answer.text);
            assert_eq!(lettered.options.iter().collect::<BTreeSet<_>>().len(), lettered.options.len());
            assert_eq!((lettered.question, lettered.picture), (free.question, free.picture));
            assert!(free.options.is_empty());
        }
    }
}

#[test]
fn the_words_are_few_and_the_rationales_short() {
    let mut words = BTreeSet::new();
    for spec in all_specs() {
        for index in 0..60 {
            let item = spec.generate(6, Split::Train, index);
            assert!((3..=20).contains(&item.rationale.split_whitespace().count()), "{}", item.rationale);
            let text = format!("{} {}", item.question_with_options(), item.rationale);
            words.extend(text.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase));
        }
    }
    assert!(words.len() < 200, "{} words", words.len());
}

#[test]
fn pictures_come_in_every_size() {
    for spec in all_specs().filter(|spec| spec.kind.modality() == Modality::Picture) {
        for image_size in [56, 70, 84, 113, 168, 224] {
            let item = Spec { image_size, ..spec }.generate(9, Split::Train, 1);
            assert_eq!(decode(&item).dimensions(), (image_size, image_size));
            assert_eq!(item.picture.unwrap().size, image_size);
        }
    }
}

#[test]
fn the_seed_decides_what_is_drawn() {
    for spec in all_specs() {
        let draw = |seed| (0..5).map(|index| spec.generate(seed, Split::Train, index)).collect::<Vec<_>>();
        assert_ne!(draw(1), draw(2), "{} at level {}", spec.kind, spec.difficulty);
    }
}
