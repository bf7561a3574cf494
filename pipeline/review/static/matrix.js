// The table as rows and columns, with the equations that fail coloured.
import { make, named, told, word } from "./api.js";
import { evaluate } from "./balance.js";

/** Shows a table; `onPick(row, column)` is called with keys when a cell is chosen. */
export class MatrixView {
  constructor(root, balance, onPick) {
    Object.assign(this, { root, balance, onPick, matrix: null, nodes: [], here: null, changed: new Map() });
    root.addEventListener("click", (event) => {
      const node = event.target.closest("td[data-row]");
      if (node) onPick(node.dataset.row, node.dataset.column);
    });
  }

  /** Shows another table, or a note where it is hidden. */
  show(matrix, row, column) {
    this.matrix = matrix;
    this.changed.clear();
    if (!matrix) {
      this.root.replaceChildren(make("p", { class: "hidden-note" }, word("hidden")));
      this.balance.textContent = "";
      return;
    }
    this.here = [matrix.rows.findIndex((l) => l.key === row), matrix.columns.findIndex((l) => l.key === column)];
    const [x, y] = this.here;
    const head = make("tr", {}, make("th", {}), ...matrix.columns.map((lane, j) => this.#head(lane, "col", j === y && "column-here")));
    this.nodes = matrix.rows.map((lane, i) => matrix.columns.map((other, j) => this.#cell(lane, other, i, j)));
    const body = this.nodes.map((line, i) => make("tr", {}, this.#head(matrix.rows[i], "row", i === x && "row-here"), ...line));
    this.root.replaceChildren(make("table", { class: "grid" }, make("thead", {}, head), make("tbody", {}, ...body)));
    this.refresh();
    this.#reveal();
  }

  /** Puts another content into a cell for as long as it is being entered; null takes it away. */
  tryOut(i, j, content) {
    if (content === null) this.changed.delete(`${i},${j}`);
    else this.changed.set(`${i},${j}`, content);
    this.#fill(i, j);
  }

  /** Returns what a cell holds, with what is being entered. */
  at(i, j) {
    return this.changed.get(`${i},${j}`) ?? this.matrix.cells[i][j];
  }

  /** Evaluates the equations anew and colours the table; returns them. */
  refresh() {
    if (!this.matrix) return [];
    const outcomes = evaluate(this.matrix, (i, j) => this.at(i, j));
    const broken = outcomes.filter((one) => one.outcome === "broken" && one.equation.severity === "error");
    for (const node of this.root.querySelectorAll(".off")) node.classList.remove("off");
    const heads = { columns: this.root.querySelectorAll("thead th"), rows: this.root.querySelectorAll("tbody th") };
    for (const one of broken) {
      for (const [i, j] of one.places) this.nodes[i][j].classList.add("off");
      if (one.equation.over === "rows") heads.rows[one.at].classList.add("off");
      else heads.columns[one.at + 1].classList.add("off");
    }
    this.#tell(outcomes, broken);
    return outcomes;
  }

  /** Returns the broken equations of a cell, as they would be with what is being entered. */
  brokenAt(i, j, outcomes) {
    const holds = (one) => one.places.some(([a, b]) => a === i && b === j);
    return outcomes.filter((one) => one.outcome === "broken" && one.equation.severity === "error" && holds(one));
  }

  #tell(outcomes, broken) {
    const said = this.balance;
    const held = outcomes.filter((one) => one.outcome === "ok").length;
    const whole = held === outcomes.length;
    said.className = broken.length ? "off" : held && whole ? "ok" : "";
    said.title = "";
    if (!broken.length) {
      said.textContent = !outcomes.length ? word("none_checked") : whole ? word("balanced") : word("balanced_partly", held, outcomes.length - held);
      return;
    }
    const [first] = broken.filter((one) => one.places.some(([a, b]) => a === this.here[0] && b === this.here[1])).concat(broken);
    const more = broken.length > 1 ? ` +${broken.length - 1}` : "";
    said.textContent = `${named("rule", first.equation.rule)}: ${first.left} ≠ ${first.right}${more}`;
    said.title = broken.map((one) => `${named("rule", one.equation.rule)} · ${this.label(one)}: ${one.left} ≠ ${one.right}`).join("\n");
  }

  /** Returns the printed label of the row or column that an equation is about. */
  label(one) {
    const lanes = one.equation.over === "rows" ? this.matrix.rows : this.matrix.columns;
    return lanes[one.at].label;
  }

  #head(lane, scope, kind) {
    return make("th", { scope, class: kind || null, title: lane.printed && lane.printed !== lane.label ? `${lane.label}\n${lane.printed}` : lane.label }, lane.label);
  }

  #cell(row, column, i, j) {
    const [x, y] = this.here;
    const node = make("td", { "data-row": row.key, "data-column": column.key });
    if (i === x) node.classList.add("row-here");
    if (j === y) node.classList.add("column-here");
    if (i === x && j === y) node.setAttribute("aria-current", "true");
    queueMicrotask(() => this.#fill(i, j));
    return node;
  }

  #fill(i, j) {
    const cell = this.at(i, j);
    const node = this.nodes[i]?.[j];
    if (!node || !cell) return;
    node.textContent = cell.s === "printed" ? String(cell.v) : cell.s === "dash" ? "—" : cell.s === "blank" ? "" : cell.s === "missing" ? "?" : "✕";
    node.title = cell.s === "printed" ? "" : word(cell.s);
    node.classList.toggle("empty", cell.s !== "printed");
    node.classList.toggle("zero", cell.v === 0);
    node.classList.toggle("open", Boolean(cell.open));
    node.classList.toggle("said", Boolean(cell.said));
    node.classList.toggle("here", i === this.here[0] && j === this.here[1]);
    node.classList.toggle("pasted", Boolean(cell.pasted));
    if (cell.open) node.setAttribute("aria-label", `${told(cell.v, cell.s)}, ${word("open_cells")}`);
  }

  #reveal() {
    const node = this.nodes[this.here[0]]?.[this.here[1]];
    if (!node) return;
    const box = this.root.getBoundingClientRect();
    const own = node.getBoundingClientRect();
    this.root.scrollTop += own.top - box.top - box.height / 2;
    this.root.scrollLeft += own.left - box.left - box.width * 0.7;
  }
}
