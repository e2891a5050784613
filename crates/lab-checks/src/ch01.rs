//! Lab 1: the autoencoder.

use claims::{Rng, Subject, Tolerance};
use lab::{AnyExercise, Call, Cases, Lab, exercise};
use ndarray::{Array1, Array2, Axis, s};

use crate::numeric::{
    basis, gradient, matrix, matrix_gradient, number, numbers, rounded, vector, vertex,
};

type Matrix = Array2<f64>;
type Vector = Array1<f64>;

/// The exercises, in the order of the student's file.
pub(crate) fn lab() -> Lab {
    Lab::new("ch01", "autoencoder", "The autoencoder, further")
        .exercise(kept_share())
        .exercise(contractive_penalty())
        .exercise(white_code())
        .exercise(denoising_floor())
        .exercise(contractive_gradient())
}

fn kept_share() -> impl AnyExercise {
    // Sums of a few positive numbers: some roundings of 1e-16.
    exercise("kept_share")
        .title("How much of the variance does a code keep?")
        .arguments("eigenvalues, code")
        .minutes(5)
        .points(1)
        .hints(&[
            "Which M directions are best? The text before (1.8) says which eigenvalues they have.",
            "Eigenvalues are variances along orthogonal directions, so they add: nothing has to \
             be squared or rooted.",
            "Sort a copy, largest first; divide the sum of its first M by the sum of all.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<(Vec<f64>, usize), f64>>, cases| {
                let mut inputs = vec![
                    (vec![1.0, 4.0, 3.0, 2.0], 2),
                    (vec![0.5, 6.0, 1.0, 2.5], 1),
                    // One alone, none and all of several, one that is 0, two that are equal.
                    (vec![2.5], 1),
                    (vec![0.5, 2.0], 0),
                    (vec![0.5, 2.0, 1.0], 3),
                    (vec![0.0, 3.0, 3.0, 1.0], 1),
                ];
                let mut rng = cases.rng(0);
                for size in 3..8 {
                    inputs.push((numbers(&mut rng, size, 0.1, 9.0), size / 2));
                }
                for (values, code) in inputs {
                    let share = student.output(|f| f.call(&(values.clone(), code)))?;
                    // The best choice of M directions, by trying all choices.
                    let choices =
                        (0u32..1 << values.len()).filter(|c| c.count_ones() as usize == code);
                    let kept = |c: u32| -> f64 {
                        (0..values.len()).filter(|i| c >> i & 1 == 1).map(|i| values[i]).sum()
                    };
                    let best = choices.map(kept).fold(0.0, f64::max) / values.iter().sum::<f64>();
                    cases.equal("", share, best);
                }
                Ok(())
            },
        )
        .mistaken(
            "first-not-largest",
            "You kept the first M eigenvalues as they came; sort them first, largest first.",
            |(values, code): (Vec<f64>, usize)| {
                values[..code].iter().sum::<f64>() / values.iter().sum::<f64>()
            },
        )
        .mistaken(
            "smallest",
            "You kept the M smallest eigenvalues; sort in descending order, because the best \
             directions have the largest variances.",
            |(mut values, code): (Vec<f64>, usize)| {
                values.sort_by(f64::total_cmp);
                values[..code].iter().sum::<f64>() / values.iter().sum::<f64>()
            },
        )
        .mistaken(
            "lost-share",
            "This is the share that the code loses, the floor (1.8) over all; return the share \
             that it keeps, which is 1 minus that.",
            |(mut values, code): (Vec<f64>, usize)| {
                values.sort_by(|a, b| b.total_cmp(a));
                values[code..].iter().sum::<f64>() / values.iter().sum::<f64>()
            },
        )
        .mistaken(
            "standard-deviations",
            "You added roots of eigenvalues, standard deviations; variances along orthogonal \
             directions add, so add the eigenvalues themselves.",
            |(mut values, code): (Vec<f64>, usize)| {
                values.sort_by(|a, b| b.total_cmp(a));
                let total: f64 = values.iter().map(|v| v.sqrt()).sum();
                values[..code].iter().map(|v| v.sqrt()).sum::<f64>() / total
            },
        )
}

/// An encoder and an image: W, b and x.
type Encoder = (Matrix, Vector, Vector);

