// The figure and the list of places show the same: what is tapped is ticked, and what is ticked is marked.
for (const map of document.querySelectorAll("[data-body-map]")) {
  const list = map.closest("fieldset");
  const boxes = new Map([...list.querySelectorAll("input[type=checkbox]")].map((box) => [box.value, box]));

  const mark = () => {
    for (const region of map.querySelectorAll("[data-region]")) {
      region.toggleAttribute("data-marked", boxes.get(region.dataset.region)?.checked ?? false);
    }
  };

  // A click on the box itself, so that everything else that follows a box being ticked happens too.
  map.addEventListener("click", (event) => {
    const target = event.target.closest("[data-tap]");
    boxes.get(target?.dataset.tap)?.click();
  });
  list.addEventListener("change", mark);
  window.addEventListener("pageshow", mark);
  mark();
  map.hidden = false;
}
