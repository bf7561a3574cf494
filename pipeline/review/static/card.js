// One card after the other: what a person sends, and where they go.
import { Refused, named, post, told, word } from "./api.js";
import { clearEntry, digit, dropDraft, enter, entered, live } from "./entry.js";
import { MatrixView } from "./matrix.js";
import { breakText, dropRow, mergeTyped, pasteRow, rowAnswers, rowBreaks, takeRow } from "./row.js";
import { hush, say, toast } from "./say.js";
import { SheetView } from "./sheet.js";
import { show as showCard, showCrop } from "./show.js";
import { $, field, filters, place, rest, short, state } from "./state.js";

const HEARTBEAT_MS = 60_000;
const sheet = new SheetView($("sheet"), $);
const matrix = new MatrixView($("matrix"), $("balance"), (row, column) => {
  const { document: id, table } = state.card.cell;
  if (!state.card.check) openCell({ document: id, table, row, column }, 0, true);
});
Object.assign(state, { sheet, matrix });

function show(answer) {
  showCard(answer, release, held);
  // Row after row, until Esc: a row with a single open cell is a card like others.
  if (state.rowing && !answer.lease.holder) takeRow(pickCell, 2);
}

// --- sending

async function doing(action) {
  if (state.busy) return;
  state.busy = true;
  $("desk").setAttribute("aria-busy", "true");
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refused(error, action);
  } finally {
    state.busy = false;
    $("desk").setAttribute("aria-busy", "false");
  }
}

function refused(error, action) {
  const { code, detail } = error;
  if (code === "reviewer") return location.assign("/");
  if (code === "stale") {
    const theirs = told(detail.theirs.value, detail.theirs.state);
    const text = word("conflict", detail.theirs.reviewer ?? "?", theirs, told(detail.yours.value, detail.yours.state));
    return say(text, "", [word("keep_theirs"), () => next()], [word("keep_mine"), () => {
      state.card.cell.version = detail.theirs.version;
      doing(action);
    }]);
  }
  if (code === "lease" && detail?.holder) return held(detail);
  if (code === "lease") return say(error.message, "", [word("again"), () => hold(false).then(() => doing(action))]);
  if (code === "offline" || code === "busy") return say(error.message, "", [word("again"), () => doing(action)]);
  if (code === "nothing") return toast(`${error.message} ${error.advice}`);
  return say(`${error.message} ${error.advice}`);
}

