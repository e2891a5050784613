//! What a VAE is good for: features, and short codes.

use ch01_autoencoder::{Pca, linear_optimum};
use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, scale, seed, whole};
use data::Images;
use ndarray::Array2;
use ndarray_stats::QuantileExt;
use rand::Rng;
use rand_distr::StandardNormal;

use super::small_runs::{
    CODE, Digits, GREY_DIGITS, Lies, Measure, Pair, STROKES, digits, over_runs, pairs, strokes_runs,
};
use ch07_vae::{Examples, IndependentPixels, RidgeClassifier, Vae, bits_per_dimension, evaluate};

/// Features, labels and λ ↦ W
type Ridge = fn(&Array2<f64>, &[u8], f64) -> Result<Array2<f64>, CheckError>;

fn ridge_weight(f: &Array2<f64>, labels: &[u8], lambda: f64) -> Result<Array2<f64>, CheckError> {
    Ok(RidgeClassifier::fit(f, labels, 3, lambda)?.weight)
}

pub(super) fn ridge() -> Claim<Ridge> {
    claim("vae/ridge")
        .says(
            "The linear probe is where the derivative of ‖FW + b − Y‖²/n + λ‖W‖² is zero, for features F of mean 0 \
             and variance 1",
        )
        .settles("vae-apps", Verdict::Measured)
        .after("Hastie, Tibshirani & Friedman 2009, sections 3.4 and 4.2")
        .for_every(
            domain([
                scale("λ", 1e-4..=1e2),
                whole("images", 6..=12),
                whole("features", 1..=4),
                scale("unit of the features", 1e-3..=1e3),
                seed("the features and the labels"),
            ])
            .with([[1e-3, 9.0, 4.0, 1.0, 1.0], [0.5, 9.0, 4.0, 1.0, 1.0]]),
        )
        .exact(Tolerance::relative(2e-12).or_absolute(2e-12), |ridge: &Subject<Ridge>, case, cases| {
            let [lambda, n, columns, unit, number] = case;
            let (images, columns) = (n as usize, columns as usize);
            let mut rng = cases.rng(number as u64);
            let labels: Vec<u8> = (0..images).map(|_| rng.random_range(0..3)).collect();
            let f = Array2::from_shape_fn((images, columns), |(i, j)| {
                let noise: f64 = rng.sample(StandardNormal);
                // Features of different scales and places, as a VAE's are not and pixels are.
                unit * ((j as f64 + 0.5) * (noise + 0.3 * i as f64) + 2.0)
            });
            let standard = |j: usize| -> Vec<f64> {
                let mean = f.column(j).sum() / n;
                let sigma = (f.column(j).iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
                f.column(j).iter().map(|v| (v - mean) / sigma).collect()
            };
            let standard: Vec<Vec<f64>> = (0..columns).map(standard).collect();
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n;
            let w = ridge.output(|ridge| ridge(&f, &labels, lambda))?;
            for class in 0..3 {
                let y: Vec<f64> =
                    labels.iter().map(|&label| f64::from(u8::from(label == class))).collect();
                for j in 0..columns {
                    let at = |k: usize| w[[k, usize::from(class)]];
                    let fitted: f64 =
                        (0..columns).map(|k| dot(&standard[j], &standard[k]) * at(k)).sum();
                    let label = format!("class {class}, feature {j}");
                    cases.equal(label, fitted + lambda * at(j), dot(&standard[j], &y));
                }
            }
            Ok(())
        })
        .holds_for(ridge_weight as Ridge)
        .fails_for(
            "no-penalty",
            "λ is missing: features that depend on each other then get weights without bound.",
            |f, labels, _| ridge_weight(f, labels, 0.0),
        )
        .fails_for(
            "penalty-per-image",
            "λ was divided by the number of images: the squared error is a mean already.",
            |f, labels, lambda| ridge_weight(f, labels, lambda / labels.len() as f64),
        )
        .fails_for(
            "features-as-they-are",
            "The features were not standardised: the penalty then depends on their units.",
            |f, labels, lambda| {
                let sigma = f.std_axis(ndarray::Axis(0), 0.0);
                let (n, mean) = (labels.len() as f64, f.sum_axis(ndarray::Axis(0)) / labels.len() as f64);
                // The same problem in the features' own units, its weights translated back.
                let centred = f - &mean;
                let mut gram = centred.t().dot(&centred) / n;
                gram.diag_mut().mapv_inplace(|v| v + lambda);
                let y = Array2::from_shape_fn((labels.len(), 3), |(i, c)| {
                    f64::from(u8::from(usize::from(labels[i]) == c))
                });
                let eigen = prob::eigen::symmetric(((&gram + &gram.t()) / 2.0).view())?;
                let inverse = (&eigen.vectors / &eigen.values).dot(&eigen.vectors.t());
                let w = inverse.dot(&centred.t().dot(&y)) / n;
                Ok(&w * &sigma.insert_axis(ndarray::Axis(1)))
            },
        )
}

/// The share of held-out images that a probe on features gets right.
fn accuracy(
    digits: &Digits,
    of_images: impl Fn(&Array2<f32>) -> Array2<f64>,
) -> Result<f64, CheckError> {
    let probe = RidgeClassifier::fit(&of_images(&digits.train), &digits.train_labels, 10, 1e-3)?;
    Ok(probe.accuracy(&of_images(&digits.test), &digits.test_labels))
}

fn double(x: &Array2<f32>) -> Array2<f64> {
    x.mapv(f64::from)
}

/// The three accuracies, and by how much the first is more than the second and less than the third.
fn compared([mean, components, pixels]: [f64; 3]) -> [f64; 5] {
    [mean, components, pixels, mean - components, pixels - mean]
}

/// Accuracy on μ(x), on as many principal components, and on the pixels, by a probe.
fn probes(
    pair: &Pair,
    probe: impl Fn(&Digits, &dyn Fn(&Array2<f32>) -> Array2<f64>) -> Result<f64, CheckError>,
) -> Result<[f64; 5], CheckError> {
    let digits = digits()?;
    let pca = Pca::fit(&double(&digits.train))?;
    let components = linear_optimum(&pca, &Array2::eye(CODE), &Array2::eye(CODE));
    Ok(compared([
        probe(&digits, &|x| double(&pair.vae.encode(x.clone()).mean))?,
        probe(&digits, &|x| components.encode(&double(x)))?,
        probe(&digits, &double)?,
    ]))
}

pub(super) fn probe() -> Claim<Measure<Pair, 5>> {
    claim("vae/linear-probe")
        .says(
            "Optical digits: a linear probe gets 95 % of held-out digits from the 64 pixels, 83 % from 8 principal \
             components, and from the 8 numbers of μ(x) about 85 %, more than from these and less than from those",
        )
        .settles("vae-apps", Verdict::Measured)
        .measured(GREY_DIGITS)
        .trained(|measure: &Subject<Measure<Pair, 5>>, runs| {
            let trained = pairs(runs.seed())?;
            over_runs(measure, runs, &trained, [
                ("accuracy on μ(x)", Lies::Between(0.82, 0.88)),
                ("on 8 principal components", Lies::Between(0.825, 0.835)),
                ("on 64 pixels", Lies::Between(0.945, 0.955)),
                ("on μ(x), less that on 8 principal components", Lies::Above(0.0)),
                ("on 64 pixels, less that on μ(x)", Lies::Above(0.0)),
            ])
        })
        .holds_for(
            (|pair| probes(pair, |digits, features| accuracy(digits, features))) as Measure<Pair, 5>,
        )
        .fails_for(
            "trained-on-the-test-set",
            "The probe learned the test labels: fit it on training images only.",
            |pair| {
                probes(pair, |digits, features| {
                    let test = features(&digits.test);
                    let probe = RidgeClassifier::fit(&test, &digits.test_labels, 10, 1e-3)?;
                    Ok(probe.accuracy(&test, &digits.test_labels))
                })
            },
        )
        .fails_for(
            "the-wrong-head",
            "You took log σ² for the features: the code is μ.",
            |pair| {
                let [_, components, pixels, ..] = probes(pair, |digits, features| accuracy(digits, features))?;
                let wrong = accuracy(&*digits()?, |x| double(&pair.vae.encode(x.clone()).log_var))?;
                Ok(compared([wrong, components, pixels]))
            },
        )
        .fails_for(
            "best-image-for-a-class",
            "The largest score was sought down a column: each image has a row, and its class is the largest in it.",
            |pair| {
                probes(pair, |digits, features| {
                    let train = features(&digits.train);
                    let probe = RidgeClassifier::fit(&train, &digits.train_labels, 10, 1e-3)?;
                    let scores = probe.scores(&features(&digits.test));
                    let columns = scores.columns().into_iter().enumerate();
                    let right = columns.filter(|(class, scores)| {
                        scores.argmax().is_ok_and(|image| usize::from(digits.test_labels[image]) == *class)
                    });
                    Ok(right.count() as f64 / digits.test_labels.len() as f64)
                })
            },
        )
        .fails_for(
            "held-out-as-they-are",
            "The held-out features were not standardised by the training set's moments but left as they are: apply \
             to both what was fitted on one.",
            |pair| {
                probes(pair, |digits, features| {
                    let train = features(&digits.train);
                    let probe = RidgeClassifier::fit(&train, &digits.train_labels, 10, 1e-3)?;
                    let raw = features(&digits.test).dot(&probe.weight) + &probe.bias;
                    let right = raw.rows().into_iter().zip(&digits.test_labels).filter(|(scores, label)| {
                        scores.argmax() == Ok(usize::from(**label))
                    });
                    Ok(right.count() as f64 / digits.test_labels.len() as f64)
                })
            },
        )
}

/// Binary images to learn from and to code ↦ bits per pixel of each of the latter
type IndependentBits = fn(&Array2<f64>, &Array2<f64>) -> Vec<f64>;

fn independent_bits(train: &Array2<f64>, test: &Array2<f64>) -> Vec<f64> {
    let lengths = IndependentPixels::fit(train).code_length(test);
    lengths.iter().map(|&nats| bits_per_dimension(nats, test.ncols())).collect()
}

/// Bits per pixel where pixel i is on with `on(times on, n)`.
fn bits_with(train: &Array2<f64>, test: &Array2<f64>, on: fn(f64, f64) -> f64) -> Vec<f64> {
    let n = train.nrows() as f64;
    let on = train.sum_axis(ndarray::Axis(0)).mapv_into(|times| on(times, n));
    let lengths = IndependentPixels { on }.code_length(test);
    lengths.iter().map(|&nats| bits_per_dimension(nats, test.ncols())).collect()
}

pub(super) fn independent_pixels() -> Claim<IndependentBits> {
    claim("vae/independent-pixels")
        .says(
            "Independent pixels with P(on) = (times on + ½)/(n + 1) code any binary image in a finite number of \
             bits, −(1/D) Σ log₂ P(xᵢ), and the probabilities of all images add up to 1",
        )
        .settles("vae-apps", Verdict::Measured)
        .after("Krichevsky & Trofimov 1981")
        .for_every(
            domain([
                whole("training images", 1..=40),
                whole("pixels", 1..=6),
                seed("the training images"),
            ])
            .with([[3.0, 4.0, 1.0], [1.0, 1.0, 1.0]]),
        )
        .exact(Tolerance::relative(1e-12), |bits: &Subject<IndependentBits>, [n, pixels, number], cases| {
            let pixels = pixels as usize;
            let mut rng = cases.rng(number as u64);
            // A pixel that is rarely on, one that often is, and all between.
            let shares: Vec<f64> = (0..pixels).map(|_| rng.random_range(-0.2..1.2)).collect();
            let train = Array2::from_shape_fn((n as usize, pixels), |(_, i)| {
                f64::from(rng.random::<f64>() < shares[i])
            });
            let count = 1_usize << pixels;
            let images =
                Array2::from_shape_fn((count, pixels), |(image, i)| f64::from((image >> i & 1) as u8));
            let measured = bits.output(|bits| bits(&train, &images));
            let on = |i: usize| (train.column(i).sum() + 0.5) / (n + 1.0);
            let cost = |image: usize, i: usize| {
                -(if image >> i & 1 == 1 { on(i) } else { 1.0 - on(i) }).log2()
            };
            let expected = |image: usize| -> f64 {
                (0..pixels).map(|i| cost(image, i)).sum::<f64>() / pixels as f64
            };
            let expected: Vec<f64> = (0..count).map(expected).collect();
            cases.all_equal("bits per pixel of image", &measured, &expected);
            let total = measured.iter().map(|bits| (-(pixels as f64) * bits).exp2()).sum();
            cases.equal("all probabilities together", total, 1.0);
            Ok(())
        })
        .holds_for(independent_bits as IndependentBits)
        .fails_for(
            "shares-as-they-are",
            "The plain share was taken for the probability: a pixel that was never on then costs infinitely many \
             bits; add the halves.",
            |train, test| bits_with(train, test, |times, n| times / n),
        )
        .fails_for(
            "halves-without-the-one",
            "Half was added above and nothing below: on and off then add up to more than 1; divide by n + 1.",
            |train, test| bits_with(train, test, |times, n| (times + 0.5) / n),
        )
        .fails_for(
            "nats",
            "These are nats: divide by ln 2.",
            |train, test| independent_bits(train, test).iter().map(|b| b * 2f64.ln()).collect(),
        )
        .fails_for(
            "on-pixels-only",
            "Only pixels that are on were counted: that a pixel is off has a price, too.",
            |train, test| {
                let on = IndependentPixels::fit(train).on;
                let each = |row: ndarray::ArrayView1<'_, f64>| {
                    let nats: f64 = row.iter().zip(&on).map(|(&x, on)| -x * on.ln()).sum();
                    bits_per_dimension(nats, test.ncols())
                };
                test.rows().into_iter().map(each).collect()
            },
        )
}

