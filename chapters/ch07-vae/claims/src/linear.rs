//! The linear VAE: its ELBO without draws, its encoder, its optimum, and what training finds.

use std::sync::OnceLock;

use autodiff::F1;
use claims::{
    CheckError, Claim, Domain, Rng, Runs, Setting, Subject, Tolerance, Verdict, claim, domain,
    one_of, real, scale, seed, signed, whole,
};
use data::{default_root, optical_digits};
use ndarray::{Array1, Array2, Axis};
use ndarray_rand::RandomExt;
use prob::{DiagonalGaussian, FullGaussian, GaussHermite, eigen, gaussian};
use rand::Rng as _;
use rand_distr::StandardNormal;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use ch07_vae::linear::{Ascent, LinearTerms, LinearVae, Moments, ProbabilisticPca};

/// Trainings that a measured statement is taken from.
pub(super) const SEEDS: usize = 5;

const LUCAS: &str = "Lucas, Tucker, Grosse & Norouzi 2019, Don't Blame the ELBO!";
const TIPPING: &str = "Tipping & Bishop 1999, Probabilistic Principal Component Analysis";

/// The optical digits with values in [0, 1].
struct Digits {
    moments: Moments<f64>,
    /// The eigenvalues of their covariance, largest first.
    values: Vec<f64>,
}

/// Read and decomposed once for all checks.
fn digits() -> Result<&'static Digits, CheckError> {
    static DIGITS: OnceLock<Result<Digits, String>> = OnceLock::new();
    let load = || -> Result<Digits, CheckError> {
        let images = optical_digits(&default_root())?.images;
        let all: Vec<usize> = (0..images.len()).collect();
        let moments = Moments::of(&images.intensities(&all));
        let values = eigen::symmetric(moments.covariance.view())?.values.to_vec();
        Ok(Digits { moments, values })
    };
    let digits = DIGITS.get_or_init(|| load().map_err(|error| error.to_string()));
    digits.as_ref().map_err(|error| error.clone().into())
}

fn normals(shape: (usize, usize), rng: &mut Rng) -> Array2<f64> {
    Array2::random_using(shape, StandardNormal, rng)
}

/// Linear models and data sets of every small shape.
fn small_models() -> Domain<5> {
    domain([
        whole("pixels", 1..=5),
        whole("coordinates of the code", 1..=4),
        whole("images", 1..=8),
        scale("σ²", 1e-2..=1e2),
        seed("the model and the images"),
    ])
    .with([[4.0, 3.0, 6.0, 0.6, 1.0], [4.0, 3.0, 6.0, 0.6, 2.0]])
}

/// A model, nothing about it special, and some images.
fn small_model(
    [pixels, latent, images, sigma2, number]: [f64; 5],
    rng: impl Fn(u64) -> Rng,
) -> (LinearVae<f64>, Array2<f64>) {
    let mut rng = rng(number as u64);
    let mut model = LinearVae::random(pixels as usize, latent as usize, sigma2, &mut rng);
    model.decoder *= 2.0;
    model.log_var.mapv_inplace(|_| rng.random_range(-1.5..0.5));
    (model, normals((images as usize, pixels as usize), &mut rng) + 0.5)
}

/// The models that another program drew; one of them is looked at in each case of a domain.
fn reference_model(number: f64) -> Result<&'static reference::LinearGaussian, CheckError> {
    static MODELS: OnceLock<Result<Vec<reference::LinearGaussian>, String>> = OnceLock::new();
    let load = || reference::linear_gaussian().map_err(|error| error.to_string());
    let models = MODELS.get_or_init(load).as_ref().map_err(Clone::clone)?;
    models.get(number as usize % models.len()).ok_or_else(|| "there is no model".into())
}

/// The model of a case with an encoder that maps its image to its q, and the image as a data set of one.
fn model_of(case: &reference::LinearGaussian) -> (LinearVae<f64>, Moments<f64>) {
    let pixels = case.x.len();
    let centred = &case.x - &case.b;
    let square = centred.dot(&centred);
    let model = LinearVae {
        encoder: Array2::from_shape_fn((case.q_mean.len(), pixels), |(j, i)| {
            case.q_mean[j] * centred[i] / square
        }),
        log_var: case.q_log_var.clone(),
        decoder: case.weight.clone(),
        bias: case.b.clone(),
        noise_log_var: case.sigma2.ln(),
    };
    (model, Moments { mean: case.x.clone(), covariance: Array2::zeros((pixels, pixels)) })
}

/// A model and what is known of the data ↦ the mean reconstruction and the mean KL
type Terms = fn(&LinearVae<f64>, &Moments<f64>) -> [f64; 2];

fn terms(model: &LinearVae<f64>, data: &Moments<f64>) -> [f64; 2] {
    let LinearTerms { reconstruction, kl } = model.terms(data);
    [reconstruction, kl.sum()]
}

/// The same two by looking at every image, with the noise integrated out numerically. Exact: the
/// integrands are quadratic.
fn terms_image_by_image(model: &LinearVae<f64>, x: &Array2<f64>) -> Result<[f64; 2], CheckError> {
    let rule = GaussHermite::new(3)?;
    let prior = DiagonalGaussian::standard(model.log_var.len())?;
    let mut sums = [0.0; 2];
    for x in x.rows() {
        let mean = model.encoder.dot(&(&x - &model.bias));
        let q = DiagonalGaussian::new(mean, model.log_var.clone())?;
        sums[0] += rule.expectation_diagonal(&q, |z| {
            let image = model.decoder.dot(&z) + &model.bias;
            let pixels = x.iter().zip(&image);
            pixels.map(|(&x, &m)| gaussian::log_density(x, m, model.noise_log_var)).sum()
        });
        sums[1] += rule.expectation_diagonal(&q, |z| {
            let log_ratio =
                || -> prob::Result<f64> { Ok(q.log_density(z)? - prior.log_density(z)?) };
            log_ratio().unwrap_or(f64::NAN)
        });
    }
    Ok(sums.map(|sum| sum / x.nrows() as f64))
}

