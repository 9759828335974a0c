// Pages about the account: the browser's time zone, and passwords that can be looked at.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const signUpZone = document.querySelector("[data-time-zone]");
if (signUpZone && zone) signUpZone.value = zone;

const here = document.querySelector("[data-here]");
const chosen = document.querySelector("[name=time_zone]");
if (here && zone && chosen.value !== zone) {
  here.querySelector("[data-here-name]").textContent = zone.replaceAll("_", " ");
  here.hidden = false;
  here.addEventListener("click", () => {
    chosen.value = zone;
    here.hidden = true;
    chosen.focus();
  });
}

const reveal = document.querySelector("template[data-reveal]");
for (const input of reveal ? document.querySelectorAll("input[type=password]") : []) {
  const button = reveal.content.firstElementChild.cloneNode(true);
  const hidden = button.textContent;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.textContent = show ? button.dataset.shown : hidden;
  });
  // A password manager and the browser's history know it as a password only while it is one.
  input.form.addEventListener("submit", () => { input.type = "password"; });
  input.after(button);
}
