//! An autoencoder against a VAE: what their codes are, and how good new images are.

use ch01_autoencoder::Autoencoder;
use claims::{CheckError, Claim, Rng, Subject, Tolerance, Verdict, claim, domain, seed, whole};
use ndarray::{Array2, Axis};
use ndarray_rand::RandomExt;
use nn::Activation;
use rand_distr::StandardNormal;
use score::Score;

use super::small_runs::{GREY_DIGITS, Lies, Measure, Pair, digits, ends, over_runs, pairs};
use ch07_vae::{Architecture, Likelihood, Posterior, Vae, reparameterize};

/// What the two make of one image and noise ε: the autoencoder's code, and the VAE's.
type Codes = fn(&Models, &Array2<f64>, &Array2<f64>) -> [Array2<f64>; 2];

/// Models of equal layers, untrained: what is claimed holds for all weights.
#[derive(Clone)]
pub(super) struct Models {
    autoencoder: Autoencoder<f64>,
    vae: Vae<f64>,
}

fn models(rng: &mut Rng) -> Models {
    let architecture = Architecture {
        pixels: 6,
        hidden: vec![5],
        latent: 3,
        activation: Activation::Tanh,
        likelihood: Likelihood::Gaussian { sigma: 0.5 },
    };
    Models {
        autoencoder: Autoencoder::new(&[6, 5, 3], Activation::Tanh, rng),
        vae: Vae::new(&architecture, rng),
    }
}

fn codes(models: &Models, x: &Array2<f64>, noise: &Array2<f64>) -> [Array2<f64>; 2] {
    let posterior = models.vae.encode(x.clone());
    [models.autoencoder.encode(x), reparameterize(&posterior, noise)]
}

/// The VAE's code made in another way from μ, log σ² and ε.
fn with_code(
    models: &Models,
    x: &Array2<f64>,
    noise: &Array2<f64>,
    code: fn(&Posterior<f64>, &Array2<f64>) -> Array2<f64>,
) -> [Array2<f64>; 2] {
    [models.autoencoder.encode(x), code(&models.vae.encode(x.clone()), noise)]
}

pub(super) fn point_or_distribution() -> Claim<Codes> {
    claim("vae/point-or-distribution")
        .says(
            "For one image an autoencoder has one code, whatever the noise. A VAE has a distribution: two \
             numbers for each coordinate, and codes that differ by σ(ε − ε′) around μ",
        )
        .settles("ae-vs-vae", Verdict::Holds)
        .for_every(
            domain([whole("images", 1..=5), seed("the models, the images and the noise")])
                .with([[4.0, 1.0]]),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-13), |codes: &Subject<Codes>, case, cases| {
            let [images, number] = case;
            let mut rng = cases.rng(number as u64);
            let models = models(&mut rng);
            let [x, noise] = [6, 3].map(|columns| {
                Array2::random_using((images as usize, columns), StandardNormal, &mut rng)
            });
            let at = |noise: &Array2<f64>| {
                let [point, drawn] = codes.pick(|codes| codes(&models, &x, noise));
                let [point, drawn] = [point, drawn].map(|z| codes.output(|_| z));
                [point, drawn]
            };
            let ([point, plus], [again, minus]) = (at(&noise), at(&-&noise));
            let list = |array: &Array2<f64>| array.iter().copied().collect::<Vec<_>>();
            let expected = models.autoencoder.encode(&x);
            cases.all_equal("the autoencoder's code", &list(&point), &list(&expected));
            cases.all_equal("its code with other noise", &list(&again), &list(&expected));
            // The heads by their layers, for the encoder's two outputs are what is claimed.
            let h = models.vae.encoder.forward(x.clone()).output;
            let (mean, log_var) = (models.vae.mean.forward(&h), models.vae.log_var.forward(&h));
            cases.all_equal("centre of the VAE's codes", &list(&((&plus + &minus) / 2.0)), &list(&mean));
            let sigma = log_var.mapv(|log_var| log_var.exp().sqrt());
            cases.all_equal("half their distance", &list(&((&plus - &minus) / 2.0)), &list(&(sigma * &noise)));
            Ok(())
        })
        .holds_for(codes as Codes)
        .fails_for(
            "a-point",
            "The VAE's code is its mean: that is an autoencoder; draw z = μ + σε.",
            |models, x, noise| with_code(models, x, noise, |q, _| q.mean.clone()),
        )
        .fails_for(
            "noise-on-the-autoencoder",
            "Noise was put on the autoencoder's code: its encoder gives a point.",
            |models, x, noise| {
                let [point, drawn] = codes(models, x, noise);
                [point + noise, drawn]
            },
        )
        .fails_for(
            "variance-for-sigma",
            "You drew z = μ + σ²ε: the noise is scaled by the standard deviation.",
            |models, x, noise| {
                with_code(models, x, noise, |q, noise| &q.mean + &(q.log_var.mapv(f64::exp) * noise))
            },
        )
        .fails_for(
            "one-noise-for-all-coordinates",
            "One ε was used for all coordinates of a code: then they are perfectly correlated; draw one for each.",
            |models, x, noise| {
                with_code(models, x, noise, |q, noise| {
                    let first = noise.column(0).insert_axis(Axis(1)).to_owned();
                    let same = first.broadcast(noise.dim()).map(|n| n.to_owned()).unwrap_or(first.clone());
                    reparameterize(q, &same)
                })
            },
        )
        .fails_for(
            "same-noise-for-all-images",
            "All images got the first one's noise: draw noise for each image.",
            |models, x, noise| {
                with_code(models, x, noise, |q, noise| {
                    let first = noise.row(0).to_owned();
                    reparameterize(q, &Array2::from_shape_fn(noise.dim(), |(_, j)| first[j]))
                })
            },
        )
}

