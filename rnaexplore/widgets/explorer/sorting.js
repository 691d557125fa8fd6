// Orders of rows: numbers as numbers, texts the way people count (rna2 before rna10). No DOM.
import { MISSING } from "../core/color.js";

const COLLATOR = new Intl.Collator("en", { numeric: true });

// Without a column rows are compared by name; missing values come last, or first if downwards.
export function comparison(names, column, sign) {
  const key = sortKey(names, column);
  return (a, b) => sign * (key(a) - key(b)) || a - b;
}

function sortKey(names, column) {
  if (!column) return ranks(names, (i) => i);
  if (column.kind === "number") return (i) => (Number.isNaN(column.values[i]) ? Number.MAX_VALUE : column.values[i]);
  if (column.kind === "category") return ranks(column.labels, (i) => (column.codes[i] === MISSING ? -1 : column.codes[i]));
  return ranks(column.texts, (i) => i);
}

function ranks(texts, at) {
  const sorted = Uint32Array.from(texts, (_, k) => k).sort((a, b) => COLLATOR.compare(texts[a], texts[b]));
  const rank = new Uint32Array(texts.length);
  sorted.forEach((k, r) => (rank[k] = r));
  return (i) => rank[at(i)] ?? texts.length;
}
