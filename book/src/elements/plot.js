// A small chart in SVG, in the style of the book's static ones: axes that recede, curves with their names beside them.

import { decimal } from "./figure.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 46, right: 12, top: 30, bottom: 40 };

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const round = (value) => Math.round(value * 10) / 10;

/** Round numbers between low and high, some `count` of them, and how many decimals they need. */
export function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) values.push(k * step);
  return { values, digits };
}

/** The least of some round numbers that is not below a number. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 1.5, 2, 3, 5, 7.5, 10].find((factor) => factor * power >= value * 0.999);
}

/** So many evenly spaced points of a function. */
export function curve(low, high, f, count = 240) {
  return Array.from({ length: count + 1 }, (_, i) => {
    const x = low + ((high - low) * i) / count;
    return [x, f(x)];
  });
}

export class Plot {
  #marks = [];
  #handles = new Map();

  /**
   * `label` is for those who do not see the picture; `height` in pixels, of the whole.
   * `drag(names, x, y)` is told where in the data a handle was pulled to.
   */
  constructor({ label, height, drag, left = MARGIN.left }) {
    this.height = height;
    this.left = left;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", label);
    this.svg.classList.add("plot");
    this.back = this.svg.appendChild(document.createElementNS(SVG, "g"));
    if (drag) this.#draggable(drag);
  }

  /** Begins a drawing: ranges, names of the axes, and which ticks. */
  frame({ x, y, xLabel = "", yLabel = "", xTicks, yTicks, bottom = MARGIN.bottom }) {
    this.width = Math.max(this.svg.getBoundingClientRect().width || 640, 240);
    this.range = { x, y };
    this.bottom = bottom;
    this.#marks = [];
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.setAttribute("height", this.height);
    const { values: xs, digits: xDigits } = xTicks ?? ticks(...x, this.width < 480 ? 5 : 8);
    const { values: ys, digits: yDigits } = yTicks ?? ticks(...y, 4);
    const [x0, x1, y0, y1] = [this.px(x[0]), this.px(x[1]), this.py(y[0]), this.py(y[1])];
    for (const value of ys) {
      const at = round(this.py(value));
      this.#mark(`<path class="grid" d="M${x0} ${at}H${x1}"/>`);
      this.#mark(`<text class="tick" x="${x0 - 7}" y="${at + 4}" text-anchor="end">${decimal(value, yDigits)}</text>`);
    }
    for (const value of xs) {
      const at = round(this.px(value));
      this.#mark(`<path class="axis" d="M${at} ${y0}v4"/>`);
      this.#mark(`<text class="tick" x="${at}" y="${y0 + 18}" text-anchor="middle">${decimal(value, xDigits)}</text>`);
    }
    this.#mark(`<path class="axis" d="M${x0} ${y0}H${x1}"/>`);
    if (xLabel) this.#mark(`<text class="name" x="${(x0 + x1) / 2}" y="${y0 + 35}" text-anchor="middle">${escape(xLabel)}</text>`);
    if (yLabel) this.#mark(`<text class="name" x="2" y="${y1 - 14}">${escape(yLabel)}</text>`);
    return this;
  }

  px(x) {
    const [low, high] = this.range.x;
    return this.left + ((x - low) / (high - low)) * (this.width - this.left - MARGIN.right);
  }

  py(y) {
    const [low, high] = this.range.y;
    return this.height - this.bottom - ((y - low) / (high - low)) * (this.height - this.bottom - MARGIN.top);
  }

  /** A line through points; what leaves the frame is cut off. */
  line(points, series, extra = "") {
    this.#mark(`<path class="line ${series} ${extra}" d="${this.#path(points)}"/>`);
    return this;
  }

  /** The area between points and y = 0. */
  area(points, series, extra = "") {
    const zero = round(this.py(0));
    const [first, last] = [points[0], points[points.length - 1]];
    const path = `M${round(this.px(first[0]))} ${zero}L${this.#path(points).slice(1)}L${round(this.px(last[0]))} ${zero}Z`;
    this.#mark(`<path class="area ${series} ${extra}" d="${path}"/>`);
    return this;
  }

