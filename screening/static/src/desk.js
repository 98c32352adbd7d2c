// Staff pages: search as one types, and single keys for what is done all day. Every page works without this file.

const DELAY_MS = 250;
const LETTERS_MIN = 3;
const SWITCH = "single-keys";

// Search as one types. What was typed goes by POST; the page's address never holds it.

const form = document.querySelector("form[data-typed]");
const region = document.getElementById("found");
const said = document.getElementById("found-said");

if (form && region && said) {
  const box = form.elements.namedItem("text");
  let timer = 0;
  let asked = new AbortController();

  const show = (html) => {
    region.innerHTML = html;
    region.hidden = html === "";
    said.textContent = region.firstElementChild?.dataset.said ?? "";
  };

  // A last word of one or two letters is still being typed: what is shown stays until it has more.
  const isWorthAsking = (typed) => {
    const words = typed.trim().split(/\s+/);
    return typed.trim().length >= LETTERS_MIN && (words.length === 1 || words.at(-1).length >= LETTERS_MIN);
  };

  const ask = async () => {
    asked.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.typed, {
        method: "POST",
        body: new FormData(form),
        signal: asked.signal,
        redirect: "error",
      });
      if (answer.ok) {
        show(await answer.text());
      }
    } catch {
      // Signed out, offline, or asked again meanwhile: Enter still works, and says what is wrong.
    }
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value.trim() === "") {
      asked.abort();
      show("");
    } else if (isWorthAsking(box.value)) {
      timer = setTimeout(ask, DELAY_MS);
    }
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

// A file that is being made: ask how far it is until it is ready.

const POLL_MS = 1500;
const progress = document.getElementById("progress");

const poll = async () => {
  const waiting = progress.querySelector("[data-poll]");
  if (!waiting) {
    document.getElementById("cancel")?.remove();
    return;
  }
  try {
    const answer = await fetch(waiting.dataset.poll, { redirect: "error" });
    if (answer.ok) {
      progress.innerHTML = await answer.text();
    }
  } catch {
    // The link on the page does the same.
  }
  setTimeout(poll, POLL_MS);
};

if (progress) {
  setTimeout(poll, POLL_MS);
}

// Single keys. An element says its own key with aria-keyshortcuts; the help panel lists them and switches them off.

const panel = document.getElementById("keys");

if (panel) {
  const control = panel.querySelector("input[type=checkbox]");
  control.closest("[hidden]").hidden = false;
  control.checked = localStorage.getItem(SWITCH) !== "off";
  control.addEventListener("change", () => localStorage.setItem(SWITCH, control.checked ? "on" : "off"));

  const rowLinks = () => [...document.querySelectorAll(".app-cases__name[href]")];

  const move = (step) => {
    const links = rowLinks();
    const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    links[Math.min(Math.max(here + step, 0), links.length - 1)]?.focus();
  };

  const tick = () => document.activeElement?.closest("tr")?.querySelector("input[type=checkbox]")?.click();

  const help = () => {
    panel.open = true;
    panel.querySelector("summary").focus();
  };

  const press = (key) => {
    const target = document.querySelector(`[aria-keyshortcuts~="${CSS.escape(key)}"]`);
    if (target?.matches("input[type=text], select, textarea")) {
      target.focus();
    } else {
      target?.click();
    }
    return target !== null;
  };

  const own = { j: () => move(1), k: () => move(-1), x: tick, "?": help };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (!control.checked || typing || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) {
      return;
    }
    if (own[event.key]) {
      own[event.key]();
      event.preventDefault();
    } else if (press(event.key)) {
      event.preventDefault();
    }
  });
}
