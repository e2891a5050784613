(async () => {
  for (const image of document.images) image.loading = "eager";
  for (const details of document.querySelectorAll("details")) details.open = true;
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  const patience = performance.now() + 10_000;
  const resting = (figure) => figure.hasAttribute("data-ready") || figure.hasAttribute("data-error");
  while (!figures.every(resting) && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await document.fonts.ready;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
})()
