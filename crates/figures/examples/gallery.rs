//! One picture of each kind, with made-up data: `cargo run -p figures --example gallery -- FOLDER`.

use std::path::Path;
use std::process::ExitCode;

use figures::{
    Bars, Chart, Figure, FigureError, HeatMap, ImageGrid, ImageShape, Ink, SpriteSheet, Theme,
};
use ndarray::Array2;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: gallery FOLDER (an existing folder, for the pictures)");
        return ExitCode::from(2);
    };
    match draw_all(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn draw_all(folder: &Path) -> Result<(), FigureError> {
    for (name, theme) in [("", Theme::light()), ("-dark", Theme::dark())] {
        for extension in ["png", "svg"] {
            let path = |kind: &str| folder.join(format!("{kind}{name}.{extension}"));
            training().theme(theme.clone()).save(path("training"))?;
            terms().theme(theme.clone()).save(path("terms"))?;
            log_axes().theme(theme.clone()).save(path("log-axes"))?;
            latent_map().theme(theme.clone()).save(path("latent-map"))?;
            named_classes().theme(theme.clone()).save(path("named-classes"))?;
            histogram().theme(theme.clone()).save(path("histogram"))?;
            densities().theme(theme.clone()).save(path("densities"))?;
            kl_surface().theme(theme.clone()).save(path("kl-surface"))?;
            cells().theme(theme.clone()).save(path("cells"))?;
            bars().theme(theme.clone()).save(path("bars"))?;
            dots().theme(theme.clone()).save(path("dots"))?;
            pairs().theme(theme.clone()).save(path("pairs"))?;
            colours().theme(theme.clone()).save(path("colours"))?;
        }
    }
    SpriteSheet::new(digits(20, 0).view(), ImageShape::grey(28, 28))
        .columns(10)
        .save(folder.join("sprites.png"))
}

/// Reproducible numbers in [0, 1): the generator SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn curve(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    (0..=300).map(|i| low + (high - low) * f64::from(i) / 300.0).map(|x| (x, f(x))).collect()
}

fn epochs(f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    (1..=30).map(|e| (f64::from(e), f(f64::from(e)))).collect()
}

fn train(e: f64) -> f64 {
    -99.5 - 62.0 * (-0.35 * e).exp() - 18.0 / e
}

fn test(e: f64) -> f64 {
    -102.8 - 50.0 * (-0.4 * e).exp() - 15.0 / e
}

fn training() -> Chart {
    let spread: Vec<_> =
        epochs(test).into_iter().map(|(e, y)| (e, y - 1.0 - 6.0 / e, y + 1.0 + 6.0 / e)).collect();
    Chart::new("The evidence lower bound rises and stays below the evidence")
        .x("epoch")
        .y("nats per image")
        .line("train ELBO", epochs(train))
        .line("test ELBO", epochs(test))
        .band("test ELBO", spread)
        .hline("log-evidence", -96.2)
        .vline("learning rate halved", 15.0)
}

fn terms() -> Figure {
    let kl = |e: f64| 25.0 * (1.0 - (-0.3 * e).exp());
    let bound = Chart::new("The bound …")
        .x("epoch")
        .y("nats per image")
        .line("train", epochs(train))
        .line("test", epochs(test));
    let parts = Chart::new("… and its two terms")
        .x("epoch")
        .y("nats per image")
        .line("reconstruction", epochs(|e| -train(e) - kl(e)))
        .line("KL", epochs(kl));
    Figure::new("What training does to the evidence lower bound").panel(bound).panel(parts)
}

fn log_axes() -> Chart {
    let mut numbers = Numbers(3);
    let draws: Vec<f64> = (0..=24).map(|i| 10f64.powf(1.0 + f64::from(i) / 6.0)).collect();
    let score = draws.iter().map(|n| (*n, 40.0 / n.sqrt() * (0.25 * numbers.normal()).exp()));
    let score: Vec<_> = score.collect();
    let path = draws.iter().map(|n| (*n, 0.9 / n.sqrt() * (0.2 * numbers.normal()).exp()));
    let path: Vec<_> = path.collect();
    let theory = |c: f64| draws.iter().map(|n| (*n, c / n.sqrt())).collect::<Vec<_>>();
    Chart::new("Two gradient estimators: same rate, forty times less noise")
        .x("number of draws")
        .y("standard error of the gradient")
        .log_x()
        .log_y()
        .points("score function", score)
        .points("pathwise", path)
        .dashed("score function", theory(40.0))
        .dashed("pathwise", theory(0.9))
}

fn blobs(count: usize) -> (Vec<(f64, f64)>, Vec<u8>) {
    let mut numbers = Numbers(7);
    (0..count)
        .map(|i| {
            let class = (i % 10) as u8;
            let angle = f64::from(class) * 2.4;
            let radius = 0.55 + 0.17 * f64::from(class);
            let x = radius * angle.cos() + (0.18 + 0.03 * f64::from(class)) * numbers.normal();
            let y = radius * angle.sin() + 0.3 * numbers.normal();
            ((x, y), class)
        })
        .unzip()
}

fn latent_map() -> Chart {
    let (points, labels) = blobs(10_000);
    Chart::new("Where the encoder puts 10 000 test digits")
        .x("z₁")
        .y("z₂")
        .classes(points, labels)
        .sigma_circles()
        .equal_axes()
}