/// Encoders from one weight to three codes of four pixels; entries small enough that no tanh saturates.
fn encoders(rng: &mut Rng) -> Vec<Encoder> {
    let mut encoders = vec![
        (Matrix::from_elem((1, 1), 2.0), Vector::zeros(1), Vector::zeros(1)),
        (Matrix::from_elem((1, 1), 2.0), Vector::zeros(1), Vector::from_elem(1, 0.5)),
    ];
    for shape in [(1, 2), (2, 1), (2, 2), (2, 3), (3, 4)] {
        let weight = matrix(rng, shape, -0.8, 0.8);
        let bias = vector(rng, shape.0, -0.3, 0.5);
        encoders.push((weight, bias, vector(rng, shape.1, -0.4, 1.0)));
    }
    encoders
}

/// z = tanh(W x + b)
fn codes((weight, bias, image): &Encoder) -> Vector {
    (weight.dot(image) + bias).mapv(f64::tanh)
}

/// Σᵢⱼ (∂zᵢ/∂xⱼ)² by differences of the codes.
fn penalty_by_differences((weight, bias, image): &Encoder) -> f64 {
    let derivatives =
        |i: usize| gradient(|x| codes(&(weight.clone(), bias.clone(), x.clone()))[i], image);
    (0..bias.len()).map(|i| derivatives(i).mapv(|d| d * d).sum()).sum()
}

/// ‖Wᵢ‖², the squared length of each row.
fn lengths(weight: &Matrix) -> Vector {
    weight.mapv(|w| w * w).sum_axis(Axis(1))
}

fn contractive_penalty() -> impl AnyExercise {
    // Differences are off by 1e-13 or so.
    exercise("contractive_penalty")
        .title("How much does a code move when its image does?")
        .arguments("weight, bias, image")
        .minutes(10)
        .points(1)
        .hints(&[
            "Write down one derivative ∂zᵢ/∂xⱼ with the chain rule: an outer derivative times an \
             inner one.",
            "tanh′(a) = 1 − tanh²(a), which is 1 − zᵢ²: the code itself is all you need.",
            "Square the product and add over j first: the squared length of row i of W appears, \
             times (1 − zᵢ²)².",
        ])
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-11),
            |student: &Subject<Call<Encoder, f64>>, cases| {
                for encoder in encoders(&mut cases.rng(0)) {
                    let penalty = student.output(|f| f.call(&encoder))?;
                    cases.equal("", penalty, penalty_by_differences(&encoder));
                }
                Ok(())
            },
        )
        .mistaken(
            "slope-not-squared",
            "You squared the weights but not tanh′; the derivative ∂zᵢ/∂xⱼ is squared as a \
             whole, so 1 − zᵢ² is squared too.",
            |encoder: Encoder| codes(&encoder).mapv(|z| 1.0 - z * z).dot(&lengths(&encoder.0)),
        )
        .mistaken(
            "tanh-twice",
            "You took 1 − tanh²(zᵢ), the slope at the code instead of at what enters the tanh; \
             the slope is 1 − zᵢ².",
            |encoder: Encoder| {
                let slope = codes(&encoder).mapv(|z| 1.0 - z.tanh() * z.tanh());
                slope.mapv(|h| h * h).dot(&lengths(&encoder.0))
            },
        )
        .mistaken(
            "weights-only",
            "This is Σ Wᵢⱼ², which ignores that the tanh flattens; multiply each row's share by \
             (1 − zᵢ²)².",
            |encoder: Encoder| lengths(&encoder.0).sum(),
        )
        .mistaken(
            "root-taken",
            "You returned the root of the sum, the length; the penalty is the sum of the squares \
             itself.",
            |encoder: Encoder| {
                codes(&encoder).mapv(|z| (1.0 - z * z).powi(2)).dot(&lengths(&encoder.0)).sqrt()
            },
        )
}

type Layer = (Matrix, Vector);
type Components = (Vector, Vector, Matrix);

