//! Distances against an independent program, scores of images that are known to be good or bad.

mod frechet;
mod score;