/// What the scores of a pair are turned into.
type Compared<const N: usize> = Measure<Pair, N>;

/// The Fréchet distances of four sets of draws, compared: ln(AE/VAE) from N(0, I); AE fitted ÷ VAE from
/// N(0, I); AE ÷ VAE, both fitted; VAE from N(0, I) ÷ real images.
fn compare_draws(
    [autoencoder, autoencoder_fitted, vae, vae_fitted]: [f64; 4],
    floor: f64,
) -> [f64; 4] {
    [
        (autoencoder / vae).ln(),
        autoencoder_fitted / vae,
        autoencoder_fitted / vae_fitted,
        vae / floor,
    ]
}

fn draws_by(pair: &Pair, figure: fn(&Score) -> f64) -> Result<[f64; 4], CheckError> {
    let draws = &pair.draws;
    let sets =
        [&draws.autoencoder_prior, &draws.autoencoder_fitted, &draws.vae_prior, &draws.vae_fitted];
    Ok(compare_draws(sets.map(figure), figure(&digits()?.floor)))
}

pub(super) fn draws() -> Claim<Compared<4>> {
    claim("vae/draws-against-autoencoder")
        .says(
            "Optical digits, equal layers, Fréchet distance: decoded draws from N(0, I) are worse from an \
             autoencoder than from a VAE. From a Gaussian fitted to the autoencoder's codes they are better than the \
             VAE's from N(0, I), and no worse than the VAE's with the same help, or by less than a quarter; the VAE's \
             from N(0, I) are 1.4 to 2.5 times as far as other real images",
        )
        .settles("ae-vs-vae", Verdict::Measured)
        .measured(GREY_DIGITS)
        .trained(|compared: &Subject<Compared<4>>, runs| {
            let trained = pairs(runs.seed())?;
            over_runs(compared, runs, &trained, [
                ("ln(AE ÷ VAE), both from N(0, I)", Lies::Above(0.0)),
                ("AE fitted ÷ VAE from N(0, I)", Lies::Below(1.0)),
                ("AE ÷ VAE, both fitted", Lies::Below(1.25)),
                ("VAE from N(0, I) ÷ real", Lies::Between(1.4, 2.5)),
            ])
        })
        .holds_for((|pair| draws_by(pair, |score| score.frechet)) as Compared<4>)
        .fails_for(
            "exchanged",
            "The two models were exchanged: the autoencoder's figure is the one to divide.",
            |pair| {
                let draws = &pair.draws;
                let sets = [&draws.vae_prior, &draws.vae_fitted, &draws.autoencoder_prior, &draws.autoencoder_fitted];
                Ok(compare_draws(sets.map(|score| score.frechet), digits()?.floor.frechet))
            },
        )
        .fails_for(
            "score-of-training-images",
            "The autoencoder's figures are those of training images: score what was decoded from draws.",
            |pair| {
                let digits = digits()?;
                let copies = digits.score(&ends(&digits, pair.seed)[0])?.frechet;
                let draws = &pair.draws;
                let sets = [copies, copies, draws.vae_prior.frechet, draws.vae_fitted.frechet];
                Ok(compare_draws(sets, digits.floor.frechet))
            },
        )
        .fails_for(
            "reconstructions",
            "Reconstructions were scored for draws: new images come from drawn codes, not from encoded images.",
            |pair| {
                let digits = digits()?;
                let x = &ends(&digits, pair.seed)[0];
                let decoded = pair.autoencoder.decode(&pair.autoencoder.encode(x));
                let autoencoder = digits.score(&decoded)?.frechet;
                let vae = digits.score(&pair.vae.decode_mean(pair.vae.encode(x.clone()).mean))?.frechet;
                Ok(compare_draws([autoencoder, autoencoder, vae, vae], digits.floor.frechet))
            },
        )
}

