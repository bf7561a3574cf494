import { Refused, post } from "./api.js";

const form = document.getElementById("start");
const failed = document.getElementById("start-error");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await post("/api/session", { name: form.elements.name.value });
    location.assign("/queue");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    failed.textContent = `${error.message} ${error.advice}`;
    failed.hidden = false;
  }
});
