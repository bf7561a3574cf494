// Where the cell stands: the page with the cell marked, the lines around it, or the recovered table of a web page.
import { make, word } from "./api.js";

const SVG = "http://www.w3.org/2000/svg";
const CELL_PX = 30;

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

/** Returns the row of a cell, as far as the page goes, along the direction of its text. */
function band([a, b, c, d], reach) {
  const along = (from, to) => {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    return [((to[0] - from[0]) / length) * reach, ((to[1] - from[1]) / length) * reach];
  };
  const upper = along(a, b);
  const lower = along(d, c);
  const ends = [[a[0] - upper[0], a[1] - upper[1]], [b[0] + upper[0], b[1] + upper[1]], [c[0] + lower[0], c[1] + lower[1]], [d[0] - lower[0], d[1] - lower[1]]];
  return ends.map((p) => p.join(",")).join(" ");
}

/** Shows pages, lines or tables. */
export class SheetView {
  constructor(root, tools) {
    Object.assign(this, { root, tools, zoom: 1, card: null, paper: null, whole: false });
    root.addEventListener("dblclick", () => this.zoomBy(1.5));
    new ResizeObserver(() => this.paper && this.whole && this.fit()).observe(root);
  }

  /** Shows the surroundings of a card's cell. */
  show(card) {
    const before = this.card;
    this.card = card;
    const { place, lines, raw, document: source } = card;
    const pictured = Boolean(place) && source.source === "ok";
    for (const id of ["zoom-in", "zoom-out", "fit"]) this.tools(id).hidden = !pictured;
    this.tools("straighten").hidden = !pictured || place.level;
    this.tools("tools").hidden = !pictured;
    this.tools("page-number").textContent = place ? word(place.guess ? "page_guess" : "page_n", place.page) : "";
    if (pictured) this.#page(place, before);
    else {
      this.paper = null;
      const note = source.source === "ok" ? null : word(`source_${source.source}`, source.name);
      const parts = [note && make("p", { class: "gone" }, note), lines && this.#lines(lines), raw && this.#raw(raw)];
      if (!note && !lines && !raw) parts.push(make("p", { class: "gone" }, word("no_place")));
      this.root.replaceChildren(...parts.filter(Boolean));
      const here = this.root.querySelector(".here");
      if (here) this.root.scrollTop = here.offsetTop - this.root.clientHeight / 2;
    }
  }

  zoomBy(factor) {
    if (!this.paper) return;
    this.whole = false;
    this.#scale(Math.min(8, Math.max(0.2, this.zoom * factor)));
    this.#center();
  }

  /** Shows the whole page, or goes back to the cell. */
  fit() {
    if (!this.paper) return;
    const { width, height } = this.card.place;
    const whole = Math.min((this.root.clientWidth - 2) / width, (this.root.clientHeight - 2) / height);
    this.#scale(whole);
    this.whole = true;
  }

  toggleFit() {
    if (this.whole) this.#atCell();
    else this.fit();
  }

  #page(place, before) {
    const id = this.card.document.id;
    const same = this.paper && before?.document.id === id && before.place?.page === place.page && before.place.turn === place.turn;
    if (!same) {
      const address = `/image/page?${new URLSearchParams({ document: id, page: place.page, turn: place.turn })}`;
      const image = make("img", { src: address, alt: word("page_n", place.page), draggable: "false" });
      image.addEventListener("error", () => this.root.replaceChildren(make("p", { class: "gone" }, word("no_picture"))));
      this.paper = make("div", { class: "paper" }, image);
      this.root.replaceChildren(this.paper);
    }
    this.paper.querySelector("svg")?.remove();
    const { width, height, quad } = place;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    svg.append(shape("polygon", { class: "band", points: band(quad, width + height) }));
    svg.append(shape("polygon", { class: place.guess ? "cell guess" : "cell", points: quad.map((p) => p.join(",")).join(" ") }));
    this.paper.append(svg);
    this.#atCell();
  }

  #atCell() {
    const { width, bbox } = this.card.place;
    const size = bbox[3] - bbox[1];
    const fills = (this.root.clientWidth - 2) / width;
    this.whole = false;
    this.#scale(Math.min(4, Math.max(fills, CELL_PX / Math.max(size, 4), 0.3)));
    this.#center();
  }

  #scale(zoom) {
    this.zoom = zoom;
    this.paper.style.width = `${this.card.place.width * zoom}px`;
    this.paper.style.height = `${this.card.place.height * zoom}px`;
  }

  #center() {
    const [x0, top, x1, bottom] = this.card.place.bbox;
    this.root.scrollLeft = ((x0 + x1) / 2) * this.zoom - this.root.clientWidth / 2;
    this.root.scrollTop = ((top + bottom) / 2) * this.zoom - this.root.clientHeight / 2;
  }

  #lines(lines) {
    return make("ol", { class: "lines" }, ...lines.map((line) => this.#line(line)));
  }

  #line({ number, text, mark }) {
    const parts = mark ? [text.slice(0, mark[0]), make("mark", {}, text.slice(mark[0], mark[1])), text.slice(mark[1])] : [text];
    return make("li", { class: mark ? "here" : null }, make("span", { class: "no" }, String(number)), make("span", {}, ...parts));
  }

  #raw({ rows, marked }) {
    const cell = (one) => make("td", { rowspan: one.row_span, colspan: one.column_span }, one.text);
    return make("table", { class: "raw" }, ...rows.map((row, i) => make("tr", { class: i === marked ? "here" : null }, ...row.map(cell))));
  }
}
