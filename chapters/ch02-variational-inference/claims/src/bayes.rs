//! Bayes' rule on exam marks: the evidence, the posterior, and the identity that ties them.

use claims::{
    CheckError, Claim, Domain, Subject, Tolerance, Verdict, claim, domain, scale, seed, signed,
    whole,
};
use ndarray::{Array1, Array2, Axis, array};
use ndarray_rand::RandomExt;
use prob::gaussian::standard_log_density;
use prob::{FullGaussian, Quadrature};
use rand::Rng as _;
use rand_distr::StandardNormal;

use ch02_variational_inference::LinearGaussian;

pub(super) const SIGMA_AS_VARIANCE: &str = "The noise's standard deviation was used as a variance: square it \
    where the formula has σ².";
pub(super) const UNCENTRED: &str = "The marks were used as they are: subtract each subject's mean b first, for \
    only the difference says anything about the student.";
pub(super) const NO_PRIOR: &str = "The prior was left out: p(z) belongs to the joint density, and adds 1 to the \
    posterior's precision.";

/// A model of one ability, drawn at random, and the marks of one student of it: so many subjects, loadings of about `loading`
/// noises, marks counted in `unit`s.
pub(super) fn student(
    [subjects, loading, unit]: [f64; 3],
    rng: &mut claims::Rng,
) -> Result<(LinearGaussian, Array1<f64>), CheckError> {
    let mut normals = || Array1::random_using(subjects as usize, StandardNormal, rng);
    let sigma: Array1<f64> = normals().mapv(|x: f64| unit * (0.3 * x).exp());
    let weight: Array1<f64> = loading * normals() * &sigma;
    let offset: Array1<f64> = 5.0 * unit * normals();
    let model = LinearGaussian::new(weight.insert_axis(Axis(1)), offset, sigma)?;
    let x = model.sample(rng).1;
    Ok((model, x))
}

/// Marks from one ability: from one to eight of them, from ones that are all noise to ones that tell nearly all.
fn students(cases: usize) -> Domain<4> {
    domain([
        whole("number of marks", 1..=8),
        scale("loadings in units of the noise", 0.03..=10.0),
        scale("unit of the marks", 0.1..=10.0),
        seed("the model, and the marks of one of its students"),
    ])
    .cases(cases)
}

/// A model with σ in place of σ²: its `sigma` is √σ.
pub(super) fn root_sigma(model: &LinearGaussian) -> prob::Result<LinearGaussian> {
    let (loading, offset) = (model.loading().to_owned(), model.offset().to_owned());
    LinearGaussian::new(loading, offset, model.sigma().mapv(f64::sqrt))
}

/// log ∫ p(x, z) zᵏ dz/∫ … for a model with one ability, by quadrature: the evidence's logarithm, the posterior's mean and
/// variance.
fn by_quadrature(model: &LinearGaussian, x: &Array1<f64>) -> Result<[f64; 3], CheckError> {
    let log_joint = |z: f64| model.log_joint(x.view(), array![z].view()).unwrap_or(f64::NAN);
    // Break points around the peak, wherever it is: no closed form is used to find it.
    let nodes = (-60..=60).map(|i| 0.1 * f64::from(i));
    let peak = nodes.max_by(|a, b| log_joint(*a).total_cmp(&log_joint(*b))).unwrap_or(0.0);
    let scale = log_joint(peak);
    let points = [peak - 9.0, peak - 1.0, peak, peak + 1.0, peak + 9.0];
    let moment = |power: i32| -> prob::Result<f64> {
        let integrand = |z: f64| (z - peak).powi(power) * (log_joint(z) - scale).exp();
        Ok(Quadrature::default().integrate_between(integrand, &points)?.value)
    };
    let mass = moment(0)?;
    let (first, second) = (moment(1)? / mass, moment(2)? / mass);
    Ok([scale + mass.ln(), peak + first, second - first * first])
}

/// (model, x) ↦ log p(x)
type LogEvidence = fn(&LinearGaussian, &Array1<f64>) -> prob::Result<f64>;

