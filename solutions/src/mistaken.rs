//! One known mistake of each lab, as a change of its solution: what a grader tries before it judges anybody.

/// A mistake that the checks know by its name.
#[derive(Clone, Copy, Debug)]
pub struct Mistaken {
    /// As in `ch06`.
    pub chapter: &'static str,
    /// The exercise's function.
    pub function: &'static str,
    /// The mistake's name.
    pub mistake: &'static str,
    /// What stands once in the solution of the function,
    pub right: &'static str,
    /// and what whoever makes the mistake writes instead.
    pub wrong: &'static str,
}

/// A mistake of each lab.
pub const MISTAKEN: [Mistaken; 9] = [
    Mistaken {
        chapter: "ch01",
        function: "kept_share",
        mistake: "smallest",
        right: "b.total_cmp(a)",
        wrong: "a.total_cmp(b)",
    },
    Mistaken {
        chapter: "ch02",
        function: "missing_mark",
        mistake: "noise-left-out",
        right: "w * w / precision + s * s",
        wrong: "w * w / precision",
    },
    Mistaken {
        chapter: "ch03",
        function: "importance_bound",
        mistake: "mean-of-logs",
        right: "log_mean_exp(&log_weights)",
        wrong: "log_weights.iter().sum::<f64>() / log_weights.len() as f64",
    },
    Mistaken {
        chapter: "ch04",
        function: "exponential_score",
        mistake: "normalisation-forgotten",
        right: "1.0 - log_rate.exp() * z",
        wrong: "-log_rate.exp() * z",
    },
    Mistaken {
        chapter: "ch05",
        function: "weibull_path",
        mistake: "power-not-inverted",
        right: ".powf(1.0 / shape)",
        wrong: ".powf(shape)",
    },
    Mistaken {
        chapter: "ch06",
        function: "kl_to_wide_prior",
        mistake: "mean-over-coordinates",
        right: "- 1.0)).sum()",
        wrong: "- 1.0)).sum::<f64>() / mean.len() as f64",
    },
    Mistaken {
        chapter: "ch07",
        function: "active_units",
        mistake: "divisor-n-minus-1",
        right: "var_axis(Axis(0), 0.0)",
        wrong: "var_axis(Axis(0), 1.0)",
    },
    Mistaken {
        chapter: "ch08",
        function: "hinge_losses",
        mistake: "hinge-for-the-generator",
        right: "-generated.sum() / generated.len() as f64)",
        wrong: "mean(generated.mapv(|l| (1.0 - l).max(0.0))))",
    },
    Mistaken {
        chapter: "ch09",
        function: "dilated_places",
        mistake: "first-place-forgotten",
        right: "/ stride + 1",
        wrong: "/ stride",
    },
];
