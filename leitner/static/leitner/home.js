// Enter starts the review, unless something else has the focus.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === document.body || event.target.id === "main") document.querySelector("[data-start]")?.click();
});
