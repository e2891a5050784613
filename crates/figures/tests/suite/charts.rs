//! Charts: things are where the axes say they are, in both formats.

use crate::common::{Pixels, find_text, outlines, texts};
use figures::{Bars, Chart, Figure, HeatMap, Theme};

const BLUE: &str = "#0072B2";
const VERMILION: &str = "#D55E00";
const GREEN: &str = "#009E73";
/// Half a capital at the size of tick labels, page units: from a label's middle to its baseline.
const HALF_CAPITAL: f64 = 0.365 * 16.0;
/// Positions in an SVG are rounded to tenths of a page unit.
const ROUNDING: f64 = 0.11;

fn diagonal() -> Chart {
    Chart::new("")
        .line("", [(0.0, 0.0), (1.0, 10.0), (4.0, 40.0)])
        .x_range(0.0, 4.0)
        .y_range(0.0, 40.0)
}

#[test]
fn a_curve_passes_where_the_tick_labels_say() {
    let svg = diagonal().render_svg().unwrap();
    let curve = outlines(&svg, "polyline", BLUE).remove(0);
    let x_labels = [(0, "0"), (1, "1"), (2, "4")].map(|(i, says)| {
        let label =
            texts(&svg).into_iter().filter(|t| t.says == says).max_by(|a, b| a.y.total_cmp(&b.y));
        (i, label.unwrap().x)
    });
    for (i, x) in x_labels {
        // Ticks are moved to whole PNG pixels, at most a quarter of a page unit.
        assert!(
            (curve[i].0 - x).abs() <= 0.25 + ROUNDING,
            "point {i}: {:?}, label at {x}",
            curve[i]
        );
    }
    for (i, says) in [(1, "10"), (2, "40")] {
        let y = find_text(&svg, says).y - HALF_CAPITAL;
        assert!(
            (curve[i].1 - y).abs() <= 0.25 + ROUNDING,
            "point {i}: {:?}, label at {y}",
            curve[i]
        );
    }
}

#[test]
fn both_formats_have_the_curve_at_the_same_place() {
    let chart = diagonal();
    let curve = outlines(&chart.render_svg().unwrap(), "polyline", BLUE).remove(0);
    let pixels = Pixels::decode(&chart.render_png().unwrap());
    assert_eq!((pixels.width, pixels.height), (1600, 1000));
    for t in [0.1, 0.5, 0.9] {
        let (a, b) = (curve[1], curve[2]);
        let (x, y) = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
        assert_eq!(pixels.at((2.0 * x) as usize, (2.0 * y) as usize), [0x00, 0x72, 0xB2]);
        // Three page units wide: six pixels above the middle there is no more of it.
        assert_eq!(pixels.at((2.0 * x) as usize, (2.0 * y) as usize - 8), [255; 3]);
    }
}

#[test]
fn equal_steps_of_a_factor_are_equal_lengths_on_a_logarithmic_axis() {
    let svg = Chart::new("")
        .line("", [(1.0, 0.01), (10.0, 0.1), (1000.0, 10.0)])
        .log_x()
        .log_y()
        .render_svg()
        .unwrap();
    let curve = outlines(&svg, "polyline", BLUE).remove(0);
    assert!(((curve[2].0 - curve[1].0) - 2.0 * (curve[1].0 - curve[0].0)).abs() < 4.0 * ROUNDING);
    assert!(((curve[2].1 - curve[1].1) - 2.0 * (curve[1].1 - curve[0].1)).abs() < 4.0 * ROUNDING);
}

#[test]
fn what_lies_outside_a_fixed_range_is_cut_off_at_its_edge() {
    let svg = Chart::new("").line("", [(0.0, -10.0), (1.0, 20.0)]).y_range(0.0, 10.0).render_svg();
    let curve = outlines(&svg.unwrap(), "polyline", BLUE).remove(0);
    let whole = outlines(&diagonal().render_svg().unwrap(), "polyline", BLUE).remove(0);
    // A third of the way up it enters, after two thirds it leaves; the plot is as high as
    // the diagonal's.
    assert!((curve[0].1 - whole[0].1).abs() < ROUNDING);
    assert!((curve[1].1 - whole[2].1).abs() < ROUNDING);
}

#[test]
fn the_prior_is_drawn_as_round_circles_of_one_two_three_units() {
    let svg =
        Chart::new("").points("", [(0.0, 0.0)]).sigma_circles().equal_axes().render_svg().unwrap();
    let widths: Vec<(f64, f64)> = outlines(&svg, "polyline", "#595959")
        .into_iter()
        .filter(|points| points.len() > 100)
        .map(|points| {
            let span = |f: fn(&(f64, f64)) -> f64| {
                let values = points.iter().map(f);
                values.clone().fold(f64::MIN, f64::max) - values.fold(f64::MAX, f64::min)
            };
            (span(|p| p.0), span(|p| p.1))
        })
        .collect();
    assert_eq!(widths.len(), 3);
    for (k, (wide, high)) in widths.iter().enumerate() {
        assert!((wide - high).abs() < 3.0 * ROUNDING, "circle {k}: {wide} × {high}");
        assert!((wide - widths[0].0 * (k + 1) as f64).abs() < 6.0 * ROUNDING);
    }
    for label in ["1σ", "2σ", "3σ"] {
        find_text(&svg, label);
    }
}

