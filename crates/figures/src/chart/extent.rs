//! Which range the axes have to show, and whether the data can be shown at all.

use super::{AxisSetting, Chart, Mark, Reference};
use crate::histogram::Bins;
use crate::ticks::Axis;
use crate::{FigureError, check, text};

/// The values met along one axis.
#[derive(Clone, Copy)]
struct Span {
    low: f64,
    high: f64,
    whole: bool,
}

impl Span {
    const EMPTY: Self = Self { low: f64::INFINITY, high: f64::NEG_INFINITY, whole: true };

    fn include(&mut self, value: f64) {
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        self.whole &= value.fract() == 0.0;
    }
}

/// The checked axes of a chart, before equal scales are asked for.
pub(super) fn axes(chart: &Chart, bins: &Bins) -> Result<(Axis, Axis), FigureError> {
    check_texts(chart)?;
    check_settings(chart)?;
    for mark in &chart.marks {
        check_mark(chart, mark)?;
    }
    let (mut x, mut y, mut hidden) = (Span::EMPTY, Span::EMPTY, Span::EMPTY);
    let in_sight = |px: f64| chart.x.range.is_none_or(|(low, high)| (low..=high).contains(&px));
    let mut point = |px: f64, py: f64| {
        x.include(px);
        if !(chart.y.log && py <= 0.0) {
            // With the range of x fixed, that of y follows what can be seen.
            if in_sight(px) { y.include(py) } else { hidden.include(py) }
        }
    };
    for mark in &chart.marks {
        match mark {
            Mark::Line { points, .. }
            | Mark::Points { points, .. }
            | Mark::Classes { points, .. } => {
                points.iter().for_each(|&(px, py)| point(px, py));
            }
            Mark::Area { points, .. } => points.iter().for_each(|&(px, py)| {
                point(px, py);
                point(px, 0.0);
            }),
            Mark::Band { rows, .. } => rows.iter().for_each(|&(px, low, high)| {
                point(px, low);
                point(px, high);
            }),
            Mark::Histogram { values, density, .. } => {
                for (left, right, height) in bins.bars(values, *density) {
                    for edge in [left, right] {
                        point(edge, height);
                        point(edge, 0.0);
                    }
                }
            }
        }
    }
    for reference in &chart.references {
        if let Reference::Ellipse { center, radii, .. } = reference {
            for sign in [-1.0, 1.0] {
                point(center.0 + sign * radii.0, center.1 + sign * radii.1);
            }
        }
    }
    if let Some(map) = &chart.heat_map {
        map.check()?;
        point(map.x.0, map.y.0);
        point(map.x.1, map.y.1);
        (x.whole, y.whole) = (false, false);
    }
    if y.low > y.high {
        y = hidden;
    }
    for reference in &chart.references {
        match reference {
            Reference::Horizontal { y: at, .. } => y.include(*at),
            Reference::Vertical { x: at, .. } => x.include(*at),
            Reference::Ellipse { .. } => {}
        }
    }
    let scattered =
        chart.marks.iter().any(|m| matches!(m, Mark::Points { .. } | Mark::Classes { .. }))
            || chart.references.iter().any(|r| matches!(r, Reference::Ellipse { .. }));
    let grounded =
        chart.marks.iter().any(|m| matches!(m, Mark::Area { .. } | Mark::Histogram { .. }));
    let (x_pad, y_pad) = match (&chart.heat_map, scattered) {
        (Some(_), _) => (0.0, 0.0),
        (None, true) => (0.04, 0.04),
        (None, false) => (0.0, 0.06),
    };
    let y_low_pad = if grounded && y.low >= 0.0 { 0.0 } else { y_pad };
    Ok((
        axis(&what(chart, "x axis"), &chart.x, x, x_pad, x_pad)?,
        axis(&what(chart, "y axis"), &chart.y, y, y_low_pad, y_pad)?,
    ))
}

/// `part` of the chart in words: `chart "ELBO", x axis`.
fn what(chart: &Chart, part: &str) -> String {
    format!("chart {:?}, {part}", chart.title)
}

