//! What the claims are checked against, by other means than the library's: dual numbers, and integrals over z
//! in which only the density of q moves.

use autodiff::F1;
use claims::{Domain, domain, real, scale, signed};
use num_traits::Float;
use prob::gaussian::{log_density, reparameterize};
use prob::number;

use ch05_reparameterization::{Draw, LinearGaussian};

/// A draw ↦ an estimate of the bound's gradient by the mean and log σ² of q
pub(super) type Estimator = fn(&Draw) -> [f64; 2];

/// The linear-Gaussian model that draws are made in.
pub(super) const MODEL: LinearGaussian = LinearGaussian { x: 1.2, weight: 1.5, noise_var: 0.5 };

/// Any linear-Gaussian model, and any q: x, weight, τ², μ, log σ².
pub(super) fn any_model() -> Domain<5> {
    domain([
        signed("x", 1e-2..=4.0),
        signed("w", 1e-2..=2.0),
        scale("τ²", 0.2..=5.0),
        signed("μ", 1e-2..=3.0),
        real("log σ²", -4.0..=2.0),
    ])
    .with([
        [1.2, 1.5, 0.5, 0.3, -1.0],
        [-0.4, 0.7, 1.3, -0.8, 0.4],
        [2.5, -1.1, 0.8, 1.1, -2.2],
        [1.2, 1.5, 0.5, 0.0, 0.0],
    ])
}

/// The model and q of a case of that domain.
pub(super) fn at([x, weight, noise_var, mean, log_var]: [f64; 5]) -> (LinearGaussian, [f64; 2]) {
    (LinearGaussian { x, weight, noise_var }, [mean, log_var])
}

/// A model that is not linear: z ~ N(0, 1), x observed around 1.5 tanh(gain z) − 0.2 with variance 0.3.
#[derive(Clone, Copy)]
pub(super) struct Tanh {
    pub(super) x: f64,
    pub(super) gain: f64,
}

/// log p(x, z) of it.
fn tanh_log_joint<T: Float>(model: Tanh, z: T) -> T {
    let output = number::<T>(1.5) * (number::<T>(model.gain) * z).tanh() - number::<T>(0.2);
    log_density(z, T::zero(), T::zero())
        + log_density(number::<T>(model.x), output, number::<T>(0.3).ln())
}

/// A draw in that model; its slope by dual numbers.
pub(super) fn tanh_draw(model: Tanh, [mean, log_var]: [f64; 2], noise: f64) -> Draw {
    let z = reparameterize(noise, mean, log_var);
    Draw {
        mean,
        log_var,
        noise,
        slope: tanh_log_joint(model, F1::var(z)).deriv(),
        log_weight: tanh_log_joint(model, z) - log_density(z, mean, log_var),
    }
}

/// Which of log p(x, z) − log q(z)'s two dependences on the parameters the derivative goes through.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Through {
    /// z and the parameters of log q
    Both,
    /// z only
    Draw,
    /// The parameters of log q only
    Density,
}

/// The derivative of log p(x, z) − log q(z) at one draw in that model, by dual numbers.
pub(super) fn tanh_derivative(
    model: Tanh,
    [mean, log_var]: [f64; 2],
    noise: f64,
    through: Through,
) -> [f64; 2] {
    [0, 1].map(|which| {
        let moving = |i: usize, at: f64, here: bool| {
            if i == which && here { F1::var(at) } else { F1::cst(at) }
        };
        let of_draw = |i, at| moving(i, at, through != Through::Density);
        let of_density = |i, at| moving(i, at, through != Through::Draw);
        let z = reparameterize(F1::cst(noise), of_draw(0, mean), of_draw(1, log_var));
        let log_q = log_density(z, of_density(0, mean), of_density(1, log_var));
        (tanh_log_joint(model, z) - log_q).deriv()
    })
}

/// The gradient of the bound in that model as the derivative of ∫ q(z) (log p(x, z) − log q(z)) dz with z
/// fixed: no reparameterization anywhere. The trapezoidal rule has all digits for such integrands.
pub(super) fn tanh_elbo_gradient(model: Tanh, [mean, log_var]: [f64; 2]) -> [f64; 2] {
    let sigma = (0.5 * log_var).exp();
    let step = sigma / 40.0;
    [0, 1].map(|which| {
        let term = |i: i32| {
            let z = F1::cst(mean + f64::from(i) * step);
            let parameter = |k: usize, at: f64| if k == which { F1::var(at) } else { F1::cst(at) };
            let log_q = log_density(z, parameter(0, mean), parameter(1, log_var));
            (log_q.exp() * (tanh_log_joint(model, z) - log_q)).deriv()
        };
        step * (-440..=440).map(term).sum::<f64>()
    })
}
