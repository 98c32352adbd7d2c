// What axe does not measure, run in a page: returns what is wrong, in words. `fingertip` is in pixels.
(fingertip) => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const name = (element) => element.outerHTML.slice(0, 120);
  const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((control) => shown(control) && control.tabIndex >= 0);

  const labelOf = (control) => control.labels?.[0];
  const isChoice = (control) => ["radio", "checkbox"].includes(control.type);
  // A radio or a box is drawn by its label: it cannot be seen itself.
  const looks = (control) =>
    [isChoice(control) ? labelOf(control) : control].flatMap((element) =>
      ["", "::before", "::after"].map((part) => {
        const style = getComputedStyle(element, part || undefined);
        return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderWidth, style.backgroundColor];
      }),
    ).join("|");
  const before = document.activeElement;
  before?.blur();
  const plain = new Map(controls.map((control) => [control, looks(control)]));
  for (const control of controls) {
    control.focus({ preventScroll: true });
    if (document.activeElement !== control) faults.push(`takes no focus: ${name(control)}`);
    else if (looks(control) === plain.get(control)) faults.push(`focus cannot be seen: ${name(control)}`);
  }
  document.activeElement?.blur();
  before?.focus();

  // A link within a sentence is as high as its line; one that stands alone is not.
  const inSentence = (control) => {
    const block = control.closest("p, li, td, dd");
    return control.tagName === "A" && block && block.textContent.trim() !== control.textContent.trim();
  };
  const size = (elements) => {
    const boxes = elements.map((element) => element.getBoundingClientRect());
    const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
    const [right, bottom] = [Math.max(...boxes.map((box) => box.right)), Math.max(...boxes.map((box) => box.bottom))];
    return { width: right - left, height: bottom - top };
  };
  for (const control of controls) {
    const { width, height } = size([control, ...(isChoice(control) ? [labelOf(control)] : [])]);
    if (!inSentence(control) && !control.closest(".nhsuk-skip-link") && Math.min(width, height) < fingertip - 0.5) {
      faults.push(`smaller than a fingertip (${Math.round(width)} x ${Math.round(height)}): ${name(control)}`);
    }
  }

  const described = new Set(
    [...document.querySelectorAll("[aria-describedby]")].flatMap((element) => element.getAttribute("aria-describedby").split(/\s+/)),
  );
  for (const message of document.querySelectorAll(".nhsuk-error-message:not([aria-hidden])")) {
    if (!described.has(message.id)) faults.push(`no field is described by: ${name(message)}`);
  }
  for (const link of document.querySelectorAll(".nhsuk-error-summary a")) {
    if (!document.querySelector(link.hash)) faults.push(`leads nowhere: ${name(link)}`);
  }
  for (const id of described) {
    if (id && !document.getElementById(id)) faults.push(`described by nothing: ${id}`);
  }

  if (document.documentElement.scrollWidth > window.innerWidth) {
    faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} wide`);
  }
  document.documentElement.style.fontSize = "200%";
  if (document.documentElement.scrollWidth > window.innerWidth) {
    const widest = [...document.querySelectorAll("main *")].filter((element) => element.getBoundingClientRect().right > window.innerWidth);
    faults.push(`scrolls sideways when letters are twice as large: ${widest.map(name).at(-1)}`);
  }
  document.documentElement.style.fontSize = "";

  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const moves = [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return [style.transitionDuration, style.animationDuration].some((times) => times.split(",").some((time) => parseFloat(time) > 0.01));
    });
    if (moves.length) faults.push(`moves: ${name(moves[0])}`);
  }
  return faults;
}
