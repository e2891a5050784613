// A generator N(θ, s²) against the best discriminator of data from N(0, 1): equations (8.1), (8.3) to (8.5) and (8.13).

import { Figure, decimal } from "./figure.js";
import { Plot, curve } from "./plot.js";
import { density, expectation, kl, logDensity, peak, sigmaOfPeak, sigmoid, softplus } from "./gaussian.js";

const REACH = [-5, 5];
const TALLEST = 1;

/** ℓ* = log p(x) − log q(x), the best discriminator's logit. */
const logit = (x, theta, sigma) => logDensity(x, 0, 1) - logDensity(x, theta, sigma);

/** V(D*, G), equation (8.1) with (8.3) inserted. */
function value(theta, sigma) {
  const onData = expectation(0, 1, (x) => -softplus(-logit(x, theta, sigma)));
  const onGenerated = expectation(theta, sigma, (x) => -softplus(logit(x, theta, sigma)));
  return onData + onGenerated;
}

/** The slopes of both generator losses by θ, with D* held fixed: E_q[f′(ℓ*) · (ℓ*)′]. */
function slopes(theta, sigma, count = 400) {
  const rise = (x) => (x - theta) / (sigma * sigma) - x;
  const by = (backward) => expectation(theta, sigma, (x) => backward(logit(x, theta, sigma)) * rise(x), count);
  return { saturating: by((l) => -sigmoid(l)), nonSaturating: by((l) => -sigmoid(-l)) };
}

class OptimalDiscriminator extends Figure {
  static controls = [
    { name: "theta", label: "θ, mean of the generated", min: -4, max: 4, step: 0.1, value: 1.5, digits: 1, series: "two" },
    { name: "sigma", label: "s, their standard deviation", min: 0.4, max: 2.5, step: 0.05, value: 0.8, digits: 2, series: "two" },
  ];

  static advice =
    "Pull the generated density away from the data, to θ = 4. The discriminator becomes sure, the value of the game approaches 0 from below, and the " +
    "slope of the saturating loss dies away just when the generator needs it. Then put one on the other: D* is ½ everywhere, and the value −log 4.";

  build() {
    this.densities = new Plot({
      label: "The densities of the data and of the generated examples",
      height: 240,
      drag: (_, theta, height) => this.set({ theta, sigma: sigmaOfPeak(Math.max(height, 0.01)) }),
    });
    this.answer = new Plot({ label: "The best discriminator's answer over x", height: 170 });
    this.pull = new Plot({ label: "The slopes of the two generator losses against θ", height: 220 });
    return [
      this.densities.svg,
      this.answer.svg,
      this.pull.svg,
      this.readings(
        ["value", "V(D*, G)", 3, "nats"],
        ["jsd", "JSD(p, q)", 3, "nats"],
        ["kl", "KL(q ‖ p)", 3, "nats"],
        ["saturating", "slope, log(1 − D)", 3, "", "three"],
        ["non_saturating", "slope, −log D", 3, "", "one"],
      ),
    ];
  }

  draw({ theta, sigma }) {
    const game = value(theta, sigma);
    const here = slopes(theta, sigma);
    this.say({
      value: game,
      jsd: 0.5 * (game + Math.log(4)),
      kl: kl(theta, sigma, 0, 1),
      saturating: here.saturating,
      non_saturating: here.nonSaturating,
    });
    this.finding.textContent = this.#inWords(theta, sigma, game, here);
    this.#drawDensities(theta, sigma);
    this.#drawPull(theta, sigma, here);
  }

  #inWords(theta, sigma, game, here) {
    if (game + Math.log(4) < 0.0005) return "q = p: the best discriminator can only guess, and neither loss has a slope.";
    const [weak, strong] = [Math.abs(here.saturating), Math.abs(here.nonSaturating)];
    if (weak > 0.01 && strong > 3 * weak) return `−log D pulls ${decimal(strong / weak, 0)} times as hard as log(1 − D).`;
    if (weak > 0.01 || strong < 0.01) return "Both losses have slopes of the same order here.";
    return "log(1 − D) is flat here: the discriminator is sure, and the generator learns nothing from it.";
  }

  #drawDensities(theta, sigma) {
    const [anchor, dx] = theta < 0 ? ["start", 12] : ["end", -12];
    this.densities
      .frame({ x: REACH, y: [0, TALLEST], yLabel: "density", bottom: 24 })
      .area(curve(...REACH, (x) => density(x, 0, 1), 300), "rule")
      .line(curve(...REACH, (x) => density(x, theta, sigma), 300), "two")
      .text(0, peak(1), "data p", "quiet", { anchor, dx, dy: -2 })
      .text(theta, peak(sigma), "generated q", "two", { anchor: "middle", dy: -16 })
      .handle("theta sigma", theta, peak(sigma), "two")
      .show();
    const best = (x) => sigmoid(logit(x, theta, sigma));
    this.answer
      .frame({ x: REACH, y: [0, 1], xLabel: "x", yLabel: "D*(x), probability that x is real", yTicks: { values: [0, 0.5, 1], digits: 1 } })
      .horizontal(0.5, "rule", "dashed")
      .vertical(theta, "two", "dashed")
      .line(curve(...REACH, best, 300), "four")
      .show();
  }

  #drawPull(theta, sigma, here) {
    const along = [];
    for (let t = -4; t <= 4.001; t += 0.125) along.push([t, slopes(t, sigma, 120)]);
    this.pull
      .frame({ x: [-4, 4], y: [-4, 4], xLabel: "θ", yLabel: "slope of the generator's loss by θ" })
      .horizontal(0, "axis")
      .vertical(theta, "two", "dashed")
      .line(along.map(([t, { nonSaturating }]) => [t, nonSaturating]), "one")
      .line(along.map(([t, { saturating }]) => [t, saturating]), "three")
      .dot(theta, here.nonSaturating, "one")
      .dot(theta, here.saturating, "three")
      .text(3, slopes(3, sigma).nonSaturating, "−log D", "one", { anchor: "end", dx: -8, dy: -6 })
      .text(3.9, 0, "log(1 − D)", "three", { anchor: "end", dy: 20 })
      .show();
  }
}

customElements.define("optimal-discriminator", OptimalDiscriminator);
