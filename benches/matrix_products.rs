//! Every matrix product of the training step as a plain ndarray product.
//!
//! Elements are floating-point operations: Gelem/s reads as GFLOP/s. With two threads, each does a
//! product of its own of the full shape, and the operations of both count.

use std::time::Duration;

use benches::{Product, pool, products, time_products};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn matrix_products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("matrix_products");
    for product in products() {
        let once = [Product { per_step: 1, ..product }];
        let Product { name, rows, inner, columns, .. } = product;
        let name = format!("{name} ({rows}×{inner}·{inner}×{columns})");
        for threads in [1, 2] {
            let pool = pool(threads).expect("threads");
            group.throughput(Throughput::Elements(threads as u64 * product.flop()));
            group.bench_function(BenchmarkId::new(&name, threads), |bencher| {
                bencher.iter_custom(|times| time_products(&pool, &once, times))
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = matrix_products
}
criterion_main!(benches);
