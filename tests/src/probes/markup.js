(() => {
  // Code shows its source on purpose.
  const source = /\$|\{\{|\}\}|\{#|\\[a-zA-Z]+/;
  const findings = [...texts(document.body)]
    .filter(([text, element]) => source.test(text) && !element.closest("code, pre, kbd, samp"))
    .map(([text, element]) => `“${excerpt(text)}” ${place(element)}`);
  if (source.test(document.title)) findings.push(`“${document.title}” as the page's title`);
  return findings;
})()
