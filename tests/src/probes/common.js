// Shared by the probes. Everything is `const`, inside of a function: the page sees none of it.

// The part of a page that is the author's; the rest is mdBook's frame.
const prose = document.querySelector("main") ?? document.body;

// Whether an element can be seen, apart from where it lies.
const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

// The start of a text, on one line.
const excerpt = (text) => {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
};

// Which section an element is in, for the sentences that a probe returns.
const place = (element) => {
  const before = (heading) => heading.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
  const heading = [...document.querySelectorAll("main :is(h1, h2, h3, h4)[id]")].filter(before).at(-1);
  return heading ? `in #${heading.id}` : "at the top";
};

// Every text that can be seen, with the element that holds it. KaTeX keeps MathML beside its own boxes, for screen
// readers; it is not painted.
const texts = function* (root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest(".katex-mathml, script, style, noscript, template")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const { width, height } = range.getBoundingClientRect();
    if (width > 1 && height > 1 && shown(element)) yield [node.data, element];
  }
};

// Our custom elements. MathML and SVG have names with a hyphen, too, but those are no HTML elements.
const figures = [...prose.querySelectorAll("*")].filter(
  (element) => element instanceof HTMLElement && element.localName.includes("-"),
);
