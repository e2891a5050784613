//! What is drawn, as pixels and as SVG, and what is refused.

mod charts;
mod common;
mod errors;
mod images;