fn white_code() -> impl AnyExercise {
    // Products of a few matrices with entries of some units: roundings of 1e-15.
    exercise("white_code")
        .title("A code that is N(0, I) by construction")
        .arguments("mean, eigenvalues, components")
        .minutes(15)
        .points(2)
        .hints(&[
            "Which covariance have the numbers V_Mᵀ(x − μ)? (1.6) tells.",
            "You want an A with A diag(λ) Aᵀ = I. A diagonal A will do.",
            "A = diag(1/√λ). Put it into (1.9), A⁻¹ in the decoder too.",
        ])
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-12),
            |student: &Subject<Call<Components, (Layer, Layer)>>, cases| {
                let one = |x| Vector::from_elem(1, x);
                let line = (one(3.0), one(4.0), Matrix::eye(1));
                white_case(student, cases, &line, &Vector::zeros(0))?;
                let mut rng = cases.rng(0);
                for (pixels, code) in [(2, 1), (2, 2), (3, 2), (5, 3)] {
                    let mean = vector(&mut rng, pixels, -1.0, 2.0);
                    // The largest first.
                    let values: Vector = (0..pixels)
                        .rev()
                        .map(|i| rounded(i as f64 + number(&mut rng, 1.2, 1.8)))
                        .collect();
                    let basis = basis(&mut rng, pixels);
                    let (kept, discarded) = (values.slice(s![..code]), values.slice(s![code..]));
                    let input = (mean, kept.to_owned(), basis);
                    white_case(student, cases, &input, &discarded.to_owned())?;
                }
                Ok(())
            },
        )
        .mistaken(
            "variance-for-deviation",
            "You divided by λ, so the codes have the covariance 1/λ; divide by the standard \
             deviation √λ.",
            |input: Components| scaled(&input, |value| value),
        )
        .mistaken(
            "wrong-way",
            "You multiplied by √λ in the encoder, which makes the variances λ²; divide there, \
             and multiply in the decoder.",
            |input: Components| scaled(&input, |value| 1.0 / value.sqrt()),
        )
        .mistaken(
            "decoder-not-undone",
            "The codes are right, but the decoder does not undo the scaling; W₂ = V_M A⁻¹, not \
             V_M.",
            |input: Components| {
                let (encoder, (_, bias)) = scaled(&input, f64::sqrt);
                (encoder, (input.2, bias))
            },
        )
        .mistaken(
            "mean-left-in",
            "Your codes have the mean W₁μ, because b₁ is 0; subtract it, b₁ = −W₁μ.",
            |input: Components| {
                let ((weight, bias), decoder) = scaled(&input, f64::sqrt);
                ((weight, 0.0 * bias), decoder)
            },
        )
        .mistaken(
            "unscaled",
            "This is plain PCA, A = I: the codes have the variances λ; choose A so that all of \
             them are 1.",
            |input: Components| scaled(&input, |_| 1.0),
        )
}

/// (1.9) for A = diag(1/scale(λ)).
fn scaled((mean, values, vectors): &Components, scale: impl Fn(f64) -> f64) -> (Layer, Layer) {
    let scale = values.mapv(scale);
    let encoder = (vectors / &scale).reversed_axes();
    let bias = -encoder.dot(mean);
    ((encoder, bias), (vectors * &scale, mean.clone()))
}

/// What (1.9) and whiteness say of the answer, one number after the other. `input` holds a whole basis, of which
/// the student gets the first columns; `discarded` are the other eigenvalues.
fn white_case(
    student: &Subject<Call<Components, (Layer, Layer)>>,
    cases: &mut Cases<'_>,
    (mean, kept, basis): &Components,
    discarded: &Vector,
) -> claims::Check {
    let (pixels, code) = (mean.len(), kept.len());
    let vectors = basis.slice(s![.., ..code]).to_owned();
    let input = (mean.clone(), kept.clone(), vectors.clone());
    let ((w1, b1), (w2, b2)) = student.output(|f| f.call(&input))?;
    let shapes = [
        cases.has_shape("W₁", &w1, &[code, pixels]),
        cases.has_shape("b₁", &b1, &[code]),
        cases.has_shape("W₂", &w2, &[pixels, code]),
        cases.has_shape("b₂", &b2, &[pixels]),
    ];
    if shapes != [true; 4] {
        return Ok(());
    }
    let values = Vector::from_iter(kept.iter().chain(discarded).copied());
    let covariance = (basis * &values).dot(&basis.t());
    let of_codes = w1.dot(&covariance).dot(&w1.t());
    cases.equal_matrices("the codes' covariance", &of_codes, &Matrix::eye(code));
    let zero = Vector::zeros(code);
    let mean_code = w1.dot(mean) + &b1;
    cases.equal_lists("the codes' mean", &mean_code, &zero);
    // What comes back of a point is its projection: the part of x − μ along each component, added up.
    let image = mean + &Vector::from_iter((0..pixels).map(|i| 1.0 + 0.5 * i as f64));
    let mut projection = mean.clone();
    for component in vectors.columns() {
        let along = component.dot(&(&image - mean));
        projection.scaled_add(along, &component);
    }
    let back = w2.dot(&(w1.dot(&image) + &b1)) + &b2;
    cases.equal_lists(&format!("for x = {:?} the x̂", image.to_vec()), &back, &projection);
    Ok(())
}