fn named_classes() -> Chart {
    let (points, labels) = blobs(600);
    Chart::new("Fashion")
        .x("z₁")
        .y("z₂")
        .classes(points, labels)
        .class_names([
            "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
            "boot",
        ])
        .ellipse("prior", (0.0, 0.0), (1.0, 1.0))
}

fn normal(mean: f64, sigma: f64) -> impl Fn(f64) -> f64 {
    move |x| {
        let z = (x - mean) / sigma;
        (-0.5 * z * z).exp() / (sigma * std::f64::consts::TAU.sqrt())
    }
}

fn histogram() -> Chart {
    let mut numbers = Numbers(12);
    let draws: Vec<f64> = (0..4000).map(|_| numbers.normal()).collect();
    let shifted: Vec<f64> = (0..4000).map(|_| 1.4 + 0.6 * numbers.normal()).collect();
    Chart::new("Draws agree with their densities")
        .x("z")
        .y("density")
        .histogram("prior", draws, 60)
        .histogram("posterior", shifted, 60)
        .line("prior", curve(-4.0, 4.0, normal(0.0, 1.0)))
        .line("posterior", curve(-4.0, 4.0, normal(1.4, 0.6)))
        .vline("prior mean", 0.0)
        .vline("posterior mean", 1.4)
}

fn densities() -> Chart {
    let mixture = |x: f64| 0.5 * normal(-2.0, 0.7)(x) + 0.5 * normal(2.0, 0.7)(x);
    Chart::new("Which KL covers, which KL chooses")
        .x("x")
        .y("density")
        .area("p", curve(-6.0, 6.0, mixture))
        .line("argmin KL(p ‖ q)", curve(-6.0, 6.0, normal(0.0, 2.1)))
        .dashed("argmin KL(q ‖ p)", curve(-6.0, 6.0, normal(2.0, 0.7)))
}

fn kl_surface() -> Chart {
    let kl = |mu: f64, sigma: f64| 0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln();
    let map = HeatMap::from_fn((-3.0, 3.0), (0.1, 3.0), kl)
        .label("KL in nats")
        .contours([0.1, 0.5, 1.0, 2.0, 4.0, 6.0]);
    Chart::new("KL(N(μ, σ²) ‖ N(0, 1)) is zero at one point only")
        .x("μ")
        .y("σ")
        .heat_map(map)
        .points("", [(0.0, 1.0)])
}

fn cells() -> Chart {
    let confusion = Array2::from_shape_fn((10, 10), |(j, i)| {
        if i == j { 900.0 + 7.0 * i as f64 } else { 1.0 + ((i * 7 + j * 13) % 40) as f64 }
    });
    let map = HeatMap::new((-0.5, 9.5), (-0.5, 9.5), confusion.view()).label("images").log_color();
    Chart::new("Nearest class mean: what is taken for what")
        .x("true class")
        .y("guessed class")
        .heat_map(map)
        .equal_axes()
}

fn bars() -> Bars {
    Bars::new("Negative log-evidence on the test set, lower is better")
        .x("nats per image")
        .bar_with_interval("factorised Bernoulli", 206.04, 204.9, 207.1)
        .bar_with_interval("probabilistic PCA", 136.3, 133.0, 139.8)
        .bar_with_interval("VAE", 86.76, 85.9, 87.6)
        .bar_with_interval("importance-weighted, k = 50", 84.78, 84.0, 85.5)
}

fn dots() -> Bars {
    Bars::new("The same, near the end")
        .x("nats per image")
        .bar_with_interval("VAE, k = 1", 86.76, 86.5, 87.02)
        .bar_with_interval("VAE, k = 50", 86.35, 86.1, 86.6)
        .bar_with_interval("IWAE, k = 5", 85.54, 85.3, 85.8)
        .bar_with_interval("IWAE, k = 50", 84.78, 84.5, 85.03)
        .dots()
}

/// Rings and strokes that look a little like digits.
fn digits(count: usize, blur: i32) -> Array2<f32> {
    Array2::from_shape_fn((count, 784), |(n, p)| {
        let (x, y) = ((p % 28) as f32 - 13.5, (p / 28) as f32 - 13.5);
        let stretch = 1.0 + 0.1 * (n % 7) as f32;
        let edge = if n % 3 == 0 { x * stretch } else { x.hypot(y * stretch) - 6.0 };
        let inside = y.abs() < 10.0;
        let sharp = 1.4 / (1.0 + blur as f32);
        if inside {
            (1.0 / (1.0 + ((edge.abs() - 1.5) * 2.0 * sharp).exp())).clamp(0.0, 1.0)
        } else {
            0.0
        }
    })
}

fn pairs() -> ImageGrid {
    let (data, back) = (digits(10, 0), digits(10, 2));
    let images = ndarray::concatenate![ndarray::Axis(0), data, back];
    ImageGrid::new(images.view(), ImageShape::grey(28, 28))
        .title("Ten test digits and their reconstructions")
        .columns(10)
        .row_labels(["data", "reconstruction"])
        .column_labels((0..10).map(|k| k.to_string()))
}

fn colours() -> ImageGrid {
    let images = Array2::from_shape_fn((12, 3 * 64), |(n, p)| {
        let (channel, x, y) = (p / 64, p % 8, p / 8 % 8);
        match channel {
            0 => x as f32 / 7.0,
            1 => y as f32 / 7.0,
            _ => n as f32 / 11.0,
        }
    });
    ImageGrid::new(images.view(), ImageShape::rgb(8, 8)).columns(5).scale(12).ink(Ink::Photograph)
}