/// AE ÷ VAE halfway between two codes, by the Fréchet distance and by the distance to the nearest real image;
/// then the entropy of the predictions for the AE's and for the VAE's, each ÷ that of real images.
fn compare_midpoints(autoencoder: &Score, vae: &Score) -> Result<[f64; 4], CheckError> {
    let real = digits()?.floor.prediction_entropy;
    Ok([
        autoencoder.frechet / vae.frechet,
        autoencoder.nearest_distance / vae.nearest_distance,
        autoencoder.prediction_entropy / real,
        vae.prediction_entropy / real,
    ])
}

pub(super) fn holes() -> Claim<Compared<4>> {
    claim("vae/between-codes")
        .says(
            "Optical digits, equal layers: halfway between the codes of two images the classifier is some six times \
             as undecided as on real images, for the VAE as for the autoencoder, whose midpoints are as near to a real \
             image (within 5 %) and about as good by the Fréchet distance (0.8 to 1.25 times the VAE's): at this size \
             its holes are no worse",
        )
        .settles("ae-holes", Verdict::Measured)
        .measured(GREY_DIGITS)
        .trained(|compared: &Subject<Compared<4>>, runs| {
            let trained = pairs(runs.seed())?;
            over_runs(compared, runs, &trained, [
                ("AE ÷ VAE, Fréchet at midpoints", Lies::Between(0.8, 1.25)),
                ("AE ÷ VAE, nearest real image", Lies::Between(0.95, 1.05)),
                ("AE ÷ real, prediction entropy", Lies::Between(5.0, 7.0)),
                ("VAE ÷ real, prediction entropy", Lies::Between(5.0, 7.0)),
            ])
        })
        .holds_for(
            (|pair| compare_midpoints(&pair.midpoints.autoencoder, &pair.midpoints.vae)) as Compared<4>,
        )
        .fails_for(
            "ends-for-midpoints",
            "These are the ends of the lines, which are reconstructions: look halfway.",
            |pair| {
                let digits = digits()?;
                let x = &ends(&digits, pair.seed)[0];
                let autoencoder = pair.autoencoder.decode(&pair.autoencoder.encode(x));
                let vae = pair.vae.decode_mean(pair.vae.encode(x.clone()).mean);
                compare_midpoints(&digits.score(&autoencoder)?, &digits.score(&vae)?)
            },
        )
        .fails_for(
            "pixels-for-codes",
            "The autoencoder's images were mixed, not its codes: encode, take the midpoint, decode.",
            |pair| compare_midpoints(&pair.midpoints.pixels, &pair.midpoints.vae),
        )
        .fails_for(
            "sum-for-midpoint",
            "The codes were added: halfway is half their sum.",
            |pair| {
                let digits = digits()?;
                let [a, b] = ends(&digits, pair.seed);
                let sum = |z: [Array2<f32>; 2]| &z[0] + &z[1];
                let [c, d] = [&a, &b].map(|x| pair.autoencoder.encode(x));
                let [p, q] = [a, b].map(|x| pair.vae.encode(x).mean);
                let autoencoder = digits.score(&pair.autoencoder.decode(&sum([c, d])))?;
                let vae = digits.score(&pair.vae.decode_mean(sum([p, q])))?;
                compare_midpoints(&autoencoder, &vae)
            },
        )
}

