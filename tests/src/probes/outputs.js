// The numbers that an interactive figure shows, once it had time to draw. FIGURE is put in.
new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
  Object.fromEntries(
    [...figures[FIGURE].querySelectorAll("output[name]")].map((output) => [output.name, output.textContent.trim()]),
  ),
)
