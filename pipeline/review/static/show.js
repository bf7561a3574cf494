// A card on the page.
import { make, named, told, word } from "./api.js";
import { clearEntry, restoreDraft, take } from "./entry.js";
import { hush } from "./say.js";
import { $, field, filters, place, rest, short, state } from "./state.js";

/** Shows a card; `onLeave(cell, token)` gives back the table that was left, `onHeld(lease)` tells who holds this one. */
export function show(answer, onLeave, onHeld) {
  const { card, lease, progress } = answer;
  const before = state.card;
  if (before && state.lease?.token && !sameTable(before.cell, card.cell)) onLeave(before.cell, state.lease.token);
  Object.assign(state, { card, lease, began: performance.now(), armed: false, pasted: null });
  const { cell } = card;
  $("labels").replaceChildren(short(cell.row_name), make("span", { class: "sep" }, "›"), short(cell.column_name));
  $("labels").title = `${cell.row_name} › ${cell.column_name}`;
  $("why").replaceChildren(...card.why.map(whyItem), ...(state.walking ? [make("li", { class: "walk" }, word("why_walk"))] : []));
  const parts = [make("b", {}, card.document.issuer ?? card.document.name)];
  if (card.document.year) parts.push(` ${card.document.year}`);
  parts.push(make("span", { class: "soft" }, ` · ${card.document.name}`));
  $("where").replaceChildren(...parts);
  $("matrix-name").textContent = named("table", cell.table);
  showCandidates(card);
  state.straight = Boolean(card.place?.turn);
  showCrop();
  state.sheet.show(card);
  state.matrix.show(card.matrix, cell.row, cell.column);
  $("walk").setAttribute("aria-pressed", String(state.walking));
  $("strip").hidden = true;
  $("type-table").disabled = !card.matrix || Boolean(card.check);
  $("take-row").disabled = !card.matrix || Boolean(card.check);
  $("set-printed-so").disabled = card.blind || Boolean(card.check);
  $("send-back").disabled = Boolean(card.check);
  $("hint").textContent = word(card.blind || !card.candidates.length ? "entry_hint_blind" : "entry_hint");
  meter(progress);
  hush();
  clearEntry();
  restoreDraft();
  if (lease.holder) onHeld(lease);
  const address = new URLSearchParams(card.check ? {} : place());
  for (const [name, value] of Object.entries(filters)) address.set(`f_${name}`, value);
  history.replaceState(null, "", `/card?${address}`);
  if (card.blind || !card.candidates.length) field.focus({ preventScroll: true });
  else rest();
  document.title = `${cell.row_label} › ${cell.column_label}`;
}

const sameTable = (a, b) => a.document === b.document && a.table === b.table;

function whyItem(why) {
  if (why.kind !== "equation") return make("li", { class: why.kind }, word(`why_${why.kind}`, why.text ?? ""));
  const { rule, lane, over, left, right } = why.equation;
  const lanes = over === "rows" ? state.card.matrix?.rows : state.card.matrix?.columns;
  const label = lanes?.find((one) => one.key === lane)?.label ?? lane;
  return make("li", { class: "equation" }, word("why_equation", named("rule", rule), label, left, right));
}

function showCandidates(card) {
  const buttons = card.candidates.map((one, i) => {
    const share = one.share === null ? null : make("span", { class: "share" }, `${Math.round(one.share * 100)} %`);
    const button = make("button", { type: "button", class: `candidate${one.closes > 0 ? " closes" : ""}`, "aria-pressed": "false" },
      make("kbd", {}, String(i + 1)), told(one.value, one.state), one.state === "dash" ? make("span", { class: "soft" }, one.text) : null, share);
    button.addEventListener("click", (event) => {
      take(i);
      // From the keyboard the button was pressed on purpose: Enter goes on to confirm.
      if (event.detail === 0) $("confirm").focus();
      else rest();
    });
    return button;
  });
  if (!buttons.length) buttons.push(make("span", { class: "soft" }, word("no_readings")));
  $("candidates").replaceChildren(...buttons);
}

/** Shows the surroundings of the cell, straightened or as they are. */
export function showCrop() {
  const { card } = state;
  const pictured = Boolean(card.place) && card.document.source === "ok";
  // The lines of a text and the table of a web page show the cell themselves.
  $("crop").hidden = !pictured && Boolean(card.lines || card.raw);
  const image = $("crop-image");
  image.hidden = !pictured;
  $("crop-text").hidden = pictured;
  $("crop-note").hidden = true;
  $("straighten").firstChild.textContent = word(state.straight ? "original" : "straighten");
  if (pictured) {
    image.alt = `${card.cell.row_label}, ${card.cell.column_label}`;
    image.src = `/image/crop?${new URLSearchParams({ ...place(), straight: state.straight })}`;
    return;
  }
  if (card.now && card.now.text !== "") {
    $("crop-text").replaceChildren(make("mark", {}, card.now.machine?.text ?? card.now.text));
  } else {
    $("crop-text").hidden = true;
    $("crop-note").hidden = false;
    $("crop-note").textContent = word(card.place ? "no_picture" : "no_place");
  }
}
$("crop-image").addEventListener("error", () => {
  $("crop-image").hidden = true;
  $("crop-note").hidden = false;
  $("crop-note").textContent = word("no_picture");
});

function meter({ left, rate, minutes }) {
  const parts = [make("b", {}, String(left)), ` ${word("left")}`];
  if (rate) parts.push(` · ${rate} ${word("per_hour")}`);
  if (minutes) parts.push(` · ${word("minutes_left", minutes)}`);
  $("meter").replaceChildren(...parts);
}
