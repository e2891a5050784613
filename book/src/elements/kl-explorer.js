// Two Gaussians, the divergence in both directions, and the integrands whose areas they are: equations (6.1) and (6.4).

import { Figure, decimal } from "./figure.js";
import { Plot, curve, roundUp } from "./plot.js";
import { density, kl, logDensity, peak, sigmaOfPeak } from "./gaussian.js";

const REACH = [-6, 6];
const TALLEST = 1.1;

class KlExplorer extends Figure {
  static controls = [
    { name: "mean1", label: "μ₁, mean of p", min: -3, max: 3, step: 0.1, value: -0.6, digits: 1, series: "one" },
    { name: "sigma1", label: "σ₁ of p", min: 0.4, max: 2.5, step: 0.05, value: 0.7, digits: 2, series: "one" },
    { name: "mean2", label: "μ₂, mean of q", min: -3, max: 3, step: 0.1, value: 0.9, digits: 1, series: "two" },
    { name: "sigma2", label: "σ₂ of q", min: 0.4, max: 2.5, step: 0.05, value: 1.2, digits: 2, series: "two" },
  ];

  static advice =
    "Pull the tops of the curves, or move the sliders. Give both the same mean and make q narrow: KL(p ‖ q) explodes, because p has mass where q " +
    "has next to none, and KL(q ‖ p) stays small. Then find a pair for which both directions agree although p and q differ.";

  build() {
    this.densities = new Plot({
      label: "The densities p and q over x",
      height: 270,
      drag: (names, mean, height) => {
        const [meanName, sigmaName] = names.split(" ");
        this.set({ [meanName]: mean, [sigmaName]: sigmaOfPeak(Math.max(height, 0.01)) });
      },
    });
    this.forward = new Plot({ label: "The integrand of KL(p ‖ q): p times the logarithm of p over q", height: 210 });
    this.reverse = new Plot({ label: "The integrand of KL(q ‖ p): q times the logarithm of q over p", height: 210 });
    const pair = document.createElement("div");
    pair.className = "pair";
    pair.append(this.forward.svg, this.reverse.svg);
    return [
      this.densities.svg,
      pair,
      this.readings(
        ["forward", "KL(p ‖ q)", 3, "nats", "one"],
        ["reverse", "KL(q ‖ p)", 3, "nats", "two"],
      ),
    ];
  }

  draw({ mean1, sigma1, mean2, sigma2 }) {
    const [p, q] = [{ mean: mean1, sigma: sigma1 }, { mean: mean2, sigma: sigma2 }];
    const forward = kl(mean1, sigma1, mean2, sigma2);
    const reverse = kl(mean2, sigma2, mean1, sigma1);
    this.say({ forward, reverse });
    this.finding.textContent = this.#inWords(forward, reverse);

    const of = ({ mean, sigma }) => curve(...REACH, (x) => density(x, mean, sigma), 400);
    const above = { anchor: "middle", dy: -16 };
    this.densities
      .frame({ x: REACH, y: [0, TALLEST], xLabel: "x", yLabel: "density" })
      .line(of(p), "one")
      .line(of(q), "two")
      .text(mean1, peak(sigma1), "p", "one", above)
      .text(mean2, peak(sigma2), "q", "two", above)
      .handle("mean1 sigma1", mean1, peak(sigma1), "one")
      .handle("mean2 sigma2", mean2, peak(sigma2), "two")
      .show();

    const summand = (a, b) => (x) =>
      density(x, a.mean, a.sigma) * (logDensity(x, a.mean, a.sigma) - logDensity(x, b.mean, b.sigma));
    const curves = [curve(...REACH, summand(p, q), 400), curve(...REACH, summand(q, p), 400)];
    // Both on one scale, which changes in steps, so that areas compare.
    const values = curves.flat().map(([, y]) => y);
    const high = roundUp(Math.max(...values, 0.2));
    const low = -roundUp(Math.max(...values.map((y) => -y), high / 10));
    this.#integrand(this.forward, curves[0], "one", "p log(p/q)", [low, high]);
    this.#integrand(this.reverse, curves[1], "two", "q log(q/p)", [low, high]);
  }

  #integrand(plot, points, series, name, y) {
    const part = (sign) => points.map(([x, value]) => [x, sign * value > 0 ? value : 0]);
    plot
      .frame({ x: REACH, y, xLabel: "x", yLabel: `${name}: area above 0 less area below` })
      .area(part(1), series)
      .area(part(-1), series, "below")
      .line(points, series)
      .horizontal(0, "axis")
      .show();
  }

  #inWords(forward, reverse) {
    if (Math.max(forward, reverse) < 0.0005) return "p and q are the same, and only then both divergences are 0.";
    const [more, less] = [Math.max(forward, reverse), Math.min(forward, reverse)];
    if (more - less < 0.0005) return "Both directions cost the same here.";
    const names = forward > reverse ? ["KL(p ‖ q)", "KL(q ‖ p)"] : ["KL(q ‖ p)", "KL(p ‖ q)"];
    return `${names[0]} is ${decimal(more / less, more / less < 10 ? 1 : 0)} times ${names[1]}.`;
  }
}

customElements.define("kl-explorer", KlExplorer);
