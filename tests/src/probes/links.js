(() => {
  const ids = [...document.querySelectorAll("[id], a[name]")].map((element) => element.id || element.name);
  const links = [...document.querySelectorAll("a[href], area[href]")].map((link) => ({
    address: link.href,
    name: `“${excerpt(link.textContent || link.title)}” ${place(link)}`,
  }));
  return { ids, links };
})()
