//! The training step of chapter 7 on real MNIST: binarize, forward, backward, Adam.

use std::time::Duration;

use benches::{BATCH, mnist, order, pool, trainer};
use ch07_vae::Examples;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn training_step(criterion: &mut Criterion) {
    let examples = Examples::Images(mnist().expect("MNIST").train.images);
    let order = order(&examples, 1, 0);
    let mut group = criterion.benchmark_group("training_step");
    group.throughput(Throughput::Elements(BATCH as u64)); // elements are images
    for threads in [1, 2] {
        let pool = pool(threads).expect("threads");
        let mut trainer = trainer(1);
        let mut batches = data::batches(&order, BATCH).filter(|batch| batch.len() == BATCH).cycle();
        group.bench_function(BenchmarkId::new("threads", threads), |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    let batch = batches.next().expect("an endless cycle");
                    trainer.step(&examples, batch, 1, 0)
                });
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    targets = training_step
}
criterion_main!(benches);
