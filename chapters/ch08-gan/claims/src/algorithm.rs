//! The algorithm against its five steps, written out once more.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, one_of, seed, whole};
use nn::{Activation, Adam};
use rand::Rng;
use rand_distr::StandardNormal;

use super::gradient::{
    LOSSES, Loss, Player, Position, architecture, by_dual_numbers, fill, flat, joint_gradient,
    of_discriminator, of_generator,
};
use ch08_gan::examples::noise;
use ch08_gan::{
    Architecture, Discriminator, Examples, Generator, GeneratorLoss, Settings, Trainer, purpose,
};

const STEPS: u64 = 2;
/// Of the examples and the noise of a training.
const SEED: u64 = 17;

/// What a training starts from.
#[derive(Clone)]
pub(super) struct Start {
    generator: Generator<f64>,
    discriminator: Discriminator<f64>,
    examples: Examples,
    settings: Settings,
}

/// start ↦ the parameters of discriminator and generator after two steps
type Training = fn(&Start) -> Vec<f64>;

/// tanh has no kinks to keep away from.
fn networks() -> Architecture {
    architecture(&[2, 3], Activation::Tanh)
}

/// Adam divides a derivative by its own size. One that is nearly 0 would leave a step to rounding, unless an ε larger than
/// the roundings stands beside it.
const EPSILON: f64 = 1e-2;

fn start(rng: &mut impl Rng, k: usize, loss: GeneratorLoss) -> Start {
    let architecture = networks();
    let generator = Generator::new(&architecture, rng);
    let discriminator = Discriminator::new(&architecture, rng);
    let points = ndarray::Array2::from_shape_simple_fn((20, 2), || {
        2.0 + rng.sample::<f64, _>(StandardNormal)
    });
    let adam = Adam { beta1: 0.5, epsilon: EPSILON, ..Adam::new(0.05) };
    let settings = Settings {
        batch: 4,
        k,
        loss,
        generator_adam: Adam { learning_rate: 0.03, ..adam },
        discriminator_adam: adam,
        average_decay: 0.0,
    };
    Start { generator, discriminator, examples: Examples::Points(points), settings }
}

/// In single precision, as the chapter trains.
fn trainer(start: &Start) -> Vec<f64> {
    let Start { generator, discriminator, examples, settings } = start;
    let architecture = networks();
    let (mut g, mut d) = (Generator::zeros(&architecture), Discriminator::zeros(&architecture));
    fill(&mut g.network, flat(&generator.network).into_iter().map(|x| x as f32));
    fill(&mut d.network, flat(&discriminator.network).into_iter().map(|x| x as f32));
    let mut trainer = Trainer::new(g, d, *settings);
    for _ in 0..STEPS {
        trainer.step(examples, SEED);
    }
    let both = [flat(&trainer.discriminator.network), flat(&trainer.generator.network)].concat();
    both.into_iter().map(f64::from).collect()
}

/// Adam as in the paper's Algorithm 1, on a list of numbers.
struct TextbookAdam {
    adam: Adam,
    first: Vec<f64>,
    second: Vec<f64>,
    steps: i32,
}

impl TextbookAdam {
    fn new(adam: Adam) -> Self {
        Self { adam, first: Vec::new(), second: Vec::new(), steps: 0 }
    }

    fn descend(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        let Adam { learning_rate, beta1, beta2, epsilon } = self.adam;
        self.first.resize(gradient.len(), 0.0);
        self.second.resize(gradient.len(), 0.0);
        self.steps += 1;
        for (i, g) in gradient.iter().enumerate() {
            self.first[i] = beta1 * self.first[i] + (1.0 - beta1) * g;
            self.second[i] = beta2 * self.second[i] + (1.0 - beta2) * g * g;
            let mean = self.first[i] / (1.0 - beta1.powi(self.steps));
            let square = self.second[i] / (1.0 - beta2.powi(self.steps));
            parameters[i] -= learning_rate * mean / (square.sqrt() + epsilon);
        }
    }
}

/// In which way a training departs from the algorithm; in none of them, by default.
#[derive(Clone, Copy, Default)]
struct Departure {
    same_noise: bool,
    simultaneous: bool,
    generator_first: bool,
    k_is_1: bool,
    same_batch_in_all_rounds: bool,
    moves_the_discriminator_too: bool,
    one_count_of_steps: bool,
}

/// The derivative of one player's loss.
type Derivative = fn(&Position, Loss<F1>, Player) -> Vec<f64>;

fn dual(position: &Position, loss: Loss<F1>, player: Player) -> Vec<f64> {
    by_dual_numbers(&networks(), position, loss, player)
}

fn backward(position: &Position, loss: Loss<F1>, player: Player) -> Vec<f64> {
    let [of_discriminator, of_generator] = joint_gradient(position, loss);
    match player {
        Player::Discriminator => of_discriminator,
        Player::Generator => of_generator,
    }
}

