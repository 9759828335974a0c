// Selecting cards: how many, this whole page, all that match; and only the fields that the action needs.
const form = document.querySelector("[data-bulk]");

if (form) {
  const bar = form.querySelector("[data-bar]");
  const boxes = [...form.querySelectorAll('[name="card"]')];
  const pickPage = form.querySelector("[data-pick-page]");
  const all = form.querySelector("[data-all]");
  const action = form.querySelector("[data-action]");
  const picked = form.querySelector("[data-picked]");
  const counted = new Intl.NumberFormat(document.documentElement.lang);

  const show = () => {
    const count = boxes.filter((box) => box.checked).length;
    const everything = all?.checked ?? false;
    bar.hidden = !count && !everything;
    picked.hidden = everything;
    picked.textContent = picked.dataset.text.replace("0", counted.format(count));
    pickPage.firstElementChild.checked = count === boxes.length;
    pickPage.firstElementChild.indeterminate = count > 0 && count < boxes.length;
    for (const field of form.querySelectorAll("[data-for]")) {
      const needed = field.dataset.for.split(" ").includes(action.value);
      field.hidden = !needed;
      field.required = needed;
    }
  };

  pickPage.hidden = false;
  pickPage.addEventListener("change", (event) => {
    for (const box of boxes) box.checked = event.target.checked;
  });
  // A range: from the one that was ticked last to the one ticked with Shift held.
  let last = null;
  form.addEventListener("click", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null) {
      for (const box of boxes.slice(Math.min(at, last), Math.max(at, last) + 1)) box.checked = boxes[at].checked;
      show();
    }
    last = at;
  });
  form.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}
