//! What an autoencoder is trained on, and its derivatives.

use claims::{
    Claim, Domain, Subject, Tolerance, Verdict, claim, domain, one_of, scale, seed, whole,
};
use ndarray::{Array2, s};
use nn::{Activation, Linear, Mlp};

use super::witness::{by_differences, by_dual_numbers, dual, normals, smooth};
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

/// The loss of one tanh layer and one linear one, so that no layer of `nn` takes part.
fn number_by_number(encoder: &Linear<f64>, decoder: &Linear<f64>, x: &Array2<f64>) -> f64 {
    let layer = |layer: &Linear<f64>, input: &[f64], f: fn(f64) -> f64| -> Vec<f64> {
        let row = |i: usize| -> f64 {
            let terms = input.iter().enumerate().map(|(j, x)| layer.weight[[i, j]] * x);
            layer.bias[i] + terms.sum::<f64>()
        };
        (0..layer.bias.len()).map(|i| f(row(i))).collect()
    };
    let of_image = |image: ndarray::ArrayView1<'_, f64>| -> f64 {
        let code = layer(encoder, &image.to_vec(), f64::tanh);
        let output = layer(decoder, &code, |x| x);
        image.iter().zip(&output).map(|(x, y)| (y - x).powi(2)).sum()
    };
    x.rows().into_iter().map(of_image).sum()
}

pub(super) fn objective() -> Claim<Loss> {
    claim("autoencoder/objective")
        .says(
            "An autoencoder's loss is the squared difference between input and reconstruction; encoder and decoder are \
             not compared with each other: whatever unit the code gets, nothing changes",
        )
        .settles("ae-objective", Verdict::Corrected)
        .for_every(domain([
            whole("D", 2..=6),
            whole("M", 1..=4),
            whole("images", 1..=5),
            one_of("sign of the code's new unit", &[-1.0, 1.0]),
            scale("its size", 0.01..=100.0),
            seed("two maps and the images"),
        ]))
        .exact(
            Tolerance::relative(1e-12),
            |loss: &Subject<Loss>, [pixels, code, images, sign, size, seed], cases| {
                let (pixels, code) = (pixels as usize, code as usize);
                let mut rng = cases.rng(seed as u64);
                let tanh = Activation::Tanh;
                let encoder = Linear::new(pixels, code, &mut rng);
                let decoder = Linear::new(code, pixels, &mut rng);
                let x = normals((images as usize, pixels), &mut rng);
                let expected = number_by_number(&encoder, &decoder, &x);
                let model = Autoencoder::shallow(encoder, tanh, decoder, Activation::Identity);
                cases.equal("one layer each way", loss.output(|loss| loss(&model, &x)), expected);

                // Another encoder and another decoder that together do the same.
                let model = Autoencoder::new(&[pixels, 3, code], tanh, &mut rng);
                let expected = squares(&errors(&model, &x));
                let other = in_other_units(&model, sign * size);
                let measured = loss.output(|loss| loss(&other, &x));
                cases.equal("code in other units", measured, expected);
                Ok(())
            },
        )
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

/// Networks of one layer each way, and of two, with three kinds of smooth nonlinearities.
fn networks() -> Domain<5> {
    domain([
        whole("layers each way", 1..=2),
        whole("nonlinearity: 1 tanh, 2 logistic, 3 softplus", 1..=3),
        whole("M", 1..=3),
        whole("images", 1..=4),
        seed("the network and the images"),
    ])
    .cases(150)
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
             weight and bias of a network of one or two layers each way",
        )
        .settles("ae-map", Verdict::Holds)
        .after("Rumelhart, Hinton & Williams 1986")
        .for_every(networks())
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |gradient: &Subject<Gradient>, network, cases| {
                let (model, x) = smooth(network, &mut cases.rng(network[4] as u64));
                let expected = by_dual_numbers(dual(&model), &x);
                let measured = gradient.output(|gradient| gradient(&model, &x));
                for (k, (measured, expected)) in measured.iter().zip(&expected).enumerate() {
                    cases.all_equal(&format!("block {k}"), measured, expected);
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
            "Central differences agree with the written-out derivatives: ‖Δ‖/‖g‖ < 1e-7 over all weights and biases",
        )
        .settles("ae-map", Verdict::Holds)
        .for_every(networks())
        .exact(
            Tolerance::absolute(1e-7)
                .because("a central difference at the best step width has ten digits, not sixteen"),
            |gradient: &Subject<Gradient>, network, cases| {
                let (model, x) = smooth(network, &mut cases.rng(network[4] as u64));
                let expected = by_differences(model.clone(), &x);
                let measured = gradient.output(|gradient| gradient(&model, &x));
                let [all, apart] = [0, 1].map(|difference| {
                    let pairs = measured.iter().flatten().zip(expected.iter().flatten());
                    let squares = pairs.map(|(a, b)| (b - f64::from(difference) * a).powi(2));
                    squares.sum::<f64>().sqrt()
                });
                cases.equal("‖Δ‖/‖g‖", apart / all, 0.0);
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
