// A table that was not found: look for it, type or paste it whole, or say that it is not printed.
import { Refused, make, named, post, told, word } from "./api.js";
import { evaluate } from "./balance.js";
import { pastedCell } from "./cells.js";
import { hush, say, toast } from "./say.js";

const $ = (id) => document.getElementById(id);
const given = new URLSearchParams(location.search);
const at = { document: given.get("document") ?? "", table: given.get("table") ?? "" };
const PASSED = "gouji-passed";
const HEARTBEAT_MS = 60_000;
let whole = null;
let lease = null;
let format = null;
let inputs = [];
let page = 1;
let zoom = 1;
let busy = false;
let armed = false;
const began = performance.now();

async function doing(action) {
  if (busy) return;
  busy = true;
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refused(error, action);
  } finally {
    busy = false;
  }
}

function refused(error, action) {
  const { code, detail } = error;
  if (code === "reviewer") return location.assign("/");
  if (code === "unknown") return location.assign("/queue");
  if (code === "lease" && detail?.holder) return held(detail);
  if (code === "lease") return say(error.message, "", [word("again"), () => hold(false).then(() => doing(action))]);
  return say(`${error.message} ${error.advice}`, "", [word("again"), () => doing(action)]);
}

function held({ holder, until }) {
  const time = new Date(until * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  say(word("lease_held", holder, time), "warn", [word("another"), pass], [word("take_over"), () => hold(true)]);
}

const hold = (takeover) => doing(async () => {
  lease = (await post("/api/lease", { ...at, takeover })).lease;
  hush();
});

const seconds = () => Math.min(86400, Math.round((performance.now() - began) / 100) / 10);

// --- what is shown

function show(answer) {
  ({ whole, lease } = answer);
  const { document: source, what, message } = whole;
  const parts = [make("b", {}, source.issuer ?? source.name)];
  if (source.year) parts.push(` ${source.year}`);
  $("where").replaceChildren(...parts, make("span", { class: "soft" }, ` · ${source.name}`));
  $("labels").textContent = named("table", at.table);
  $("why").textContent = what === "second" ? `${word("whole_second")} ${message ?? ""}` : word(`whole_${what}`);
  $("settle").replaceChildren(word(what === "second" ? "settle_second" : "settle_absent"), make("kbd", {}, "S"));
  const typing = what !== "second";
  $("settle").hidden = what === "whole";
  for (const id of ["save", "format-label", "hint"]) $(id).hidden = !typing;
  $("blanks").parentElement.hidden = !typing;
  $("hint").textContent = word(what === "whole" ? "whole_hint_read" : "whole_hint");
  $("blanks").parentElement.hidden = what === "whole";
  $("format").replaceChildren(...whole.formats.map((one) => make("option", { value: one.variant }, one.variant)));
  $("format-label").hidden = whole.formats.length < 2;
  if (typing) layOut();
  else showTaken();
  page = whole.page;
  const paper = whole.pages.find((one) => one.page === page);
  // As large as the table's cells allow, labels beside them.
  if (whole.box && paper) zoom = Math.min(3, Math.max(1, paper.width / (1.6 * (whole.box[2] - whole.box[0]))));
  showSource();
  if (whole.box && paper) {
    const scale = ($("sheet").clientWidth - 2) * zoom / paper.width;
    $("sheet").scrollTop = Math.max(0, whole.box[1] * scale - 120);
    $("sheet").scrollLeft = Math.max(0, whole.box[2] * scale - $("sheet").clientWidth + 12);
  }
  document.title = named("table", at.table);
  if (lease.holder) held(lease);
  $("desk").setAttribute("aria-busy", "false");
  $("labels").focus({ preventScroll: true });
}

function layOut() {
  format = whole.formats.find((one) => one.variant === $("format").value) ?? whole.formats[0];
  const head = make("tr", {}, make("th", {}), ...format.columns.map((lane) => make("th", { scope: "col", title: lane.name }, lane.label)));
  inputs = format.rows.map((row, i) => format.columns.map((column, j) => {
    const input = make("input", { "aria-label": `${row.name}, ${column.name}`, inputmode: "decimal", maxlength: "40", "data-i": i, "data-j": j });
    const read = whole.taken?.cells[i]?.[j];
    if (read && ["printed", "blank", "dash"].includes(read.s)) input.placeholder = read.s === "printed" ? String(read.v) : read.s === "dash" ? "—" : word("blank");
    if (read?.open) input.classList.add("doubtful");
    input.addEventListener("input", live);
    return input;
  }));
  const body = inputs.map((line, i) => make("tr", {}, make("th", { scope: "row", title: format.rows[i].name }, format.rows[i].label),
    ...line.map((input) => make("td", {}, input))));
  $("matrix").replaceChildren(make("table", { class: "grid fill" }, make("thead", {}, head), make("tbody", {}, ...body)));
  live();
}

function showTaken() {
  const { rows, columns, cells } = whole.taken;
  const head = make("tr", {}, make("th", {}), ...columns.map((lane) => make("th", { scope: "col" }, lane.label)));
  const body = rows.map((row, i) => make("tr", {}, make("th", { scope: "row" }, row.label),
    ...cells[i].map((cell) => make("td", { class: cell.v === 0 ? "zero" : null }, cell.s === "blank" ? "" : told(cell.v, cell.s)))));
  $("matrix").replaceChildren(make("table", { class: "grid" }, make("thead", {}, head), make("tbody", {}, ...body)));
}

function showSource() {
  const { pages, lines, line, raw, document: source } = whole;
  $("tools").hidden = !pages.length;
  if (pages.length) return showPage();
  const parts = [];
  if (source.source !== "ok") parts.push(make("p", { class: "gone" }, word(`source_${source.source}`, source.name)));
  if (lines) {
    parts.push(make("ol", { class: "lines" }, ...lines.map((text, i) => make("li", { class: i === line ? "here" : null },
      make("span", { class: "no" }, String(i + 1)), make("span", {}, text)))));
  }
  for (const table of raw) {
    const cell = (one) => make("td", { rowspan: one.row_span, colspan: one.column_span }, one.text);
    parts.push(make("table", { class: "raw" }, ...table.rows.map((row) => make("tr", {}, ...row.map(cell)))));
  }
  $("sheet").replaceChildren(...parts);
  const here = $("sheet").querySelector(".here");
  if (here) $("sheet").scrollTop = here.offsetTop - 40;
}

function showPage() {
  const n = Math.max(0, whole.pages.findIndex((one) => one.page === page));
  const one = whole.pages[n];
  page = one.page;
  $("page-number").textContent = word("page_of", page, whole.pages.length);
  $("page-before").disabled = n === 0;
  $("page-after").disabled = n === whole.pages.length - 1;
  const image = make("img", { src: `/image/page?${new URLSearchParams({ document: at.document, page })}`, alt: word("page_n", page), draggable: "false" });
  image.addEventListener("error", () => $("sheet").replaceChildren(make("p", { class: "gone" }, word("no_picture"))));
  const paper = make("div", { class: "paper" }, image);
  const fills = ($("sheet").clientWidth - 2) / one.width;
  paper.style.width = `${one.width * fills * zoom}px`;
  paper.style.height = `${one.height * fills * zoom}px`;
  $("sheet").replaceChildren(paper);
}

const turn = (step) => {
  const n = whole.pages.findIndex((one) => one.page === page) + step;
  if (whole.pages[n]) {
    page = whole.pages[n].page;
    showPage();
  }
};
const zoomBy = (factor) => { zoom = Math.min(5, Math.max(0.4, zoom * factor)); showPage(); };

// --- what is typed

function contentOf(input) {
  const text = input.value.trim();
  if (text === "" && whole.what === "whole") return null;
  if (text === "") return $("blanks").checked ? { state: "blank", text: "", value: null } : null;
  if (text === word("blank")) return { state: "blank", text: "", value: null };
  return pastedCell(text);
}

function live() {
  armed = false;
  hush();
  const contents = inputs.map((line) => line.map(contentOf));
  const shown = contents.map((line) => line.map((one) => (one && !(one.state === "printed" && one.value === null)
    ? { v: one.value, s: one.state } : { v: null, s: "missing" })));
  // What nobody types anew stands as it was.
  if (whole.taken) shown.forEach((line, i) => line.forEach((one, j) => { if (!contents[i][j]) line[j] = whole.taken.cells[i][j]; }));
  const outcomes = evaluate(format, (i, j) => shown[i][j]);
  const broken = outcomes.filter((one) => one.outcome === "broken" && one.equation.severity === "error");
  inputs.forEach((line, i) => line.forEach((input, j) => {
    const one = contents[i][j];
    input.classList.toggle("wrong", Boolean(one) && one.state === "printed" && one.value === null);
    input.classList.remove("off");
  }));
  for (const one of broken) for (const [i, j] of one.places) inputs[i][j].classList.add("off");
  const count = contents.flat().filter(Boolean).length;
  $("filled").textContent = `${count} / ${contents.flat().length}`;
  $("save").disabled = !count;
  const said = $("balance");
  const ok = outcomes.filter((one) => one.outcome === "ok").length;
  said.className = broken.length ? "off" : ok && ok === outcomes.length ? "ok" : "";
  if (broken.length) {
    const [first] = broken;
    const lanes = first.equation.over === "rows" ? format.rows : format.columns;
    said.textContent = `${named("rule", first.equation.rule)} · ${lanes[first.at].label}: ${first.left} ≠ ${first.right}${broken.length > 1 ? ` +${broken.length - 1}` : ""}`;
  } else if (!outcomes.length) said.textContent = word("none_checked");
  else said.textContent = ok === outcomes.length ? word("balanced") : word("balanced_partly", ok, outcomes.length - ok);
  return { contents, broken };
}

function save() {
  const { contents, broken } = live();
  if (!inputs.length || $("save").disabled) return;
  if (contents.flat().some((one) => one && one.state === "printed" && one.value === null)) return say(word("not_number"));
  if (broken.length && !armed) {
    armed = true;
    return say(word("whole_broken", broken.length), "warn", [word("save_table"), save]);
  }
  const cells = contents.flatMap((line, i) => line.flatMap((one, j) => (one
    ? [{ row: format.rows[i].key, column: format.columns[j].key, entry: { state: one.state, text: one.text } }] : [])));
  doing(async () => {
    const done = await post("/api/table/save", { ...at, variant: format.variant, cells, lease: lease?.token ?? "", seconds: seconds() });
    toast(done.warning ?? word("row_saved", done.saved), done.warning ? "bad" : "");
    // What was left out, and what does not add up, are cards like others.
    go(done.left || broken.length ? { f_document: at.document, f_table: at.table } : {});
  });
}

function settle() {
  doing(async () => {
    await post("/api/table/settle", { ...at, lease: lease?.token ?? "", seconds: seconds() });
    go({});
  });
}

function go(filters) {
  lease = null;
  const kept = [...given].filter(([name]) => name.startsWith("f_"));
  location.assign(`/card?${new URLSearchParams(Object.keys(filters).length ? filters : Object.fromEntries(kept))}`);
}

function pass() {
  if (whole.what === "whole") return history.length > 1 ? history.back() : location.assign("/queue");
  const known = JSON.parse(sessionStorage.getItem(PASSED) ?? "[]");
  sessionStorage.setItem(PASSED, JSON.stringify([...known, at].slice(-200)));
  release();
  go({});
}

function release() {
  if (lease?.token) post("/api/release", { ...at, lease: lease.token }, { keepalive: true }).catch(() => {});
  lease = null;
}

const undo = () => doing(async () => {
  const done = await post("/api/undo", {});
  if (done.table) location.assign(`/table?${new URLSearchParams({ document: done.table.document, table: done.table.table })}`);
  else {
    const { document: id, table, row, column } = done.saved;
    location.assign(`/card?${new URLSearchParams({ document: id, table, row, column })}`);
  }
});

function paste(text, input) {
  let rows = text.replace(/[\r\n]+$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  const numeric = (one) => /^[-+\d\s.,—–－/]*$/.test(one.normalize("NFKC").trim());
  // A copied table brings its header and its labels along: rows without any number, and columns in front of the last ones.
  rows = rows.filter((line) => line.some((one) => /\d/.test(one)) || line.every((one) => one.trim() === ""));
  const { columns } = format;
  rows = rows.map((line) => {
    const labels = line.findIndex((one, j) => numeric(one) && line.slice(j).every(numeric));
    return line.length > columns.length && labels > 0 ? line.slice(-columns.length) : line;
  });
  const full = rows.length === format.rows.length && rows.every((line) => line.length === columns.length);
  const i0 = full ? 0 : Number(input?.dataset.i ?? 0);
  const j0 = full || rows.every((line) => line.length === columns.length) ? 0 : Number(input?.dataset.j ?? 0);
  let count = 0;
  rows.forEach((line, i) => line.forEach((one, j) => {
    const target = inputs[i0 + i]?.[j0 + j];
    if (!target) return;
    target.value = one.trim() === "" && full ? word("blank") : one.trim();
    count += 1;
  }));
  live();
  toast(word("whole_pasted", count));
}

// --- keys

const commands = { s: () => { if (!$("settle").hidden) settle(); }, n: pass, z: undo };

function move(input, di, dj) {
  let [i, j] = [Number(input.dataset.i) + di, Number(input.dataset.j) + dj];
  if (j >= inputs[0].length) [i, j] = [i + 1, 0];
  const target = inputs[i]?.[j];
  if (target) {
    target.focus();
    target.select();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.altKey || busy || !whole) return;
  const run = (act) => { event.preventDefault(); act(); };
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return run(save);
  if (event.ctrlKey || event.metaKey) return undefined;
  const input = event.target.closest?.("#matrix input");
  if (input) {
    // Enter on an empty field takes what was read, which stands there in grey.
    if (event.key === "Enter") return run(() => { if (input.value === "" && input.placeholder) { input.value = input.placeholder; live(); } move(input, 0, 1); });
    if (event.key === "ArrowDown") return run(() => move(input, 1, 0));
    if (event.key === "ArrowUp") return run(() => move(input, -1, 0));
    if (event.key.toLowerCase() === "b") return run(() => { input.value = word("blank"); live(); });
    if (event.key === "Escape") return run(() => $("labels").focus());
    return undefined;
  }
  if (event.target.closest?.("select, input")) return undefined;
  if (event.key === " " && !event.target.closest?.("button, a") && inputs.length) return run(() => inputs[0][0].focus());
  const act = commands[event.key.toLowerCase()];
  return act ? run(act) : undefined;
});

document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!inputs.length || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  paste(text, event.target.closest?.("#matrix input"));
});

for (const [id, act] of [["save", save], ["settle", settle], ["next", pass], ["undo", undo], ["page-before", () => turn(-1)], ["page-after", () => turn(1)],
  ["zoom-in", () => zoomBy(1.3)], ["zoom-out", () => zoomBy(1 / 1.3)]]) $(id).addEventListener("click", act);
$("format").addEventListener("change", layOut);
$("blanks").addEventListener("change", live);

setInterval(async () => {
  if (!lease?.token || document.hidden) return;
  try {
    lease = (await post("/api/heartbeat", { ...at, lease: lease.token })).lease;
  } catch (error) {
    if (error.code === "lease" && error.detail?.holder) held(error.detail);
    else if (error.code === "lease") hold(false);
  }
}, HEARTBEAT_MS);

addEventListener("pagehide", release);

doing(async () => show(await post("/api/table", at)));
