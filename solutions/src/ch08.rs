//! Lab 8: the adversarial game.

use lab::Functions;
use ndarray::{Array1, Array2, Axis};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;
/// x, G(z), t
type Examples = (Matrix, Matrix, Vector);
/// W, b, w
type Critic = (Matrix, Vector, Vector);

/// All of them.
#[must_use]
pub fn functions() -> Functions {
    Functions::new()
        .with("hinge_losses", |(real, generated): (Vector, Vector)| hinge_losses(&real, &generated))
        .with("mode_divergence", |(points, centres): (Matrix, Matrix)| {
            mode_divergence(&points, &centres)
        })
        .with("spectral_norm", |(weight, start, iterations): (Matrix, Vector, usize)| {
            spectral_norm(&weight, &start, iterations)
        })
        .with(
            "spectral_norm_backward",
            |(weight, left, right, gradient): (Matrix, Vector, Vector, Matrix)| {
                spectral_norm_backward(&weight, &left, &right, &gradient)
            },
        )
        .with("critic_loss", |(examples, critic, penalty): (Examples, Critic, f64)| {
            let ((real, generated, mix), (weight, bias, output)) = (examples, critic);
            critic_loss(&real, &generated, &mix, &weight, &bias, &output, penalty)
        })
}

/// The hinge losses of discriminator and generator.
///
/// Two means, added, as in (8.9). Beyond the margin an example adds nothing: the discriminator is not paid for being more
/// certain than it has to be. The generator's loss has no hinge. With one, its gradient would vanish for examples that
/// already look real enough, while the discriminator goes on moving.
pub fn hinge_losses(real: &Vector, generated: &Vector) -> (f64, f64) {
    let mean = |x: Vector| x.sum() / x.len() as f64;
    let on_real = mean(real.mapv(|l| (1.0 - l).max(0.0)));
    let on_generated = mean(generated.mapv(|l| (1.0 + l).max(0.0)));
    (on_real + on_generated, -generated.sum() / generated.len() as f64)
}

/// KL(r ‖ uniform) = Σ r log(K r), over the modes that got a point.
///
/// It is log K minus the entropy of the shares. The other direction would be infinite as soon as one mode is missed: it
/// could not tell a generator that misses one from one that misses all but one.
pub fn mode_divergence(points: &Matrix, centres: &Matrix) -> f64 {
    let modes = centres.nrows();
    let mut counts = vec![0.0; modes];
    for point in points.rows() {
        let distance = |k: usize| (&point - &centres.row(k)).mapv(|x| x * x).sum();
        let nearest = (0..modes).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        if let Some(nearest) = nearest {
            counts[nearest] += 1.0;
        }
    }
    let shares =
        counts.iter().map(|count| count / points.nrows() as f64).filter(|&share| share > 0.0);
    shares.map(|share| share * (share * modes as f64).ln()).sum()
}

/// The largest singular value, by so many power iterations.
///
/// Each repetition multiplies the part of u along the largest singular vector by σ₁² and the others by smaller
/// factors, so that it takes over. Both vectors are scaled to length 1, or the product would grow with the repetitions. With
/// the new u, uᵀWv = ‖Wv‖; with the old one it would be ‖Wᵀu‖, half a repetition behind.
pub fn spectral_norm(weight: &Matrix, start: &Vector, iterations: usize) -> f64 {
    let unit = |x: Vector| {
        let length = x.dot(&x).sqrt();
        x / length
    };
    let mut left = start.clone();
    let mut right = Array1::zeros(weight.ncols());
    for _ in 0..iterations {
        right = unit(weight.t().dot(&left));
        left = unit(weight.dot(&right));
    }
    left.dot(&weight.dot(&right))
}

/// ∂L/∂W = (G − ⟨G, W̄⟩ u vᵀ)/σ with G = ∂L/∂W̄, W̄ = W/σ, and ⟨·,·⟩ the sum of the products of all entries.
///
/// σ = max uᵀWv over unit vectors, so at the maximum the derivative through u and v is zero (the envelope theorem), and
/// ∂σ/∂W = u vᵀ. The quotient rule gives dW̄ = dW/σ − W dσ/σ², hence ⟨G, dW̄⟩ = ⟨G/σ − (⟨G, W⟩/σ²) u vᵀ, dW⟩. The second part
/// takes away from the gradient what would only make W longer: ⟨∂L/∂W, W⟩ = 0.
pub fn spectral_norm_backward(
    weight: &Matrix,
    left: &Vector,
    right: &Vector,
    gradient: &Matrix,
) -> Matrix {
    let sigma = left.dot(&weight.dot(right));
    let along = (gradient * weight).sum() / sigma;
    Array2::from_shape_fn(weight.dim(), |(i, j)| {
        (gradient[[i, j]] - along * left[i] * right[j]) / sigma
    })
}

/// mean f(G(z)) − mean f(x) + λ mean (‖∇f(x̂)‖ − 1)².
///
/// The slope of tanh is 1 − tanh², so ∇f(x) = Wᵀ(w ⊙ (1 − h²)) with h = tanh(Wx + b). The penalty is two-sided, on the
/// norm and not on its square, and it is taken at each point by itself before the mean: points of slope 0 and 2 are no
/// substitute for points of slope 1. The sign: the critic is to be *large* on real examples, and this is a loss.
pub fn critic_loss(
    real: &Matrix,
    generated: &Matrix,
    mix: &Vector,
    weight: &Matrix,
    bias: &Vector,
    output: &Vector,
    penalty: f64,
) -> f64 {
    let hidden = |x: &Matrix| (x.dot(&weight.t()) + bias).tanh();
    let mean_value = |x: &Matrix| hidden(x).dot(output).sum() / x.nrows() as f64;
    let share = mix.view().insert_axis(Axis(1));
    let between = generated + &(&share * &(real - generated));
    let slopes = (hidden(&between).mapv(|h| 1.0 - h * h) * output).dot(weight);
    let excess = slopes.map_axis(Axis(1), |slope| (slope.dot(&slope).sqrt() - 1.0).powi(2));
    mean_value(generated) - mean_value(real) + penalty * excess.sum() / excess.len() as f64
}
