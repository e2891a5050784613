// The plane of codes of a VAE with two latent coordinates: point at a code, see what the decoder draws there.

import { Figure, decimal, html } from "./figure.js";
import { logDensity } from "./gaussian.js";

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 600;

class LatentPlane extends Figure {
  static controls = [
    { name: "z1", label: "z₁", min: -3, max: 3, step: 0.2, value: 0, digits: 1 },
    { name: "z2", label: "z₂", min: -3, max: 3, step: 0.2, value: 0, digits: 1 },
    { name: "view", label: "on the plane", value: "codes", options: [["codes", "codes of test digits"], ["images", "decoded images"]] },
  ];

  static advice =
    "Move the pointer over the plane, or focus it and use the arrow keys. Walk from the 7s to the 0s along the edge, then straight through the middle: " +
    "what does the decoder draw where two classes meet, and what where no test digit has its code?";

  async load() {
    const folder = new URL("../figures/latent-plane/", import.meta.url);
    const response = await fetch(new URL("plane.json", folder));
    if (!response.ok) throw new Error(`plane.json answered ${response.status}`);
    this.plane = await response.json();
    this.sheet = new Image();
    this.sheet.src = new URL(this.plane.sprite_sheet.file, folder);
    await this.sheet.decode();
  }

  build() {
    this.surface = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({
      viewBox: `0 0 ${SIDE} ${SIDE}`, tabindex: 0, role: "application", "data-x": "z1", "data-y": "z2",
      "aria-label": "Plane of codes, both axes from −3 to 3. Arrow keys move the code.",
    })) this.surface.setAttribute(name, value);
    this.surface.innerHTML = this.#codes() + '<path class="cross"/><circle class="here" r="11"/>';
    this.images = html("div", { class: "images" });
    this.images.style.backgroundImage = `url("${this.sheet.src}")`;
    this.digit = html("canvas", { width: 28, height: 28, role: "img" });
    this.#listen();
    const legend = Array.from({ length: 10 }, (_, k) => html("span", { class: `class-${k}` }, String(k)));
    const ticks = (words) => words.map((text) => html("span", {}, text));
    return [
      html("div", { class: "plane" },
        html("div", { class: "field" },
          html("span", { class: "up" }, "z₂"),
          html("div", { class: "frame" }, this.images, this.surface),
          html("div", { class: "across" }, ...ticks(["−3", "z₁", "3"]))),
        html("div", { class: "drawn" },
          this.digit,
          this.readings(["log_prior", "log p(z)", 3, "nats"], ["nearest", "nearest test digit is a", 0], ["distance", "at a distance of", 3], ["grey", "mean grey", 3])),
      ),
      html("p", { class: "legend" }, "Codes of test digits by class: ", ...legend),
    ];
  }

  draw({ z1, z2, view }) {
    const { sprite_sheet: sheet, points } = this.plane;
    const column = Math.round((z1 - sheet.z1[0]) / (sheet.z1[1] - sheet.z1[0]));
    const row = Math.round((z2 - sheet.z2[0]) / (sheet.z2[1] - sheet.z2[0]));
    const grey = this.#decode(column * sheet.cell_width, row * sheet.cell_height);
    let nearest = { distance: Infinity };
    points.z1.forEach((x, i) => {
      const distance = Math.hypot(x - z1, points.z2[i] - z2);
      if (distance < nearest.distance) nearest = { distance, label: points.labels[i] };
    });
    this.say({ log_prior: logDensity(z1, 0, 1) + logDensity(z2, 0, 1), nearest: nearest.label, distance: nearest.distance, grey });
    this.digit.setAttribute("aria-label", `What the decoder draws at z₁ = ${decimal(z1, 1)}, z₂ = ${decimal(z2, 1)}`);
    this.finding.textContent = nearest.distance < 0.2
      ? `Here the encoder puts digits like ${nearest.label}.`
      : "No test digit has its code near here, and the decoder draws something all the same.";

    const [x, y] = [(SIDE * (z1 + 3)) / 6, (SIDE * (3 - z2)) / 6];
    const [cross, here] = this.surface.querySelectorAll(".cross, .here");
    cross.setAttribute("d", `M${x} 0V${SIDE}M0 ${y}H${SIDE}`);
    here.setAttribute("cx", x);
    here.setAttribute("cy", y);
    this.dataset.view = view;
  }

  /** Draws one cell of the sheet; its mean grey, black 0 to white 1. */
  #decode(x, y) {
    const pen = this.digit.getContext("2d", { willReadFrequently: true });
    pen.drawImage(this.sheet, x, y, 28, 28, 0, 0, 28, 28);
    const { data } = pen.getImageData(0, 0, 28, 28);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i];
    return sum / (255 * 28 * 28);
  }

  #codes() {
    const { z1, z2, labels } = this.plane.points;
    const dots = z1.map((x, i) => {
      // A few codes lie beyond the plane's edge.
      if (Math.max(Math.abs(x), Math.abs(z2[i])) > 3) return "";
      const [cx, cy] = [(SIDE * (x + 3)) / 6, (SIDE * (3 - z2[i])) / 6];
      return `<circle class="class-${labels[i]}" cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="4"/>`;
    });
    return `<g class="codes">${dots.join("")}</g>`;
  }

  #listen() {
    const step = 0.2;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    this.surface.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const { z1, z2 } = this.state;
      this.set({ z1: z1 + move[0], z2: z2 + move[1] });
    });
    const point = (event) => {
      const box = this.surface.getBoundingClientRect();
      const z1 = -3 + (6 * (event.clientX - box.left)) / box.width;
      const z2 = 3 - (6 * (event.clientY - box.top)) / box.height;
      this.set({ z1, z2 });
    };
    this.surface.addEventListener("pointerdown", point);
    this.surface.addEventListener("pointermove", point);
  }
}

customElements.define("latent-plane", LatentPlane);
