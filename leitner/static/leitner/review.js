// The keyboard of a session. Every key presses a button or follows a link that is on the page anyway.
const answer = document.querySelector("[data-answer]");
const forms = document.querySelector("[data-answers]");
const keys = document.querySelector("[data-keys]");
const help = document.querySelector("[data-help]");
let sent = false;

function reveal() {
  if (!answer || answer.open) return;
  answer.open = true;
}

function give(value) {
  if (answer?.open) forms.querySelector(`[name="passed"][value="${value}"], [data-pass="${value}"]`).click();
}

const actions = {
  " ": reveal, Enter: reveal,
  1: () => give(0), ArrowLeft: () => give(0),
  2: () => give(1), ArrowRight: () => give(1),
  "?": () => keys?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, textarea, select")) return;
  const pressing = event.target.closest("a, button, summary");
  if (pressing && (event.key === "Enter" || event.key === " ")) return;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const action = actions[event.key] ?? (pressed && (() => pressed.click()));
  if (!action) return;
  event.preventDefault();
  action();
});

// The summary reveals by itself; the focus follows to the answer, so that it is read out.
answer?.addEventListener("toggle", () => {
  if (!answer.open) return;
  const back = document.querySelector("[data-back]");
  back.focus({ preventScroll: true });
  // A long question pushes the answer out of sight; otherwise nothing moves.
  if (back.getBoundingClientRect().top > innerHeight - 160) back.scrollIntoView({ block: "start" });
});

// A tap anywhere on the card reveals, but not while text is being selected or a link is followed.
document.querySelector("[data-sheet]")?.addEventListener("click", (event) => {
  if (!event.target.closest("a, button, summary, form") && getSelection().isCollapsed) reveal();
});

// One press is one answer; the server would count it once anyway.
forms?.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => { sent = false; });

if (help) {
  help.hidden = false;
  help.addEventListener("click", () => keys.showModal());
}
