// The form of a card: Ctrl+Enter saves, a pasted link becomes the link with a title, and a preview.
const form = document.querySelector("[data-card-form]");
const { front, back, link } = form.elements;

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.querySelector("[data-save]").click();
  }
});

// One press saves one card.
let sent = false;
form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => { sent = false; });

// The same rule as `title_from` on the server, which applies it when there is no JavaScript.
function titleFrom(address) {
  let url;
  try { url = new URL(address); } catch { return ""; }
  for (const segment of url.pathname.split("/").reverse()) {
    let words = segment;
    try { words = decodeURIComponent(segment); } catch { /* shown as it is */ }
    words = words.replace(/[-_+\s]+/g, " ").trim().replace(/\.(html?|php|aspx?|pdf|md)$/i, "");
    if (/\p{L}/u.test(words) && !["index", "default", "home", "description"].includes(words.toLowerCase())) {
      return words.replace(/(^| )(\S)/g, (_, space, letter) => space + letter.toUpperCase()).slice(0, 200);
    }
  }
  return url.hostname.replace(/^www\./, "");
}

front.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain").trim();
  const title = /^https?:\/\/\S+$/i.test(text) && titleFrom(text);
  if (!title || front.value.trim() || link.value.trim()) return;
  event.preventDefault();
  link.value = text;
  front.value = title;
  front.select();
  showSoon();
});

// The preview waits until the typing pauses, and the last answer that was asked for wins.
const preview = document.querySelector("[data-preview]");
let timer, asked;
async function show() {
  if (!front.value.trim() && !back.value.trim()) { preview.hidden = true; return; }
  const mine = asked = new AbortController();
  const body = new FormData();
  for (const field of [form.elements.csrfmiddlewaretoken, front, back]) body.append(field.name, field.value);
  try {
    const answer = await fetch(form.dataset.previewUrl, { method: "POST", body, signal: mine.signal });
    if (!answer.ok) return;
    preview.querySelector("[data-preview-into]").innerHTML = await answer.text();
    preview.hidden = false;
  } catch { /* without a network there is no preview; nothing else depends on it */ }
}
function showSoon() {
  clearTimeout(timer);
  asked?.abort();
  timer = setTimeout(show, 300);
}
front.addEventListener("input", showSoon);
back.addEventListener("input", showSoon);
if (front.value) show();