fn axis(
    what: &str,
    setting: &AxisSetting,
    span: Span,
    low_pad: f64,
    high_pad: f64,
) -> Result<Axis, FigureError> {
    let log = setting.log;
    if let Some((low, high)) = setting.range {
        check::range(what, (low, high))?;
        if log && low <= 0.0 {
            let hint = "a logarithmic axis needs a positive lower end";
            return Err(FigureError::BadRange { what: what.to_owned(), low, high, hint });
        }
        return Ok(Axis { low, high, log, whole: span.whole });
    }
    if span.low > span.high {
        return Err(FigureError::NoData { what: what.to_owned(), element: "positive value" });
    }
    if log && span.low <= 0.0 {
        let expected = "positive numbers on a logarithmic axis; shift or leave out the others, or use a linear axis";
        let what = format!("{what}, smallest value");
        return Err(FigureError::OutOfRange { what, index: 0, value: span.low, expected });
    }
    let (low, high) = if log {
        let (low, high) = widened(span.low.ln(), span.high.ln(), 2f64.ln(), low_pad, high_pad);
        (low.exp().max(f64::MIN_POSITIVE), high.exp().min(f64::MAX))
    } else {
        let least = match span.low.abs().max(span.high.abs()) {
            0.0 => 1.0,
            largest => largest / 2.0,
        };
        widened(span.low, span.high, least, low_pad, high_pad)
    };
    check::range(what, (low, high))?;
    Ok(Axis { low, high, log, whole: span.whole })
}

/// The range with padding, or `least` to both sides if it is too narrow for numbers of its size.
fn widened(low: f64, high: f64, least: f64, low_pad: f64, high_pad: f64) -> (f64, f64) {
    let length = high - low;
    if length <= low.abs().max(high.abs()) * 1e-12 {
        return (low - least, high + least);
    }
    (low - length * low_pad, high + length * high_pad)
}

fn check_texts(chart: &Chart) -> Result<(), FigureError> {
    text::check("the title", &chart.title)?;
    text::check("the axis label", &chart.x.label)?;
    text::check("the axis label", &chart.y.label)?;
    for name in &chart.class_names {
        text::check("the class name", name)?;
    }
    for mark in &chart.marks {
        text::check("the name", mark.name())?;
    }
    for reference in &chart.references {
        let (Reference::Horizontal { label, .. }
        | Reference::Vertical { label, .. }
        | Reference::Ellipse { label, .. }) = reference;
        text::check("the reference's label", label)?;
    }
    Ok(())
}

fn check_settings(chart: &Chart) -> Result<(), FigureError> {
    let ellipses = chart.references.iter().any(|r| matches!(r, Reference::Ellipse { .. }));
    if chart.marks.is_empty() && chart.heat_map.is_none() && !ellipses {
        let element = "line, histogram, set of points or heat map";
        return Err(FigureError::NoData { what: format!("chart {:?}", chart.title), element });
    }
    for (axis, part) in [(&chart.x, "x axis"), (&chart.y, "y axis")] {
        if let Some(range) = axis.range {
            check::range(&what(chart, part), range)?;
        }
    }
    if chart.equal_axes && (chart.x.log || chart.y.log) {
        let expected = "0: a unit of a logarithmic axis has no one length; drop one of the two";
        let what = what(chart, "number of logarithmic axes with equal scales");
        let value = f64::from(u8::from(chart.x.log)) + f64::from(u8::from(chart.y.log));
        return Err(FigureError::BadSetting { what, value, expected });
    }
    let alpha = chart.point_alpha.unwrap_or(1.0);
    if !(alpha > 0.0 && alpha <= 1.0) {
        let expected = "a number above 0 and up to 1";
        return Err(FigureError::BadSetting {
            what: what(chart, "point alpha"),
            value: alpha,
            expected,
        });
    }
    let radius = chart.point_radius.unwrap_or(1.0);
    if !(radius > 0.0 && radius <= 100.0) {
        let expected = "a number of page units above 0 and up to 100";
        return Err(FigureError::BadSetting {
            what: what(chart, "point radius"),
            value: radius,
            expected,
        });
    }
    for reference in &chart.references {
        match reference {
            Reference::Horizontal { label, y } => {
                check::finite(&what(chart, &format!("reference line {label:?}")), [*y])?;
            }
            Reference::Vertical { label, x } => {
                check::finite(&what(chart, &format!("reference line {label:?}")), [*x])?;
            }
            Reference::Ellipse { label, center, radii } => {
                let name = what(chart, &format!("ellipse {label:?} (center, radii)"));
                check::finite(&name, [center.0, center.1, radii.0, radii.1])?;
                if let Some(value) = [radii.0, radii.1].into_iter().find(|r| *r <= 0.0) {
                    let what = what(chart, &format!("ellipse {label:?}, radius"));
                    let expected = "a positive number";
                    return Err(FigureError::BadSetting { what, value, expected });
                }
            }
        }
    }
    Ok(())
}

