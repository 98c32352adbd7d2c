// Progressive enhancement only: every page works without this file.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from "./nhsuk-frontend-10.6.1.min.js";

createAll(Button, { preventDoubleClick: true });
createAll(Checkboxes);
createAll(ErrorSummary);
createAll(NotificationBanner);
createAll(Radios);
createAll(SkipLink);
createAll(CharacterCount);
createAll(PasswordInput);

// A page with typed but unsaved answers that comes back from the browser's cache may be older than the saved ones.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form[data-answers]")) {
    window.location.reload();
  }
});

for (const control of document.querySelectorAll("[data-print]")) {
  control.hidden = false;
  control.addEventListener("click", () => window.print());
}
