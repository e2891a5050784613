//! Noise on an autoencoder's code.

use autodiff::F1;
use ch01_autoencoder::{Autoencoder, CodeGaussian, Model};
use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, real, seed, whole};
use ndarray::{Array2, Axis};
use ndarray_rand::RandomExt;
use nn::{Activation, Linear, Mlp, Scalar};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;

use super::small_runs::{
    FREE_NOISE, LEVELS, Lies, Measure, NOISY_CODES, Noisy, digits, ends, noisy, over_runs,
};
use ch07_comparisons::{CodeScale, NoisyAutoencoder};
use ch07_vae::between;

/// The derivatives of the loss, block after block.
type Gradient = fn(&NoisyAutoencoder<f64>, &Array2<f64>, &Array2<f64>) -> Vec<Vec<f64>>;

pub(super) fn gradient() -> Claim<Gradient> {
    claim("vae/noisy-code-gradient")
        .says(
            "With noise on the code, free or standardised over the batch, the gradient by hand is the derivative \
             of the loss",
        )
        .settles("ae-noise", Verdict::HoldsIf)
        .for_every(
            domain([
                whole("code: 0 free, 1 standardised", 0..=1),
                real("σ of the noise", 0.0..=3.0),
                whole("images", 3..=6),
                seed("the model, the images and the noise"),
            ])
            .with([[0.0, 0.7, 5.0, 1.0], [1.0, 0.7, 5.0, 1.0]])
            .cases(100),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-11), |gradient: &Subject<Gradient>, case, cases| {
            let [standardised, sigma, images, number] = case;
            let scale = if standardised == 0.0 { CodeScale::Free } else { CodeScale::Standardised };
            let mut rng = cases.rng(number as u64);
            let autoencoder = Autoencoder::new(&[4, 3, 2], Activation::Tanh, &mut rng);
            let model = NoisyAutoencoder { autoencoder, sigma, scale };
            let [x, noise] = [4, 2].map(|columns| {
                Array2::random_using((images as usize, columns), StandardNormal, &mut rng)
            });
            let measured = gradient.output(|gradient| gradient(&model, &x, &noise));
            let expected = by_dual_numbers(&model, &x, &noise);
            for (k, (measured, expected)) in measured.iter().zip(&expected).enumerate() {
                cases.all_equal(&format!("block {k}"), measured, expected);
            }
            Ok(())
        })
        .holds_for((|model, x, noise| model.gradient(x, noise)) as Gradient)
        .fails_for(
            "moments-as-constants",
            "The batch's mean and standard deviation were treated as constants: they depend on every code, so \
             subtract what goes through them.",
            |model, x, noise| {
                let sigma = model.autoencoder.encode(x).std_axis(Axis(0), 0.0);
                with_code_delta(model, x, noise, |delta| match model.scale {
                    CodeScale::Free => delta,
                    CodeScale::Standardised => delta / &sigma,
                })
            },
        )
        .fails_for(
            "without-the-scale",
            "The gradient of the standardised code was passed on as that of the code: divide by its standard \
             deviation, and subtract what goes through the moments.",
            |model, x, noise| with_code_delta(model, x, noise, |delta| delta),
        )
        .fails_for(
            "noise-left-out",
            "The gradient was taken without the noise: the decoder's input is the code with it.",
            |model, x, noise| model.gradient(x, &Array2::zeros(noise.dim())),
        )
        .fails_for(
            "mean-over-pixels",
            "You divided by the number of pixels: the loss is the sum over them.",
            |model, x, noise| {
                let mut blocks = model.gradient(x, noise);
                blocks.iter_mut().flatten().for_each(|g| *g /= x.ncols() as f64);
                blocks
            },
        )
}

/// The gradient with another way back from the decoder's input to the encoder's output.
fn with_code_delta(
    model: &NoisyAutoencoder<f64>,
    x: &Array2<f64>,
    noise: &Array2<f64>,
    through: impl Fn(Array2<f64>) -> Array2<f64>,
) -> Vec<Vec<f64>> {
    let Autoencoder { encoder, decoder } = &model.autoencoder;
    let encoded = encoder.forward(x.clone());
    let decoded = decoder.forward(model.encode(x) + noise.mapv(|noise| model.sigma * noise));
    let deltas = decoder.backward(&decoded, (&decoded.output - x) * 2.0);
    let back = encoder.backward(&encoded, through(decoder.input_gradient(&deltas)));
    Mlp::tapes(&encoded, &back)
        .chain(Mlp::tapes(&decoded, &deltas))
        .map(|tape| Linear::gradient(tape.input, tape.delta))
        .flat_map(|layer| [layer.weight.into_iter().collect(), layer.bias.to_vec()])
        .collect()
}