pub(super) fn elbo() -> Claim<Terms> {
    claim("vae/linear-elbo")
        .says(
            "The ELBO of a linear VAE has a closed form: the mean squared error is \
             tr[(I − WV) C (I − WV)ᵀ] + Σ sⱼ²‖wⱼ‖² with C = E(x − b)(x − b)ᵀ, and no draw is needed",
        )
        .settles("vae-linear", Verdict::Holds)
        .after(LUCAS)
        .for_every(small_models())
        .exact(Tolerance::relative(1e-12).or_absolute(1e-12), |terms: &Subject<Terms>, case, cases| {
            let (model, x) = small_model(case, |number| cases.rng(number));
            let measured = terms.output(|terms| terms(&model, &Moments::of(&x)));
            let expected = terms_image_by_image(&model, &x)?;
            cases.all_equal("reconstruction and KL", &measured, &expected);
            let other = reference_model(case[4])?;
            let (model, x) = model_of(other);
            let [reconstruction, kl] = terms.output(|terms| terms(&model, &x));
            cases.equal("ELBO of a model that another program drew", reconstruction - kl, other.elbo);
            Ok(())
        })
        .holds_for(terms as Terms)
        .fails_for(
            "noise-forgotten",
            "The image was decoded from the mean of the code: the noise sⱼ adds sⱼ²‖wⱼ‖² to the squared error.",
            |model, data| {
                let [reconstruction, kl] = terms(model, data);
                let spread = (&model.decoder * &model.decoder).dot(&model.log_var.mapv(f64::exp)).sum();
                [reconstruction + 0.5 * spread / model.noise_log_var.exp(), kl]
            },
        )
        .fails_for(
            "covariance-only",
            "The second moment was taken about the data's mean; the model subtracts b, so it is \
             S + (m − b)(m − b)ᵀ.",
            |model, data| terms(&LinearVae { bias: data.mean.clone(), ..model.clone() }, data),
        )
        .fails_for(
            "means-not-in-the-kl",
            "The KL charges for the codes' means, too: their second moments are the diagonal of VCVᵀ.",
            |model, data| {
                let [reconstruction, _] = terms(model, data);
                [reconstruction, model.log_var.mapv(|v| 0.5 * (v.exp() - v - 1.0)).sum()]
            },
        )
        .fails_for(
            "sigma-for-variance",
            "The squared error was divided by σ: it is divided by σ², and so is what log σ² adds.",
            |model, data| {
                let narrow = 0.5 * model.noise_log_var;
                terms(&LinearVae { noise_log_var: narrow, ..model.clone() }, data)
            },
        )
        .fails_for(
            "mean-over-pixels",
            "The reconstruction was averaged over the pixels: a log-likelihood is their sum.",
            |model, data| {
                let [reconstruction, kl] = terms(model, data);
                [reconstruction / model.bias.len() as f64, kl]
            },
        )
}

/// A model and what is known of the data ↦ the derivatives of the mean ELBO by V, v, W, b and log σ²
type Gradient = fn(&LinearVae<f64>, &Moments<f64>) -> Vec<f64>;

/// The gradient, changed before its blocks are put in a row.
fn flat(
    model: &LinearVae<f64>,
    data: &Moments<f64>,
    change: impl FnOnce(&mut LinearVae<f64>),
) -> Vec<f64> {
    let mut gradient = model.gradient(data, 1.0);
    change(&mut gradient);
    gradient.blocks_mut().concat()
}

/// One forward pass in dual numbers for each parameter.
fn by_dual_numbers(model: &LinearVae<f64>, data: &Moments<f64>) -> Vec<f64> {
    let data = Moments { mean: data.mean.mapv(F1::cst), covariance: data.covariance.mapv(F1::cst) };
    let mut dual = LinearVae {
        encoder: model.encoder.mapv(F1::cst),
        log_var: model.log_var.mapv(F1::cst),
        decoder: model.decoder.mapv(F1::cst),
        bias: model.bias.mapv(F1::cst),
        noise_log_var: F1::cst(model.noise_log_var),
    };
    let lengths = dual.blocks_mut().map(|block| block.len());
    let places =
        lengths.into_iter().enumerate().flat_map(|(b, length)| (0..length).map(move |i| (b, i)));
    let slope = |(block, i): (usize, usize)| {
        dual.blocks_mut()[block][i].dx = 1.0;
        let slope = dual.terms(&data).elbo().dx;
        dual.blocks_mut()[block][i].dx = 0.0;
        slope
    };
    places.map(slope).collect()
}

