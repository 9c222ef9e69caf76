//! The cost of drawing one token for each of 128 completions, by vocabulary and truncation.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gradus_actor::sampling::{Row, draw};
use tch::{Device, Kind, Tensor};

const NUM_ROWS: i64 = 128;

fn rows(temperature: f64, top_k: u32, top_p: f64) -> Vec<Row> {
    (0..NUM_ROWS).map(|index| Row { temperature, top_k, top_p, uniform: index as f64 / NUM_ROWS as f64 }).collect()
}

fn sampling(criterion: &mut Criterion) {
    tch::manual_seed(7);
    tch::set_num_threads(1);
    let mut group = criterion.benchmark_group("sampling");
    group.sample_size(10).throughput(Throughput::Elements(NUM_ROWS as u64));
    for vocabulary in [1_024, 151_936] {
        let logits = Tensor::randn([NUM_ROWS, vocabulary], (Kind::Float, Device::Cpu)) * 3.0;
        let cases = [("plain", rows(1.0, 0, 1.0)), ("top-k", rows(0.8, 50, 1.0)), ("top-p", rows(0.8, 0, 0.95))];
        for (name, rows) in cases {
            group.bench_with_input(BenchmarkId::new(name, vocabulary), &rows, |bencher, rows| {
                bencher.iter(|| draw(&logits, rows));
            });
        }
    }
}

criterion_group!(benches, sampling);
criterion_main!(benches);