pub(super) fn evidence() -> Claim<LogEvidence> {
    claim("variational-inference/evidence")
        .says("p(x) = ∫ p(z) p(x | z) dz is, for marks from one ability, the density N(x; b, WWᵀ + diag σ²)")
        .settles("vi-bayes", Verdict::Holds)
        .for_every(students(160))
        .exact(
            Tolerance::absolute(1e-10).because("adaptive quadrature is asked for eleven digits"),
            |of: &Subject<LogEvidence>, [marks, loading, unit, seed], cases| {
                let (model, x) = student([marks, loading, unit], &mut cases.rng(seed as u64))?;
                let measured = of.output(|log_evidence| log_evidence(&model, &x))?;
                cases.equal("log p(x)", measured, by_quadrature(&model, &x)?[0]);
                Ok(())
            },
        )
        .holds_for((|model, x| model.log_evidence(x.view())) as LogEvidence)
        .fails_for(
            "at-the-average-ability",
            "This is p(x | z) at z = 0, the most common ability; the evidence averages p(x | z) over all \
             abilities, each as often as the prior says.",
            |model, x| model.log_likelihood(x.view(), array![0.0].view()),
        )
        .fails_for(
            "at-the-best-ability",
            "This is p(x | z) at the ability that fits best; that is a likelihood, not an evidence: the \
             evidence also pays for all abilities that do not fit.",
            |model, x| model.log_likelihood(x.view(), model.posterior(x.view())?.mean()),
        )
        .fails_for(
            "joint-at-the-best-ability",
            "This is the height of p(x, z) at its peak; the evidence is the area under it, so a width is \
             missing.",
            |model, x| model.log_joint(x.view(), model.posterior(x.view())?.mean()),
        )
        .fails_for(
            "independent-marks",
            "The marks were treated as independent: they are, once z is known; the common ability gives \
             them the covariance WWᵀ off the diagonal, too.",
            |model, x| {
                let variance = model.marginal()?.covariance().diag().to_owned();
                let terms = x.iter().zip(model.offset()).zip(&variance);
                Ok(terms.map(|((x, b), v)| standard_log_density((x - b) / v.sqrt()) - 0.5 * v.ln()).sum())
            },
        )
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, |model, x| {
            root_sigma(model)?.log_evidence(x.view())
        })
        .fails_for(
            "mean-of-logs",
            "This is the prior's mean of log p(x | z); the evidence is the log of the mean, which is larger: \
             average first.",
            |model, x| {
                let at_mean = model.log_likelihood(x.view(), array![0.0].view())?;
                let spread = (&model.loading().column(0) / &model.sigma()).mapv(|w| 0.5 * w * w);
                Ok(at_mean - spread.sum())
            },
        )
}

/// (model, x) ↦ mean and variance of p(z | x)
type Posterior = fn(&LinearGaussian, &Array1<f64>) -> prob::Result<[f64; 2]>;

fn moments(posterior: &FullGaussian) -> [f64; 2] {
    [posterior.mean()[0], posterior.covariance()[[0, 0]]]
}

pub(super) fn posterior() -> Claim<Posterior> {
    claim("variational-inference/posterior")
        .says(
            "For one ability p(z | x) = p(z) p(x | z)/p(x) has the precision 1 + Σⱼ wⱼ²/σⱼ² and the mean \
             Σⱼ wⱼ(xⱼ − bⱼ)/σⱼ² over it",
        )
        .settles("vi-bayes", Verdict::Holds)
        .for_every(students(160))
        .exact(
            Tolerance::absolute(1e-10).because("adaptive quadrature is asked for eleven digits"),
            |of: &Subject<Posterior>, [marks, loading, unit, seed], cases| {
                let (model, x) = student([marks, loading, unit], &mut cases.rng(seed as u64))?;
                let measured = of.output(|posterior| posterior(&model, &x))?;
                let [_, mean, variance] = by_quadrature(&model, &x)?;
                cases.all_equal("mean, variance", &measured, &[mean, variance]);
                Ok(())
            },
        )
        .holds_for((|model, x| Ok(moments(&model.posterior(x.view())?))) as Posterior)
        .fails_for("no-prior", NO_PRIOR, |model, x| {
            let [mean, variance] = moments(&model.posterior(x.view())?);
            let precision = 1.0 / variance;
            Ok([mean * precision / (precision - 1.0), 1.0 / (precision - 1.0)])
        })
        .fails_for("uncentred", UNCENTRED, |model, x| {
            Ok(moments(&model.posterior((x + &model.offset()).view())?))
        })
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, |model, x| {
            Ok(moments(&root_sigma(model)?.posterior(x.view())?))
        })
        .fails_for(
            "all-marks-alike",
            "Every mark was given the same weight: a mark with little noise says more, so weight each by \
             wⱼ/σⱼ².",
            |model, x| {
                let mean = model.sigma().mean().unwrap_or(1.0);
                let (loading, offset) = (model.loading().to_owned(), model.offset().to_owned());
                let alike = Array1::from_elem(x.len(), mean);
                Ok(moments(&LinearGaussian::new(loading, offset, alike)?.posterior(x.view())?))
            },
        )
        .fails_for(
            "sigma-for-variance",
            "This is the posterior's standard deviation, not its variance: the variance is one over the \
             precision, without a root.",
            |model, x| {
                let [mean, variance] = moments(&model.posterior(x.view())?);
                Ok([mean, variance.sqrt()])
            },
        )
}