  bar(from, to, low, high, series, extra = "") {
    const [x0, x1, y0, y1] = [this.px(from), this.px(to), this.py(low), this.py(high)].map(round);
    this.#mark(`<rect class="bar ${series} ${extra}" x="${x0}" y="${y1}" width="${Math.max(round(x1 - x0), 0)}" height="${round(y0 - y1)}"/>`);
    return this;
  }

  vertical(x, series = "rule", extra = "") {
    const at = round(this.px(x));
    this.#mark(`<path class="line ${series} ${extra}" d="M${at} ${this.py(this.range.y[0])}V${this.py(this.range.y[1])}"/>`);
    return this;
  }

  horizontal(y, series = "rule", extra = "") {
    const at = round(this.py(y));
    this.#mark(`<path class="line ${series} ${extra}" d="M${this.px(this.range.x[0])} ${at}H${this.px(this.range.x[1])}"/>`);
    return this;
  }

  dot(x, y, series) {
    this.#mark(`<circle class="dot ${series}" cx="${round(this.px(x))}" cy="${round(this.#inside(y))}" r="5"/>`);
    return this;
  }

  /** Words at a place of the data, moved by pixels, kept inside of the picture. */
  text(x, y, words, series = "", { anchor = "start", dx = 0, dy = 0 } = {}) {
    const width = words.length * 8.5;
    const space = { start: [0, width], middle: [width / 2, width / 2], end: [width, 0] }[anchor];
    const at = Math.min(Math.max(this.px(x) + dx, 2 + space[0]), this.width - 2 - space[1]);
    const up = Math.min(Math.max(this.#inside(y) + dy, 14), this.height - this.bottom - 4);
    this.#mark(`<text class="word ${series}" x="${round(at)}" y="${round(up)}" text-anchor="${anchor}">${escape(words)}</text>`);
    return this;
  }

  /** A point to take hold of; `names` are the inputs that follow it. */
  handle(names, x, y, series) {
    let group = this.#handles.get(names);
    if (!group) {
      group = document.createElementNS(SVG, "g");
      group.setAttribute("class", `handle ${series}`);
      group.innerHTML = `<circle class="grip" r="8"/><circle class="reach" r="22" data-handle="${names}"/>`;
      this.svg.append(group);
      this.#handles.set(names, group);
    }
    const at = Math.min(Math.max(this.px(x), this.left), this.width - MARGIN.right);
    for (const circle of group.children) {
      circle.setAttribute("cx", round(at));
      circle.setAttribute("cy", round(this.#inside(y)));
    }
    return this;
  }

  /** Puts everything that was said since `frame` on the page. */
  show() {
    this.back.innerHTML = this.#marks.join("");
  }

  #mark(text) {
    this.#marks.push(text);
  }

  /** The height of a point, or the frame's edge beyond it. */
  #inside(y) {
    return Math.min(Math.max(this.py(y), MARGIN.top), this.height - this.bottom);
  }

  #path(points) {
    const [top, bottom] = [MARGIN.top - 12, this.height - this.bottom];
    const pixel = ([x, y]) => `${round(this.px(x))} ${round(Math.min(Math.max(this.py(y), top), bottom + 1))}`;
    return `M${points.map(pixel).join("L")}`;
  }

  #draggable(drag) {
    let held;
    this.svg.addEventListener("pointerdown", (event) => {
      const names = event.target.dataset?.handle;
      if (!names) return;
      event.preventDefault();
      this.svg.setPointerCapture(event.pointerId);
      const circle = event.target;
      // Where inside the handle it was taken, so that it does not jump.
      const [x, y] = this.#pixel(event);
      held = { names, dx: Number(circle.getAttribute("cx")) - x, dy: Number(circle.getAttribute("cy")) - y };
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (!held) return;
      const [x, y] = this.#pixel(event);
      const [low, high] = this.range.x;
      const [bottom, top] = this.range.y;
      const across = (x + held.dx - this.left) / (this.width - this.left - MARGIN.right);
      const up = (this.height - this.bottom - y - held.dy) / (this.height - this.bottom - MARGIN.top);
      drag(held.names, low + across * (high - low), bottom + up * (top - bottom));
    });
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, () => (held = undefined));
  }

  #pixel(event) {
    const box = this.svg.getBoundingClientRect();
    const scale = this.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }
}
