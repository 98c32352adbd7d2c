// A tablet clears its screen when nobody touches it, and says so before. The server gives the form up a little later.
const SPOKEN_AT = [20, 10];
const WORD_EVERY = 30;
const KEEP_WITHIN = 4000;

const bar = document.querySelector("[data-tablet]");
const shown = bar.querySelector("[data-shown]");
const spoken = bar.querySelector("[data-spoken]");
const clear = bar.querySelector("[data-clear]");
const limit = Number(bar.dataset.seconds);
const warning = Number(bar.dataset.warning);

let armed = "armed" in bar.dataset;
let touched = Date.now();
let told = Date.now();
let said = null;

const words = (seconds) => bar.dataset.words.replace("{seconds}", String(seconds));

// What somebody types on one page may take longer than the server would wait.
const tellServer = () => {
  if (!("armed" in bar.dataset) || Date.now() - told < WORD_EVERY * 1000) {
    return;
  }
  told = Date.now();
  const token = clear.querySelector("[name=csrf_token]").value;
  fetch(bar.dataset.here, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => {});
};

// What was typed and not sent goes to the clinic first: it may be a sign of danger, and it is the person's own work.
const answers = document.querySelector("form[data-answers]");
let typed = false;
answers?.addEventListener("input", () => { typed = true; });

const keep = () => {
  if (!typed) {
    return Promise.resolve();
  }
  typed = false;
  const body = new URLSearchParams(new FormData(answers));
  body.append("stop", "yes");
  const signal = AbortSignal.timeout(KEEP_WITHIN);
  return fetch(answers.action, { method: "POST", body, redirect: "manual", signal }).catch(() => {});
};

for (const form of document.querySelectorAll("form[data-clear]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep().then(() => form.submit());
  });
}

const touch = () => {
  armed = true;
  touched = Date.now();
  tellServer();
  tick();
};

const say = (left) => {
  const due = said === null ? left : SPOKEN_AT.find((second) => left <= second && said > second);
  if (due !== undefined) {
    spoken.textContent = words(left);
    said = left;
  }
};

function tick() {
  if (!armed) {
    return;
  }
  const left = limit - Math.floor((Date.now() - touched) / 1000);
  if (left <= 0) {
    armed = false;
    clear.requestSubmit();
    return;
  }
  bar.hidden = left > warning;
  if (bar.hidden) {
    said = null;
    spoken.textContent = "";
  } else {
    shown.textContent = words(left);
    say(left);
  }
}

bar.querySelector("[data-stay]").addEventListener("click", touch);
for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
  document.addEventListener(kind, (event) => bar.contains(event.target) || touch(), { passive: true });
}
document.addEventListener("visibilitychange", tick);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    window.location.reload();
  }
});
window.setInterval(tick, 1000);
tick();
