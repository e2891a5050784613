//! What an autoencoder is trained on, and its derivatives.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use ndarray::{Array2, s};
use nn::{Activation, Linear, Mlp};

use super::witness::{by_differences, by_dual_numbers, dual, normals, smooth_cases};
use ch01_autoencoder::{Autoencoder, Model, blocks};

type Loss = fn(&Autoencoder<f64>, &Array2<f64>) -> f64;

fn errors(model: &Autoencoder<f64>, x: &Array2<f64>) -> Array2<f64> {
    model.reconstruct(x) - x
}

fn squares(differences: &Array2<f64>) -> f64 {
    differences.iter().map(|difference| difference * difference).sum()
}

/// The same maps with the code in other units: z is multiplied by `factor`, and divided again.
fn in_other_units(model: &Autoencoder<f64>, factor: f64) -> Autoencoder<f64> {
    let mut scaled = model.clone();
    if let (Some(last), Some(first)) =
        (scaled.encoder.layers.last_mut(), scaled.decoder.layers.first_mut())
    {
        last.weight *= factor;
        last.bias *= factor;
        first.weight /= factor;
    }
    scaled
}

pub(super) fn objective() -> Claim<Loss> {
    claim("autoencoder/objective")
        .says(
            "An autoencoder minimises the squared difference between input and reconstruction; encoder \
             and decoder are never compared with each other",
        )
        .settles("ae-objective", Verdict::Corrected)
        .exact(Tolerance::relative(1e-12), |loss: &Subject<Loss>, cases| {
            let mut rng = cases.rng(0);
            let tanh = Activation::Tanh;
            let encoder = Linear::new(5, 2, &mut rng);
            let decoder = Linear::new(2, 5, &mut rng);
            let x = normals((4, 5), &mut rng);
            // Number by number, so that no layer of `nn` takes part.
            let layer = |layer: &Linear<f64>, input: &[f64], f: fn(f64) -> f64| -> Vec<f64> {
                let row = |i: usize| -> f64 {
                    let terms = input.iter().enumerate().map(|(j, x)| layer.weight[[i, j]] * x);
                    layer.bias[i] + terms.sum::<f64>()
                };
                (0..layer.bias.len()).map(|i| f(row(i))).collect()
            };
            let mut expected = 0.0;
            for image in x.rows() {
                let code = layer(&encoder, &image.to_vec(), f64::tanh);
                let output = layer(&decoder, &code, |x| x);
                expected += image.iter().zip(&output).map(|(x, y)| (y - x).powi(2)).sum::<f64>();
            }
            let model = Autoencoder::shallow(encoder, tanh, decoder, Activation::Identity);
            cases.equal("four points", loss.output(|loss| loss(&model, &x)), expected);

            // Another encoder and another decoder that together do the same.
            let model = Autoencoder::new(&[5, 3, 2], tanh, &mut rng);
            let expected = squares(&errors(&model, &x));
            for factor in [1.0, -3.0, 0.1] {
                let other = in_other_units(&model, factor);
                let measured = loss.output(|loss| loss(&other, &x));
                cases.equal(format!("code in other units, ×{factor}"), measured, expected);
            }
            Ok(())
        })
        .holds_for((|model, x| model.loss(x)) as Loss)
        .fails_for(
            "encoder-against-decoder",
            "The encoder's weights were compared with the decoder's: the loss compares the *image* that \
             went in with the image that came out.",
            |model, _| {
                let [w1, w2] = [&model.encoder, &model.decoder].map(|net| &net.layers[0].weight);
                let shared = w1.ncols().min(w2.nrows());
                let reversed = w2.t();
                let rows = w1.nrows().min(reversed.nrows());
                let part = s![..rows, ..shared];
                squares(&(&w1.slice(part) - &reversed.slice(part)))
            },
        )
        .fails_for(
            "code-against-input",
            "The code was compared with the input: the code has a meaning of its own, and only what the \
             decoder makes of it has to resemble the input.",
            |model, x| {
                let code = model.encode(x);
                squares(&(&code - &x.slice(s![.., ..code.ncols()])))
            },
        )
        .fails_for(
            "mean-for-sum",
            "The errors were averaged over the pixels: the loss is their sum over pixels and images, so \
             divide by the number of images at most, and say so.",
            |model, x| model.loss(x) / x.ncols() as f64,
        )
        .fails_for(
            "not-squared",
            "Absolute errors were added: square each difference.",
            |model, x| errors(model, x).iter().map(|error| error.abs()).sum(),
        )
        .fails_for(
            "half",
            "The loss carries a ½ that the definition does not have: drop it, or drop the 2 in its \
             derivative as well.",
            |model, x| 0.5 * model.loss(x),
        )
}

type Gradient = fn(&Autoencoder<f64>, &Array2<f64>) -> Vec<Vec<f64>>;

fn scaled(gradient: Vec<Vec<f64>>, factor: f64) -> Vec<Vec<f64>> {
    gradient.into_iter().map(|block| block.iter().map(|g| factor * g).collect()).collect()
}

fn identity(net: &Mlp<f64>) -> Mlp<f64> {
    Mlp { hidden: Activation::Identity, output: Activation::Identity, ..net.clone() }
}

