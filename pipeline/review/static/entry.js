// What is entered for a cell, the equations that it would break, and what outlives a reload.
import { word } from "./api.js";
import { parseNumber } from "./balance.js";
import { hush } from "./say.js";
import { $, field, place, state } from "./state.js";

const DRAFT = "gouji-draft";

/** Forgets what was typed. */
export function dropDraft() {
  sessionStorage.removeItem(DRAFT);
}

export function clearEntry() {
  state.state = "";
  state.typed = false;
  field.value = "";
  field.classList.remove("word", "broken", "closed");
  for (const button of $("candidates").querySelectorAll("button")) button.setAttribute("aria-pressed", "false");
}

export function enter(kind, text, from = -1) {
  state.state = kind;
  state.armed = false;
  state.typed = from < 0 && kind === "printed";
  field.value = kind === "printed" ? text : word(kind);
  field.classList.toggle("word", kind !== "printed");
  $("candidates").querySelectorAll("button").forEach((button, i) => button.setAttribute("aria-pressed", String(i === from)));
  hush();
  live();
  keepDraft();
}

export function take(i) {
  const one = state.card.candidates[i];
  if (one) enter(one.state, one.state === "printed" ? String(one.value) : "", i);
}

/** What is entered now: state, text and number. */
export function entered() {
  if (state.state && state.state !== "printed") return { state: state.state, text: "", value: null };
  const text = field.value.trim();
  if (/^[-—–－/]$/.test(text)) return { state: "dash", text, value: null };
  return { state: "printed", text, value: parseNumber(text) };
}

export function live() {
  const { card } = state;
  field.classList.remove("broken", "closed");
  if (!card.matrix) return [];
  const [i, j] = state.matrix.here;
  const now = entered();
  const usable = now.state !== "printed" || now.value !== null;
  state.matrix.tryOut(i, j, usable && (field.value !== "" || state.state) ? { v: now.value, s: now.state } : null);
  const outcomes = state.matrix.refresh();
  if (field.value === "" || !usable) return outcomes;
  const mine = outcomes.filter((one) => one.places.some(([a, b]) => a === i && b === j) && one.equation.severity === "error");
  field.classList.toggle("broken", mine.some((one) => one.outcome === "broken"));
  field.classList.toggle("closed", mine.length > 0 && mine.every((one) => one.outcome === "ok"));
  return outcomes;
}

field.addEventListener("input", () => {
  state.state = field.value === "" ? "" : "printed";
  state.typed = true;
  state.armed = false;
  field.classList.remove("word");
  for (const button of $("candidates").querySelectorAll("button")) button.setAttribute("aria-pressed", "false");
  hush();
  live();
  keepDraft();
});

function keepDraft() {
  if (!state.card.check) sessionStorage.setItem(DRAFT, JSON.stringify({ at: place(), state: state.state, text: field.value }));
}

export function restoreDraft() {
  const kept = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  if (state.card.check || !kept?.state || JSON.stringify(kept.at) !== JSON.stringify(place())) return;
  enter(kept.state, kept.text);
}

/** A digit outside of the field: takes a reading, or begins a number. */
export function digit(key) {
  const number = Number(key);
  if (number > 0 && state.card.candidates[number - 1] && !state.typed && field.value === "") return take(number - 1);
  // A second digit says that a number is being typed: the first one was its beginning.
  const taken = [...$("candidates").querySelectorAll("button")].findIndex((one) => one.getAttribute("aria-pressed") === "true");
  const before = taken >= 0 ? String(taken + 1) : state.typed ? field.value : "";
  field.focus({ preventScroll: true });
  enter("printed", before + key);
}
