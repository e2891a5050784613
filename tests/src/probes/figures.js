figures.map((figure) => ({
  name: figure.localName,
  ready: figure.hasAttribute("data-ready"),
  error: figure.dataset.error ?? null,
  source: figure.dataset.src ? new URL(figure.dataset.src, document.baseURI).href : null,
  surfaces: [...figure.querySelectorAll("[data-x], [data-y]")].map((surface) => ({
    x: surface.dataset.x ?? null,
    y: surface.dataset.y ?? null,
  })),
}))