fn check_mark(chart: &Chart, mark: &Mark) -> Result<(), FigureError> {
    let what = what(chart, &mark.describe());
    let empty = |element| FigureError::NoData { what: what.clone(), element };
    let coordinates = |points: &[(f64, f64)]| {
        check::finite(&format!("{what}, x"), points.iter().map(|p| p.0))?;
        check::finite(&format!("{what}, y"), points.iter().map(|p| p.1))?;
        positive_where_logarithmic(chart, &what, points, mark.has_base())
    };
    match mark {
        Mark::Line { points, .. } | Mark::Points { points, .. } | Mark::Area { points, .. } => {
            if points.is_empty() {
                return Err(empty("point"));
            }
            coordinates(points)
        }
        Mark::Band { rows, .. } => {
            if rows.is_empty() {
                return Err(empty("row (x, low, high)"));
            }
            let side =
                |f: fn(&(f64, f64, f64)) -> (f64, f64)| rows.iter().map(f).collect::<Vec<_>>();
            coordinates(&side(|r| (r.0, r.1)))?;
            coordinates(&side(|r| (r.0, r.2)))?;
            match rows.iter().enumerate().find(|(_, r)| r.1 > r.2) {
                Some((index, row)) => Err(FigureError::OutOfRange {
                    what: format!("{what}, lower bound"),
                    index,
                    value: row.1,
                    expected: "at most the row's upper bound; rows are (x, low, high)",
                }),
                None => Ok(()),
            }
        }
        Mark::Histogram { values, bins, .. } => {
            if values.is_empty() {
                return Err(empty("value"));
            }
            if !(1..=10_000).contains(bins) {
                let (what, value) = (format!("{what}: number of bins"), *bins as f64);
                return Err(FigureError::BadSetting { what, value, expected: "1 to 10 000" });
            }
            check::finite(&what, values.iter().copied())
        }
        Mark::Classes { points, labels } => {
            if points.is_empty() {
                return Err(empty("point"));
            }
            if points.len() != labels.len() {
                return Err(FigureError::Shape {
                    what,
                    expected: format!("a label for each of the {} points", points.len()),
                    found: format!("{} labels", labels.len()),
                });
            }
            if let Some((index, label)) = labels.iter().enumerate().find(|(_, l)| **l > 9) {
                let expected = "a class from 0 to 9";
                let what = format!("{what}, label");
                return Err(FigureError::OutOfRange {
                    what,
                    index,
                    value: f64::from(*label),
                    expected,
                });
            }
            coordinates(points)
        }
    }
}

fn positive_where_logarithmic(
    chart: &Chart,
    what: &str,
    points: &[(f64, f64)],
    has_base: bool,
) -> Result<(), FigureError> {
    let expected = "a positive number on a logarithmic axis; shift or leave out the others, or use a linear axis";
    for (index, &(x, y)) in points.iter().enumerate() {
        // A density may touch zero: its curve then leaves the plot at the bottom.
        let wrong = match () {
            () if chart.x.log && x <= 0.0 => Some((x, "x")),
            () if chart.y.log && (y < 0.0 || (y == 0.0 && !has_base)) => Some((y, "y")),
            () => None,
        };
        if let Some((value, coordinate)) = wrong {
            let what = format!("{what}, {coordinate}");
            return Err(FigureError::OutOfRange { what, index, value, expected });
        }
    }
    Ok(())
}

impl Mark {
    pub(super) fn name(&self) -> &str {
        match self {
            Mark::Line { name, .. }
            | Mark::Band { name, .. }
            | Mark::Area { name, .. }
            | Mark::Histogram { name, .. }
            | Mark::Points { name, .. } => name,
            Mark::Classes { .. } => "",
        }
    }

    /// Filled down to zero.
    fn has_base(&self) -> bool {
        matches!(self, Mark::Area { .. } | Mark::Histogram { .. })
    }

    fn describe(&self) -> String {
        let kind = match self {
            Mark::Line { .. } => "line",
            Mark::Band { .. } => "band",
            Mark::Area { .. } => "area",
            Mark::Histogram { .. } => "histogram",
            Mark::Points { .. } => "points",
            Mark::Classes { .. } => return "classes".to_owned(),
        };
        format!("{kind} {:?}", self.name())
    }
}
