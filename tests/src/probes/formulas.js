(() => {
  const findings = [];
  const formulas = [...prose.querySelectorAll(".katex")].filter(shown);
  if (formulas.length > 0 && ![...document.fonts].some((font) => /KaTeX/.test(font.family) && font.status === "loaded")) {
    findings.push("KaTeX's fonts are not there");
  }
  // What mdBook was given in place of a formula, lest its search take KaTeX's HTML letter by letter.
  for (const formula of prose.querySelectorAll("[data-html]")) findings.push(`${excerpt(formula.textContent)} ${place(formula)} is still its reading`);
  for (const formula of formulas) {
    const source = excerpt(formula.querySelector("annotation")?.textContent ?? formula.textContent);
    const complain = (what) => findings.push(`${source} ${place(formula)} ${what}`);
    // The boxes that KaTeX computed: pieces between possible line breaks, and the equation's number.
    const boxes = [...formula.querySelectorAll(".katex-html > .katex-base, .katex-html > .katex-tag")];
    const rectangles = boxes.map((box) => box.getBoundingClientRect());
    if (formula.querySelector(".katex-error")) complain("was not understood");
    const left = Math.min(...rectangles.map((box) => box.left));
    const right = Math.max(...rectangles.map((box) => box.right));
    const top = Math.min(...rectangles.map((box) => box.top));
    const bottom = Math.max(...rectangles.map((box) => box.bottom));
    // Single boxes may be empty: KaTeX allows a line break on both sides of a space.
    if (boxes.length === 0 || right - left < 1 || bottom - top < 1) {
      complain("has no extent");
      continue;
    }
    let cut;
    for (let frame = formula.parentElement; frame; frame = frame.parentElement) {
      const style = getComputedStyle(frame);
      const { left: l, right: r, top: t, bottom: b } = frame.getBoundingClientRect();
      const page = frame === prose || frame === document.body;
      const scrolls = /auto|scroll/.test(style.overflowX) && !page;
      if (style.overflowY !== "visible" && !page && (top < t - 1 || bottom > b + 1)) cut = "above or below";
      if (left + (scrolls ? frame.scrollLeft : 0) < l - 1 && (scrolls || page || style.overflowX !== "visible")) cut = "on the left";
      if (scrolls) break;
      if (right > r + 1 && (page || style.overflowX !== "visible")) cut = "on the right";
      if (page) break;
    }
    if (cut) complain(`is cut off ${cut}`);
    const number = formula.querySelector(".katex-html > .katex-tag")?.getBoundingClientRect();
    const collides = (box) => box.right > number.left + 1 && box.left < number.right - 1 && box.bottom > number.top && box.top < number.bottom;
    if (number && rectangles.slice(0, -1).some(collides)) complain("runs into its number");
  }
  return findings;
})()
