// Passkeys: a form with data-passkey holds a hidden `credential`, a button, and a note for failure.
// "get" uses a passkey, "create" makes one. The options are in the page, or behind the form's address.

const supported = window.webauthnJSON?.supported();

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector("[data-problem]");
  if (!supported) {
    document.querySelector("[data-no-passkeys]")?.removeAttribute("hidden");
    continue;
  }
  form.hidden = false;
  form.querySelector("button").addEventListener("click", async () => {
    problem.hidden = true;
    try {
      const ceremony = form.dataset.passkey === "create" ? create : get;
      form.elements.credential.value = JSON.stringify(await ceremony(form));
    } catch {
      problem.hidden = false;
      return;
    }
    form.submit();
  });
}

async function get(form) {
  const { request_options: options } = await optionsOf(form);
  return window.webauthnJSON.get(options);
}

async function create(form) {
  const { creation_options: options } = await optionsOf(form);
  const wishes = options.publicKey.authenticatorSelection;
  const alone = form.elements.passwordless.checked;
  wishes.residentKey = alone ? "required" : "discouraged";
  wishes.requireResidentKey = alone;
  if (alone) wishes.userVerification = "required";
  return window.webauthnJSON.create(options);
}

async function optionsOf(form) {
  const inPage = document.getElementById("passkey-options");
  if (inPage) return JSON.parse(inPage.textContent);
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`no passkey options: ${response.status}`);
  return response.json();
}
