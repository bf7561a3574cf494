// The equations of a table, evaluated as `pipeline/check/equations.py` does, while a value is typed.
const TOLERANCE = 1e-6;

/** Returns every equation in every row or column: `outcome` is `ok`, `broken` or `blank` (not evaluable). */
export function evaluate(matrix, cellAt) {
  const rows = new Map(matrix.rows.map((lane, i) => [lane.key, i]));
  const columns = new Map(matrix.columns.map((lane, j) => [lane.key, j]));
  const found = [];
  for (const equation of matrix.equations) {
    const overRows = equation.over === "rows";
    for (const [lane, at] of overRows ? rows : columns) {
      const place = (key) => (overRows ? [at, columns.get(key)] : [rows.get(key), at]);
      const side = (keys) => keys.map((key) => ({ key, place: place(key), cell: cellAt(...place(key)) }));
      found.push({ ...judge(equation, side(equation.left), side(equation.right)), equation, lane, at });
    }
  }
  return found;
}

function judge(equation, left, right) {
  const all = [...left, ...right];
  const places = all.map((one) => one.place);
  const sums = { left: sum(left), right: sum(right), places };
  const totals = new Set(equation.totals);
  if (all.some(({ cell }) => cell.s === "missing" || cell.s === "unreadable")) return { ...sums, outcome: "blank" };
  if (all.some(({ key, cell }) => cell.v === null && totals.has(key))) return { ...sums, outcome: "blank" };
  const details = all.filter(({ key }) => !totals.has(key));
  const blanks = details.filter(({ cell }) => cell.v === null).length;
  const stops = equation.blank_details === "stop" || (equation.blank_details === "some" && blanks === details.length);
  if (blanks && stops) return { ...sums, outcome: "blank" };
  const off = sums.left - sums.right;
  const holds = Math.abs(off) <= TOLERANCE || (equation.relation === "at_most" && off < 0);
  return { ...sums, outcome: holds ? "ok" : "broken" };
}

function sum(side) {
  const total = side.reduce((before, { cell }) => before + (cell.v ?? 0), 0);
  return Math.round(total * 1e6) / 1e6;
}

/** Returns the number that a text means, or null; full-width digits and thousands separators are understood. */
export function parseNumber(text) {
  const plain = text.normalize("NFKC").replace(/[−﹣－]/g, "-").trim();
  if (!/^[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(plain)) return null;
  const value = Number(plain.replaceAll(",", ""));
  return Number.isFinite(value) ? value : null;
}
