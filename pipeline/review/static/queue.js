import { post } from "./api.js";

for (const select of document.querySelectorAll(".filters select, .filters input")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

async function mark(button, state) {
  button.disabled = true;
  await post("/api/document", { document: button.dataset.document, state });
  location.reload();
}
for (const button of document.querySelectorAll(".mark-done")) button.addEventListener("click", () => mark(button, "done"));
for (const button of document.querySelectorAll(".reopen")) button.addEventListener("click", () => mark(button, "open"));

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && document.activeElement === document.body) document.getElementById("begin")?.click();
});
