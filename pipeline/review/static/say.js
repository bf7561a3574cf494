// Messages on the card page.
import { make } from "./api.js";
import { $ } from "./state.js";

/** Takes the message away. */
export function hush() {
  $("message").hidden = true;
  $("message").replaceChildren();
}

/** Tells something that stays, with buttons to answer it. */
export function say(text, kind = "", ...buttons) {
  const node = $("message");
  node.className = `message ${kind}`;
  node.replaceChildren(make("span", {}, text), ...buttons.map(([label, act]) => {
    const button = make("button", { type: "button", class: "small" }, label);
    button.addEventListener("click", act);
    return button;
  }));
  node.hidden = false;
}

let toastTimer = 0;

/** Tells something for a moment. */
export function toast(text, kind = "") {
  const node = $("toast");
  node.textContent = text;
  node.className = `toast ${kind}`;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, kind ? 6000 : 2600);
}
