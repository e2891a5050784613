//! The settings of a training run: what was given, what is usual for the data, what is remembered.

use anyhow::{Context, Result, bail};
use ch07_vae::{Bound, Gradient, KlTerm, Likelihood, Objective};
use nn::{Activation, Adam, cosine};
use run::resume::{unchanged, unchanged_data, unchanged_quick, unchanged_widths};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cli::{LikelihoodName, Preset, Schedule, TrainArguments};
use super::corpus::GRID;

/// The data of a run of a few seconds.
const QUICK: &str = "optdigits";

/// All that decides the bytes of the trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) data: String,
    pub(super) hidden: Vec<usize>,
    pub(super) latent: usize,
    pub(super) activation: Activation,
    pub(super) likelihood: Likelihood,
    pub(super) objective: Objective,
    pub(super) epochs: usize,
    pub(super) batch: usize,
    pub(super) learning_rate: f64,
    pub(super) schedule: Schedule,
    pub(super) bias_from_means: bool,
    pub(super) seed: u64,
}

impl Settings {
    /// What the arguments say, and where they are silent what is usual for the preset or the data.
    pub(super) fn new(given: &TrainArguments) -> Result<Self> {
        let usual_data = if given.quick { QUICK } else { "mnist" };
        let data = given.data.clone().unwrap_or_else(|| usual_data.to_owned());
        let usual = match (given.preset, data.as_str()) {
            (Some(Preset::IwaePaper), _) => Usual::iwae_paper(),
            (None, QUICK) => Usual { hidden: vec![128], latent: 8, epochs: 400, ..Usual::mnist() },
            (None, GRID) => Usual {
                hidden: vec![128],
                latent: 2,
                activation: Activation::Tanh,
                epochs: 100,
                batch: 32,
                ..Usual::mnist()
            },
            (None, _) => Usual::mnist(),
        };
        let usual_epochs = if given.quick { usual.epochs.min(200) } else { usual.epochs };
        let settings = Self {
            likelihood: likelihood(given, &data)?,
            objective: objective(given)?,
            data,
            hidden: given.hidden.clone().unwrap_or(usual.hidden),
            latent: given.latent.unwrap_or(usual.latent),
            activation: given.activation.unwrap_or(usual.activation),
            epochs: given.epochs.unwrap_or(usual_epochs),
            batch: given.batch.unwrap_or(usual.batch),
            learning_rate: given.lr.unwrap_or(usual.learning_rate),
            schedule: given.schedule.unwrap_or(usual.schedule),
            bias_from_means: given.bias_from_means || usual.bias_from_means,
            seed: given.seed.unwrap_or(1),
        };
        if settings.bias_from_means && settings.likelihood != Likelihood::Bernoulli {
            bail!(
                "--bias-from-means sets logits of Bernoulli pixels, but the likelihood is {}: \
                 leave it out",
                settings.likelihood
            );
        }
        Ok(settings)
    }

    /// The settings of an interrupted run, to go on with. Only the number of epochs may be new, and
    /// only where the learning rate does not depend on it.
    pub(super) fn resumed(self, given: &TrainArguments) -> Result<Self> {
        unchanged_quick(given.quick && given.data.is_none(), QUICK, &self.data)?;
        unchanged_data(given.data.as_ref(), &self.data)?;
        unchanged_widths("--hidden", given.hidden.as_deref(), &self.hidden)?;
        unchanged("--latent", given.latent.as_ref(), &self.latent)?;
        unchanged("--activation", given.activation.as_ref(), &self.activation)?;
        unchanged("--batch", given.batch.as_ref(), &self.batch)?;
        unchanged("--lr", given.lr.as_ref(), &self.learning_rate)?;
        unchanged("--seed", given.seed.as_ref(), &self.seed)?;
        unchanged("--schedule", given.schedule.map(name).as_ref(), &name(self.schedule))?;
        let Objective { bound, particles, gradient, kl, beta } = &self.objective;
        unchanged("--objective", given.objective.map(name).as_ref(), &name(*bound))?;
        unchanged("--particles", given.particles.as_ref(), particles)?;
        unchanged("--gradient", given.gradient.map(name).as_ref(), &name(*gradient))?;
        unchanged("--kl", given.kl.map(name).as_ref(), &name(*kl))?;
        unchanged("--beta", given.beta.as_ref(), beta)?;
        if given.likelihood.is_some() || given.sigma.is_some() {
            let asked = likelihood(given, &self.data)?.to_string();
            unchanged("--likelihood", Some(&asked), &self.likelihood.to_string())?;
        }
        let epochs = given.epochs.unwrap_or(self.epochs);
        if self.schedule == Schedule::Cosine {
            unchanged("--epochs", Some(&epochs), &self.epochs).context(
                "the cosine schedule spreads the learning rate over the whole run, so its length \
                 is fixed",
            )?;
        }
        Ok(Self { epochs, ..self })
    }

