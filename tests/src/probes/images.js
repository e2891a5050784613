[...document.images].flatMap((image) => {
  const name = `${image.getAttribute("src")} ${place(image)}`;
  const { width, height } = image.getBoundingClientRect();
  if (!image.complete || image.naturalWidth === 0) return [`${name} is broken`];
  if (shown(image) && (width < 2 || height < 2)) return [`${name} has no extent`];
  if (!image.alt.trim()) return [`${name} has no alternative text`];
  const stretch = (width / height) * (image.naturalHeight / image.naturalWidth);
  if (shown(image) && Math.abs(Math.log(stretch)) > 0.05) return [`${name} is distorted`];
  return [];
})