/// The gradient with other networks on the way back than on the way forth.
fn back_through(
    model: &Autoencoder<f64>,
    back: &Autoencoder<f64>,
    x: &Array2<f64>,
) -> Vec<Vec<f64>> {
    let encoded = model.encoder.forward(x.clone());
    let decoded = model.decoder.forward(encoded.output.clone());
    let deltas = back.decoder.backward(&decoded, 2.0 * (&decoded.output - x));
    let d_code = back.decoder.input_gradient(&deltas);
    let before = back.encoder.backward(&encoded, d_code);
    Mlp::tapes(&encoded, &before)
        .chain(Mlp::tapes(&decoded, &deltas))
        .flat_map(|tape| blocks(Linear::gradient(tape.input, tape.delta)))
        .collect()
}

fn encoder_detached(model: &Autoencoder<f64>, x: &Array2<f64>) -> Vec<Vec<f64>> {
    let mut gradient = model.gradient(x);
    for block in &mut gradient[..2 * model.encoder.layers.len()] {
        block.fill(0.0);
    }
    gradient
}

const HALF: &str = "The factor 2 is missing: the derivative of a square is twice the difference.";
const DETACHED: &str = "The code was treated as a constant, so the encoder learns nothing: pass the \
    derivative with respect to the code, δW₂, on to the encoder.";
const NO_DERIVATIVE: &str = "The nonlinearities were left out on the way back: multiply δ by f′ at every \
    layer that it passes.";
const NEGATIVE: &str = "The sign is wrong: the derivative is 2(x̂ − x), and descent subtracts it.";

pub(super) fn gradient() -> Claim<Gradient> {
    claim("autoencoder/gradient")
        .says(
            "The derivatives of the squared error, written out by hand, agree with dual numbers for every \
             weight and bias",
        )
        .settles("ae-map", Verdict::Holds)
        .after("Rumelhart, Hinton & Williams 1986")
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            |gradient: &Subject<Gradient>, cases| {
                for (name, model, x) in smooth_cases(&mut cases.rng(0)) {
                    let expected = by_dual_numbers(dual(&model), &x);
                    let measured = gradient.output(|gradient| gradient(&model, &x));
                    for (k, (measured, expected)) in measured.iter().zip(&expected).enumerate() {
                        cases.all_equal(&format!("{name}, block {k}"), measured, expected);
                    }
                }
                Ok(())
            },
        )
        .holds_for((|model, x| model.gradient(x)) as Gradient)
        .fails_for("half", HALF, |model, x| scaled(model.gradient(x), 0.5))
        .fails_for("negative", NEGATIVE, |model, x| scaled(model.gradient(x), -1.0))
        .fails_for(
            "mean-over-images",
            "The sum over the images became a mean: then the loss has to be a mean, too.",
            |model, x| scaled(model.gradient(x), 1.0 / x.nrows() as f64),
        )
        .fails_for("encoder-detached", DETACHED, encoder_detached)
        .fails_for("no-derivative", NO_DERIVATIVE, |model, x| {
            let back = Autoencoder {
                encoder: identity(&model.encoder),
                decoder: identity(&model.decoder),
            };
            back_through(model, &back, x)
        })
        .fails_for(
            "decoder-only-derivative",
            "The encoder's nonlinearities were left out on the way back: multiply δ by f′ there as well.",
            |model, x| {
                let back = Autoencoder { encoder: identity(&model.encoder), ..model.clone() };
                back_through(model, &back, x)
            },
        )
}

pub(super) fn differences() -> Claim<Gradient> {
    claim("autoencoder/gradient-differences")
        .says(
            "Central differences agree with the written-out derivatives: ‖Δ‖/‖g‖ < 1e-7 for every block of \
             parameters",
        )
        .settles("ae-map", Verdict::Holds)
        .exact(
            Tolerance::absolute(1e-7)
                .because("a central difference at the best step width has ten digits, not sixteen"),
            |gradient: &Subject<Gradient>, cases| {
                for (name, model, x) in smooth_cases(&mut cases.rng(0)) {
                    let expected = by_differences(model.clone(), &x);
                    let measured = gradient.output(|gradient| gradient(&model, &x));
                    for (k, (measured, expected)) in measured.iter().zip(&expected).enumerate() {
                        let apart: f64 =
                            measured.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
                        let length: f64 = expected.iter().map(|g| g * g).sum();
                        let share = (apart / length).sqrt();
                        cases.equal(format!("‖Δ‖/‖g‖, {name}, block {k}"), share, 0.0);
                    }
                }
                Ok(())
            },
        )
        .holds_for((|model, x| model.gradient(x)) as Gradient)
        .fails_for("half", HALF, |model, x| scaled(model.gradient(x), 0.5))
        .fails_for("negative", NEGATIVE, |model, x| scaled(model.gradient(x), -1.0))
        .fails_for("encoder-detached", DETACHED, encoder_detached)
        .fails_for("no-derivative", NO_DERIVATIVE, |model, x| {
            let back = Autoencoder {
                encoder: identity(&model.encoder),
                decoder: identity(&model.decoder),
            };
            back_through(model, &back, x)
        })
}
