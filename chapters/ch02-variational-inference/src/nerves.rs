//! A posterior with two modes, and one Gaussian for it: equations (2.17) to (2.20).

use prob::gaussian::log_density;
use prob::{Gaussian, Quadrature};

use crate::AscentError;

/// Nerves in an exam: z ~ N(0, 1) is how nervous a student is, from far too calm to far too tense, and
/// either costs marks: x | z ~ N(best − loss z², σ²), equation (2.17).
///
/// (The inverted U of Yerkes & Dodson 1908.) A low mark does not say which of the two it was: p(z | x) is
/// symmetric, with two modes if x < best − σ²/(2 loss).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nerves {
    /// The expected mark at z = 0.
    pub best: f64,
    /// Marks lost at z = ±1.
    pub loss: f64,
    /// Standard deviation of the noise.
    pub sigma: f64,
}

impl Default for Nerves {
    fn default() -> Self {
        Self { best: 80.0, loss: 9.0, sigma: 7.0 }
    }
}

impl Nerves {
    /// log p(x, z)
    #[must_use]
    pub fn log_joint(&self, x: f64, z: f64) -> f64 {
        log_density(z, 0.0, 0.0)
            + log_density(x, self.best - self.loss * z * z, 2.0 * self.sigma.ln())
    }

    /// log p(x) = log ∫ p(x, z) dz, by quadrature.
    ///
    /// # Errors
    /// If the integral does not converge.
    pub fn log_evidence(&self, x: f64) -> prob::Result<f64> {
        let scale = self.log_joint(x, self.mode(x));
        Ok(scale + self.integral(|z| (self.log_joint(x, z) - scale).exp())?.ln())
    }

    /// The mode of p(z | x) that is not negative: of (2.17) the derivative is zero at 0 and, if there are
    /// two modes, at z² = (best − x)/loss − σ²/(2 loss²).
    #[must_use]
    pub fn mode(&self, x: f64) -> f64 {
        let square = (self.best - x) / self.loss - 0.5 * (self.sigma / self.loss).powi(2);
        square.max(0.0).sqrt()
    }

    /// log p(z | x), given [`Nerves::log_evidence`].
    #[must_use]
    pub fn log_posterior(&self, x: f64, z: f64, log_evidence: f64) -> f64 {
        self.log_joint(x, z) - log_evidence
    }

    // ANCHOR: forward
    /// The Gaussian that minimises KL(p(z | x) ‖ q), equation (2.18): the posterior's mean, 0 by symmetry, and
    /// variance. It covers both modes, and what lies between them.
    ///
    /// # Errors
    /// If an integral does not converge.
    pub fn covering_fit(&self, x: f64) -> prob::Result<Gaussian> {
        let log_evidence = self.log_evidence(x)?;
        let posterior = |z| self.log_posterior(x, z, log_evidence).exp();
        Gaussian::new(0.0, self.integral(|z| z * z * posterior(z))?.sqrt())
    }
    // ANCHOR_END: forward

    // ANCHOR: elbo
    /// The ELBO of q = N(m, v), equation (2.19). The log-joint is a polynomial in z, so that Gaussian
    /// moments are all it takes: E z² = m² + v and E z⁴ = m⁴ + 6m²v + 3v².
    #[must_use]
    pub fn elbo(&self, x: f64, mean: f64, log_var: f64) -> f64 {
        let v = log_var.exp();
        let square = mean * mean + v;
        let fourth = mean.powi(4) + 6.0 * mean * mean * v + 3.0 * v * v;
        let lost = self.best - x;
        let squared_error =
            lost * lost - 2.0 * lost * self.loss * square + self.loss * self.loss * fourth;
        log_density(0.0, 0.0, 2.0 * self.sigma.ln())
            - 0.5 * squared_error / (self.sigma * self.sigma)
            - prob::kl::gaussian_standard(mean, log_var)
    }

    /// Its derivatives with respect to m and log v, equation (2.20).
    #[must_use]
    pub fn elbo_gradient(&self, x: f64, mean: f64, log_var: f64) -> [f64; 2] {
        let v = log_var.exp();
        let precision = 1.0 / (self.sigma * self.sigma);
        let (a, lost) = (self.loss, self.best - x);
        let by_square = precision * (lost * a - 3.0 * a * a * (mean * mean + v));
        let by_mean = 2.0 * mean * precision * (lost * a - a * a * (mean * mean + 3.0 * v)) - mean;
        [by_mean, 0.5 * (1.0 - v) + v * by_square]
    }
    // ANCHOR_END: elbo

    /// Gradient ascent on the ELBO, and so descent on KL(q ‖ p(z | x)): every (m, log v) on the way. It ends at a maximum,
    /// and which one depends on the start.
    ///
    /// Either number has a rate of its own, a fourth of one over a bound on the curvature along it: from a wide q the ELBO is
    /// so steep that any fixed rate would be too large there or too small in the end.
    ///
    /// # Errors
    /// [`AscentError::NotConverged`] after 20 000 steps.
    pub fn choosing_fit(&self, x: f64, start: [f64; 2]) -> Result<Vec<[f64; 2]>, AscentError> {
        const STEPS: usize = 20_000;
        let mut path = vec![start];
        let [mut mean, mut log_var] = start;
        let mut slope = f64::INFINITY;
        for _ in 0..STEPS {
            let gradient = self.elbo_gradient(x, mean, log_var);
            let [by_mean, by_log_var] = self.curvature_bounds(x, mean, log_var);
            let step = [0.25 * gradient[0] / by_mean, 0.25 * gradient[1] / by_log_var];
            slope = gradient[0].abs().max(gradient[1].abs());
            if step[0].abs().max(step[1].abs()) < 1e-13 {
                return Ok(path);
            }
            mean += step[0];
            log_var += step[1];
            path.push([mean, log_var]);
        }
        Err(AscentError::NotConverged { slope, steps: STEPS })
    }