#[test]
fn class_numbers_stand_at_the_means_of_their_classes() {
    let svg = Chart::new("")
        .classes([(0.0, 0.0), (2.0, 2.0), (9.0, 1.0), (9.0, 5.0)], [0, 0, 1, 1])
        .class_names(["zero", "one"])
        .x_range(0.0, 10.0)
        .y_range(0.0, 10.0)
        .line("", [(0.0, 0.0), (10.0, 10.0)])
        .render_svg()
        .unwrap();
    let diagonal = outlines(&svg, "polyline", BLUE).remove(0);
    let place = |x: f64, y: f64| {
        let at = |t: f64, a: f64, b: f64| a + t / 10.0 * (b - a);
        (at(x, diagonal[0].0, diagonal[1].0), at(y, diagonal[0].1, diagonal[1].1))
    };
    for (says, mean) in [("zero", (1.0, 1.0)), ("one", (9.0, 3.0))] {
        let text = find_text(&svg, says);
        let (x, y) = place(mean.0, mean.1);
        assert!((text.x - x).abs() < 2.0 * ROUNDING, "{says} at {}, mean at {x}", text.x);
        assert!((text.y - HALF_CAPITAL - y).abs() < 2.0 * ROUNDING);
    }
}

#[test]
fn a_histogram_is_as_tall_as_the_counts_in_its_bins() {
    // Four values in [0, 1), two in [1, 2].
    let svg = Chart::new("").counts("", [0.0, 0.1, 0.2, 0.3, 1.5, 2.0], 2).render_svg().unwrap();
    let outline = outlines(&svg, "polyline", BLUE).remove(0);
    let base = outline[0].1;
    let heights = [base - outline[1].1, base - outline[3].1];
    assert!((heights[0] / heights[1] - 2.0).abs() < 0.01, "{heights:?}");
    let four = find_text(&svg, "4").y - HALF_CAPITAL;
    assert!((outline[1].1 - four).abs() <= 0.25 + ROUNDING);
}

#[test]
fn a_heat_map_has_its_lowest_and_highest_values_in_the_end_colours() {
    let values = ndarray::array![[0.0, 1.0], [2.0, 3.0]];
    let map = HeatMap::new((0.0, 2.0), (0.0, 2.0), values.view());
    let chart = Chart::new("").line("", [(0.5, 0.5), (1.5, 1.5)]).heat_map(map);
    let curve = outlines(&chart.render_svg().unwrap(), "polyline", BLUE).remove(0);
    let pixels = Pixels::decode(&chart.render_png().unwrap());
    // The line's ends are the middles of the lower left and the upper right cell; look beside it.
    let beside = |p: (f64, f64)| pixels.at((2.0 * p.0) as usize - 40, (2.0 * p.1) as usize);
    assert_eq!(beside(curve[0]), [0xFF, 0xFF, 0xD9]);
    assert_eq!(beside(curve[1]), [0x08, 0x1D, 0x58]);
}

#[test]
fn contours_are_labelled_with_their_levels() {
    let map = HeatMap::from_fn((-2.0, 2.0), (-2.0, 2.0), |x, y| x * x + y * y).contours([1.0, 2.5]);
    let svg = Chart::new("").x_range(-2.0, 2.0).heat_map(map).render_svg().unwrap();
    find_text(&svg, "2.5");
    assert!(texts(&svg).iter().any(|t| t.says == "1" && t.fill == "#1A1A1A"));
}

#[test]
fn the_same_name_has_the_same_colour_in_every_panel() {
    let points = [(0.0, 0.0), (1.0, 1.0)];
    let svg = Figure::new("")
        .panel(Chart::new("").line("train", points).line("test", [(0.0, 1.0), (1.0, 0.0)]))
        .panel(Chart::new("").line("kl", [(0.0, 1.0), (1.0, 0.0)]).line("test", points))
        .render_svg()
        .unwrap();
    let count = |color| outlines(&svg, "polyline", color).len();
    assert_eq!([BLUE, VERMILION, GREEN].map(count), [1, 2, 1]);
}

#[test]
fn curves_that_end_apart_are_named_at_their_ends() {
    let svg = Chart::new("")
        .line("up", [(0.0, 0.0), (1.0, 9.0)])
        .line("down", [(0.0, 9.0), (1.0, 0.0)])
        .render_svg()
        .unwrap();
    let curves = [BLUE, VERMILION].map(|c| outlines(&svg, "polyline", c).remove(0));
    for (says, curve) in ["up", "down"].into_iter().zip(curves) {
        let (text, end) = (find_text(&svg, says), curve[curve.len() - 1]);
        assert!(text.x > end.0 && (text.y - 0.365 * 17.0 - end.1).abs() < 1.0, "{says}");
    }
}

