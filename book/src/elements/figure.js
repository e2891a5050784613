// What the interactive figures share: starting, controls, outputs. The contract is in theme/elements/README.md.

/** An HTML element with attributes and children. */
export function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A number with so many decimals, a true minus sign, and no minus before zero. */
export function decimal(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

let stylesheet;

/** Loads elements.css once a page. */
function style() {
  stylesheet ??= new Promise((resolve, reject) => {
    const link = html("link", { rel: "stylesheet", href: new URL("elements.css", import.meta.url) });
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error("elements.css could not be loaded")));
    document.head.append(link);
  });
  return stylesheet;
}

async function json(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response.json();
}

/**
 * A figure with controls. A subclass says
 * - `static controls`: ranges `{name, label, min, max, step, value, digits}`, choices `{name, label, options, value}` with
 *   options `[value, text]`, and switches `{name, label, value: boolean}`;
 * - `static advice`: a sentence that says what to try;
 * - `build()`: the elements of its picture, and `draw(state)`, which fills them and the outputs.
 */
export class Figure extends HTMLElement {
  #inputs = new Map();
  #settings = new Map();
  #outputs = new Map();
  #width = 0;

  async connectedCallback() {
    if (this.started) return;
    this.started = true;
    try {
      const file = `../figures/interactive/${this.localName}.json`;
      this.dataset.src ??= new URL(file, import.meta.url);
      [this.data] = await Promise.all([json(new URL(this.dataset.src, document.baseURI)), style()]);
      await this.load();
    } catch (error) {
      this.dataset.error = `The static figure stays: ${error.message}.`;
      return;
    }
    const picture = this.build();
    this.classList.add("movable");
    this.replaceChildren(
      ...picture,
      (this.finding = html("p", { class: "finding", role: "status" })),
      this.#controls(),
      html("p", { class: "advice" }, html("strong", {}, "Try this. "), this.constructor.advice),
    );
    this.addEventListener("input", () => this.update());
    // mdBook turns the page at arrow keys, wherever the focus is.
    this.addEventListener("keydown", (event) => event.stopPropagation());
    new ResizeObserver(() => {
      if (this.clientWidth === this.#width) return;
      this.#width = this.clientWidth;
      this.update();
    }).observe(this);
    this.#width = this.clientWidth;
    this.update();
    this.dataset.ready = "";
  }

  /** What has to be fetched besides the data. */
  async load() {}

  /** Buttons beside "Start again". */
  buttons() {
    return [];
  }

  /** What the controls say. */
  get state() {
    const read = (input) =>
      input.type === "checkbox" ? input.checked : input.type === "range" ? Number(input.value) : input.value;
    return Object.fromEntries([...this.#inputs].map(([name, input]) => [name, read(input)]));
  }

  /** Moves controls; a range goes to the nearest of its steps. */
  set(values) {
    for (const [name, value] of Object.entries(values)) {
      const input = this.#inputs.get(name);
      if (input.type === "checkbox") input.checked = value;
      else input.value = value;
    }
    this.update();
  }

  update() {
    const state = this.state;
    for (const { name, digits } of this.constructor.controls) {
      if (digits !== undefined) this.#settings.get(name).textContent = decimal(state[name], digits);
    }
    this.draw(state);
  }

  /** `<output name="…">`, which `say` fills; its text is the number and nothing else. */
  output(name, digits) {
    const output = html("output", { name, "aria-live": "off" });
    this.#outputs.set(name, { output, digits });
    return output;
  }

  say(values) {
    for (const [name, value] of Object.entries(values)) {
      const { output, digits } = this.#outputs.get(name);
      output.textContent = decimal(value, digits);
    }
  }

  /** A row of numbers with their names: `[name, label, digits, unit, series]`. */
  readings(...rows) {
    const reading = ([name, label, digits, unit, series]) =>
      html(
        "div",
        { class: series ? `reading ${series}` : "reading" },
        html("span", { class: "label" }, label),
        html("span", { class: "number" }, this.output(name, digits), unit ? html("span", { class: "unit" }, ` ${unit}`) : ""),
      );
    return html("div", { class: "readings" }, ...rows.map(reading));
  }

  #controls() {
    const reset = html("button", { type: "button", name: "reset" }, "Start again");
    reset.addEventListener("click", () => {
      this.set(Object.fromEntries(this.constructor.controls.map(({ name, value }) => [name, value])));
    });
    const controls = this.constructor.controls.map((control) => this.#control(control));
    const buttons = html("div", { class: "buttons" }, ...this.buttons(), reset);
    return html("div", { class: "controls" }, ...controls, buttons);
  }

  #control({ name, label, options, value, min, max, step, digits, series }) {
    const kind = options ? "choice" : typeof value === "boolean" ? "switch" : "range";
    let input;
    if (kind === "choice") {
      const option = ([key, text]) => html("option", { value: key, selected: key === value }, text);
      input = html("select", { name }, ...options.map(option));
    } else if (kind === "switch") {
      input = html("input", { type: "checkbox", name, checked: value });
    } else {
      input = html("input", { type: "range", name, min, max, step, value });
    }
    this.#inputs.set(name, input);
    const text = html("span", { class: "label" }, label);
    const parts = kind === "switch" ? [input, text] : [text, input];
    if (digits !== undefined) {
      const setting = html("span", { class: "setting", "aria-hidden": "true" });
      this.#settings.set(name, setting);
      parts.push(setting);
    }
    return html("label", { class: series ? `control ${kind} ${series}` : `control ${kind}` }, ...parts);
  }
}
