// What the parts of the card page share.
const FILTERS = { issuer: String, year: Number, table: String, kind: String, rule: String, document: String, most_confidence: Number };

export const $ = (id) => document.getElementById(id);
export const field = $("entry");

/** `state` is that of the entry (`printed`, `blank`, `dash`, or none); `armed` once a broken equation was told of. */
export const state = {
  card: null, lease: null, walking: false, straight: false, began: 0, busy: false,
  state: "", typed: false, armed: false, pasted: null, rowing: false, visited: [], matrix: null, sheet: null,
};

export const filters = readFilters();

/** The cell that is shown, by its keys. */
export function place() {
  const { document: id, table, row, column } = state.card.cell;
  return { document: id, table, row, column };
}

/** Gives the focus to the card, where every key is a command. */
export function rest() {
  $("labels").tabIndex = -1;
  $("labels").focus({ preventScroll: true });
}

/** Returns a name cut to what a line holds. */
export const short = (text) => (text.length > 40 ? `${text.slice(0, 38)}…` : text);

function readFilters() {
  const given = new URLSearchParams(location.search);
  const found = {};
  for (const [name, type] of Object.entries(FILTERS)) if (given.get(`f_${name}`)) found[name] = type(given.get(`f_${name}`));
  if (given.get("f_sent_back")) found.sent_back = true;
  return found;
}