/// A forward pass for each parameter.
fn by_dual_numbers(
    model: &NoisyAutoencoder<f64>,
    x: &Array2<f64>,
    noise: &Array2<f64>,
) -> Vec<Vec<f64>> {
    let dual_mlp = |net: &Mlp<f64>| Mlp {
        layers: net
            .layers
            .iter()
            .map(|layer| Linear {
                weight: layer.weight.mapv(F1::cst),
                bias: layer.bias.mapv(F1::cst),
            })
            .collect(),
        hidden: net.hidden,
        output: net.output,
    };
    let autoencoder = Autoencoder {
        encoder: dual_mlp(&model.autoencoder.encoder),
        decoder: dual_mlp(&model.autoencoder.decoder),
    };
    let mut dual = NoisyAutoencoder { autoencoder, sigma: model.sigma, scale: model.scale };
    let (x, noise) = (x.mapv(F1::cst), noise.mapv(F1::cst));
    let sizes: Vec<usize> = dual.autoencoder.parameters_mut().iter().map(|b| b.len()).collect();
    let mut derivative = |block: usize, i: usize| {
        let value = dual.autoencoder.parameters_mut()[block][i].to_f64();
        dual.autoencoder.parameters_mut()[block][i] = F1::var(value);
        let derivative = dual.loss(&x, &noise).dx;
        dual.autoencoder.parameters_mut()[block][i] = F1::cst(value);
        derivative
    };
    sizes.iter().enumerate().map(|(k, &n)| (0..n).map(|i| derivative(k, i)).collect()).collect()
}

/// By how much a ratio falls from the first time to the second and from there to the last, and what it is in the end.
fn falling([first, second, last]: [f64; 3]) -> [f64; 3] {
    [first - second, second - last, last]
}

pub(super) fn outgrown() -> Claim<Measure<Noisy, 3>> {
    claim("vae/noise-outgrown")
        .says(
            "Optical digits, noise of 0.5 on a code of free scale: within 60 epochs the codes grow until the noise \
             is about a ninth of their standard deviation, though the loss never mentions it",
        )
        .settles("ae-noise", Verdict::HoldsIf)
        .measured(NOISY_CODES)
        .trained(|measure: &Subject<Measure<Noisy, 3>>, runs| {
            let trained = noisy(runs.seed())?;
            over_runs(measure, runs, &trained, [
                ("noise ÷ sd(code) after 1 epoch, less that after 15", Lies::Above(0.0)),
                ("after 15 epochs, less that after 60", Lies::Above(0.0)),
                ("after 60 epochs", Lies::Between(0.1, 0.125)),
            ])
        })
        .holds_for((|noisy| Ok(falling(noisy.free_sd.map(|sd| FREE_NOISE / sd)))) as Measure<Noisy, 3>)
        .fails_for(
            "standardised",
            "The code was standardised: then it cannot grow, and the ratio stays where it was put.",
            |noisy| Ok(falling(noisy.standardised_sd.map(|sd| LEVELS[2] / sd))),
        )
        .fails_for(
            "upside-down",
            "You divided the code by the noise: a ratio that grows is signal over noise.",
            |noisy| Ok(falling(noisy.free_sd.map(|sd| sd / FREE_NOISE))),
        )
        .fails_for(
            "variances",
            "You divided variances: take the standard deviations.",
            |noisy| Ok(falling(noisy.free_sd.map(|sd| (FREE_NOISE / sd).powi(2)))),
        )
}

/// Σ (x̂ − x)² per held-out image at each noise, and the score of a set of images at each noise.
fn held_out(noisy: &Noisy, noise_of: fn(f64) -> f64) -> Result<[f64; 4], CheckError> {
    let x = &digits()?.test;
    let mut rng = stream(noisy.seed, [5]);
    let mut error = |autoencoder: &Autoencoder<f32>, sigma: f64| {
        let code = autoencoder.encode(x);
        let noise = code.mapv(|_| sigma as f32 * rng.sample::<f32, _>(StandardNormal));
        let errors = autoencoder.decode(&(code + noise)) - x;
        errors.iter().map(|&e| f64::from(e).powi(2)).sum::<f64>() / x.nrows() as f64
    };
    Ok(std::array::from_fn(|i| error(&noisy.standardised[i], noise_of(LEVELS[i]))))
}

/// The errors, by how much each is larger than the one before, and how often the first fits into the last.
fn rising([none, quarter, half, one]: [f64; 4]) -> [f64; 8] {
    [none, quarter, half, one, quarter - none, half - quarter, one - half, one / none]
}

