// A whole row at once: pasted from a spreadsheet, or taken as it was read, beside its strip of the page.
import { make, named, word } from "./api.js";
import { pastedCell } from "./cells.js";
import { entered } from "./entry.js";
import { hush, say, toast } from "./say.js";
import { $, field, place, rest, state } from "./state.js";

const READ = ["printed", "blank", "dash"];

/** Fills the row with what was copied from a spreadsheet; returns whether it was such a text. */
export function pasteRow(text) {
  if (!text.includes("\t") || !state.card?.matrix || state.card.check) return false;
  const cells = text.replace(/[\r\n]+$/, "").split(/\r?\n/)[0].split("\t");
  const { columns } = state.card.matrix;
  if (cells.length === columns.length + 1) cells.shift();
  if (cells.length !== columns.length) say(word("paste_short", columns.length, cells.length));
  else if (cells.map(pastedCell).some((one) => one.state === "printed" && one.value === null)) say(word("not_number"));
  else fill(cells.map(pastedCell), word("pasted", cells.length));
  return true;
}

/**
 * Fills the open cells of the row with what was read, to be looked at together; what is being typed counts for its cell.
 * Returns whether there were `least` of them.
 */
export function takeRow(onPick, least = 1) {
  const { matrix } = state.card;
  if (!matrix || state.card.check) return false;
  const [i, here] = state.matrix.here;
  const typed = entered();
  const usable = field.value !== "" && (typed.state !== "printed" || typed.value !== null);
  const entries = matrix.cells[i].map((cell, j) => {
    if (j === here && usable) return typed;
    if (!cell.open || cell.said || !READ.includes(cell.s)) return null;
    return { state: cell.s, text: cell.s === "printed" ? String(cell.v) : "", value: cell.v };
  });
  const count = entries.filter(Boolean).length;
  if (count < least) {
    if (least === 1) toast(word("row_nothing"));
    return false;
  }
  fill(entries, word("row_taken", count), onPick);
  return true;
}

function fill(entries, text, onPick = null) {
  state.pasted = entries;
  const [i] = state.matrix.here;
  entries.forEach((one, j) => one && state.matrix.tryOut(i, j, { v: one.value, s: one.state, pasted: true }));
  state.matrix.refresh();
  rest();
  showStrip(text, onPick);
}

/** Forgets the row that was filled in. */
export function dropRow() {
  $("strip").hidden = true;
  if (!state.pasted) return;
  state.pasted = null;
  state.matrix.show(state.card.matrix, state.card.cell.row, state.card.cell.column);
}

/** Puts what was typed meanwhile in the place of its cell; false where that is no number. */
export function mergeTyped() {
  if (field.value === "") return true;
  const typed = entered();
  if (typed.state === "printed" && typed.value === null) return false;
  state.pasted[state.matrix.here[1]] = typed;
  return true;
}

/** The answers of the row, as the server takes them; the time is shared among them. */
export function rowAnswers() {
  const { columns, cells } = state.card.matrix;
  const [i] = state.matrix.here;
  const { document: id, table, row } = place();
  const count = state.pasted.filter(Boolean).length;
  const seconds = Math.min(86400, Math.round((performance.now() - state.began) / (100 * count)) / 10);
  const common = { document: id, table, row, lease: state.lease?.token ?? "", said: "value", seconds };
  return state.pasted.flatMap((one, j) => (one
    ? [{ ...common, column: columns[j].key, version: cells[i][j].version, entry: { state: one.state, text: one.text } }] : []));
}

/** An equation that the row would leave broken, and that no other open cell can mend; or nothing. */
export function rowBreaks() {
  const { matrix } = state;
  const [i] = matrix.here;
  const mine = (a, b) => a === i && Boolean(state.pasted[b]);
  return matrix.refresh().find((one) => one.outcome === "broken" && one.equation.severity === "error"
    && one.places.some(([a, b]) => mine(a, b)) && one.places.every(([a, b]) => mine(a, b) || !matrix.at(a, b).open));
}

function showStrip(text, onPick) {
  const { card, matrix } = state;
  const [i] = matrix.here;
  const pictured = Boolean(card.strip) && card.document.source === "ok";
  if (!pictured) return say(text, "warn");
  hush();
  $("strip-image").src = `/image/strip?${new URLSearchParams(place())}`;
  $("strip-image").alt = card.cell.row_label;
  $("strip-text").textContent = text;
  const { columns } = card.matrix;
  const values = columns.map((lane, j) => {
    const cell = matrix.at(i, j);
    const said = cell.s === "printed" ? String(cell.v) : cell.s === "dash" ? "—" : cell.s === "blank" ? word("blank") : "?";
    const kind = state.pasted[j] ? "taken" : cell.open ? "left" : "known";
    const node = make("button", { type: "button", class: `strip-value ${kind}`, title: lane.label, tabindex: "-1" }, said);
    const span = card.strip[j] ?? [j / columns.length, (j + 1) / columns.length];
    node.style.left = `${span[0] * 100}%`;
    node.style.width = `${(span[1] - span[0]) * 100}%`;
    if (onPick) node.addEventListener("click", () => onPick(card.cell.row, lane.key));
    return node;
  });
  $("strip-values").replaceChildren(...values);
  $("strip").hidden = false;
}

/** Returns what to say of a row that leaves an equation broken. */
export function breakText(one) {
  return word("still_broken", named("rule", one.equation.rule), state.matrix.label(one), one.left, one.right);
}
