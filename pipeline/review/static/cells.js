// What a text says of one cell.
import { parseNumber } from "./balance.js";

/** What a text of a spreadsheet says of a cell: blank, a dash, or a number (null where it is none). */
export function pastedCell(text) {
  const plain = text.trim();
  if (plain === "") return { state: "blank", text: "", value: null };
  if (/^[-—–－/]$/.test(plain)) return { state: "dash", text: plain, value: null };
  return { state: "printed", text: plain, value: parseNumber(plain) };
}
