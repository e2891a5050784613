//! A GAN beside a VAE: the same digits, the same budget, the same score.

use claims::{CheckError, Claim, Setting, Subject, Verdict, claim};
use data::{Source, default_root};
use ndarray::Array2;
use prob::random::stream;
use rand::Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use score::Judge;

use ch08_gan::contest::{Arena, Models};

/// Trainings of each model.
const SEEDS: u64 = 6;

/// Times that each model sees every image; the run gives them ten times as many.
const PASSES: usize = 40;

/// The optical digits, and somebody to judge drawn ones by.
pub(super) struct Scene {
    arena: Arena,
    judge: Judge,
}

/// (scene, seed) ↦ the Fréchet distances of GAN and VAE from real images, the VAE's bound in nats an image
pub(super) type Comparison = fn(&Scene, u64) -> Result<[f64; 3], CheckError>;

impl Scene {
    fn new(seed: u64) -> Result<Self, CheckError> {
        let digits = Source::Optdigits.load(&default_root())?;
        let judge = Judge::train(&digits, seed)?;
        Ok(Self { arena: Arena::new(&digits, Models::SMALL, PASSES, seed)?, judge })
    }

    fn frechet(&self, images: &Array2<f32>) -> Result<f64, CheckError> {
        Ok(self.judge.score(images)?.frechet)
    }

    /// The comparison with a VAE of another arena, and its draws changed.
    fn compare(
        &self,
        arena_of_vae: &Arena,
        change: impl FnOnce(Array2<f32>) -> Array2<f32>,
        seed: u64,
    ) -> Result<[f64; 3], CheckError> {
        let count = self.judge.samples();
        let (gan, vae) = (self.arena.gan(count, seed), arena_of_vae.vae(count, seed));
        let bound = vae.log_likelihood.ok_or("a VAE bounds the likelihood")?;
        Ok([self.frechet(&gan.images)?, self.frechet(&change(vae.images))?, bound])
    }
}

pub(super) fn beside_vae() -> Claim<Comparison> {
    claim("gan/beside-vae")
        .says(
            "After 40 passes over the optical digits the Fréchet distance of a GAN's images is, on average over trainings, \
             smaller than that of a VAE's means; the VAE bounds the log-likelihood of held-out digits by −24.7 to −22.7 nats, \
             the GAN gives no bound",
        )
        .settles("gan-vs-vae", Verdict::Measured)
        .measured(Setting {
            data: "the optical digits, 8 × 8",
            settings: "a GAN with two hidden layers of 128 and a noise of 16, a slope penalty of weight 3, Adam with β₁ = 0.5, \
                       the rate falling from 0.001 to 0, its generator averaged; a VAE with one hidden layer of 128 and a \
                       code of 8, Adam at 0.001",
            runs: SEEDS as u32,
        })
        .trained(|comparison: &Subject<Comparison>, runs| {
            let compare = comparison.pick(|comparison| *comparison);
            let scene = Scene::new(runs.seed())?;
            let first = runs.seed().wrapping_mul(SEEDS);
            let figures = (0..SEEDS)
                .into_par_iter()
                .map(|run| compare(&scene, first.wrapping_add(run)))
                .collect::<Result<Vec<_>, _>>()?;
            let column = |i: usize| figures.iter().map(move |run| run[i]);
            let ratios: Vec<f64> = column(0).zip(column(1)).map(|(gan, vae)| gan / vae).collect();
            runs.below("Fréchet distance, GAN/VAE", &ratios, 1.0);
            let bounds: Vec<f64> = column(2).collect();
            runs.between("the VAE's bound, nats an image", &bounds, -24.7, -22.7);
            Ok(())
        })
        .holds_for((|scene, seed| scene.compare(&scene.arena, |images| images, seed)) as Comparison)
        .fails_for(
            "binary-draws",
            "Black and white draws of the VAE were held against grey images of the GAN and of the data: compare means with \
             means.",
            |scene, seed| {
                let mut rng = stream(seed, [1]);
                let draw = |images: Array2<f32>| {
                    images.mapv_into(|p| if rng.random::<f32>() < p { 1.0 } else { 0.0 })
                };
                scene.compare(&scene.arena, draw, seed)
            },
        )
        .fails_for(
            "unequal-budget",
            "The VAE saw every image five times and the GAN forty: give both the same.",
            |scene, seed| {
                let mut short = scene.arena.clone();
                short.passes /= 8;
                scene.compare(&short, |images| images, seed)
            },
        )
        .fails_for(
            "nats-per-pixel",
            "The bound was divided by the number of pixels: it is one of the whole image's log-likelihood, a sum over \
             pixels.",
            |scene, seed| {
                let [gan, vae, bound] = scene.compare(&scene.arena, |images| images, seed)?;
                Ok([gan, vae, bound / 64.0])
            },
        )
}