pub(super) fn gradient() -> Claim<Gradient> {
    claim("vae/linear-gradient")
        .says("The gradient of the linear VAE's ELBO, by hand, is its derivative")
        .settles("vae-linear", Verdict::Holds)
        .for_every(small_models())
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |gradient: &Subject<Gradient>, case, cases| {
                let (model, x) = small_model(case, |number| cases.rng(number));
                let data = Moments::of(&x);
                let measured = gradient.output(|gradient| gradient(&model, &data));
                cases.all_equal("", &measured, &by_dual_numbers(&model, &data));
                Ok(())
            },
        )
        .holds_for((|model, data| flat(model, data, |_| {})) as Gradient)
        .fails_for(
            "no-kl-for-the-encoder",
            "V acts on the KL as well, which takes VC off its gradient.",
            |model, data| {
                let without = model.gradient(data, 0.0);
                flat(model, data, |gradient| gradient.encoder = without.encoder)
            },
        )
        .fails_for(
            "noise-forgotten",
            "The second moment of the code is VCVᵀ + diag s², not VCVᵀ: its noise blurs the image.",
            |model, data| {
                let variance = model.log_var.mapv(f64::exp) / model.noise_log_var.exp();
                flat(model, data, |gradient| gradient.decoder += &(&model.decoder * &variance))
            },
        )
        .fails_for(
            "bias-of-the-decoder-only",
            "b stands in the encoder, too: moving it moves the code the other way.",
            |model, data| {
                let d = &data.mean - &model.bias;
                let residual = &d - &model.decoder.dot(&model.encoder.dot(&d));
                let tau = (-model.noise_log_var).exp();
                flat(model, data, |gradient| gradient.bias = residual * tau)
            },
        )
        .fails_for(
            "by-the-variance",
            "This is the derivative by σ², not by log σ²: multiply by σ².",
            |model, data| {
                let sigma2 = model.noise_log_var.exp();
                flat(model, data, |gradient| gradient.noise_log_var /= sigma2)
            },
        )
        .fails_for(
            "no-half",
            "The ½ is missing in ∂/∂log sⱼ²: both terms carry it.",
            |model, data| flat(model, data, |gradient| gradient.log_var *= 2.0),
        )
}

/// A decoder with any encoder ↦ the same decoder with the best one
type Encoder = fn(&LinearVae<f64>) -> prob::Result<LinearVae<f64>>;

fn best(model: &LinearVae<f64>) -> prob::Result<LinearVae<f64>> {
    model.clone().with_best_encoder()
}

pub(super) fn best_encoder() -> Claim<Encoder> {
    claim("vae/linear-best-encoder")
        .says(
            "The linear encoder V = (WᵀW + σ²I)⁻¹Wᵀ gives the posterior's mean for every image, and \
             sⱼ² = σ²/(‖wⱼ‖² + σ²), one over the diagonal of the posterior's *precision*, the best variances",
        )
        .settles("vae-linear", Verdict::Holds)
        .after(LUCAS)
        .for_every(small_models())
        .exact(Tolerance::relative(1e-12).or_absolute(1e-12), |encoder: &Subject<Encoder>, case, cases| {
            let answer = |model: &LinearVae<f64>, x: &Array1<f64>| {
                encoder.output(|encoder| -> prob::Result<[Vec<f64>; 2]> {
                    let best = encoder(model)?;
                    let mean = best.encoder.dot(&(x - &best.bias));
                    Ok([mean.to_vec(), best.log_var.to_vec()])
                })
            };
            let (model, x) = small_model(case, |number| cases.rng(number));
            let (x, sigma2) = (x.row(0).to_owned(), model.noise_log_var.exp());
            let [mean, log_var] = answer(&model, &x)?;
            // Where log p(z, x) is largest its derivative is 0: Wᵀ(x − b − Wz)/σ² = z.
            let residual = &x - &model.bias - model.decoder.dot(&Array1::from(mean.clone()));
            let pull = model.decoder.t().dot(&residual) / sigma2;
            // The digits that solving for the mean may lose grow with ‖W‖²/σ².
            let squares: f64 = model.decoder.iter().map(|w| w * w).sum();
            let scale = (1.0 + x.dot(&x) / sigma2) * (1.0 + squares / sigma2);
            for (j, (z, pull)) in mean.iter().zip(&pull).enumerate() {
                cases.equal(format!("mean {j}: 1 + slope"), 1.0 + (pull - z) / scale, 1.0);
            }
            for (j, column) in model.decoder.columns().into_iter().enumerate() {
                let precision = 1.0 + column.dot(&column) / sigma2;
                cases.equal(format!("log-variance {j}"), log_var[j], -precision.ln());
            }
            let other = reference_model(case[4])?;
            let (model, x) = model_of(other);
            let [mean, log_var] = answer(&model, &x.mean)?;
            cases.all_equal("mean that another program found", &mean, &other.posterior_mean.to_vec());
            let covariance = (&other.posterior_cov + &other.posterior_cov.t()) / 2.0;
            let eigen::Eigen { values, vectors } = eigen::symmetric(covariance.view())?;
            let precision = (&vectors / &values).dot(&vectors.t());
            let expected = precision.diag().mapv(|x| -x.ln()).to_vec();
            cases.all_equal("log-variance from its covariance", &log_var, &expected);
            Ok(())
        })
        .holds_for(best as Encoder)
        .fails_for(
            "marginal-variances",
            "These are the posterior's own variances, the diagonal of its covariance: with independent \
             coordinates the ELBO is largest for the inverse of the precision's diagonal, which is smaller.",
            |model| {
                let (best, covariance) = (best(model)?, posterior_covariance(model)?);
                Ok(LinearVae { log_var: covariance.diag().mapv(f64::ln), ..best })
            },
        )
        .fails_for(
            "least-squares",
            "This is the pseudo-inverse, the code that reconstructs best: the prior adds σ²I and draws the \
             code towards 0.",
            |model| {
                let noiseless = LinearVae { noise_log_var: -40.0, ..model.clone() }.with_best_encoder()?;
                Ok(LinearVae { encoder: noiseless.encoder, ..best(model)? })
            },
        )
        .fails_for(
            "transpose",
            "The encoder is the decoder's transpose: that lacks the factor (WᵀW + σ²I)⁻¹.",
            |model| Ok(LinearVae { encoder: model.decoder.t().to_owned(), ..best(model)? }),
        )
        .fails_for(
            "sigma-for-variance",
            "σ was added where σ² belongs: the precision is I + WᵀW/σ².",
            |model| {
                let narrow = 0.5 * model.noise_log_var;
                best(&LinearVae { noise_log_var: narrow, ..model.clone() })
            },
        )
}

