// One gradient, two estimators, the same draws: equations (4.1), (4.6), (4.9), and the variances (4.10) and (4.13).

import { Figure, decimal, html } from "./figure.js";
import { Plot, roundUp } from "./plot.js";

const BINS = 81;

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Mean and standard deviation of numbers. */
function moments(values) {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
  return { mean, sd: Math.sqrt(variance) };
}

/** Means over successive groups. */
function inGroups(values, size) {
  return Array.from({ length: Math.floor(values.length / size) }, (_, k) =>
    sum(values.slice(k * size, (k + 1) * size)) / size);
}

/** What is known exactly about f(z) = z₁² + … + z_D² and the derivative by the mean of z₁. */
function exact(mean, sigma, dimension) {
  const [m2, s2, others] = [mean * mean, sigma * sigma, dimension - 1];
  const best = m2 + 3 * s2 + others * (m2 + s2);
  const least = 8 * m2 + 6 * s2 + others * (4 * m2 + 2 * s2);
  return {
    gradient: 2 * mean,
    best,
    scoreVariance: (baseline) => least + (baseline - best) ** 2 / s2,
    pathVariance: 4 * s2,
  };
}

class GradientHistograms extends Figure {
  static controls = [
    { name: "mean", label: "mean μ", min: -1.5, max: 1.5, step: 0.1, value: 1, digits: 1 },
    { name: "sigma", label: "σ", min: 0.2, max: 1, step: 0.05, value: 0.5, digits: 2 },
    { name: "coordinates", label: "coordinates D", value: "10", options: [["1", "D = 1"], ["10", "D = 10"]] },
    {
      name: "samples",
      label: "draws in one estimate",
      value: "1",
      options: [["1", "one draw"], ["4", "mean of 4"], ["16", "mean of 16"], ["64", "mean of 64"]],
    },
    { name: "baseline", label: "subtract the best baseline b*", value: false },
  ];

  static advice =
    "Average over 64 draws: the upper histogram is still wider than the lower one was for a single draw. Subtract the baseline, and it gets there. " +
    "Then go from ten coordinates to one: which of the two histograms notices?";

  build() {
    this.score = new Plot({ label: "Histogram of score-function estimates", height: 200 });
    this.path = new Plot({ label: "Histogram of pathwise estimates", height: 200 });
    const row = (name, words, series) =>
      html("tr", { class: series }, html("th", { scope: "row" }, words),
        ...["mean", "sd", "formula"].map((column) =>
          html("td", {}, this.output(`${name}_${column}`, 3))));
    const heads = ["estimator", "mean", "sd", "sd by formula"].map((words) => html("th", { scope: "col" }, words));
    const table = html("table", {}, html("thead", {}, html("tr", {}, ...heads)),
      html("tbody", {}, row("score", "score function", "two"), row("path", "pathwise", "one")));
    return [
      this.score.svg,
      this.path.svg,
      table,
      this.readings(["gradient", "the exact gradient, 2μ", 3]),
    ];
  }

  draw({ mean, sigma, coordinates, samples, baseline }) {
    const [dimension, size] = [Number(coordinates), Number(samples)];
    const known = exact(mean, sigma, dimension);
    const b = baseline ? known.best : 0;
    const draws = this.#draws(mean, sigma, dimension);
    const estimates = {
      score: inGroups(draws.map(({ f, score }) => (f - b) * score), size),
      path: inGroups(draws.map(({ slope }) => slope), size),
    };
    const measured = { score: moments(estimates.score), path: moments(estimates.path) };
    const scoreVariance = known.scoreVariance(b);
    this.say({
      score_mean: measured.score.mean,
      score_sd: measured.score.sd,
      score_formula: Math.sqrt(scoreVariance / size),
      path_mean: measured.path.mean,
      path_sd: measured.path.sd,
      path_formula: Math.sqrt(known.pathVariance / size),
      gradient: known.gradient,
    });
    const times = scoreVariance / known.pathVariance;
    this.finding.textContent =
      `${estimates.score.length} estimates each, from the same draws. For the same error the score function needs ` +
      `${decimal(times, times < 10 ? 1 : 0)} times as many draws.`;

    // The frame follows μ, σ and D, but neither the baseline nor the number of draws: so these can be seen to narrow.
    const half = roundUp(2.5 * Math.sqrt(known.scoreVariance(0)));
    const range = [known.gradient - half, known.gradient + half];
    const title = baseline ? "score function, best baseline" : "score function, no baseline";
    this.#histogram(this.score, estimates.score, range, known.gradient, "two", title, "");
    this.#histogram(this.path, estimates.path, range, known.gradient, "one", "pathwise", "one estimate of ∂ E f / ∂μ₁");
  }

  /** f, the score and the slope of each draw, from the noise ε₁ and the sums over the other coordinates. */
  #draws(mean, sigma, dimension) {
    const { noise, others_sum: sums, others_squares: squares } = this.data;
    const others = dimension - 1;
    return noise.map((epsilon, i) => {
      const z = mean + sigma * epsilon;
      const rest = others && others * mean * mean + 2 * mean * sigma * sums[i] + sigma * sigma * squares[i];
      return { f: z * z + rest, score: epsilon / sigma, slope: 2 * z };
    });
  }

  #histogram(plot, values, [low, high], gradient, series, title, xLabel) {
    const width = (high - low) / BINS;
    const counts = new Array(BINS).fill(0);
    let outside = 0;
    for (const value of values) {
      const bin = Math.floor((value - low) / width);
      if (bin >= 0 && bin < BINS) counts[bin] += 1;
      else outside += 1;
    }
    const shares = counts.map((count) => (100 * count) / values.length);
    plot.frame({ x: [low, high], y: [0, roundUp(Math.max(...shares))], xLabel, yLabel: `% of estimates, ${title}`, bottom: xLabel ? 40 : 24 });
    shares.forEach((share, k) => {
      if (share > 0) plot.bar(low + k * width, low + (k + 1) * width, 0, share, series);
    });
    plot.vertical(gradient, "ink", "dashed");
    if (outside) {
      plot.text(high, plot.range.y[1], `${decimal((100 * outside) / values.length, 1)} % outside`, "quiet", { anchor: "end", dy: 14 });
    }
    plot.show();
  }
}

customElements.define("gradient-histograms", GradientHistograms);
