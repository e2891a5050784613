//! The library against independent sources.

mod evaluation;
mod gradient;