/// Λ = I + WᵀW/σ²
fn posterior_precision(model: &LinearVae<f64>) -> Array2<f64> {
    let mut precision = model.decoder.t().dot(&model.decoder) / model.noise_log_var.exp();
    precision.diag_mut().mapv_inplace(|x| x + 1.0);
    precision
}

fn posterior_covariance(model: &LinearVae<f64>) -> prob::Result<Array2<f64>> {
    let eigen::Eigen { values, vectors } = eigen::symmetric(posterior_precision(model).view())?;
    Ok((&vectors / &values).dot(&vectors.t()))
}

/// A model ↦ log p(x) minus the best ELBO with independent coordinates
type Gap = fn(&LinearVae<f64>) -> prob::Result<f64>;

/// The mean of log p(x) over the data: x is Gaussian with the covariance WWᵀ + σ²I.
fn log_evidence(model: &LinearVae<f64>, x: &Array2<f64>) -> Result<f64, CheckError> {
    let mut covariance = model.decoder.dot(&model.decoder.t());
    covariance.diag_mut().mapv_inplace(|v| v + model.noise_log_var.exp());
    let density = FullGaussian::new(model.bias.clone(), covariance.view())?;
    let log_p: prob::Result<Vec<f64>> =
        x.rows().into_iter().map(|x| density.log_density(x)).collect();
    Ok(log_p?.iter().sum::<f64>() / x.nrows() as f64)
}

/// W turned by a rotation of two latent coordinates, which changes no p(x).
fn turned(model: &LinearVae<f64>, angle: f64) -> LinearVae<f64> {
    let mut turned = model.clone();
    if model.log_var.len() < 2 {
        return turned;
    }
    let (sin, cos) = angle.sin_cos();
    for (mut to, from) in turned.decoder.rows_mut().into_iter().zip(model.decoder.rows()) {
        to[0] = cos * from[0] - sin * from[1];
        to[1] = sin * from[0] + cos * from[1];
    }
    turned
}

/// The witness is a difference of two log-likelihoods, which have up to some hundred nats each.
const GAP_TOLERANCE: Tolerance =
    Tolerance::absolute(1e-10).because("both sides may agree to the last bit by chance");

pub(super) fn gap() -> Claim<Gap> {
    claim("vae/linear-gap")
        .says(
            "The encoder's q(z|x) is not the posterior p(z|x): with independent coordinates it leaves at \
             least ½(Σ log Λⱼⱼ − log det Λ) nats of log p(x), which is 0 where the columns of W are orthogonal. Turning \
             the code changes this gap, and no p(x)",
        )
        .settles("vae-notation", Verdict::Corrected)
        .after(LUCAS)
        .for_every(
            domain([
                whole("columns of W: 0 orthogonal, 1 any", 0..=1),
                real("turned by, in degrees", -180.0..=180.0),
                whole("coordinates of the code", 2..=4),
                scale("σ²", 1e-2..=1e2),
                seed("the model and the image"),
            ])
            .with([
                [0.0, 0.0, 3.0, 0.6, 1.0],
                [0.0, 30.0, 3.0, 0.6, 1.0],
                [0.0, 90.0, 3.0, 0.6, 1.0],
                [1.0, 0.0, 3.0, 0.6, 1.0],
            ]),
        )
        .exact(GAP_TOLERANCE, |gap: &Subject<Gap>, [any, angle, latent, sigma2, number], cases| {
            let (mut model, x) =
                small_model([4.0, latent, 1.0, sigma2, number], |number| cases.rng(number));
            if any == 0.0 {
                let gram = model.decoder.t().dot(&model.decoder);
                let axes = eigen::symmetric(((&gram + &gram.t()) / 2.0).view())?.vectors;
                model.decoder = model.decoder.dot(&axes);
            }
            let turned = turned(&model, angle.to_radians());
            let elbo = best(&turned)?.terms(&Moments::of(&x)).elbo();
            let log_p = log_evidence(&turned, &x)?;
            let measured = gap.output(|gap| gap(&turned))?;
            cases.equal("", measured, log_p - elbo);
            cases.equal("log p(x) of the code not turned", log_p, log_evidence(&model, &x)?);
            if any == 0.0 && angle == 0.0 {
                cases.equal("orthogonal columns", measured, 0.0);
            }
            Ok(())
        })
        .holds_for((|model| model.diagonal_gap()) as Gap)
        .fails_for(
            "called-the-posterior",
            "The encoder's output was called p(z|x): then nothing would be lost. It is a q with independent \
             coordinates, and the posterior's are not.",
            |_| Ok(0.0),
        )
        .fails_for(
            "total-correlation",
            "This is KL(p(z|x) ‖ q) for the q with the posterior's variances: the ELBO loses the other \
             direction, KL(q ‖ p(z|x)).",
            |model| {
                let covariance = posterior_covariance(model)?;
                let mean = Array1::zeros(covariance.nrows());
                Ok(FullGaussian::new(mean, covariance.view())?.total_correlation())
            },
        )
        .fails_for(
            "marginal-variances",
            "With the posterior's own variances q is too wide: more is lost than has to be.",
            |model| {
                let covariance = posterior_covariance(model)?;
                let mean = Array1::zeros(covariance.nrows());
                let posterior = FullGaussian::new(mean.clone(), covariance.view())?;
                let q = FullGaussian::new(mean, Array2::from_diag(&covariance.diag()).view())?;
                q.kl(&posterior)
            },
        )
        .fails_for(
            "no-half",
            "The ½ is missing, as in every logarithm of a Gaussian's determinant.",
            |model| Ok(2.0 * model.diagonal_gap()?),
        )
}

