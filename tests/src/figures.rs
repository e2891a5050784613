//! Interactive figures, operated as readers do, their numbers compared with Rust's.
//!
//! `book/theme/elements/README.md` is the contract that this holds the figures to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::page::{Page, View};
use crate::probes;
use crate::site::Site;

/// How long a figure may take to follow a finger: a tap becomes one only after a while.
const PATIENCE: Duration = Duration::from_secs(1);

/// Fractions of a surface's width and height that are pressed.
const POINTS: [(f64, f64); 3] = [(0.25, 0.25), (0.75, 0.5), (0.5, 0.75)];

/// How a control is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Keyboard,
    Mouse,
    Finger,
}

/// An interactive figure as `probes/figures.js` finds it.
#[derive(Deserialize)]
struct Figure {
    name: String,
    ready: bool,
    error: Option<String>,
    source: Option<String>,
    surfaces: Vec<Surface>,
}

impl Figure {
    /// Why it does not start, if it does not.
    fn complaint(&self) -> Option<String> {
        let why = self.error.as_deref().unwrap_or("it sets neither data-ready nor data-error");
        (!self.ready).then(|| format!("<{}> does not start: {why}", self.name))
    }
}

/// The range inputs that a surface moves.
#[derive(Deserialize)]
struct Surface {
    x: Option<String>,
    y: Option<String>,
}

/// What a figure's JSON file says of its numbers.
#[derive(Deserialize)]
struct Numbers {
    checks: Vec<Check>,
}

/// The numbers that belong to one state of the controls.
#[derive(Deserialize)]
struct Check {
    set: BTreeMap<String, Value>,
    expect: BTreeMap<String, f64>,
    tolerance: f64,
}

/// A control as `probes/control.js` finds it, in view and focused.
#[derive(Deserialize)]
struct Control {
    kind: String,
    focused: bool,
    value: String,
    min: f64,
    max: f64,
    step: f64,
    options: Vec<String>,
    boxes: Vec<Rectangle>,
}

#[derive(Deserialize)]
struct Rectangle {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Rectangle {
    /// The point at these fractions of the width and height.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.left + x * self.width, self.top + y * self.height)
    }
}

/// Every interactive figure of a page has started, or the complaint says why not.
pub(crate) fn start(page: &mut Page) -> Result<Vec<String>> {
    let figures: Vec<Figure> = page.probe(probes::FIGURES)?;
    Ok(figures.iter().filter_map(Figure::complaint).collect())
}

/// Operates every interactive figure of a page, and returns what it does wrong.
pub(crate) fn operate(page: &mut Page, site: &Site, view: View) -> Result<Vec<String>> {
    let figures: Vec<Figure> = page.probe(probes::FIGURES)?;
    let mut wrong = Vec::new();
    for (index, figure) in figures.iter().enumerate() {
        let Figure { name, .. } = figure;
        if let Some(what) = figure.complaint() {
            wrong.push(what);
            continue;
        }
        let mut complain = |what: String| wrong.push(format!("<{name}> {what}"));
        let Some(checks) = checks(figure, site) else {
            complain(
                "has no checks: its data-src has to name a JSON file with a list of them".into(),
            );
            continue;
        };
        let manners: &[Manner] =
            if view.is_phone() { &[Manner::Finger] } else { &[Manner::Keyboard, Manner::Mouse] };
        let mut hands = Hands { page, figure: index };
        for &manner in manners {
            for check in &checks {
                if let Err(what) = hands.check(check, manner)? {
                    complain(format!("{what}, set by {manner:?}"));
                }
            }
            for surface in &figure.surfaces {
                if let Err(what) = hands.point(surface, manner)? {
                    complain(format!("{what}, by {manner:?}"));
                }
            }
        }
    }
    Ok(wrong)
}

/// The checks in a figure's JSON file, if there are any.
fn checks(figure: &Figure, site: &Site) -> Option<Vec<Check>> {
    let json = std::fs::read(site.file(figure.source.as_deref()?)?).ok()?;
    let numbers: Numbers = serde_json::from_slice(&json).ok()?;
    (!numbers.checks.is_empty()).then_some(numbers.checks)
}

/// Fingers on one figure. The outer `Result` is the browser's, the inner one the figure's.
struct Hands<'p, 'b> {
    page: &'p mut Page<'b>,
    figure: usize,
}

type Obeyed = Result<(), String>;

