// Imports the module of every custom element on this page: <elbo-gap> from elements/elbo-gap.js, and so on.
// mdBook defines `path_to_root`; a page without it lies at the root.
(() => {
  const root = new URL(typeof path_to_root === "string" && path_to_root ? path_to_root : ".", document.baseURI);
  const names = new Set(Array.from(document.querySelectorAll("main :not(:defined)"), (element) => element.localName));
  for (const name of names) {
    import(new URL(`elements/${name}.js`, root).href).catch((error) => {
      console.warn(`The static picture stays: <${name}> could not be loaded.`, error);
    });
  }
})();