/// Eigenvalues, the code's length and σ² if it is given ↦ σ² and the largest mean of log p(x)
type Likelihood = fn(&[f64], usize, Option<f64>) -> [f64; 2];

fn largest(values: &[f64], latent: usize, noise_variance: Option<f64>) -> [f64; 2] {
    let best = ProbabilisticPca::best(values, latent);
    let pca = noise_variance.map_or(best, |sigma2| ProbabilisticPca::at(values, latent, sigma2));
    [pca.noise_variance, pca.log_likelihood]
}

fn scaled(values: &[f64], factor: f64) -> Vec<f64> {
    values.iter().map(|value| factor * value).collect()
}

/// For a fixed σ² = 0.2 and 16 coordinates the same, by numpy.
const AT_A_FIFTH: (usize, f64, f64) = (16, 0.2, -17.351_697_884_033_1);

pub(super) fn reference_values() -> Claim<Likelihood> {
    claim("vae/linear-reference")
        .says(
            "The largest likelihood that probabilistic PCA reaches on the optical digits, and its σ², the \
             mean of the discarded eigenvalues, are those that another program computes for 1, 2, 4, 8, 16 and 32 \
             coordinates; and so it is for 16 and a fixed σ² = 0.2",
        )
        .settles("vae-linear", Verdict::Holds)
        .after(TIPPING)
        .for_every(domain([whole("row of the other program's", 0..=6)]))
        .exact(Tolerance::relative(1e-10), |likelihood: &Subject<Likelihood>, [row], cases| {
            let values = &digits()?.values;
            let rows = reference::digits_pca()?.cases;
            if let Some(case) = rows.get(row as usize) {
                let latent = case.count;
                let measured = likelihood.output(|likelihood| likelihood(values, latent, None));
                let expected = [case.sigma2, case.log_likelihood];
                cases.all_equal(&format!("M = {latent}: σ² and log-likelihood"), &measured, &expected);
            } else {
                let (latent, sigma2, expected) = AT_A_FIFTH;
                let [_, measured] =
                    likelihood.output(|likelihood| likelihood(values, latent, Some(sigma2)));
                cases.equal(format!("M = {latent}, σ² = {sigma2}"), measured, expected);
            }
            Ok(())
        })
        .holds_for(largest as Likelihood)
        .fails_for(
            "n-minus-one",
            "The covariance was divided by N − 1: maximum likelihood divides by N.",
            |values, latent, sigma2| largest(&scaled(values, 1797.0 / 1796.0), latent, sigma2),
        )
        .fails_for(
            "unscaled-pixels",
            "Pixels from 0 to 16 were not divided by 16: a density changes with the unit of its pixels.",
            |values, latent, sigma2| largest(&scaled(values, 256.0), latent, sigma2),
        )
        .fails_for(
            "next-eigenvalue",
            "σ² was set to the largest discarded eigenvalue: it is the mean of all of them.",
            |values, latent, sigma2| largest(values, latent, Some(sigma2.unwrap_or(values[latent]))),
        )
        .fails_for(
            "sum-of-discarded",
            "σ² is the discarded variance *a direction*: divide the sum by D − M.",
            |values, latent, sigma2| {
                let discarded = values[latent..].iter().sum();
                largest(values, latent, Some(sigma2.unwrap_or(discarded)))
            },
        )
        .fails_for(
            "all-active",
            "Every coordinate was given its eigenvalue, also where λᵢ < σ²: there wᵢ = 0, and the variance \
             is σ².",
            |values, latent, sigma2| {
                let mut answer = largest(values, latent, sigma2);
                let inactive = values[..latent].iter().filter(|&&value| value < answer[0]);
                let excess = |value: &f64| (value / answer[0]).ln() + 1.0 - value / answer[0];
                answer[1] -= 0.5 * inactive.map(excess).sum::<f64>();
                answer
            },
        )
}

/// What is known of the data, the code's length and σ² ↦ the best linear VAE
type Optimum = fn(&Moments<f64>, usize, f64) -> prob::Result<LinearVae<f64>>;

/// The number of pixels by which the optical digits are meant.
const DIGITS: f64 = 64.0;

/// Mean and covariance of some data, with its eigenvalues: of the optical digits, or of random images whose pixels have
/// different widths.
fn data(pixels: f64, mut rng: Rng) -> Result<Digits, CheckError> {
    if pixels == DIGITS {
        let Digits { moments, values } = digits()?;
        return Ok(Digits { moments: moments.clone(), values: values.clone() });
    }
    let pixels = pixels as usize;
    let widths = Array1::from_shape_fn(pixels, |i| 0.7f64.powi(i as i32));
    let moments = Moments::of(&(normals((4 * pixels, pixels), &mut rng) * &widths + 0.5));
    let values = eigen::symmetric(moments.covariance.view())?.values.to_vec();
    Ok(Digits { moments, values })
}

/// Data of a few pixels and the optical digits, and σ² below, at and above the best.
fn data_and_noise() -> [claims::Variable; 4] {
    [
        one_of("pixels, 64 for the optical digits", &[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, DIGITS]),
        one_of("M", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 16.0]),
        scale("σ² ÷ the mean of the discarded eigenvalues", 0.01..=100.0).special(&[1.0]),
        seed("the data"),
    ]
}

