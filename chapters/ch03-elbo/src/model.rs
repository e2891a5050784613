//! A model with one latent number, and its bound by quadrature: equations (3.1) to (3.5), (3.8) to (3.10).

use prob::gaussian::standard_log_density;
use prob::{Gaussian, Quadrature, Result};

/// How the decoder computes the mean of x from z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decoder {
    /// weight·z
    Linear {
        /// The slope.
        weight: f64,
    },
    /// scale·tanh(slope·z + shift): the smallest network that has no closed form.
    Tanh {
        /// The weight of the output layer.
        scale: f64,
        /// The weight of the hidden layer.
        slope: f64,
        /// The bias of the hidden layer.
        shift: f64,
    },
}

// ANCHOR: model
/// z ~ N(0, 1) and x | z ~ N(decoder(z), sigma²), equation (3.1): one latent and one observed number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    /// The mean of x given z.
    pub decoder: Decoder,
    /// The standard deviation of x given z.
    pub sigma: f64,
}

impl Model {
    /// The mean of x given z.
    #[must_use]
    pub fn decode(&self, z: f64) -> f64 {
        match self.decoder {
            Decoder::Linear { weight } => weight * z,
            Decoder::Tanh { scale, slope, shift } => scale * (slope * z + shift).tanh(),
        }
    }

    /// log p(x|z)
    #[must_use]
    pub fn log_likelihood(&self, x: f64, z: f64) -> f64 {
        standard_log_density((x - self.decode(z)) / self.sigma) - self.sigma.ln()
    }

    /// log p(x, z) = log p(z) + log p(x|z)
    #[must_use]
    pub fn log_joint(&self, x: f64, z: f64) -> f64 {
        standard_log_density(z) + self.log_likelihood(x, z)
    }
}
// ANCHOR_END: model

/// Where the joint density is highest as a function of z, and how high.
struct Peak {
    at: f64,
    log_height: f64,
}

impl Model {
    // ANCHOR: evidence
    /// log p(x) = log ∫ p(z) p(x|z) dz, equation (3.2), by quadrature.
    ///
    /// # Errors
    /// If the integral does not converge.
    ///
    /// ```
    /// use ch03_elbo::{Decoder, Model};
    /// let model = Model { decoder: Decoder::Linear { weight: 1.0 }, sigma: 1.0 };
    /// let exact = prob::gaussian::log_density(1.0, 0.0, 2f64.ln()); // x ~ N(0, 2)
    /// assert!((model.log_evidence(1.0)? - exact).abs() < 1e-12);
    /// # Ok::<(), prob::Error>(())
    /// ```
    pub fn log_evidence(&self, x: f64) -> Result<f64> {
        // In units of its peak the integrand is of order 1, however improbable x is.
        let Peak { at, log_height } = self.peak(x);
        let integrand = |z| (self.log_joint(x, z) - log_height).exp();
        Ok(log_height + around(&[at], integrand)?.ln())
    }
    // ANCHOR_END: evidence

    /// log p(z|x) = log p(x, z) − log p(x), as a function of z.
    ///
    /// # Errors
    /// If the evidence's integral does not converge.
    pub fn log_posterior(&self, x: f64) -> Result<impl Fn(f64) -> f64 + use<'_>> {
        let log_evidence = self.log_evidence(x)?;
        Ok(move |z| self.log_joint(x, z) - log_evidence)
    }

    // ANCHOR: elbo
    /// The evidence lower bound by its definition, E_q\[log p(x, z) − log q(z)\], equation (3.4).
    ///
    /// # Errors
    /// If the integral does not converge.
    pub fn elbo(&self, x: f64, q: &Gaussian) -> Result<f64> {
        let log_weight = |z| self.log_joint(x, z) - q.log_density(z);
        Ok(Quadrature::default().expectation(q, log_weight)?.value)
    }
    // ANCHOR_END: elbo

    // ANCHOR: kl
    /// KL(q ‖ p(z|x)), what the bound misses, equation (3.5).
    ///
    /// Integrated as ∫ [p(z|x) − q + q log(q/p(z|x))] dz. The first two terms add up to nothing *because
    /// the posterior is normalised*, so this integral, unlike E_q\[log q − log p(x, z)\] + log p(x), is wrong
    /// where the evidence is; and its integrand is nowhere negative.
    ///
    /// # Errors
    /// If an integral does not converge.
    pub fn kl_to_posterior(&self, x: f64, q: &Gaussian) -> Result<f64> {
        let log_posterior = self.log_posterior(x)?;
        let integrand = |z| {
            let (log_p, log_q) = (log_posterior(z), q.log_density(z));
            log_p.exp() + log_q.exp() * (log_q - log_p - 1.0)
        };
        let (mean, sigma) = (q.mean(), q.sigma());
        around(&[self.peak(x).at, mean - 3.0 * sigma, mean, mean + 3.0 * sigma], integrand)
    }
    // ANCHOR_END: kl

    // ANCHOR: split
    /// E_q\[log p(x|z)\], equation (3.9): large where codes drawn from q reconstruct x well.
    ///
    /// # Errors
    /// If the integral does not converge.
    pub fn reconstruction(&self, x: f64, q: &Gaussian) -> Result<f64> {
        Ok(Quadrature::default().expectation(q, |z| self.log_likelihood(x, z))?.value)
    }

    /// The bound in its two terms, E_q\[log p(x|z)\] − KL(q ‖ p(z)), equation (3.8).
    ///
    /// # Errors
    /// If the integral does not converge.
    pub fn elbo_split(&self, x: f64, q: &Gaussian) -> Result<f64> {
        Ok(self.reconstruction(x, q)? - q.kl(&Gaussian::standard()))
    }
    // ANCHOR_END: split

    /// The highest point on a grid over twelve standard deviations of the prior, beyond which the prior
    /// is below 1e-31.
    fn peak(&self, x: f64) -> Peak {
        let start = Peak { at: 0.0, log_height: self.log_joint(x, 0.0) };
        (-240..=240).map(|i| 0.05 * f64::from(i)).fold(start, |best, at| {
            let log_height = self.log_joint(x, at);
            if log_height > best.log_height { Peak { at, log_height } } else { best }
        })
    }
}

// ANCHOR: printed
/// E_q\[log p(x|z)\] − KL(q ‖ p(z|x)): what one of the course's source documents prints as the bound's last
/// line. It is *not* the bound, equation (3.10), and may exceed log p(x).
///
/// # Errors
/// If an integral does not converge.
pub fn printed_closing_line(model: &Model, x: f64, q: &Gaussian) -> Result<f64> {
    Ok(model.reconstruction(x, q)? - model.kl_to_posterior(x, q)?)
}
// ANCHOR_END: printed

/// ∫ f(z) dz over the line, with break points where f has its mass.
fn around(points: &[f64], f: impl FnMut(f64) -> f64) -> Result<f64> {
    let mut points = points.to_vec();
    points.extend([f64::NEG_INFINITY, f64::INFINITY]);
    points.sort_by(f64::total_cmp);
    points.dedup();
    Ok(Quadrature::default().integrate_between(f, &points)?.value)
}