function held({ holder, until }) {
  const time = new Date(until * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  say(word("lease_held", holder, time), "warn", [word("another"), () => next()], [word("take_over"), () => hold(true)]);
}

async function hold(takeover) {
  const { document: id, table } = state.card.cell;
  await doing(async () => {
    state.lease = (await post("/api/lease", { document: id, table, takeover })).lease;
    hush();
  });
}

function body(said, now) {
  const entry = { state: now.state, text: now.text };
  const seconds = Math.min(86400, Math.round((performance.now() - state.began) / 100) / 10);
  const { card } = state;
  if (card.check) return ["/api/check", { check: card.check, said, entry, seconds }];
  return ["/api/answer", { ...place(), version: card.cell.version, said, entry, lease: state.lease?.token ?? "", seconds }];
}

function send(said, now) {
  doing(async () => {
    const [path, content] = body(said, now);
    const done = await post(path, content);
    dropDraft();
    if (done.was) toast(word("missed", told(done.was.value, done.was.state)), "bad");
    else if (done.warning) toast(done.warning, "bad");
    else if (done.saved) toast(word("saved", `${short(done.saved.row_label)} › ${short(done.saved.column_label)}`, told(done.saved.value, done.saved.state)));
    await forward();
  });
}

function confirm() {
  if (state.pasted) return sendRow();
  if (field.value === "" && !state.state) return say(word("empty_entry"), "warn");
  const now = entered();
  if (now.state === "printed" && now.value === null) return say(word("not_number"));
  const [i, j] = state.card.matrix ? matrix.here : [0, 0];
  const broken = state.card.matrix ? matrix.brokenAt(i, j, live()) : [];
  // Only an equation that nobody is going to look at again needs a second thought.
  const final = broken.find((one) => one.places.every(([a, b]) => (a === i && b === j) || !matrix.at(a, b).open));
  if (final && !state.armed) {
    state.armed = true;
    return say(word("still_broken", named("rule", final.equation.rule), matrix.label(final), final.left, final.right), "warn");
  }
  return send("value", now);
}

function printedSo() {
  if ($("set-printed-so").disabled) return;
  const { now } = state.card;
  if (field.value === "" && !state.state && ["printed", "blank", "dash"].includes(now.state)) {
    enter(now.state, now.state === "printed" ? String(now.value) : "");
  }
  const said = entered();
  if (said.state === "printed" && said.value === null) return say(word("empty_entry"), "warn");
  send("printed_so", said);
}

function sendBack() {
  if ($("send-back").disabled) return;
  doing(async () => {
    const { document: id } = state.card.cell;
    await post("/api/document", { document: id, state: "sent_back", cell: place(), lease: state.lease?.token ?? "" });
    const reopen = async () => {
      await post("/api/document", { document: id, state: "open" });
      toast(word("reopen"));
    };
    await forward();
    say(word("sent_back"), "warn", [word("reopen"), () => doing(reopen)]);
  });
}

// --- moving

/** Returns an address with the filters in it, so that the way back knows them. */
function filtered(what) {
  const address = new URLSearchParams(what);
  for (const [name, value] of Object.entries(filters)) address.set(`f_${name}`, value);
  return address;
}

async function forward() {
  if (state.walking && !state.card.check) {
    try {
      return show(await post("/api/card", { ...place(), step: 1, filters }));
    } catch (error) {
      if (error.code !== "nothing") throw error;
      state.walking = false;
    }
  }
  const after = state.card && !state.card.check ? place() : null;
  if (after) state.visited.push(after);
  const passed = JSON.parse(sessionStorage.getItem("gouji-passed") ?? "[]");
  const found = await post("/api/next", { filters, after, passed });
  if (found.table) return location.assign(`/table?${filtered(found.table)}`);
  if (!found.card) return location.assign("/done");
  return show(found);
}

const next = () => doing(forward);

function openCell(at, step = 0, walking = state.walking) {
  return doing(async () => {
    if (state.card && !state.card.check) state.visited.push(place());
    state.walking = walking;
    show(await post("/api/card", { ...at, step, filters }));
  });
}

function typeTable() {
  if ($("type-table").disabled) return;
  const { document: id, table } = state.card.cell;
  location.assign(`/table?${filtered({ document: id, table })}`);
}

function previous() {
  if (state.walking) return openCell(place(), -1);
  const at = state.visited.pop();
  if (!at) return toast(word("queue"));
  return doing(async () => show(await post("/api/card", { ...at, filters })));
}

function walk() {
  state.walking = !state.walking;
  if (state.walking && !state.card.check) openCell(place(), 0, true);
  else next();
}

function takeBack(redo) {
  return doing(async () => {
    const done = await post(redo ? "/api/redo" : "/api/undo", {});
    if (done.table) return location.assign(`/table?${new URLSearchParams({ document: done.table.document, table: done.table.table })}`);
    const { saved } = done;
    const name = `${short(saved.row_label)} › ${short(saved.column_label)}`;
    dropDraft();
    const { document: id, table, row, column } = saved;
    show(await post("/api/card", { document: id, table, row, column, filters }));
    const [one, many] = redo ? ["redone", "redone_n"] : ["undone", "undone_n"];
    toast(done.cells > 1 ? word(many, done.cells) : word(one, name, told(saved.value, saved.state)));
  });
}

function release(cell, token) {
  const content = { document: cell.document, table: cell.table, lease: token };
  post("/api/release", content, { keepalive: true }).catch(() => {});
}

// --- a whole row

document.addEventListener("paste", (event) => {
  if (pasteRow(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
});

const pickCell = (row, column) => {
  const { document: id, table } = state.card.cell;
  dropRow();
  state.rowing = false;
  openCell({ document: id, table, row, column });
};

function sendRow() {
  if (!mergeTyped()) return say(word("not_number"));
  const final = rowBreaks();
  if (final && !state.armed) {
    state.armed = true;
    return say(breakText(final), "warn");
  }
  return doing(async () => {
    const done = await post("/api/row", { answers: rowAnswers() });
    dropDraft();
    toast(word("row_saved", done.saved.length));
    await forward();
  });
}

function dropEntry() {
  dropRow();
  state.rowing = false;
  clearEntry();
  dropDraft();
  hush();
  live();
  rest();
}

// --- keys

const commands = {
  b: () => enter("blank", ""), d: () => enter("dash", ""), u: () => send("unreadable", { state: "printed", text: "" }),
  s: printedSo, x: sendBack, z: () => takeBack(false), y: () => takeBack(true), n: next, p: previous, w: walk,
  t: typeTable,
  r: () => { state.rowing = takeRow(pickCell); },
  v: () => { if (!$("straighten").hidden) { state.straight = !state.straight; showCrop(); } },
  f: () => sheet.toggleFit(), "?": () => $("help").showModal(), "？": () => $("help").showModal(),
  save: sendRow, drop: dropEntry,
};
const zooms = { "+": () => sheet.zoomBy(1.3), "=": () => sheet.zoomBy(1.3), "-": () => sheet.zoomBy(1 / 1.3) };

document.addEventListener("keydown", (event) => {
  // Keys rest while an input method composes.
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  if ($("help").open || !state.card || state.busy) return;
  const at = document.activeElement;
  const typing = at === field;
  const free = !at || at === document.body || at === $("labels") || at === $("sheet") || at === $("matrix");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const run = (act) => { event.preventDefault(); act(); };
  if (key === "Escape") return run(dropEntry);
  if (commands[key]) return run(commands[key]);
  if (typing) {
    if (field.classList.contains("word") && /^[0-9.]$/.test(key)) field.value = "";
    return undefined;
  }
  if (/^[0-9]$/.test(key)) return run(() => digit(key));
  if (zooms[key]) return run(zooms[key]);
  if (key === "Enter" && free) return run(confirm);
  if (key === " " && free) return run(() => { field.focus(); field.select(); });
  return undefined;
});

// --- mouse

$("answer").addEventListener("submit", (event) => { event.preventDefault(); confirm(); });
for (const [id, key] of [["set-blank", "b"], ["set-dash", "d"], ["set-unreadable", "u"], ["set-printed-so", "s"], ["send-back", "x"],
  ["undo", "z"], ["redo", "y"], ["next", "n"], ["previous", "p"], ["walk", "w"], ["take-row", "r"], ["type-table", "t"], ["save-row", "save"], ["drop-row", "drop"], ["straighten", "v"], ["fit", "f"], ["help-button", "?"]]) {
  $(id).addEventListener("click", () => { if (!state.busy) commands[key](); });
}
$("zoom-in").addEventListener("click", zooms["+"]);
$("zoom-out").addEventListener("click", zooms["-"]);

setInterval(async () => {
  if (!state.lease?.token || document.hidden) return;
  const { document: id, table } = state.card.cell;
  try {
    state.lease = (await post("/api/heartbeat", { document: id, table, lease: state.lease.token })).lease;
  } catch (error) {
    if (error.code === "lease" && error.detail?.holder) held(error.detail);
    else if (error.code === "lease") hold(false);
  }
}, HEARTBEAT_MS);

addEventListener("pagehide", () => { if (state.lease?.token) release(state.card.cell, state.lease.token); });

// --- beginning

const given = new URLSearchParams(location.search);
if (given.get("row")) openCell(Object.fromEntries(["document", "table", "row", "column"].map((name) => [name, given.get(name) ?? ""])));
else next();
