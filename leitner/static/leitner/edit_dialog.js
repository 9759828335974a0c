// Edits a card where it is: the form of the edit page in a dialog. Without this, the link leads to that page.
const dialog = document.querySelector("[data-edit-dialog]");
const link = document.querySelector("[data-edit]");

link?.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // Escape only hides the dialog: what was typed is still there.
  if (dialog.querySelector("form")) return dialog.showModal();
  try {
    show(await fetch(link.href));
  } catch {
    location.assign(link.href);
  }
});

// A page with the form (again, when something is to be mended), or the way back to the card.
async function show(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const form = page.querySelector("[data-card-form]");
  if (!form && !dialog.open) return location.assign(link.href);
  if (!form && response.ok && new URL(response.url).pathname === location.pathname) return location.assign(response.url);
  if (!form) return say(page.querySelector("[data-why]")?.textContent);
  const title = page.querySelector("h1");
  title.id = "edit-title";
  dialog.replaceChildren(title, form);
  if (!dialog.open) dialog.showModal();
  (form.querySelector("[aria-invalid=true]") ?? form.elements.front).focus();
}

// What was typed stays where it is until it could be stored.
function say(why) {
  const notice = document.createElement("p");
  notice.className = "notice error";
  notice.role = "alert";
  notice.textContent = why ? `${why} ${dialog.dataset.kept}` : dialog.dataset.failed;
  dialog.querySelector(".notice")?.remove();
  dialog.querySelector("form").prepend(notice);
}

dialog?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const save = form.querySelector("[data-save]");
  save.disabled = true;
  try {
    await show(await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) }));
  } catch {
    say();
  }
  save.disabled = false;
});

dialog?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) dialog.querySelector("form").requestSubmit();
});

dialog?.addEventListener("click", (event) => {
  if (!event.target.closest("a.quiet")) return;
  event.preventDefault();
  dialog.close();
  dialog.replaceChildren();
});
