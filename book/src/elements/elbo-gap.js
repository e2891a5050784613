// log p(x) = ELBO + KL(q ‖ p(z|x)) for a q that one can move: equations (3.2), (3.4) and (3.5).

import { Figure, decimal, html } from "./figure.js";
import { Plot, curve } from "./plot.js";
import { density, expectation, integrate, logDensity, peak, sigmaOfPeak } from "./gaussian.js";

const FLOOR = -10;
const TALLEST = 2.5;

/** What there is to know about one x: the joint density, the evidence, the posterior. */
function model(decoder, x) {
  const decode = decoder.weight === undefined
    ? (z) => decoder.scale * Math.tanh(decoder.slope * z + decoder.shift)
    : (z) => decoder.weight * z;
  const logJoint = (z) => logDensity(z, 0, 1) + logDensity(x, decode(z), decoder.sigma);
  const logEvidence = Math.log(integrate((z) => Math.exp(logJoint(z)), -10, 10, 2000));
  return { logJoint, logEvidence, logPosterior: (z) => logJoint(z) - logEvidence };
}

const elbo = ({ logJoint }, mean, sigma) =>
  expectation(mean, sigma, (z) => logJoint(z) - logDensity(z, mean, sigma));

/** Equation (3.5) as ∫ [p − q + q log(q/p)] dz, which is nowhere negative and knows nothing of the ELBO. */
function gap({ logPosterior }, mean, sigma) {
  const integrand = (z) => {
    const [logP, logQ] = [logPosterior(z), logDensity(z, mean, sigma)];
    return Math.exp(logP) + Math.exp(logQ) * (logQ - logP - 1);
  };
  return integrate(integrand, -20, 20, 4000);
}

class ElboGap extends Figure {
  static controls = [
    { name: "decoder", label: "decoder", value: "tanh", options: [["tanh", "tanh network"], ["linear", "linear"]] },
    { name: "x", label: "observed x", min: -2.5, max: 2.5, step: 0.25, value: 1, digits: 2 },
    { name: "mean", label: "mean of q", min: -2, max: 2, step: 0.05, value: -0.5, digits: 2, series: "two" },
    { name: "sigma", label: "σ of q", min: 0.2, max: 1.6, step: 0.05, value: 0.4, digits: 2, series: "two" },
  ];

  static advice =
    "Pull the top of q, or move its sliders. The blue and the orange part of the bar trade places; together they end at " +
    "log p(x), whatever q is. With the linear decoder the posterior is a Gaussian, and some q leaves no gap. " +
    "With the tanh decoder, and x near 2, none does.";

  build() {
    this.densities = new Plot({
      label: "Densities over the code z: prior, posterior and q",
      height: 300,
      drag: (_, mean, height) => this.set({ mean, sigma: sigmaOfPeak(Math.max(height, 0.01)) }),
    });
    this.split = new Plot({ label: "log p(x) as a bar, divided into ELBO and KL", height: 104 });
    return [
      this.densities.svg,
      this.split.svg,
      this.readings(
        ["elbo", "ELBO", 3, "nats", "one"],
        ["kl", "KL(q ‖ p(z|x))", 3, "nats", "two"],
        ["log_evidence", "log p(x), their sum", 3, "nats"],
      ),
    ];
  }

  buttons() {
    const climb = html("button", { type: "button", name: "climb" }, "Climb to the best q");
    climb.addEventListener("click", () => this.climb());
    return [climb];
  }

  draw({ decoder, x, mean, sigma }) {
    const at = model(this.data.decoders[decoder], x);
    const bound = elbo(at, mean, sigma);
    const missed = gap(at, mean, sigma);
    this.say({ elbo: bound, kl: missed, log_evidence: at.logEvidence });
    this.finding.textContent = missed < 0.0005
      ? `Nothing is missed: q is the posterior, and the ELBO is log p(x) = ${decimal(at.logEvidence, 3)}.`
      : `This q misses ${decimal(missed, 3)} nats of log p(x).`;
    this.#drawDensities(at, mean, sigma);
    this.#drawSplit(at.logEvidence, bound);
  }

  #drawDensities({ logPosterior }, mean, sigma) {
    const posterior = curve(-3, 3, (z) => Math.exp(logPosterior(z)), 480);
    const top = posterior.reduce((best, point) => (point[1] > best[1] ? point : best));
    const [anchor, dx] = mean < top[0] ? ["start", 14] : ["end", -14];
    const q = curve(-3, 3, (z) => density(z, mean, sigma), 480);
    this.densities
      .frame({ x: [-3, 3], y: [0, TALLEST], xLabel: "code z", yLabel: "density" })
      .area(posterior, "three")
      .line(curve(-3, 3, (z) => density(z, 0, 1)), "rule", "dashed")
      .line(q, "two")
      .text(-2.3, density(-2.3, 0, 1), "prior p(z)", "quiet", { anchor: "middle", dy: -10 })
      .text(top[0], top[1], "posterior p(z|x)", "three", { anchor, dx, dy: 6 })
      .text(mean, peak(sigma), "q(z)", "two", { anchor: "middle", dy: -16 })
      .handle("mean sigma", mean, peak(sigma), "two")
      .show();
  }

  #drawSplit(logEvidence, bound) {
    const reached = Math.max(bound, FLOOR);
    this.split
      .frame({ x: [FLOOR, 0], y: [0, 1], xLabel: "nats", yTicks: { values: [], digits: 0 } })
      .bar(FLOOR, reached, 0.1, 0.9, "one")
      .bar(reached, logEvidence, 0.1, 0.9, "two")
      .vertical(logEvidence, "ink")
      .text(FLOOR, 1, bound < FLOOR ? "← ELBO, further left" : "ELBO", "one", { dy: -4 })
      .text(logEvidence, 1, "log p(x)", "", { dx: 4, dy: -4 });
    if (logEvidence - reached > 1) {
      this.split.text(0.5 * (reached + logEvidence), 1, "KL", "two", { anchor: "middle", dy: -4 });
    }
    this.split.show();
  }

  /** Steps of the sliders, each to a higher ELBO, until none is higher. */
  climb() {
    const { decoder, x, ...start } = this.state;
    const at = model(this.data.decoders[decoder], x);
    const { min, max, step } = ElboGap.controls.find(({ name }) => name === "sigma");
    let here = { mean: start.mean, sigma: start.sigma };
    let height = elbo(at, here.mean, here.sigma);
    for (let better = true; better; ) {
      better = false;
      for (const [dm, ds] of [[step, 0], [-step, 0], [0, step], [0, -step]]) {
        const next = { mean: here.mean + dm, sigma: Math.min(Math.max(here.sigma + ds, min), max) };
        const value = elbo(at, next.mean, next.sigma);
        if (value > height + 1e-12) [here, height, better] = [next, value, true];
      }
    }
    this.set(here);
  }
}

customElements.define("elbo-gap", ElboGap);