fn binary(images: &Images) -> Array2<f64> {
    images.intensities(&(0..images.len()).collect::<Vec<_>>())
}

/// −ELBO in nats and its reconstruction part, averages over images of 16 codes each.
fn nats(model: &Vae<f32>, images: &Images) -> [f64; 2] {
    let indices: Vec<usize> = (0..images.len()).collect();
    let found = evaluate(model, &Examples::Images(images.clone()), &indices, 16, 1, |_| {});
    [-found.elbo.mean, -found.reconstruction.mean]
}

/// Bits per pixel of the held-out strokes with independent pixels.
fn baseline(digits: &Digits) -> f64 {
    let lengths = independent_bits(&binary(&digits.train_strokes), &binary(&digits.test_strokes));
    lengths.iter().sum::<f64>() / lengths.len() as f64
}

/// Bits per pixel, and its ratio to that of independent pixels.
fn against_baseline(bits: f64) -> Result<[f64; 2], CheckError> {
    Ok([bits, bits / baseline(&*digits()?)])
}

pub(super) fn code_length() -> Claim<Measure<Vae<f32>, 2>> {
    claim("vae/code-length")
        .says(
            "Optical digits in black and white, held out: −ELBO is 0.41 to 0.42 bits for a pixel, about a quarter less \
             than independent pixels need",
        )
        .settles("vae-apps", Verdict::Measured)
        .measured(STROKES)
        .trained(|measure: &Subject<Measure<Vae<f32>, 2>>, runs| {
            let trained = strokes_runs(runs.seed())?;
            over_runs(measure, runs, &trained, [
                ("bits per pixel", Lies::Between(0.405, 0.425)),
                ("÷ independent pixels", Lies::Between(0.7, 0.8)),
            ])
        })
        .holds_for((|model| {
            let [elbo, _] = nats(model, &digits()?.test_strokes);
            against_baseline(bits_per_dimension(elbo, 64))
        }) as Measure<Vae<f32>, 2>)
        .fails_for(
            "without-the-kl",
            "Only the pixels given the code were counted: the code has to be sent, too, and costs the KL.",
            |model| against_baseline(bits_per_dimension(nats(model, &digits()?.test_strokes)[1], 64)),
        )
        .fails_for(
            "mean-over-coordinates",
            "You averaged the KL over the coordinates of the code: all of them have to be sent.",
            |model| {
                let [elbo, reconstruction] = nats(model, &digits()?.test_strokes);
                let mean = reconstruction + (elbo - reconstruction) / CODE as f64;
                against_baseline(bits_per_dimension(mean, 64))
            },
        )
        .fails_for(
            "per-image",
            "These are bits for an image: divide by the number of pixels.",
            |model| against_baseline(bits_per_dimension(nats(model, &digits()?.test_strokes)[0], 1)),
        )
}
