//! The elementwise parts of the training step, on one thread. Elements are the numbers touched.

use std::hint::black_box;
use std::time::Duration;

use benches::{BATCH, HIDDEN, LATENT, PIXELS, mnist, trainer};
use ch07_vae::{Examples, Posterior, kl_backward, kl_to_standard_normal, purpose, reparameterize};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use nn::{Activation, Adam, Parameters, likelihood};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;

fn normal(rows: usize, columns: usize) -> Array2<f32> {
    let mut rng = stream(2, [(rows * columns) as u64]);
    Array2::from_shape_simple_fn((rows, columns), || rng.sample(StandardNormal))
}

fn data_and_likelihood(criterion: &mut Criterion) {
    let images = mnist().expect("MNIST").train.images;
    let indices: Vec<usize> = (0..BATCH).collect();
    let x: Array2<f32> = images.binarize(&indices, &mut stream(1, [0]));
    let logits = normal(BATCH, PIXELS);
    let examples = Examples::Images(images.clone());

    let mut group = criterion.benchmark_group("elementwise");
    group.throughput(Throughput::Elements((BATCH * PIXELS) as u64));
    let mut rng = stream(1, [1]);
    group.bench_function("binarization", |b| b.iter(|| images.binarize::<f32>(&indices, &mut rng)));
    group.bench_function("binarization and noise, a stream an image", |b| {
        b.iter(|| examples.batch(&indices, LATENT, 1, [purpose::TRAIN, 0]));
    });
    group.bench_function("Bernoulli log-likelihood", |b| {
        b.iter(|| likelihood::bernoulli_from_logits(black_box(&x), black_box(&logits)));
    });
    group.bench_function("Bernoulli log-likelihood, backward", |b| {
        b.iter(|| likelihood::bernoulli_from_logits_backward(&x, black_box(&logits), -1.0));
    });
    group.finish();
}

fn activation(criterion: &mut Criterion) {
    let mut y = normal(BATCH, HIDDEN);
    let mut delta = normal(BATCH, HIDDEN);
    let mut group = criterion.benchmark_group("elementwise");
    group.throughput(Throughput::Elements((BATCH * HIDDEN) as u64));
    // In place and without a branch, so that it does not matter that the values stay as they are
    // after the first time.
    group.bench_function("ReLU", |b| b.iter(|| Activation::Relu.forward(black_box(&mut y))));
    group.bench_function("ReLU, backward", |b| {
        b.iter(|| Activation::Relu.backward(&y, black_box(&mut delta)));
    });
    group.finish();
}

fn code(criterion: &mut Criterion) {
    let posterior = Posterior { mean: normal(BATCH, LATENT), log_var: 0.1 * normal(BATCH, LATENT) };
    let noise = normal(BATCH, LATENT);
    let mut group = criterion.benchmark_group("elementwise");
    group.throughput(Throughput::Elements((BATCH * LATENT) as u64));
    group.bench_function("reparameterize", |b| {
        b.iter(|| reparameterize(black_box(&posterior), &noise));
    });
    group.bench_function("KL", |b| b.iter(|| kl_to_standard_normal(black_box(&posterior))));
    group.bench_function("KL, backward", |b| b.iter(|| kl_backward(black_box(&posterior))));
    group.finish();
}

fn adam(criterion: &mut Criterion) {
    let count = trainer(1).model.parameter_count();
    let gradient: Vec<f32> = normal(1, count).into_iter().collect();
    let [mut theta, mut first, mut second] = [(); 3].map(|()| vec![0.0_f32; count]);
    let mut t = 0;
    let mut group = criterion.benchmark_group("elementwise");
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function("Adam", |b| {
        b.iter(|| {
            t += 1;
            Adam::new(1e-3).at_step(t).update(&mut theta, &gradient, &mut first, &mut second);
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = data_and_likelihood, activation, code, adam
}
criterion_main!(benches);