pub(super) fn harder() -> Claim<Measure<Noisy, 8>> {
    claim("vae/noise-hardens")
        .says(
            "Optical digits, code of 8 standardised over the batch: the held-out squared error with noise of 0, ¼, \
             ½ and 1 on it rises each time, from 0.95 to 1.2, 1.75 and 2.75 (within a tenth of each), about three times that \
             without noise",
        )
        .settles("ae-noise", Verdict::HoldsIf)
        .measured(NOISY_CODES)
        .trained(|measure: &Subject<Measure<Noisy, 8>>, runs| {
            let trained = noisy(runs.seed())?;
            over_runs(measure, runs, &trained, [
                ("squared error without noise", Lies::Between(0.855, 1.045)),
                ("with noise of ¼", Lies::Between(1.08, 1.32)),
                ("with noise of ½", Lies::Between(1.575, 1.925)),
                ("with noise of 1", Lies::Between(2.475, 3.025)),
                ("with noise of ¼, less that without", Lies::Above(0.0)),
                ("with noise of ½, less that of ¼", Lies::Above(0.0)),
                ("with noise of 1, less that of ½", Lies::Above(0.0)),
                ("with noise of 1 ÷ without", Lies::Between(2.5, 3.5)),
            ])
        })
        .holds_for((|noisy| Ok(rising(held_out(noisy, |sigma| sigma)?))) as Measure<Noisy, 8>)
        .fails_for(
            "noise-in-training-only",
            "The noise was left out of the evaluation: the task is to reconstruct from the noisy code.",
            |noisy| Ok(rising(held_out(noisy, |_| 0.0)?)),
        )
        .fails_for(
            "variance-for-sigma",
            "The noise got the standard deviation σ²: multiply ε by σ.",
            |noisy| Ok(rising(held_out(noisy, |sigma| sigma * sigma)?)),
        )
        .fails_for(
            "mean-over-pixels",
            "You averaged over pixels: the squared error of an image is their sum.",
            |noisy| Ok(rising(held_out(noisy, |sigma| sigma)?.map(|error| error / 64.0))),
        )
}

/// Fréchet distances at the four noises: of `images` made by each autoencoder.
fn frechet_with(
    noisy: &Noisy,
    images: impl Fn(&Autoencoder<f32>) -> Array2<f32>,
) -> Result<[f64; 4], CheckError> {
    let digits = digits()?;
    let mut distances = [0.0; 4];
    for (distance, autoencoder) in distances.iter_mut().zip(&noisy.standardised) {
        *distance = digits.score(&images(autoencoder))?.frechet;
    }
    Ok(distances)
}

/// Of draws from N(0, I) at noise ¼ and 1, and of midpoints at noise ¼ and 1, each ÷ the same without noise.
fn compare_noises(draws: [f64; 4], midpoints: [f64; 4]) -> [f64; 4] {
    [
        draws[1] / draws[0],
        draws[3] / draws[0],
        midpoints[1] / midpoints[0],
        midpoints[3] / midpoints[0],
    ]
}

fn draws(noisy: &Noisy, from: &CodeGaussian) -> Result<[f64; 4], CheckError> {
    let samples = digits()?.judge.samples();
    let z = from.draw(samples, &mut stream(noisy.seed, [3])).mapv(|z| z as f32);
    frechet_with(noisy, |autoencoder| autoencoder.decode(&z))
}

fn at_midpoints(noisy: &Noisy, t: f32) -> Result<[f64; 4], CheckError> {
    let [a, b] = ends(&*digits()?, noisy.seed);
    frechet_with(noisy, |autoencoder| {
        autoencoder.decode(&between(
            autoencoder.encode(&a).view(),
            autoencoder.encode(&b).view(),
            t,
        ))
    })
}

pub(super) fn smoother() -> Claim<Measure<Noisy, 4>> {
    claim("vae/noise-and-new-images")
        .says(
            "Optical digits, code of 8 standardised over the batch: noise of ¼ on the code makes draws from N(0, I) \
             and midpoints no better by the Fréchet distance, or by less than a quarter; noise of 1 makes draws at \
             least one and a half times as bad, and midpoints one and a half to three and a half times",
        )
        .settles("ae-noise", Verdict::Measured)
        .measured(NOISY_CODES)
        .trained(|measure: &Subject<Measure<Noisy, 4>>, runs| {
            let trained = noisy(runs.seed())?;
            over_runs(measure, runs, &trained, [
                ("draws, noise ¼ ÷ none", Lies::Above(0.75)),
                ("draws, noise 1 ÷ none", Lies::Above(1.5)),
                ("midpoints, noise ¼ ÷ none", Lies::Above(0.75)),
                ("midpoints, noise 1 ÷ none", Lies::Between(1.5, 3.5)),
            ])
        })
        .holds_for((|noisy| {
            let standard = CodeGaussian::standard(super::small_runs::CODE);
            Ok(compare_noises(draws(noisy, &standard)?, at_midpoints(noisy, 0.5)?))
        }) as Measure<Noisy, 4>)
        .fails_for(
            "reconstructions",
            "Encoded images were decoded for midpoints: look halfway between two codes.",
            |noisy| {
                let standard = CodeGaussian::standard(super::small_runs::CODE);
                Ok(compare_noises(draws(noisy, &standard)?, at_midpoints(noisy, 0.0)?))
            },
        )
        .fails_for(
            "upside-down",
            "You divided the figure without noise by the one with it.",
            |noisy| {
                let standard = CodeGaussian::standard(super::small_runs::CODE);
                let figures = compare_noises(draws(noisy, &standard)?, at_midpoints(noisy, 0.5)?);
                Ok(figures.map(|figure| 1.0 / figure))
            },
        )
        .fails_for(
            "score-of-training-images",
            "Training images were scored for draws, at every noise the same ones: score what was decoded.",
            |noisy| {
                let copies = ends(&*digits()?, noisy.seed)[0].clone();
                Ok(compare_noises(frechet_with(noisy, |_| copies.clone())?, at_midpoints(noisy, 0.5)?))
            },
        )
}
