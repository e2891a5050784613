//! The training step: the same bytes however it is divided, and resumed from anywhere.

use ch08_gan::{
    Architecture, Discriminator, Examples, Generator, GeneratorLoss, Settings, Trainer, purpose,
};
use data::toy::Ring;
use nn::{Activation, Adam};
use prob::random::stream;

fn trainer(k: usize) -> Trainer {
    let architecture = Architecture {
        data: 2,
        latent: 3,
        hidden: vec![16, 24],
        activation: Activation::LeakyRelu,
        generator_output: Activation::Identity,
    };
    let adam = Adam { beta1: 0.5, ..Adam::new(1e-3) };
    let settings = Settings {
        batch: 150, // three shards, the last one smaller
        k,
        loss: GeneratorLoss::NonSaturating,
        generator_adam: adam,
        discriminator_adam: adam,
        average_decay: 0.9,
    };
    let weights = |network| stream(5, [purpose::WEIGHTS, network]);
    Trainer::new(
        Generator::new(&architecture, &mut weights(0)),
        Discriminator::new(&architecture, &mut weights(1)),
        settings,
    )
}

fn ring() -> Examples {
    Examples::Points(Ring::default().sample(500, &mut stream(5, [purpose::DATA_SET])).0)
}

fn on(threads: usize, work: impl FnOnce() -> Trainer + Send) -> Trainer {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(work)
}

fn bits(trainer: &Trainer) -> Vec<u32> {
    let networks = [
        &trainer.generator.network,
        &trainer.generator_first.network,
        &trainer.generator_second.network,
        &trainer.discriminator.network,
        &trainer.discriminator_first.network,
        &trainer.discriminator_second.network,
        &trainer.average.network,
    ];
    let layers = networks.into_iter().flat_map(|network| &network.layers);
    layers.flat_map(|layer| layer.weight.iter().chain(&layer.bias)).map(|x| x.to_bits()).collect()
}

#[test]
fn the_number_of_threads_leaves_no_trace() {
    let examples = ring();
    let train = || {
        let mut trainer = trainer(2);
        for _ in 0..20 {
            assert!(trainer.step(&examples, 9).finite());
        }
        trainer
    };
    let one = bits(&on(1, train));
    assert_eq!(one, bits(&on(2, train)));
    assert_eq!(one, bits(&on(5, train)));
}

#[test]
fn the_step_number_is_all_that_resuming_needs_to_know_of_the_random_numbers() {
    let examples = ring();
    let mut through = trainer(1);
    let mut stopped = trainer(1);
    for step in 0..12 {
        through.step(&examples, 9);
        if step == 6 {
            // What a file would hold: networks, moments, average, the number of steps.
            stopped = Trainer { settings: stopped.settings, ..through.clone() };
        }
    }
    while stopped.steps < 12 {
        stopped.step(&examples, 9);
    }
    assert_eq!(bits(&through), bits(&stopped));
}

#[test]
fn a_parameter_that_is_not_finite_is_found_and_shows_in_the_figures() {
    let examples = ring();
    let mut trainer = trainer(1);
    assert_eq!(trainer.not_finite(), None);
    trainer.discriminator.network.layers[1].weight[[0, 0]] = f32::NAN;
    assert!(trainer.not_finite().is_some_and(f32::is_nan));
    assert!(!trainer.step(&examples, 9).finite());
}