#[test]
fn curves_that_end_together_are_named_in_a_legend_above_the_plot() {
    let names = ["a", "b", "c", "d"];
    let chart =
        names.iter().zip([1.0, 2.0, 3.0, 4.0]).fold(Chart::new(""), |chart, (name, top)| {
            chart.line(*name, [(0.0, 0.0), (1.0, top), (2.0, 0.0)])
        });
    let svg = chart.render_svg().unwrap();
    let highest = outlines(&svg, "polyline", "#CC79A7")
        .into_iter()
        .filter(|points| points.len() == 3)
        .map(|points| points[1].1)
        .fold(f64::MAX, f64::min);
    for name in names {
        assert!(find_text(&svg, name).y < highest, "{name}");
    }
}

#[test]
fn bars_are_as_long_as_their_values_and_start_at_zero() {
    let svg =
        Bars::new("").bar("one", 10.0).bar("two", -5.0).bar("three", 20.0).render_svg().unwrap();
    // The series blue, a quarter towards white.
    let bars = outlines(&svg, "polygon", "#4095C5");
    let ends: Vec<(f64, f64)> = bars.iter().map(|b| (b[0].0, b[1].0)).collect();
    let zero = ends[0].0;
    assert_eq!((ends[1].1, ends[2].0), (zero, zero));
    let unit = (ends[0].1 - zero) / 10.0;
    assert!((zero - ends[1].0 - 5.0 * unit).abs() < 2.0 * ROUNDING);
    assert!((ends[2].1 - zero - 20.0 * unit).abs() < 2.0 * ROUNDING);
    assert!(texts(&svg).iter().any(|t| t.says == "−5.00"));
}

#[test]
fn the_dark_theme_has_dark_paper_to_the_corners() {
    let file = diagonal().theme(Theme::dark()).render_png().unwrap();
    let pixels = Pixels::decode(&file);
    for (x, y) in [(0, 0), (1599, 0), (0, 999), (1599, 999)] {
        assert_eq!(pixels.at(x, y), [0x14, 0x16, 0x1A]);
    }
}

#[test]
fn an_svg_is_well_formed_and_keeps_its_text() {
    let svg = Chart::new("KL(q ‖ p) < ∞ & \"finite\"")
        .x("z₁ <unit>")
        .line("a & b", [(0.0, 1.0), (1.0, 2.0)])
        .render_svg()
        .unwrap();
    let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
    let title =
        document.descendants().find(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "title")));
    assert_eq!(title.and_then(|n| n.text()), Some("KL(q ‖ p) < ∞ & \"finite\""));
    for says in ["KL(q ‖ p) < ∞ & \"finite\"", "z₁ <unit>", "a & b"] {
        find_text(&svg, says);
    }
    assert!(svg.contains("font-family=\"DejaVu Sans, Verdana, sans-serif\""));
}

#[test]
fn the_same_chart_has_the_same_bytes() {
    let chart = || {
        Chart::new("t")
            .classes([(0.0, 1.0), (2.0, 3.0), (0.1, 1.1)], [1, 2, 3])
            .heat_map(HeatMap::from_fn((0.0, 3.0), (0.0, 3.0), |x, y| x * y).contours([1.0, 3.0]))
            .sigma_circles()
    };
    let threads: Vec<_> = (0..2)
        .map(|_| {
            std::thread::spawn(move || {
                (chart().render_png().unwrap(), chart().render_svg().unwrap())
            })
        })
        .collect();
    let here = (chart().render_png().unwrap(), chart().render_svg().unwrap());
    for thread in threads {
        assert!(thread.join().unwrap() == here);
    }
}

#[test]
fn data_without_spread_still_has_axes() {
    let svg = Chart::new("").line("", [(3.0, 40.0), (3.0, 40.0)]).render_svg().unwrap();
    for says in ["2", "3", "4", "20", "40", "60"] {
        find_text(&svg, says);
    }
}

#[test]
fn with_a_fixed_range_of_x_the_range_of_y_follows_what_can_be_seen() {
    let far = [(0.0, 1000.0), (5.0, 1.0), (6.0, 3.0)];
    let svg = Chart::new("").line("", far).x_range(4.5, 6.0).render_svg().unwrap();
    for says in ["1", "2", "3"] {
        find_text(&svg, says);
    }
    // Nothing in sight but the line that passes through: then the whole line counts.
    let svg = Chart::new("").line("", [(0.0, 0.0), (10.0, 40.0)]).x_range(4.0, 6.0).render_svg();
    find_text(&svg.unwrap(), "40");
}
