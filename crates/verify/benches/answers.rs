//! Pairs of answers a second: over generated pairs of all classes, and class by class.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradus_testkit::{AnswerCase, AnswerMode, answer_cases, answer_classes};
use gradus_verify::{Gold, Profile, Search, Verdict, verify};

const SEED: u64 = 20_261;
const NUM_CASES: usize = 3_100;

fn verdict(case: &AnswerCase, profile: &Profile) -> Verdict {
    let search = match case.mode {
        AnswerMode::Answer => Search::Whole,
        AnswerMode::Response => Search::Text,
    };
    verify(&Gold::read(&case.gold, Search::Whole, profile), &case.prediction, search, profile).verdict
}

fn pairs(criterion: &mut Criterion) {
    let (cases, profile) = (answer_cases(SEED, NUM_CASES), Profile::reward());
    let mut group = criterion.benchmark_group("answers");
    group.sample_size(10);
    let mut measure = |name: &str, cases: &[&AnswerCase]| {
        group.throughput(Throughput::Elements(cases.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| cases.iter().filter(|case| black_box(verdict(case, &profile)) == Verdict::Equal).count());
        });
    };
    measure("all", &cases.iter().collect::<Vec<_>>());
    for class in answer_classes() {
        measure(class, &cases.iter().filter(|case| case.class == class).collect::<Vec<_>>());
    }
    group.finish();
}

criterion_group!(benches, pairs);
criterion_main!(benches);
