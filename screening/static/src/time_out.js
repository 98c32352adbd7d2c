// Warns before the form closes, or staff are signed out, in this browser, and puts it off on request.
// On staff pages (data-works) typing and moving count as being there, and other tabs may have put the end off.
const dialog = document.querySelector("[data-time-out]");
const soon = dialog.querySelector("[data-soon]");
const over = dialog.querySelector("[data-over]");
const stay = dialog.querySelector("[data-stay]");
const close = dialog.querySelector("[data-close]");
const warnedBefore = Number(dialog.dataset.warnedBefore) * 1000;
const works = "works" in dialog.dataset;
const WORD_EVERY = 60000;

let ends = 0;
let timer;

const show = (isOver) => {
  soon.hidden = stay.hidden = isOver;
  over.hidden = close.hidden = !isOver;
  dialog.toggleAttribute("data-ended", isOver);
  if (!dialog.open) {
    dialog.showModal();
  }
  dialog.querySelector("form:not([hidden]) button").focus();
};

// How long the server will wait, in seconds; 0 once it does not any more.
const askServer = async (options) => {
  const answer = await fetch(stay.action, { redirect: "manual", ...options });
  return answer.ok ? (await answer.json()).seconds : 0;
};

// A device that slept wakes with its timers late: each look goes by the clock.
const look = async () => {
  window.clearTimeout(timer);
  if (works && ends - Date.now() <= warnedBefore) {
    ends = Date.now() + 1000 * (await askServer({}).catch(() => (ends - Date.now()) / 1000));
  }
  const left = ends - Date.now();
  if (left <= 0) {
    show(true);
  } else if (left <= warnedBefore) {
    show(false);
    timer = window.setTimeout(look, left);
  } else {
    if (works && dialog.open) {
      dialog.close();
    }
    timer = window.setTimeout(look, left - warnedBefore);
  }
};

const arm = (seconds) => {
  ends = Date.now() + seconds * 1000;
  look();
};

stay.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const answer = await fetch(stay.action, { method: "POST", body: new FormData(stay) });
    if (!answer.ok) {
      throw new Error(answer.statusText);
    }
    dialog.close();
    arm((await answer.json()).seconds);
  } catch {
    show(true);
  }
});

if (works) {
  let told = Date.now();
  let typed = null;

  const working = (event) => {
    if (dialog.contains(event.target)) {
      return;
    }
    typed = event.type === "input" ? event.target.form ?? typed : typed;
    if (Date.now() - told < WORD_EVERY) {
      return;
    }
    told = Date.now();
    askServer({ method: "POST", body: new FormData(stay) }).then(arm).catch(() => {});
  };
  for (const kind of ["input", "keydown", "pointerdown", "wheel"]) {
    document.addEventListener(kind, working, { passive: true });
  }

  // Escape closes a dialog: not this one, once the page behind it is for nobody's eyes.
  dialog.addEventListener("close", () => {
    if ("ended" in dialog.dataset) {
      dialog.showModal();
    }
  });

  // What is sent too late is kept by the server until its author has signed in.
  close.addEventListener("submit", (event) => {
    event.preventDefault();
    if (typed?.method === "post" && !("typed" in typed.dataset)) {
      typed.submit();
    } else {
      window.location.reload();
    }
  });
}

document.addEventListener("visibilitychange", () => document.hidden || dialog.open || look());
arm(Number(dialog.dataset.seconds));
