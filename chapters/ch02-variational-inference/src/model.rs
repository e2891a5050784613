//! A hidden ability and its marks: equations (2.1) to (2.5).

use data::toy::ExamMarks;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use ndarray_rand::RandomExt;
use prob::cholesky::inverse;
use prob::gaussian::standard_log_density;
use prob::{Error, FullGaussian};
use rand::Rng;
use rand_distr::StandardNormal;

/// The linear-Gaussian model, equation (2.1): z ~ N(0, I) in d dimensions and
/// x | z ~ N(W z + b, diag σ²) in D.
///
/// With d = 1 it is a student's ability and the marks in D subjects ([`LinearGaussian::exam`]). Everything
/// that inference asks for has a closed form, which is why this model can be the judge of every
/// approximation in the chapter (Bishop 2006, section 12.2; with σ for each mark, it is factor analysis).
#[derive(Clone, Debug, PartialEq)]
pub struct LinearGaussian {
    loading: Array2<f64>,
    offset: Array1<f64>,
    sigma: Array1<f64>,
}

impl LinearGaussian {
    /// The model with W = `loading` (D×d), b = `offset` (length D) and the noise's standard deviations
    /// `sigma` (length D).
    ///
    /// # Errors
    /// [`Error::Dimension`] if lengths do not fit, [`Error::TooFew`] if D or d is 0, [`Error::Parameter`]
    /// for a `sigma` that is not a positive number.
    pub fn new(
        loading: Array2<f64>,
        offset: Array1<f64>,
        sigma: Array1<f64>,
    ) -> prob::Result<Self> {
        same_length("offset", loading.nrows(), offset.len())?;
        same_length("sigma", loading.nrows(), sigma.len())?;
        if loading.is_empty() {
            return Err(Error::TooFew { name: "loading", what: "a model", least: 1 });
        }
        let expected = "a finite number above 0";
        match sigma.iter().find(|s| !(s.is_finite() && **s > 0.0)) {
            Some(&value) => Err(Error::Parameter { name: "sigma", value, expected }),
            None => Ok(Self { loading, offset, sigma }),
        }
    }

    /// Exam marks from one ability.
    ///
    /// # Errors
    /// As for [`LinearGaussian::new`].
    pub fn exam(exam: &ExamMarks) -> prob::Result<Self> {
        let subjects = &exam.subjects;
        Self::new(
            Array2::from_shape_fn((subjects.len(), 1), |(j, _)| subjects[j].loading),
            exam.mean(),
            subjects.iter().map(|subject| subject.sigma).collect(),
        )
    }

    /// W, D×d.
    #[must_use]
    pub fn loading(&self) -> ArrayView2<'_, f64> {
        self.loading.view()
    }

    /// b, length D.
    #[must_use]
    pub fn offset(&self) -> ArrayView1<'_, f64> {
        self.offset.view()
    }

    /// The noise's standard deviations, length D.
    #[must_use]
    pub fn sigma(&self) -> ArrayView1<'_, f64> {
        self.sigma.view()
    }

    /// d, the dimension of z.
    #[must_use]
    pub fn latent_dimension(&self) -> usize {
        self.loading.ncols()
    }

    /// One draw: z of length d, and its x of length D.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> (Array1<f64>, Array1<f64>) {
        let mut noise = |n| Array1::random_using(n, StandardNormal, rng);
        let z = noise(self.latent_dimension());
        let x = self.loading.dot(&z) + &self.offset + &self.sigma * &noise(self.offset.len());
        (z, x)
    }

    // ANCHOR: joint
    /// log p(x | z) = Σⱼ log N(xⱼ; (W z + b)ⱼ, σⱼ²), for z of length d and x of length D.
    ///
    /// # Errors
    /// [`Error::Dimension`] if a length does not fit.
    pub fn log_likelihood(
        &self,
        x: ArrayView1<'_, f64>,
        z: ArrayView1<'_, f64>,
    ) -> prob::Result<f64> {
        same_length("x", self.offset.len(), x.len())?;
        same_length("z", self.latent_dimension(), z.len())?;
        let noise = (&x - &self.offset - self.loading.dot(&z)) / &self.sigma;
        let terms = noise.iter().zip(&self.sigma);
        Ok(terms.map(|(&e, sigma)| standard_log_density(e) - sigma.ln()).sum())
    }

    /// log p(x, z) = log p(z) + log p(x | z), equation (2.2).
    ///
    /// # Errors
    /// [`Error::Dimension`] if a length does not fit.
    pub fn log_joint(&self, x: ArrayView1<'_, f64>, z: ArrayView1<'_, f64>) -> prob::Result<f64> {
        let log_prior: f64 = z.iter().map(|&z| standard_log_density(z)).sum();
        Ok(log_prior + self.log_likelihood(x, z)?)
    }
    // ANCHOR_END: joint

    // ANCHOR: evidence
    /// p(x) = ∫ p(z) p(x | z) dz, equation (2.4): a sum of independent Gaussians is one,
    /// N(b, W Wᵀ + diag σ²).
    ///
    /// # Errors
    /// None for a model of sensible size; those of [`FullGaussian::new`].
    pub fn marginal(&self) -> prob::Result<FullGaussian> {
        let noise = Array2::from_diag(&(&self.sigma * &self.sigma));
        let covariance = self.loading.dot(&self.loading.t()) + noise;
        FullGaussian::new(self.offset.clone(), covariance.view())
    }

    /// log p(x) for x of length D, in nats.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the length does not fit.
    pub fn log_evidence(&self, x: ArrayView1<'_, f64>) -> prob::Result<f64> {
        self.marginal()?.log_density(x)
    }
    // ANCHOR_END: evidence

    // ANCHOR: posterior
    /// The precision of p(z | x), d×d, equation (2.5): I + Wᵀ diag(1/σ²) W. It does not depend on x.
    #[must_use]
    pub fn posterior_precision(&self) -> Array2<f64> {
        let scaled = self.scaled_loading();
        Array2::eye(self.latent_dimension()) + scaled.t().dot(&scaled)
    }

    /// p(z | x) = p(z) p(x | z)/p(x), equation (2.5): completing the square in z gives the precision above
    /// and the mean precision⁻¹ Wᵀ diag(1/σ²) (x − b).
    ///
    /// # Errors
    /// [`Error::Dimension`] if the length of x does not fit.
    pub fn posterior(&self, x: ArrayView1<'_, f64>) -> prob::Result<FullGaussian> {
        same_length("x", self.offset.len(), x.len())?;
        let covariance = inverse(self.posterior_precision().view())?;
        let evidence_in_x = self.scaled_loading().t().dot(&((&x - &self.offset) / &self.sigma));
        FullGaussian::new(covariance.dot(&evidence_in_x), covariance.view())
    }
    // ANCHOR_END: posterior

    /// diag(1/σ) W, D×d: loadings in units of the noise.
    fn scaled_loading(&self) -> Array2<f64> {
        let column = self.sigma.view().insert_axis(ndarray::Axis(1));
        &self.loading / &column
    }
}

pub(crate) fn same_length(name: &'static str, expected: usize, got: usize) -> prob::Result<()> {
    if expected == got { Ok(()) } else { Err(Error::Dimension { name, expected, got }) }
}