const FEWER_THAN_PIXELS: &str =
    "M is smaller than the number of pixels, and the optical digits have the seed 0";

/// The same model with other columns in its decoder, and the encoder that is best for them.
fn with_columns(
    model: &LinearVae<f64>,
    change: impl Fn(usize, &mut ndarray::ArrayViewMut1<'_, f64>),
) -> prob::Result<LinearVae<f64>> {
    let mut changed = model.clone();
    for (i, mut column) in changed.decoder.axis_iter_mut(Axis(1)).enumerate() {
        change(i, &mut column);
    }
    changed.with_best_encoder()
}

pub(super) fn optimum() -> Claim<Optimum> {
    claim("vae/linear-optimum")
        .says(
            "With wᵢ = √(λᵢ − σ²) uᵢ where λᵢ > σ² and 0 elsewhere the ELBO *is* the largest likelihood at this σ², \
             every derivative is 0 (that by σ² where it is the mean of the discarded eigenvalues), and coordinate i \
             carries ½ log(λᵢ/σ²) nats or none",
        )
        .settles("vae-linear", Verdict::Holds)
        .after(LUCAS)
        .for_every(
            domain(data_and_noise())
                .such_that(FEWER_THAN_PIXELS, |[pixels, latent, _, number, ..]| {
                    latent < pixels && (pixels != DIGITS || number == 0.0)
                })
                .with([[DIGITS, 8.0, 1.0, 0.0], [DIGITS, 16.0, 13.58, 0.0], [5.0, 2.0, 1.0, 1.0]]),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-11), |optimum: &Subject<Optimum>, case, cases| {
            let [pixels, latent, factor, number] = case;
            let latent = latent as usize;
            let Digits { moments, values } = data(pixels, cases.rng(number as u64))?;
            let best = ProbabilisticPca::best(&values, latent).noise_variance;
            let pca = ProbabilisticPca::at(&values, latent, factor * best);
            let figures = || -> prob::Result<(Vec<f64>, f64)> {
                let model = optimum.pick(|optimum| optimum(&moments, latent, pca.noise_variance))?;
                let LinearTerms { reconstruction, kl } = model.terms(&moments);
                let mut figures = vec![reconstruction - kl.sum()];
                figures.extend(kl);
                let mut slopes = model.gradient(&moments, 1.0);
                // A σ² that is given need not be a maximum.
                slopes.noise_log_var *= f64::from(factor == 1.0);
                let steepest = slopes.blocks_mut().concat().iter().fold(0.0, |a: f64, g| a.max(g.abs()));
                Ok((figures, steepest / (1.0 + values[0] / pca.noise_variance)))
            };
            let (measured, steepest) = optimum.output(|_| figures())?;
            let mut expected = vec![pca.log_likelihood];
            expected.extend(&pca.kl);
            cases.all_equal("ELBO, KL of each coordinate", &measured, &expected);
            cases.equal("steepest slope", steepest, 0.0);
            Ok(())
        })
        .holds_for(LinearVae::optimum as Optimum)
        .fails_for(
            "noise-not-subtracted",
            "The columns have the length √λᵢ: the noise explains σ² of that variance already, so √(λᵢ − σ²).",
            |data, latent, sigma2| {
                let model = LinearVae::optimum(data, latent, sigma2)?;
                with_columns(&model, |_, column| {
                    let square = column.dot(column);
                    *column *= if square > 0.0 { (1.0 + sigma2 / square).sqrt() } else { 1.0 };
                })
            },
        )
        .fails_for(
            "turned",
            "The columns span the right space and are not orthogonal: every p(x) is the same, and the ELBO is \
             not, because q cannot follow.",
            |data, latent, sigma2| {
                turned(&LinearVae::optimum(data, latent, sigma2)?, 0.5).with_best_encoder()
            },
        )
        .fails_for(
            "variance-for-length",
            "λᵢ − σ² is the *square* of the column's length: take its root.",
            |data, latent, sigma2| {
                let model = LinearVae::optimum(data, latent, sigma2)?;
                with_columns(&model, |_, column| *column *= column.dot(column).sqrt())
            },
        )
        .fails_for(
            "one-collapsed",
            "The first coordinate is not used, although its eigenvalue is above σ².",
            |data, latent, sigma2| {
                let model = LinearVae::optimum(data, latent, sigma2)?;
                with_columns(&model, |i, column| *column *= f64::from(i > 0))
            },
        )
        .fails_for(
            "mean-not-learned",
            "b is 0: it is the mean image, or the first code has to carry that.",
            |data, latent, sigma2| {
                let model = LinearVae::optimum(data, latent, sigma2)?;
                Ok(LinearVae { bias: Array1::zeros(data.mean.len()), ..model })
            },
        )
}

/// Eigenvalues, the code's length and σ² ↦ what no ELBO exceeds
type Ceiling = fn(&[f64], usize, f64) -> f64;

