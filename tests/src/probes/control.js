// A control or a surface of an interactive figure, brought into view and focused. FIGURE and SELECTOR are put in.
((found) => {
  if (found.length === 0) return null;
  const middle = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { left, top, width, height };
  };
  const chosen = found.find((element) => element.checked) ?? found[0];
  chosen.scrollIntoView({ block: "center", behavior: "instant" });
  chosen.focus({ preventScroll: true });
  const options = found.length > 1 ? found : [...(chosen.options ?? [])];
  return {
    kind: chosen.type ?? "surface",
    focused: document.activeElement === chosen,
    value: chosen.type === "checkbox" ? String(chosen.checked) : String(chosen.value ?? ""),
    min: Number(chosen.min ?? 0),
    max: Number(chosen.max ?? 0),
    step: Number(chosen.step ?? 0),
    options: options.map((option) => option.value),
    boxes: found.map((element) => middle(element.type === "radio" ? (element.labels[0] ?? element) : element)),
  };
})([...figures[FIGURE].querySelectorAll(SELECTOR)])