impl Hands<'_, '_> {
    /// Sets the controls, and compares every number.
    fn check(&mut self, check: &Check, manner: Manner) -> Result<Obeyed> {
        let state = serde_json::to_string(&check.set)?;
        for (name, value) in &check.set {
            if let Err(what) = self.set(name, value, manner)? {
                return Ok(Err(format!("{what} for {state}")));
            }
        }
        let outputs = self.outputs()?;
        for (name, &expected) in &check.expect {
            let shown = outputs.get(name).map_or("nothing", String::as_str);
            let agrees =
                number(shown).is_some_and(|number| (number - expected).abs() <= check.tolerance);
            if !agrees {
                return Ok(Err(format!(
                    "shows {shown} as {name} at {state}; Rust says {expected}"
                )));
            }
        }
        Ok(Ok(()))
    }

    /// Presses a surface at several points, and moves it by keyboard.
    fn point(&mut self, surface: &Surface, manner: Manner) -> Result<Obeyed> {
        let attribute = |name, value: &Option<String>| {
            value.as_ref().map_or(String::new(), |value| format!("[data-{name}=\"{value}\"]"))
        };
        let selector = attribute("x", &surface.x) + &attribute("y", &surface.y);
        for (x, y) in POINTS {
            let axes = [(&surface.x, x, "ArrowLeft"), (&surface.y, 1.0 - y, "ArrowDown")];
            if manner != Manner::Keyboard {
                let area = self.find(&selector)?.context("the surface was there a moment ago")?;
                let (px, py) = area.boxes[0].at(x, y);
                self.page.press(px, py, manner == Manner::Finger)?;
                let sizes = [area.boxes[0].width, area.boxes[0].height];
                for ((name, fraction, _), size) in axes.iter().zip(sizes) {
                    let Some(name) = name else { continue };
                    let Some(range) = self.control(name)? else { return Ok(Err(missing(name))) };
                    let span = range.max - range.min;
                    let wanted = range.min + fraction * span;
                    // Half a step to the next value of the input, and a pixel and a half for where
                    // a press and an edge are, each rounded to whole pixels.
                    let slack = 0.5 * range.step + 1.5 * span / size;
                    if let Err(value) = self.becomes(name, wanted, slack)? {
                        return Ok(Err(format!(
                            "pressed at {fraction} of its {name} axis becomes {value}, not {wanted}"
                        )));
                    }
                }
                continue;
            }
            for (name, _, key) in axes {
                let Some(name) = name else { continue };
                let Some(before) = self.control(name)? else { return Ok(Err(missing(name))) };
                let Some(value) = number(&before.value) else { return Ok(Err(missing(name))) };
                let backwards = value - before.step >= before.min;
                let key = match key {
                    _ if backwards => key,
                    "ArrowLeft" => "ArrowRight",
                    _ => "ArrowUp",
                };
                let wanted = if backwards { value - before.step } else { value + before.step };
                let area = self.find(&selector)?.context("the surface was there a moment ago")?;
                if !area.focused {
                    return Ok(Err("has a surface that cannot be focused".into()));
                }
                self.page.key(key)?;
                if let Err(value) = self.becomes(name, wanted, 1e-3 * before.step)? {
                    return Ok(Err(format!("{key} makes {name} {value}, not {wanted}")));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Sets one control.
    fn set(&mut self, name: &str, value: &Value, manner: Manner) -> Result<Obeyed> {
        let Some(control) = self.control(name)? else { return Ok(Err(missing(name))) };
        if !control.focused {
            return Ok(Err(format!("does not let the keyboard reach {name}")));
        }
        match (control.kind.as_str(), value) {
            ("range", Value::Number(number)) => {
                let wanted = number.as_f64().context("a number of JSON is a number")?;
                self.slide(name, &control, wanted, manner)
            }
            ("checkbox", Value::Bool(wanted)) => {
                if control.value != wanted.to_string() {
                    self.click(&control.boxes[0], manner)?;
                }
                self.takes(name, &wanted.to_string())
            }
            ("radio" | "select-one", Value::String(wanted)) => {
                self.choose(&control, wanted, manner)?;
                self.takes(name, wanted)
            }
            (kind, value) => Ok(Err(format!("cannot be set to {value}: {name} is a {kind}"))),
        }
    }

    /// Moves a slider. The pointer goes as near as a thumb can, the arrow keys the rest of the way.
    fn slide(
        &mut self,
        name: &str,
        range: &Control,
        wanted: f64,
        manner: Manner,
    ) -> Result<Obeyed> {
        let Control { min, max, step, .. } = *range;
        let mut value: f64 = range.value.parse().context("a range holds a number")?;
        if manner != Manner::Keyboard {
            // The thumb is about 16 pixels wide, and its middle is where the value is.
            let track = &range.boxes[0];
            let inset = 8.0 / track.width;
            let fraction = inset + (wanted - min) / (max - min) * (1.0 - 2.0 * inset);
            let (x, y) = track.at(fraction, 0.5);
            self.page.press(x, y, manner == Manner::Finger)?;
            let slack = step.max(0.05 * (max - min));
            if let Err(value) = self.becomes(name, wanted, slack)? {
                return Ok(Err(format!("pressed near {wanted} on {name}'s track goes to {value}")));
            }
            let range = self.control(name)?.context("the control was there a moment ago")?;
            value = range.value.parse().context("a range holds a number")?;
        }
        let steps = |from: f64| ((wanted - from) / step).round() as i64;
        let (from, first) = [(value, None), (min, Some("Home")), (max, Some("End"))]
            .into_iter()
            .min_by_key(|&(from, first)| steps(from).abs() + i64::from(first.is_some()))
            .expect("three ways to go");
        if let Some(key) = first {
            self.page.key(key)?;
        }
        for _ in 0..steps(from).abs() {
            self.page.key(if steps(from) > 0 { "ArrowRight" } else { "ArrowLeft" })?;
        }
        Ok(self
            .becomes(name, wanted, 1e-3 * step)?
            .map_err(|value| format!("{name} becomes {value}, not {wanted}")))
    }

    /// Chooses an option of a list or of a group of buttons.
    fn choose(&mut self, control: &Control, wanted: &str, manner: Manner) -> Result<()> {
        let position = |value: &str| control.options.iter().position(|option| option == value);
        let (Some(from), Some(to)) = (position(&control.value), position(wanted)) else {
            return Ok(());
        };
        // The list that a <select> opens is the browser's own window, which this protocol does not
        // reach: it is operated by keyboard in any case.
        if manner == Manner::Keyboard || control.kind == "select-one" {
            for _ in 0..from.abs_diff(to) {
                self.page.key(if to > from { "ArrowDown" } else { "ArrowUp" })?;
            }
            return Ok(());
        }
        self.click(&control.boxes[to], manner)
    }

    fn click(&mut self, area: &Rectangle, manner: Manner) -> Result<()> {
        if manner == Manner::Keyboard {
            return self.page.key(" ");
        }
        let (x, y) = area.at(0.5, 0.5);
        self.page.press(x, y, manner == Manner::Finger)
    }

    /// Waits until a range is near a value; what it is instead is the error.
    fn becomes(&mut self, name: &str, wanted: f64, slack: f64) -> Result<Obeyed> {
        self.wait(name, |value| number(value).is_some_and(|value| (value - wanted).abs() <= slack))
    }

    /// Waits until a control has a value.
    fn takes(&mut self, name: &str, wanted: &str) -> Result<Obeyed> {
        let outcome = self.wait(name, |value| value == wanted)?;
        Ok(outcome.map_err(|value| format!("{name} becomes {value}, not {wanted}")))
    }

    fn wait(&mut self, name: &str, is_right: impl Fn(&str) -> bool) -> Result<Obeyed> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.control(name)?.map_or("nothing".to_owned(), |control| control.value);
            if is_right(&value) {
                return Ok(Ok(()));
            }
            if Instant::now() > deadline {
                return Ok(Err(value));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn control(&mut self, name: &str) -> Result<Option<Control>> {
        self.find(&format!("[name=\"{name}\"]:not(output)"))
    }

    fn find(&mut self, selector: &str) -> Result<Option<Control>> {
        self.page.probe(&probes::control(self.figure, selector))
    }

    fn outputs(&mut self) -> Result<BTreeMap<String, String>> {
        self.page.probe(&probes::outputs(self.figure))
    }
}

fn missing(name: &str) -> String {
    format!("has no control named {name}")
}

/// A number as figures write it, with a minus of either kind.
fn number(text: &str) -> Option<f64> {
    text.replace('\u{2212}', "-").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_may_have_a_typographic_minus_and_nothing_else() {
        assert_eq!(number("\u{2212}1.5e-3"), Some(-0.0015));
        assert_eq!(number("-2"), Some(-2.0));
        assert_eq!(number("3 nats"), None);
    }
}