/// The eigenvalues, M and σ.
type Noisy = (Vec<f64>, usize, f64);

fn denoising_floor() -> impl AnyExercise {
    // Sums of a few positive numbers; a vertex from three values is off by some roundings.
    exercise("denoising_floor")
        .title("The floor with noise")
        .arguments("eigenvalues, code, sigma")
        .minutes(25)
        .points(3)
        .hints(&[
            "Let B have the eigenvalue β along an eigenvector of Σ with eigenvalue λ. What does \
             this direction contribute to the loss?",
            "(1 − β)²λ + β²σ². At β = 0 that is λ. For which β is it least?",
            "β = λ/(λ + σ²) leaves λσ²/(λ + σ²). Only M directions may have a β that is not 0: \
             which of them gain most?",
        ])
        .exact(Tolerance::relative(1e-12), |student: &Subject<Call<Noisy, f64>>, cases| {
            let mut inputs = vec![
                (vec![1.0], 1, 1.0),
                (vec![3.0, 1.0], 1, 2.0),
                (vec![2.0, 0.5], 2, 0.5),
                // No code at all, and a direction in which nothing varies.
                (vec![2.0, 0.5], 0, 0.5),
                (vec![1.5, 0.0], 2, 0.8),
            ];
            let mut rng = cases.rng(0);
            for size in 3..7 {
                let mut values = numbers(&mut rng, size, 0.1, 6.0);
                values.sort_by(|a, b| b.total_cmp(a));
                inputs.push((values, size / 2, numbers(&mut rng, 1, 0.3, 0.9)[0]));
            }
            for (values, code, sigma) in inputs {
                let floor = student.output(|f| f.call(&(values.clone(), code, sigma)))?;
                cases.equal("", floor, least_denoising_loss(&values, code, sigma));
            }
            Ok(())
        })
        .mistaken(
            "projection",
            "You projected without shrinking, β = 1, so that σ² comes through along each kept \
             direction; the best β is less than 1.",
            |(values, code, sigma): Noisy| {
                code as f64 * sigma * sigma + values[code..].iter().sum::<f64>()
            },
        )
        .mistaken(
            "sigma-for-variance",
            "You used σ where the variance σ² belongs.",
            |(values, code, sigma): Noisy| {
                let (kept, lost) = values.split_at(code);
                kept.iter().map(|l| l * sigma / (l + sigma)).sum::<f64>() + lost.iter().sum::<f64>()
            },
        )
        .mistaken(
            "noise-forgotten",
            "This is the floor (1.8) for clean inputs; the noise enters along the kept \
             directions and costs something there.",
            |(values, code, _): Noisy| values[code..].iter().sum::<f64>(),
        )
        .mistaken(
            "noise-reconstructed",
            "You added σ² for every direction, as if x̂ were compared with the noisy image; it \
             is compared with the clean one.",
            |(values, code, sigma): Noisy| {
                values[code..].iter().sum::<f64>() + values.len() as f64 * sigma * sigma
            },
        )
}

/// The least loss over all choices of M directions, each with its best β: where the parabola has its vertex.
fn least_denoising_loss(values: &[f64], code: usize, sigma: f64) -> f64 {
    let along = |value: f64, beta: f64| (1.0 - beta).powi(2) * value + (beta * sigma).powi(2);
    let loss = |choice: u32| -> f64 {
        let of = |(i, &value): (usize, &f64)| {
            let kept = choice >> i & 1 == 1;
            along(value, if kept { vertex(|beta| along(value, beta)) } else { 0.0 })
        };
        values.iter().enumerate().map(of).sum()
    };
    let choices = (0u32..1 << values.len()).filter(|c| c.count_ones() as usize == code);
    choices.map(loss).fold(f64::INFINITY, f64::min)
}

