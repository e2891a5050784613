//! The gradient of the whole model.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim};
use ndarray::{Array2, s};
use nn::{Activation, Linear, Parameters};

use super::normal;
use super::reference::flat;
use ch09_conv_vae::{Architecture, Forward, Stage, Vae};

/// The gradient of the batch mean of −ELBO, every parameter in one list.
type Gradient = fn(&Vae<f64>, &Forward<f64>) -> Vec<f64>;

/// Two stages, of which one leaves a rest, a hidden layer, colour; tanh has no kinks to keep away from.
fn small_architecture() -> Architecture {
    Architecture {
        image: (2, 6, 5),
        stages: vec![
            Stage { channels: 3, kernel: 3, stride: 1, padding: 1 },
            Stage { channels: 2, kernel: 4, stride: 2, padding: 1 },
        ],
        hidden: vec![4],
        latent: 2,
        activation: Activation::Tanh,
    }
}

pub(super) fn gradient() -> Claim<Gradient> {
    claim("conv-vae/gradient")
        .says("The gradient of the whole convolutional VAE, by hand, is the derivative of the loss")
        .settles("sys-conv-vae", Verdict::Holds)
        // Sums of about a hundred products, in another order, through six layers.
        .exact(Tolerance::relative(1e-10).or_absolute(1e-13), |gradient: &Subject<Gradient>, cases| {
            let mut model = Vae::<f64>::new(&small_architecture(), &mut cases.rng(0))?;
            // Biases of 0 would hide what is wrong with them.
            for (i, tensor) in model.parameters_mut().into_iter().enumerate() {
                let noise = normal((1, tensor.len()), [12, i as u64]);
                tensor.iter_mut().zip(&noise).for_each(|(slot, noise)| *slot += 0.1 * noise);
            }
            let x = normal((2, 60), [13, 0]).mapv(|v| f64::from(v > 0.5));
            let noise = normal((2, 2), [14, 0]);
            let forward = model.forward(x.clone(), noise.clone());
            let measured = gradient.output(|gradient| gradient(&model, &forward));
            cases.all_equal("slope", &measured, &by_dual_numbers(&model, &x, &noise)?);
            Ok(())
        })
        .holds_for((|model, forward| flat(&model.gradient(forward, 2, 1.0))) as Gradient)
        .fails_for(
            "nonlinearity-forgotten",
            "The derivative of the nonlinearity behind the convolutions is missing: δ is multiplied by f′ before it goes \
             through the layer.",
            |model, forward| {
                let mut forgetful = model.clone();
                forgetful.activation = Activation::Identity;
                flat(&forgetful.gradient(forward, 2, 1.0))
            },
        )
        .fails_for(
            "maps-for-images",
            "The maps went into the dense layer as they lie in memory, place by place, but came back channel by channel: \
             flatten and unflatten in one order.",
            |model, forward| {
                let mut gradient = model.gradient(forward, 2, 1.0);
                let (channels, height, width) = model.transposed[0].window.coarse;
                let places = height * width;
                let layer: &mut Linear<f64> = &mut gradient.encoder.layers[0];
                let right = layer.weight.clone();
                for (c, place) in (0..channels).flat_map(|c| (0..places).map(move |p| (c, p))) {
                    let from = right.slice(s![.., c * places + place]);
                    layer.weight.slice_mut(s![.., place * channels + c]).assign(&from);
                }
                flat(&gradient)
            },
        )
        .fails_for(
            "mean-over-pixels",
            "You averaged the reconstruction over the pixels: a log-likelihood is their sum, and the KL now weighs as many \
             times too much as there are pixels.",
            |model, forward| {
                let pixels = forward.x.ncols();
                flat(&model.gradient(forward, 2 * pixels, pixels as f64))
            },
        )
        .fails_for(
            "sum-over-batch",
            "The loss is the mean over the batch; you summed, so the step grows with the batch.",
            |model, forward| flat(&model.gradient(forward, 1, 1.0)),
        )
        .fails_for(
            "negative-kl",
            "The KL has the wrong sign: the loss adds it.",
            |model, forward| flat(&model.gradient(forward, 2, -1.0)),
        )
        .fails_for(
            "without-kl",
            "The gradient of the KL is missing: that trains an autoencoder with noise in its code.",
            |model, forward| flat(&model.gradient(forward, 2, 0.0)),
        )
}

/// The derivative of the loss by dual numbers: a forward pass for each parameter, no backward pass.
fn by_dual_numbers(
    model: &Vae<f64>,
    x: &Array2<f64>,
    noise: &Array2<f64>,
) -> Result<Vec<f64>, claims::CheckError> {
    let values = flat(model);
    let mut dual = Vae::<F1>::zeros(&small_architecture())?;
    let (x_dual, noise) = (x.mapv(F1::cst), noise.mapv(F1::cst));
    let loss = |active: usize| {
        let mut parameters = values
            .iter()
            .enumerate()
            .map(|(i, &value)| if i == active { F1::var(value) } else { F1::cst(value) });
        for (_, mut tensor) in dual.tensors_mut() {
            tensor.iter_mut().zip(&mut parameters).for_each(|(slot, value)| *slot = value);
        }
        let terms = dual.terms(&dual.forward(x_dual.clone(), noise.clone()));
        -terms.elbo().iter().copied().sum::<F1>().dx / x.nrows() as f64
    };
    Ok((0..values.len()).map(loss).collect())
}