pub(super) fn ceiling() -> Claim<Ceiling> {
    claim("vae/linear-ceiling")
        .says("No linear VAE has a larger mean ELBO than probabilistic PCA has a likelihood at the same σ²")
        .settles("vae-linear", Verdict::Holds)
        .after(LUCAS)
        .for_every({
            let [pixels, latent, factor, number] = data_and_noise();
            let distance = signed("distance from the best model", 1e-5..=10.0);
            let encoder = whole("encoder: 0 its own, 1 the best", 0..=1);
            domain([pixels, latent, factor, number, distance, encoder])
                .such_that(FEWER_THAN_PIXELS, |[pixels, latent, _, number, ..]| {
                    latent < pixels && (pixels != DIGITS || number == 0.0)
                })
                .with([
                    [DIGITS, 8.0, 1.0, 0.0, 0.0, 0.0],
                    [DIGITS, 8.0, 1.0, 0.0, 0.01, 0.0],
                    [DIGITS, 16.0, 13.58, 0.0, 0.01, 1.0],
                    [DIGITS, 16.0, 13.58, 0.0, 1.0, 0.0],
                ])
        })
        .bound(Tolerance::relative(1e-10).or_absolute(1e-10), |ceiling: &Subject<Ceiling>, case, margins| {
            let [pixels, latent, factor, number, distance, encoder] = case;
            let latent = latent as usize;
            let mut rng = margins.rng(number as u64);
            let Digits { moments, values } = data(pixels, rng.clone())?;
            let sigma2 = factor * ProbabilisticPca::best(&values, latent).noise_variance;
            let top = ceiling.output(|ceiling| ceiling(&values, latent, sigma2));
            let mut model = LinearVae::optimum(&moments, latent, sigma2)?;
            let log_sigma2 = model.noise_log_var;
            for block in model.blocks_mut() {
                block.iter_mut().for_each(|x| *x += distance * rng.sample::<f64, _>(StandardNormal));
            }
            model.noise_log_var = log_sigma2;
            let model = if encoder == 1.0 { model.with_best_encoder()? } else { model };
            margins.at_least("", top, model.terms(&moments).elbo());
            Ok(())
        })
        .holds_for((|values, latent, sigma2| largest(values, latent, Some(sigma2))[1]) as Ceiling)
        .fails_for(
            "one-fewer",
            "One coordinate too few was counted: M of them are kept.",
            |values, latent, sigma2| largest(values, latent - 1, Some(sigma2))[1],
        )
        .fails_for(
            "as-many-as-fit",
            "Every coordinate was given its eigenvalue, also where λᵢ < σ²: then the best column is 0.",
            |values, latent, sigma2| {
                let excess = |value: &f64| (value / sigma2).ln() + 1.0 - value / sigma2;
                largest(values, latent, Some(sigma2))[1]
                    + 0.5 * values[..latent].iter().map(excess).sum::<f64>()
            },
        )
        .fails_for(
            "no-trace",
            "The discarded eigenvalues were counted twice: each costs ½ λᵢ/σ².",
            |values, latent, sigma2| {
                let discarded: f64 = values[latent..].iter().sum();
                largest(values, latent, Some(sigma2))[1] - 0.5 * discarded / sigma2
            },
        )
}

/// How many coordinates the model with a learned σ² has.
const LEARNED: usize = 8;
/// Steps of L-BFGS at most. Directions whose eigenvalues are nearly equal take longest to fall apart.
const STEPS: usize = 1000;

/// With a σ² that hides the smaller ones there is less to be told apart.
const FEWER_STEPS: usize = 400;

/// A start ↦ where training ends, from what is known of the data
type Training = fn(LinearVae<f64>, &Moments<f64>) -> LinearVae<f64>;

/// The coordinates of the code in the order of their columns' lengths, longest first.
///
/// At the optimum the Gram matrix WᵀW is diagonal, so no rotation is left to be undone: a start decides only
/// about the order of the columns and their signs.
fn by_length(model: &LinearVae<f64>) -> Vec<usize> {
    let gram = model.decoder.t().dot(&model.decoder);
    let mut order: Vec<usize> = (0..gram.nrows()).collect();
    order.sort_by(|&i, &j| gram[[j, j]].total_cmp(&gram[[i, i]]));
    order
}

/// The largest cosine between two columns of W that are longer than σ/10.
fn largest_cosine(model: &LinearVae<f64>) -> f64 {
    let gram = model.decoder.t().dot(&model.decoder);
    let least = 0.01 * model.noise_log_var.exp();
    let cosine = |((i, j), &g): ((usize, usize), &f64)| {
        let used = i != j && gram[[i, i]] > least && gram[[j, j]] > least;
        if used { (g * g / (gram[[i, i]] * gram[[j, j]])).sqrt() } else { 0.0 }
    };
    gram.indexed_iter().map(cosine).fold(0.0, f64::max)
}

/// Trains from five random starts and compares with what the eigenvalues say.
fn train_and_compare(
    training: &Subject<Training>,
    runs: &mut Runs<'_>,
    latent: usize,
    start: f64,
    pca: &ProbabilisticPca,
) -> Result<(), CheckError> {
    let moments = &digits()?.moments;
    let train = training.pick(|training| *training);
    let seed = runs.seed();
    let models: Vec<_> = (0..SEEDS as u64)
        .into_par_iter()
        .map(|k| {
            let mut rng = prob::random::stream(seed, [ch07_vae::purpose::WEIGHTS, k]);
            train(LinearVae::random(64, latent, start, &mut rng), moments)
        })
        .collect();
    let figures: Vec<[f64; 5]> = models.iter().map(|model| figures(model, moments, pca)).collect();
    let figure = |i: usize| -> Vec<f64> { figures.iter().map(|figures| figures[i]).collect() };
    runs.below("likelihood of probabilistic PCA − ELBO", &figure(0), 1e-2);
    runs.between("σ² ÷ its exact value", &figure(1), 0.999, 1.001);
    let active = pca.kl.iter().filter(|&&kl| kl > 0.0).count() as f64;
    runs.between("active coordinates", &figure(2), active - 0.5, active + 0.5);
    runs.between("largest error of a KL", &figure(3), -0.05, 0.05);
    runs.between("largest cosine of two columns", &figure(4), -0.2, 0.2);
    Ok(())
}

