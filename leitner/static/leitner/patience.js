// Forms whose answer takes a while: they say so, and a second press does not send them twice.

for (const form of document.querySelectorAll("form[data-patience]")) {
  const said = form.querySelector(".patience");
  const button = form.querySelector("button");
  form.addEventListener("submit", () => {
    said.textContent = form.dataset.patience;
    button.disabled = true;
  });
  // Who comes back to the page finds it as it was.
  window.addEventListener("pageshow", () => {
    said.textContent = "";
    button.disabled = false;
  });
}
