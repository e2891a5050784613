(() => {
  // Colours are [red, green, blue, opacity], from 0 to 255 and from 0 to 1. What `getComputedStyle` does not put as rgb()
  // is painted, and the pixel read.
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const colours = new Map();
  const colour = (text) => {
    if (!colours.has(text)) {
      const numbers = /^rgba?\(([\d., ]+)\)$/.exec(text)?.[1].split(",").map(Number);
      if (numbers) {
        colours.set(text, [...numbers, 1].slice(0, 4));
      } else {
        pixel.clearRect(0, 0, 1, 1);
        pixel.fillStyle = text;
        pixel.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
        colours.set(text, [r, g, b, a / 255]);
      }
    }
    return colours.get(text);
  };
  const over = ([r, g, b, a], [R, G, B]) => [R + a * (r - R), G + a * (g - G), B + a * (b - B), 1];

  // What lies behind the content of an element, and the translucent groups that it is in, from the outermost.
  const canvas = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
  const known = new Map([[null, { ground: canvas, groups: [] }]]);
  const around = (element) => {
    if (!known.has(element)) {
      const { ground, groups } = around(element.parentElement);
      const style = getComputedStyle(element);
      const opacity = Number(style.opacity);
      known.set(element, {
        ground: over(colour(style.backgroundColor), ground),
        groups: opacity < 1 ? [...groups, { opacity, behind: ground }] : groups,
      });
    }
    return known.get(element);
  };
  const through = (seen, groups) =>
    groups.reduceRight(([r, g, b], { opacity, behind }) => over([r, g, b, opacity], behind), seen);

  // WCAG 2: relative luminance and the ratio.
  const linear = (c) => (c <= 0.04045 * 255 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const hex = (c) => `#${c.slice(0, 3).map((x) => Math.round(x).toString(16).padStart(2, "0")).join("")}`;

  const fields = [...document.querySelectorAll("select, textarea, input:not([type=range], [type=checkbox], [type=radio])")]
    .filter(shown)
    .map((field) => [field.value || field.placeholder || "a field", field]);
  const findings = new Map();
  for (const [text, element] of [...texts(document.body), ...fields]) {
    const { ground, groups } = around(element);
    const style = getComputedStyle(element);
    const ink = over(colour(element instanceof SVGElement ? style.fill : style.color), ground);
    const [seen, behind] = [through(ink, groups), through(ground, groups)];
    const contrast = ratio(seen, behind);
    const pair = `${hex(seen)} on ${hex(behind)}`;
    if (contrast < 4.5 && !findings.has(pair)) {
      findings.set(pair, `“${excerpt(text)}” ${place(element)}: ${contrast.toFixed(2)}:1, ${pair}`);
    }
  }
  return [...findings.values()];
})()
