(() => {
  const findings = [];
  // mdBook's `.content` scrolls, too, and would hide from `scrollWidth` of the root what is wider than the page.
  for (const frame of [document.scrollingElement, document.querySelector(".content")]) {
    if (frame && frame.scrollWidth > frame.clientWidth + 1) {
      findings.push(`the page is ${frame.scrollWidth - frame.clientWidth} pixels wider than the window`);
    }
  }
  const { left, right } = (document.querySelector(".content") ?? document.documentElement).getBoundingClientRect();
  const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
  const name = (element) => `<${element.localName}> “${excerpt(element.textContent)}” ${place(element)}`;
  const outside = new Set();
  for (const element of prose.querySelectorAll("*")) {
    // Formulas have a probe of their own; MathML is not painted.
    if (!shown(element) || element.closest(".katex")) continue;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (box.width <= 1 || box.height <= 1) continue;
    if (box.right > right + 1 || box.left < left - 1) {
      let frame = element.parentElement;
      while (frame && frame !== prose && !scrolls(frame) && !outside.has(frame)) frame = frame.parentElement;
      if (frame === prose) {
        outside.add(element);
        findings.push(`${name(element)} sticks out of the page`);
      }
    }
    const cuts = (overflow) => /hidden|clip/.test(overflow);
    if (
      (cuts(style.overflowX) && element.scrollWidth > element.clientWidth + 1) ||
      (cuts(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
    ) {
      findings.push(`${name(element)} is cut off`);
    }
  }
  return findings;
})()