/// By how much the ELBO is smaller than the likelihood; σ² in units of its exact value; how many coordinates are active;
/// the largest error of a KL, and the largest cosine of two columns.
fn figures(model: &LinearVae<f64>, moments: &Moments<f64>, pca: &ProbabilisticPca) -> [f64; 5] {
    let LinearTerms { reconstruction, kl } = model.terms(moments);
    let order = by_length(model);
    let off = order.iter().zip(&pca.kl).map(|(&j, exact)| (kl[j] - exact).abs());
    [
        pca.log_likelihood - (reconstruction - kl.sum()),
        model.noise_log_var.exp() / pca.noise_variance,
        kl.iter().filter(|&&kl| kl > ACTIVE).count() as f64,
        off.fold(0.0, f64::max),
        largest_cosine(model),
    ]
}

/// On what the linear VAEs were trained.
fn all_digits(settings: &'static str) -> Setting {
    Setting { data: "all 1797 optical digits, values in [0, 1]", settings, runs: SEEDS as u32 }
}

/// A coordinate with a larger mean KL than this, in nats, is active: a sixth of the smallest that is.
const ACTIVE: f64 = 1e-3;

pub(super) fn learned_noise() -> Claim<Training> {
    claim("vae/linear-learned-noise")
        .says(
            "Trained with σ² from five random starts, a linear VAE of the optical digits with 8 coordinates ends within \
             0.01 nats an image of probabilistic PCA's largest likelihood: in no run a coordinate collapses, and σ² is \
             the mean of the discarded eigenvalues",
        )
        .settles("vae-linear", Verdict::Holds)
        .after(LUCAS)
        .measured(all_digits("8 coordinates, σ² learned, 1000 steps of L-BFGS from random starts"))
        .trained(|training: &Subject<Training>, runs| {
            let pca = ProbabilisticPca::best(&digits()?.values, LEARNED);
            train_and_compare(training, runs, LEARNED, 1.0, &pca)
        })
        .holds_for(
            (|start, data| Ascent { beta: 1.0, learn_noise: true, steps: STEPS }.run(start, data))
                as Training,
        )
        .fails_for(
            "squared-error",
            "The squared error ½‖x − x̂‖² was taken for −log p(x|z): that is σ² = 1, more than any \
             eigenvalue, so every coordinate collapses. Learn σ².",
            |start, data| Ascent { beta: 1.0, learn_noise: false, steps: STEPS }.run(start, data),
        )
        .fails_for(
            "mean-over-pixels",
            "The reconstruction was averaged over 64 pixels, which is the KL times 64: no eigenvalue is worth \
             that.",
            |start, data| Ascent { beta: 64.0, learn_noise: true, steps: STEPS }.run(start, data),
        )
        .fails_for(
            "beta-one-half",
            "The KL counts half: what is maximised is no bound, and σ² comes out too small.",
            |start, data| Ascent { beta: 0.5, learn_noise: true, steps: STEPS }.run(start, data),
        )
        .fails_for(
            "too-short",
            "Training stopped where the slope looked flat: the last directions differ little from each other, \
             and are found late.",
            |start, data| Ascent { beta: 1.0, learn_noise: true, steps: 60 }.run(start, data),
        )
}

pub(super) fn fixed_noise() -> Claim<Training> {
    claim("vae/linear-fixed-noise")
        .says(
            "With σ² fixed at 0.2, 7 of 16 coordinates stay active on the optical digits: those with λᵢ > σ², \
             with ½ log(λᵢ/σ²) nats each (within 0.05), from each of five random starts",
        )
        .settles("vae-linear", Verdict::Holds)
        .after(LUCAS)
        .measured(all_digits("16 coordinates, σ² = 0.2, 400 steps of L-BFGS from random starts"))
        .trained(|training: &Subject<Training>, runs| {
            let (latent, sigma2, _) = AT_A_FIFTH;
            let pca = ProbabilisticPca::at(&digits()?.values, latent, sigma2);
            train_and_compare(training, runs, latent, sigma2, &pca)
        })
        .holds_for(
            (|start, data| Ascent { beta: 1.0, learn_noise: false, steps: FEWER_STEPS }.run(start, data))
                as Training,
        )
        .fails_for(
            "sigma-for-variance",
            "σ = 0.2 was given where σ² = 0.2 was meant: σ² is then 0.04, and all 16 coordinates are used.",
            |start, data| {
                let narrow = LinearVae { noise_log_var: 2.0 * start.noise_log_var, ..start };
                Ascent { beta: 1.0, learn_noise: false, steps: FEWER_STEPS }.run(narrow, data)
            },
        )
        .fails_for(
            "beta-two",
            "The KL counts twice: a coordinate then needs λᵢ > 2σ² to be used.",
            |start, data| Ascent { beta: 2.0, learn_noise: false, steps: FEWER_STEPS }.run(start, data),
        )
        .fails_for(
            "mean-over-pixels",
            "The reconstruction was averaged over 64 pixels, which is the KL times 64: every coordinate \
             collapses.",
            |start, data| Ascent { beta: 64.0, learn_noise: false, steps: FEWER_STEPS }.run(start, data),
        )
        .fails_for(
            "too-short",
            "Training stopped before the weakest coordinates had settled: λ₇ is only 1 % above σ², and its \
             direction is almost flat.",
            |start, data| Ascent { beta: 1.0, learn_noise: false, steps: 40 }.run(start, data),
        )
}
