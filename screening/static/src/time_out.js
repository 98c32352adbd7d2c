// Warns before the form closes in this browser, and keeps it open on request.
const dialog = document.querySelector("[data-time-out]");
const soon = dialog.querySelector("[data-soon]");
const over = dialog.querySelector("[data-over]");
const stay = dialog.querySelector("[data-stay]");
const close = dialog.querySelector("[data-close]");
const warnedBefore = Number(dialog.dataset.warnedBefore) * 1000;

let ends = 0;
let timer;

const show = (isOver) => {
  soon.hidden = stay.hidden = isOver;
  over.hidden = close.hidden = !isOver;
  if (!dialog.open) {
    dialog.showModal();
  }
  dialog.querySelector("form:not([hidden]) button").focus();
};

// A device that slept wakes with its timers late: each look goes by the clock.
const look = () => {
  window.clearTimeout(timer);
  const left = ends - Date.now();
  if (left <= 0) {
    show(true);
  } else if (left <= warnedBefore) {
    show(false);
    timer = window.setTimeout(look, left);
  } else {
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

document.addEventListener("visibilitychange", () => document.hidden || dialog.open || look());
arm(Number(dialog.dataset.seconds));
