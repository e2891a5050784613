//! No text leaves its page or touches another one, whatever is asked for.

use plotters_backend::text_anchor::HPos;

use crate::geometry::Rect;
use crate::scene::{Scene, Shape};
use crate::{Bars, Chart, Figure, HeatMap, ImageGrid, ImageShape, text};

/// The boxes of a scene's texts, from the baseline up to the height of capitals.
fn boxes(scene: &Scene) -> Vec<(String, Rect)> {
    let of_shape = |shape: &Shape| match shape {
        Shape::Text { baseline, text, size, anchor, .. } => {
            let width = text::width(text, *size);
            let x = match anchor {
                HPos::Left => baseline.0,
                HPos::Center => baseline.0 - width / 2.0,
                HPos::Right => baseline.0 - width,
            };
            let height = 0.73 * size;
            Some((text.clone(), Rect { x, y: baseline.1 - height, width, height }))
        }
        _ => None,
    };
    scene.shapes.iter().filter_map(of_shape).collect()
}

fn assert_tidy(name: &str, scene: &Scene) {
    let page = Rect { x: 0.0, y: 0.0, width: scene.width, height: scene.height };
    let texts = boxes(scene);
    assert!(!texts.is_empty(), "{name}: no text at all");
    for (i, (text, rect)) in texts.iter().enumerate() {
        for (x, y) in rect.corners() {
            let near_edge = x < 4.0 || y < 4.0 || x > page.width - 4.0 || y > page.height - 8.0;
            assert!(!near_edge, "{name}: {text:?} at {rect:?} leaves the page {page:?}");
        }
        for (other, other_rect) in &texts[..i] {
            assert!(!rect.overlaps(other_rect), "{name}: {text:?} lies on {other:?}");
        }
    }
}

fn wave(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    (0..=60).map(|i| low + (high - low) * f64::from(i) / 60.0).map(|x| (x, f(x))).collect()
}

#[test]
fn charts_are_tidy() {
    let long = "a title so long that it has to be broken into several lines because no page is as wide as that";
    let ten = |name: fn(usize) -> String, f: fn(f64, f64) -> f64| {
        (0..10).fold(Chart::new(long).x("step").y(long), |chart, k| {
            chart.line(name(k), wave(0.0, 60_000.0, |x| f(x / 10_000.0, k as f64)))
        })
    };
    let kl = |mu: f64, sigma: f64| 0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln();
    let charts = [
        ("ends apart", ten(|k| format!("run {k}"), |x, k| k + 0.3 * x.sin())),
        ("ends together", ten(|k| format!("run number {k}"), |x, k| k * (6.0 - x))),
        ("long names", ten(|k| format!("a run with the long name {k}"), |x, k| k * x)),
        (
            "reference lines side by side",
            Chart::new("t")
                .x("σ")
                .y("a label of the y axis that is rather long")
                .log_x()
                .log_y()
                .line("KL", wave(0.2, 1.5, |x| x * x + 0.3))
                .hline("one", 1.0)
                .hline("almost one", 0.97)
                .vline("at one", 1.0)
                .vline("just before one", 0.97)
                .vline("at the right edge", 1.5)
                .vline("at the left edge", 0.2),
        ),
        (
            "heat map",
            Chart::new("surface")
                .x("μ")
                .y("σ")
                .heat_map(
                    HeatMap::from_fn((-3.0, 3.0), (0.05, 3.0), kl)
                        .label("KL in nats")
                        .contours([0.1, 0.2, 0.5, 1.0, 2.0, 4.0]),
                )
                .hline("σ = 1", 1.0),
        ),
        ("large numbers", Chart::new("").line("", wave(-3e9, 2e9, |x| x * 1e-15)).x("x").y("y")),
        (
            "tiny page",
            Chart::new("small")
                .line("a", wave(0.0, 1.0, f64::sin))
                .x("x")
                .y("y")
                .size(240.0, 200.0),
        ),
    ];
    for (name, chart) in charts {
        assert_tidy(name, &chart.scene().unwrap());
    }
}

#[test]
fn figures_are_tidy() {
    let panel = |title: &str| {
        Chart::new(title).x("epoch").y("nats").line("train", wave(1.0, 30.0, f64::ln))
    };
    let figure = Figure::new("Four panels")
        .columns(2)
        .panel(panel("with a legend").counts("draws", [0.1, 0.2, 0.7], 3))
        .panel(panel("with ends"))
        .panel(
            Bars::new("bars")
                .x("nats")
                .bar("VAE", 86.8)
                .bar("a rather long name of a method", 84.8),
        )
        .panel(panel("with lines").vline("here", 20.0).hline("evidence", 3.5));
    assert_tidy("figure", &figure.scene().unwrap());
}

#[test]
fn bars_are_tidy() {
    let bars = Bars::new("Negative and positive values, and one name that takes three lines")
        .x("change in nats per image")
        .bar_with_interval(
            "a method with a name that is far too long to be set in one line",
            -3.0,
            -3.5,
            -2.2,
        )
        .bar("short", 12_345.0)
        .bar("zero", 0.0);
    assert_tidy("bars", &bars.scene().unwrap());
    assert_tidy("dots", &bars.dots().scene().unwrap());
}

#[test]
fn image_grids_are_tidy() {
    let images = ndarray::Array2::<f32>::zeros((20, 64));
    for (columns, scale) in [(1, 5), (10, 6), (20, 2)] {
        let labels = (0..20 / columns).map(|row| format!("row {row}"));
        let heads = (0..columns).map(|column| format!("column {column}"));
        let grid = ImageGrid::new(images.view(), ImageShape::grey(8, 8))
            .columns(columns)
            .scale(scale)
            .title("A title that is longer than some of these grids are wide")
            .row_labels(labels)
            .column_labels(heads);
        assert_tidy(&format!("{columns} columns"), &grid.scene().unwrap());
    }
}
