//! The library against independent sources, and its tests against laws that are known.

mod distributions;
mod divergences;
mod inference;
mod ndarray_stats;
mod quadrature;
mod reference;
mod special_functions;