/// (model, x, z) ↦ log p(x), from densities at one z
type AtOnePoint = fn(&LinearGaussian, &Array1<f64>, &Array1<f64>) -> prob::Result<f64>;

/// A model with `d` abilities and seven marks, drawn at random.
pub(super) fn random_model(d: usize, rng: &mut claims::Rng) -> Result<LinearGaussian, CheckError> {
    let mut normal = || rng.sample::<f64, _>(StandardNormal);
    let loading = Array2::from_shape_simple_fn((7, d), || normal() / (d as f64).sqrt());
    let offset = Array1::from_shape_simple_fn(7, &mut normal);
    let sigma = Array1::from_shape_simple_fn(7, || (0.3 * normal()).exp());
    Ok(LinearGaussian::new(loading, offset, sigma)?)
}

/// Bayes' rule solved for p(x) holds at every z, so that no integral is needed where the posterior is known:
/// that this model's evidence can be had at any d is this identity.
pub(super) fn any_dimension() -> Claim<AtOnePoint> {
    claim("variational-inference/integrable-at-any-dimension")
        .says(
            "A high dimension of z alone does not make p(x) intractable: where everything is Gaussian, \
             log p(x) = log p(x, z) − log p(z | x) gives it at any d, from any one z",
        )
        .settles("vi-intractable", Verdict::HoldsIf)
        .for_every(
            domain([
                whole("d", 1..=60),
                signed("distance of z from 0 in each coordinate", 1e-2..=10.0),
                seed("a model of seven marks, the marks, and z's direction"),
            ])
            .with([[60.0, 1.0, 1.0]])
            .cases(120),
        )
        .exact(
            Tolerance::absolute(1e-9).because("far out two large numbers nearly cancel"),
            |of: &Subject<AtOnePoint>, [d, distance, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let model = random_model(d as usize, &mut rng)?;
                let x = model.sample(&mut rng).1;
                let direction: Array1<f64> =
                    Array1::random_using(d as usize, StandardNormal, &mut rng);
                let measured =
                    of.output(|identity| identity(&model, &x, &(distance * &direction)))?;
                cases.equal("log p(x)", measured, model.log_evidence(x.view())?);
                Ok(())
            },
        )
        .holds_for((|model, x, z| {
            let posterior = model.posterior(x.view())?;
            Ok(model.log_joint(x.view(), z.view())? - posterior.log_density(z.view())?)
        }) as AtOnePoint)
        .fails_for("no-prior", NO_PRIOR, |model, x, z| {
            let posterior = model.posterior(x.view())?;
            Ok(model.log_likelihood(x.view(), z.view())? - posterior.log_density(z.view())?)
        })
        .fails_for(
            "multiplied",
            "The posterior was multiplied: p(x, z) = p(x) p(z | x), so divide the joint by it to get p(x).",
            |model, x, z| {
                let posterior = model.posterior(x.view())?;
                Ok(model.log_joint(x.view(), z.view())? + posterior.log_density(z.view())?)
            },
        )
        .fails_for(
            "divided-by-the-prior",
            "The joint was divided by the prior, which gives p(x | z) back; divide by the posterior.",
            |model, x, z| model.log_likelihood(x.view(), z.view()),
        )
        .fails_for(
            "diagonal-posterior",
            "The posterior's off-diagonal terms were dropped: abilities that share a mark are dependent \
             once it is known.",
            |model, x, z| {
                let q = ch02_variational_inference::best_diagonal(model, x.view())?;
                Ok(model.log_joint(x.view(), z.view())? - q.log_density(z.view())?)
            },
        )
}
