// Passkeys: the browser asks the device for a key, or for a signature, and the form sends what it gives.
// Where the browser has none, its parts of the page stay hidden.

const makers = {
  create: async (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: async (options) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

const prepare = (form) => {
  const fault = form.querySelector("[data-fault]");
  form.closest("[data-passkeys]").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.textContent = "";
    try {
      const asked = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
      const key = await makers[form.dataset.passkey](await asked.json());
      form.elements.namedItem("credential").value = JSON.stringify(key);
      form.submit();
    } catch {
      fault.textContent = form.dataset.failed;
    }
  });
};

if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  document.querySelectorAll("form[data-passkey]").forEach(prepare);
}
