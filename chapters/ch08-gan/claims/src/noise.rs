//! Why the generator's step needs noise of its own.

use claims::{Claim, Expected, Subject, Verdict, claim, domain, one_of};
use ndarray::array;
use nn::{Activation, Linear, Mlp, Scalar};
use prob::{GaussHermite, Gaussian};
use rand::Rng;
use rand_distr::StandardNormal;

use ch08_gan::{Discriminator, Generator, GeneratorLoss};

/// The discriminator's noise ↦ the generator's.
type NoiseOfGenerator = fn(f64, &mut claims::Rng) -> f64;

/// The discriminator's learning rate.
const RATE: f64 = 2.0;

pub(super) fn fresh_noise() -> Claim<NoiseOfGenerator> {
    claim("gan/fresh-noise")
        .says(
            "With fresh noise the generator's gradient is, on average, that of its loss against the discriminator that has \
             just moved: here for a generator z + θ with θ = 0 or 1, a logistic discriminator and data from N(0, 1)",
        )
        .settles("gan-algorithm", Verdict::Holds)
        .for_every(domain([one_of("θ", &[1.0, 0.0])]))
        .statistical(1, |noise: &Subject<NoiseOfGenerator>, [theta], draws| {
            let second = noise.pick(|noise| *noise);
            let under_generator = Gaussian::new(theta, 1.0)?;
            let rule = GaussHermite::new(24)?;
            // From logit 0 everywhere, one ascent at rate η on one real x and one generated x' gives the slope
            // b = ½η(x − x'), so E b² = ¼η²(θ² + 2). The derivative −D b has, for fixed b, a variance of at most
            // b²/4. The bias of the discriminator's own noise is −0.085 at θ = 1, by simulation.
            let sd = 0.25 * RATE * (theta * theta + 2.0).sqrt();
            let expected = Expected { mean: 0.0, sd, effect: 0.065 };
            draws.mean("gradient − its mean over the noise", expected, |rng| {
                let generator = generator(theta);
                let [x, z]: [f64; 2] = [rng.sample(StandardNormal), rng.sample(StandardNormal)];
                let moved = ascend(&discriminator(), x, generator.generate(array![[z]])[[0, 0]]);
                let z = second(z, rng);
                let loss = GeneratorLoss::Saturating;
                let pass = generator.pass(&moved, array![[z]], loss, 1);
                let layer = &moved.network.layers[0];
                let (a, b) = (layer.bias[0], layer.weight[[0, 0]]);
                let mean = rule.expectation(&under_generator, |x| -Scalar::sigmoid(a + b * x) * b);
                pass.gradient()[0].bias[0] - mean
            })
        })
        .holds_for((|_, rng| rng.sample(StandardNormal)) as NoiseOfGenerator)
        .fails_for(
            "same-noise",
            "The generator's step used the discriminator's noise: the discriminator has just moved to reject these very \
             points, so the gradient is biased; draw fresh noise.",
            |first, _| first,
        )
        .fails_for(
            "mirrored-noise",
            "The generator's step used the discriminator's noise with its sign turned: the discriminator has moved \
             because of it all the same, and the gradient is biased the other way; draw fresh noise.",
            |first, _| -first,
        )
}

fn one_layer(weight: f64, bias: f64) -> Mlp<f64> {
    let layer = Linear { weight: array![[weight]], bias: array![bias] };
    Mlp { layers: vec![layer], hidden: Activation::Identity, output: Activation::Identity }
}

/// x = z + θ
fn generator(theta: f64) -> Generator<f64> {
    Generator { network: one_layer(1.0, theta) }
}

/// The logit a + bx, with a = b = 0: it knows nothing yet.
fn discriminator() -> Discriminator<f64> {
    Discriminator { network: one_layer(0.0, 0.0) }
}

/// One step of gradient ascent on the value, which is a descent on the loss.
fn ascend(discriminator: &Discriminator<f64>, real: f64, generated: f64) -> Discriminator<f64> {
    let pass = discriminator.pass(array![[real]].view(), array![[generated]].view(), 1);
    let gradient = &pass.gradient()[0];
    let layer = &discriminator.network.layers[0];
    let weight = layer.weight[[0, 0]] - RATE * gradient.weight[[0, 0]];
    Discriminator { network: one_layer(weight, layer.bias[0] - RATE * gradient.bias[0]) }
}