    /// Adam's settings in epoch `number`, counted from 1.
    pub(super) fn adam(&self, number: usize) -> Adam {
        Adam::new(match self.schedule {
            Schedule::Constant => self.learning_rate,
            Schedule::Cosine => cosine(self.learning_rate, number as u64 - 1, self.epochs as u64),
        })
    }
}

/// The objective that the arguments ask for.
fn objective(given: &TrainArguments) -> Result<Objective> {
    let bound = given.objective.unwrap_or(Bound::Elbo);
    let gradient = given.gradient.unwrap_or(Gradient::Total);
    let closed_form = bound == Bound::Elbo && gradient == Gradient::Total;
    let objective = Objective {
        bound,
        particles: given.particles.unwrap_or(if bound == Bound::Iwae { 5 } else { 1 }),
        gradient,
        kl: given.kl.unwrap_or(if closed_form { KlTerm::Analytic } else { KlTerm::Sampled }),
        beta: given.beta.unwrap_or(1.0),
    };
    objective.check()?;
    Ok(objective)
}

/// The likelihood that the arguments ask for. D1's description of its toy set says no width; it gets a
/// quarter of the data's unit, half the distance of the grid's lines.
fn likelihood(given: &TrainArguments, data: &str) -> Result<Likelihood> {
    let points = data == GRID;
    let usual = if points { LikelihoodName::Gaussian } else { LikelihoodName::Bernoulli };
    match given.likelihood.unwrap_or(usual) {
        LikelihoodName::Gaussian => {
            let usual = if points { 0.25 } else { 0.1 };
            Ok(Likelihood::Gaussian { sigma: given.sigma.unwrap_or(usual) })
        }
        _ if given.sigma.is_some() => {
            bail!("--sigma is the width of the Gaussian likelihood: add --likelihood gaussian")
        }
        name if points => bail!(
            "{GRID} has points of the plane, and --likelihood {} is for values from 0 to 1: \
             choose gaussian",
            self::name(name)
        ),
        LikelihoodName::Bernoulli => Ok(Likelihood::Bernoulli),
        LikelihoodName::ContinuousBernoulli => Ok(Likelihood::ContinuousBernoulli),
    }
}

/// The name of a choice, in files and on the command line.
fn name(choice: impl Serialize) -> String {
    let name = serde_json::to_value(choice).ok();
    name.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

struct Usual {
    hidden: Vec<usize>,
    latent: usize,
    activation: Activation,
    epochs: usize,
    batch: usize,
    learning_rate: f64,
    schedule: Schedule,
    bias_from_means: bool,
}

impl Usual {
    fn mnist() -> Self {
        Self {
            hidden: vec![400],
            latent: 20,
            activation: Activation::Relu,
            epochs: 20,
            batch: 128,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            bias_from_means: false,
        }
    }

    /// The paper's model. Its optimiser took batches of 20 for 3280 epochs, with a learning rate that
    /// went down from 1e-3 to 1e-4 in eight stages and ε = 1e-4.
    fn iwae_paper() -> Self {
        Self {
            hidden: vec![200, 200],
            latent: 50,
            activation: Activation::Tanh,
            epochs: 1600,
            batch: 128,
            learning_rate: 2e-3,
            schedule: Schedule::Cosine,
            bias_from_means: true,
        }
    }
}