    /// Bounds on the sizes of ∂²ELBO/∂m² and ∂²ELBO/∂(log v)², term by term from (2.20).
    fn curvature_bounds(&self, x: f64, mean: f64, log_var: f64) -> [f64; 2] {
        let v = log_var.exp();
        let (square, lost) = ((self.loss / self.sigma).powi(2), self.best - x);
        let linear = self.loss * lost.abs() / (self.sigma * self.sigma);
        let by_mean = 2.0 * linear + 6.0 * square * (mean * mean + v) + 1.0;
        let by_log_var = v * (linear + 3.0 * square * (mean * mean + 2.0 * v) + 0.5);
        [by_mean, by_log_var]
    }

    // ANCHOR: closed
    /// The maximum of the ELBO at a mode, mean and variance, equation (2.21); the other mode's has the mean with the other
    /// sign.
    ///
    /// Setting (2.20) to zero with m ≠ 0 leaves m² = c − 3v, where c is the square of the posterior's mode,
    /// and then 12(a/σ)²v² − 4(a/σ)²c v + 1 = 0 with a = `loss`. The smaller root is the maximum. NaN where the
    /// modes are too near to hold a Gaussian each, c < √3 σ/a.
    #[must_use]
    pub fn choosing_fit_closed_form(&self, x: f64) -> [f64; 2] {
        let c = self.mode(x).powi(2);
        let v = (c - (c * c - 3.0 * (self.sigma / self.loss).powi(2)).sqrt()) / 6.0;
        [(c - 3.0 * v).sqrt(), v]
    }

    /// The maximum between the modes, N(0, v): with m = 0, (2.20) leaves 6(a/σ)²v² + (1 − 2(best − x)a/σ²)v − 1 = 0, which
    /// has one positive root.
    #[must_use]
    pub fn middle_fit(&self, x: f64) -> [f64; 2] {
        let square = (self.loss / self.sigma).powi(2);
        let linear = 2.0 * (self.best - x) * self.loss / (self.sigma * self.sigma) - 1.0;
        let v = (linear + (linear * linear + 24.0 * square).sqrt()) / (12.0 * square);
        [0.0, v]
    }
    // ANCHOR_END: closed

    /// KL(p(z | x) ‖ q) by quadrature.
    ///
    /// # Errors
    /// If an integral does not converge.
    pub fn forward_kl(&self, x: f64, q: &Gaussian) -> prob::Result<f64> {
        let log_evidence = self.log_evidence(x)?;
        self.integral(|z| {
            let log_p = self.log_posterior(x, z, log_evidence);
            log_p.exp() * (log_p - q.log_density(z))
        })
    }

    /// KL(q ‖ p(z | x)) = log p(x) − ELBO.
    ///
    /// # Errors
    /// If an integral does not converge.
    pub fn reverse_kl(&self, x: f64, q: &Gaussian) -> prob::Result<f64> {
        Ok(self.log_evidence(x)? - self.elbo(x, q.mean(), q.log_var()))
    }

    /// ∫ f(z) dz for an f that vanishes, like the joint, outside of ±12.
    fn integral(&self, f: impl Fn(f64) -> f64) -> prob::Result<f64> {
        Ok(Quadrature::default().integrate_between(f, &[-12.0, -3.0, 0.0, 3.0, 12.0])?.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fixed rate diverged in the first and could not meet its own stopping rule in the second; the third ends between
    /// the modes.
    #[test]
    fn an_ascent_ends_from_wide_starts_and_at_steep_modes() -> Result<(), AscentError> {
        let end = |loss, sigma, lost, start| -> Result<[f64; 2], AscentError> {
            let nerves = Nerves { best: 80.0, loss, sigma };
            let path = nerves.choosing_fit(80.0 - lost, start)?;
            let [mean, log_var] = path[path.len() - 1];
            let fits =
                [nerves.middle_fit(80.0 - lost), nerves.choosing_fit_closed_form(80.0 - lost)];
            let off = fits.map(|fit| (fit[0] - mean).abs() + (fit[1] - log_var.exp()).abs());
            Ok(off)
        };
        assert!(end(2.0, 2.0, 0.0, [1.0, 1.0])?[0] < 1e-9);
        assert!(end(5.0, 2.0, 44.0, [2.8, -4.0])?[1] < 1e-9);
        assert!(end(9.0, 7.0, 20.0, [0.5, 0.0])?[0] < 1e-9);
        assert!(end(9.0, 7.0, 20.0, [1.0, -2.0])?[1] < 1e-9);
        Ok(())
    }
}
