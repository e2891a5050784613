//! What is looked for in a page: a JavaScript expression each, in a file each.

/// What the probes share.
pub(crate) const COMMON: &str = include_str!("probes/common.js");

/// Unfolds the page and waits until it rests.
pub(crate) const SETTLE: &str = include_str!("probes/settle.js");

/// Addresses and anchors of a page.
pub(crate) const LINKS: &str = include_str!("probes/links.js");

/// The interactive figures of a page.
pub(crate) const FIGURES: &str = include_str!("probes/figures.js");

/// A control of the interactive figure number `figure`, or a surface, found by a CSS selector.
pub(crate) fn control(figure: usize, selector: &str) -> String {
    let selector = serde_json::Value::from(selector).to_string();
    include_str!("probes/control.js")
        .replace("[FIGURE]", &format!("[{figure}]"))
        .replace("(SELECTOR)", &format!("({selector})"))
}

/// The numbers that the interactive figure number `figure` shows.
pub(crate) fn outputs(figure: usize) -> String {
    include_str!("probes/outputs.js").replace("[FIGURE]", &format!("[{figure}]"))
}

use crate::faults::Fault;

/// What is looked for by a probe that returns sentences, one for each fault.
pub(crate) const FAULTS: [(Fault, &str); 5] = [
    (Fault::Image, include_str!("probes/images.js")),
    (Fault::Markup, include_str!("probes/markup.js")),
    (Fault::Formula, include_str!("probes/formulas.js")),
    (Fault::Contrast, include_str!("probes/contrast.js")),
    (Fault::Overflow, include_str!("probes/overflow.js")),
];