/// The five steps in double precision: 1 noise, 2 data, 3 the discriminator ascends, k times over; 4 fresh
/// noise, 5 the generator descends.
fn written_out(start: &Start, derivative: Derivative, departure: Departure) -> Vec<f64> {
    let Start { examples, settings, .. } = start;
    let batch = 0..settings.batch;
    let draw = |purpose, step, round| {
        noise(2, batch.clone(), SEED, [purpose, step, round]).mapv(f64::from)
    };
    let mut discriminator_adam = TextbookAdam::new(settings.discriminator_adam);
    let mut generator_adam = TextbookAdam::new(settings.generator_adam);
    let [mut theta_d, mut theta_g] =
        [flat(&start.discriminator.network), flat(&start.generator.network)];
    let position = |theta_d: &[f64], theta_g: &[f64], x, z| {
        let Start { mut generator, mut discriminator, .. } = start.clone();
        fill(&mut discriminator.network, theta_d.iter().copied());
        fill(&mut generator.network, theta_g.iter().copied());
        Position { generator, discriminator, x, z }
    };
    let k = if departure.k_is_1 { 1 } else { settings.k as u64 };
    for step in 0..STEPS {
        let data = |round| {
            let round = if departure.same_batch_in_all_rounds { 0 } else { round };
            examples.draw(batch.clone(), SEED, [purpose::DATA, step, round]).mapv(f64::from)
        };
        let of_noise = |round| {
            let round = if departure.same_batch_in_all_rounds { 0 } else { round };
            draw(purpose::DISCRIMINATOR_NOISE, step, round)
        };
        let last = of_noise(k - 1);
        let (old_d, old_g) = (theta_d.clone(), theta_g.clone());
        let mut ascend = |theta_d: &mut Vec<f64>, theta_g: &[f64]| {
            for round in 0..k {
                let here = position(theta_d, theta_g, data(round), of_noise(round));
                let slopes = derivative(&here, of_discriminator(), Player::Discriminator);
                discriminator_adam.descend(theta_d, &slopes);
            }
        };
        if !departure.generator_first {
            ascend(&mut theta_d, &old_g);
        }
        let z = if departure.same_noise { last } else { draw(purpose::GENERATOR_NOISE, step, 0) };
        let judge = if departure.simultaneous { &old_d } else { &theta_d };
        let here = position(judge, &theta_g, data(0), z);
        if departure.one_count_of_steps {
            generator_adam.steps += k as i32;
        }
        let loss = of_generator(settings.loss);
        generator_adam.descend(&mut theta_g, &derivative(&here, loss, Player::Generator));
        if departure.moves_the_discriminator_too {
            let slopes = derivative(&here, loss, Player::Discriminator);
            TextbookAdam::new(settings.generator_adam).descend(&mut theta_d, &slopes);
        }
        if departure.generator_first {
            ascend(&mut theta_d, &theta_g);
        }
    }
    [theta_d, theta_g].concat()
}

pub(super) fn five_steps() -> Claim<Training> {
    claim("gan/five-steps")
        .says(
            "A step of training is noise, data, the discriminator's ascent (these k times), then fresh noise and the \
             generator's descent against the discriminator that has just moved; each player with its own Adam",
        )
        .settles("gan-algorithm", Verdict::Holds)
        .for_every(
            domain([
                seed("the networks and the examples"),
                whole("k", 1..=3),
                one_of("generator's loss (0 saturating, 1 not)", &[0.0, 1.0]),
            ])
            .with([[1.0, 1.0, 1.0], [1.0, 3.0, 0.0]])
            .cases(64),
        )
        .exact(
            Tolerance::absolute(3e-6).because("the chapter trains in single precision"),
            |training: &Subject<Training>, [seed, k, loss], cases| {
                let start = start(&mut cases.rng(seed as u64), k as usize, LOSSES[loss as usize]);
                let expected = written_out(&start, dual, Departure::default());
                let measured = training.output(|training| training(&start));
                cases.all_equal("parameter", &measured, &expected);
                Ok(())
            },
        )
        .holds_for(trainer as Training)
        .fails_for(
            "same-noise",
            "The generator's step used the discriminator's noise: draw fresh noise, or the generator is judged on the very \
             points that the discriminator has just learned to reject.",
            |start| {
                let same_noise = true;
                written_out(start, backward, Departure { same_noise, ..Departure::default() })
            },
        )
        .fails_for(
            "simultaneous",
            "The generator descended against the discriminator from before its ascent: both moved at once, which in the \
             game xy spirals outwards.",
            |start| {
                let simultaneous = true;
                written_out(start, backward, Departure { simultaneous, ..Departure::default() })
            },
        )
        .fails_for(
            "generator-first",
            "The generator moved before the discriminator: the algorithm lets the discriminator answer first, so that the \
             generator descends along its latest opinion.",
            |start| {
                let generator_first = true;
                written_out(start, backward, Departure { generator_first, ..Departure::default() })
            },
        )
        .fails_for(
            "k-ignored",
            "The discriminator moved once a step whatever k is: repeat noise, data and ascent k times.",
            |start| written_out(start, backward, Departure { k_is_1: true, ..Departure::default() }),
        )
        .fails_for(
            "same-batch-in-all-rounds",
            "The k ascents used one and the same batch: each begins with new noise and new data.",
            |start| {
                let same_batch_in_all_rounds = true;
                let departure = Departure { same_batch_in_all_rounds, ..Departure::default() };
                written_out(start, backward, departure)
            },
        )
        .fails_for(
            "moves-the-discriminator-too",
            "The generator's step moved the discriminator as well: give each optimiser its own network's parameters only.",
            |start| {
                let moves_the_discriminator_too = true;
                let departure = Departure { moves_the_discriminator_too, ..Departure::default() };
                written_out(start, backward, departure)
            },
        )
        .fails_for(
            "one-count-of-steps",
            "The generator's Adam counted the discriminator's steps as well, so its bias corrections end too early: each \
             player has an optimiser, with a count, of its own.",
            |start| {
                let one_count_of_steps = true;
                let departure = Departure { one_count_of_steps, ..Departure::default() };
                written_out(start, backward, departure)
            },
        )
}