/// A set of images ÷ another: Fréchet distance, prediction entropy, distance to the nearest real image; and
/// the entropy of the VAE's draws from N(0, I) ÷ that of real images.
fn compare_walks(through: &Score, mixed: &Score, drawn: &Score) -> Result<[f64; 4], CheckError> {
    Ok([
        through.frechet / mixed.frechet,
        through.prediction_entropy / mixed.prediction_entropy,
        through.nearest_distance / mixed.nearest_distance,
        drawn.prediction_entropy / digits()?.floor.prediction_entropy,
    ])
}

pub(super) fn walks() -> Claim<Compared<4>> {
    claim("vae/walks")
        .says(
            "Optical digits, VAE: halfway between two codes the image is nearer to a real one than halfway \
             between the two images, and the classifier no less sure of it, or by less than 5 %, but as a set such \
             images are further from the real ones by the Fréchet distance. Of a draw from N(0, I) the classifier is \
             some six times as undecided as of a real digit: sensible on average, not always",
        )
        .settles("vae-interp", Verdict::Measured)
        .measured(GREY_DIGITS)
        .trained(|compared: &Subject<Compared<4>>, runs| {
            let trained = pairs(runs.seed())?;
            over_runs(compared, runs, &trained, [
                ("codes ÷ pixels, Fréchet at midpoints", Lies::Above(1.0)),
                ("codes ÷ pixels, prediction entropy", Lies::Below(1.05)),
                ("codes ÷ pixels, nearest real image", Lies::Below(1.0)),
                ("draws ÷ real, prediction entropy", Lies::Between(5.0, 7.0)),
            ])
        })
        .holds_for((|pair| {
            compare_walks(&pair.midpoints.vae, &pair.midpoints.pixels, &pair.draws.vae_prior)
        }) as Compared<4>)
        .fails_for(
            "exchanged",
            "The two ways were exchanged: the codes' figure is the one to divide.",
            |pair| compare_walks(&pair.midpoints.pixels, &pair.midpoints.vae, &pair.draws.vae_prior),
        )
        .fails_for(
            "real-for-draws",
            "Encoded images were decoded for draws: new images come from N(0, I).",
            |pair| {
                let digits = digits()?;
                let encoded = pair.vae.encode(ends(&digits, pair.seed)[0].clone()).mean;
                let decoded = digits.score(&pair.vae.decode_mean(encoded))?;
                compare_walks(&pair.midpoints.vae, &pair.midpoints.pixels, &decoded)
            },
        )
        .fails_for(
            "log-variance-for-mean",
            "The line was drawn between the log-variances: walk from mean to mean.",
            |pair| {
                let digits = digits()?;
                let [a, b] = ends(&digits, pair.seed).map(|x| pair.vae.encode(x).log_var);
                let between = ch07_vae::between(a.view(), b.view(), 0.5);
                let through = digits.score(&pair.vae.decode_mean(between))?;
                compare_walks(&through, &pair.midpoints.pixels, &pair.draws.vae_prior)
            },
        )
}