fn contractive_gradient() -> impl AnyExercise {
    // Differences of the penalty's closed form are off by 1e-13 or so.
    exercise("contractive_gradient")
        .title("The gradient of the contractive penalty")
        .arguments("weight, bias, image")
        .minutes(30)
        .points(4)
        .hints(&[
            "Row by row: P = Σᵢ hᵢ² nᵢ with hᵢ = 1 − zᵢ² and nᵢ = ‖Wᵢ‖². Which of the two \
             factors depend on bᵢ, which on Wᵢⱼ?",
            "∂nᵢ/∂Wᵢⱼ = 2Wᵢⱼ. For hᵢ² use the chain rule down to aᵢ = Wᵢ·x + bᵢ: from hᵢ² to hᵢ, \
             from hᵢ to zᵢ, from zᵢ to aᵢ.",
            "∂hᵢ²/∂aᵢ = 2hᵢ · (−2zᵢ) · hᵢ. Then ∂aᵢ/∂bᵢ = 1 and ∂aᵢ/∂Wᵢⱼ = xⱼ.",
        ])
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-10),
            |student: &Subject<Call<Encoder, Layer>>, cases| {
                for encoder in encoders(&mut cases.rng(0)) {
                    let (by_weight, by_bias) = student.output(|f| f.call(&encoder))?;
                    let (weight, bias, image) = &encoder;
                    let penalty = |w: &Matrix, b: &Vector| {
                        let slope = (w.dot(image) + b).mapv(|a| a.cosh().powi(-4)); // tanh′ = 1/cosh²
                        slope.dot(&lengths(w))
                    };
                    let expected = matrix_gradient(|w| penalty(w, bias), weight);
                    cases.equal_matrices("∂P/∂W", &by_weight, &expected);
                    let expected = gradient(|b| penalty(weight, b), bias);
                    cases.equal_lists("∂P/∂b", &by_bias, &expected);
                }
                Ok(())
            },
        )
        .mistaken(
            "slope-held",
            "You differentiated the weights in ∂z/∂x but held tanh′ fixed; it changes too, \
             because W and b move the place at which it is taken.",
            |encoder: Encoder| {
                let (by_weight, _) = shares(&encoder);
                (by_weight, Vector::zeros(encoder.1.len()))
            },
        )
        .mistaken(
            "weights-held",
            "∂P/∂b is right, but in ∂P/∂W only the change of tanh′ is there; add 2 hᵢ² Wᵢⱼ, from \
             the weights in ∂z/∂x themselves.",
            |encoder: Encoder| {
                let (_, by_bias) = shares(&encoder);
                (outer(&by_bias, &encoder.2), by_bias)
            },
        )
        .mistaken(
            "slope-of-slope",
            "You stopped the chain at zᵢ: ∂hᵢ/∂zᵢ = −2zᵢ has to be multiplied by ∂zᵢ/∂aᵢ = hᵢ \
             once more.",
            |encoder: Encoder| {
                let (by_weight, by_bias) = shares(&encoder);
                let short = by_bias / codes(&encoder).mapv(|z| 1.0 - z * z);
                (by_weight + outer(&short, &encoder.2), short)
            },
        )
        .mistaken(
            "image-forgotten",
            "∂aᵢ/∂Wᵢⱼ is the pixel xⱼ, not 1: multiply the share that comes through tanh′ by it.",
            |encoder: Encoder| {
                let (by_weight, by_bias) = shares(&encoder);
                let ones = Vector::ones(encoder.2.len());
                (by_weight + outer(&by_bias, &ones), by_bias)
            },
        )
}

/// The two shares of the gradient: by the weights at constant tanh′, and by the place at which it is taken.
fn shares(encoder: &Encoder) -> Layer {
    let codes = codes(encoder);
    let square = codes.mapv(|z| (1.0 - z * z).powi(2));
    let direct = 2.0 * &encoder.0 * square.clone().insert_axis(Axis(1));
    (direct, -4.0 * square * codes * lengths(&encoder.0))
}

/// The matrix aᵢ bⱼ.
fn outer(a: &Vector, b: &Vector) -> Matrix {
    a.clone().insert_axis(Axis(1)) * b
}
