// What a person does with a page, in one go. Throws, in words, where somebody with a finger could not do it.
(() => {
  const name = (element) => element.outerHTML.slice(0, 120);
  const labelOf = (control) => control.labels?.[0];
  const isChoice = (control) => ["radio", "checkbox"].includes(control.type);

  // The middle of an element, once it is in view and nothing lies over it.
  const reach = (control) => {
    if (control.disabled) throw new Error(`switched off: ${name(control)}`);
    control.scrollIntoView({ block: "center", behavior: "instant" });
    const box = control.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const top = document.elementFromPoint(x, y);
    const own = [control, labelOf(control)].filter((element) => element);
    if (!top || !own.some((element) => element.contains(top))) throw new Error(`out of reach: ${name(control)}`);
    return { x, y };
  };

  const write = (control, text) => {
    reach(control);
    control.focus();
    control.value = text;
    if (control.value !== text) throw new Error(`does not hold ${text}: ${name(control)}`);
    for (const event of ["input", "change"]) control.dispatchEvent(new Event(event, { bubbles: true }));
  };

  const tick = (controls, value) => {
    const control = controls.find((each) => each.value === value);
    if (!control) throw new Error(`no choice ${value}: ${name(controls[0])}`);
    reach(control);
    if (!control.checked) control.click();
    if (!control.checked) throw new Error(`stays as it was: ${name(control)}`);
  };

  return {
    // Fills in the controls of these names; what the page does not ask is left out.
    fill: (data) => {
      for (const [field, value] of Object.entries(data)) {
        const controls = [...document.getElementsByName(field)];
        if (controls.length && isChoice(controls[0])) [value].flat().forEach((each) => tick(controls, each));
        else if (controls.length) write(controls[0], value);
      }
    },

    // Where to press the button that says these words.
    press: (words) => {
      const buttons = [...document.querySelectorAll("button, [role=button]")];
      const found = buttons.filter((button) => button.textContent.trim() === words && button.checkVisibility());
      if (found.length !== 1) throw new Error(`${found.length} buttons say ${words}`);
      return reach(found[0]);
    },
  };
})()
