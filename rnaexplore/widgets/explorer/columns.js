// Columns of obs as Python describes them, decoded.
import { asFloats, asTexts, asUint16, asUint8 } from "../core/binary.js";
import { MISSING, readable } from "../core/color.js";

export function decodeColumn(raw, dark = false) {
  if (!raw || !raw.kind) return null;
  if (raw.kind === "category") return { ...raw, codes: codesOf(raw), colours: raw.colours.map((hex) => readable(hex, dark)) };
  if (raw.kind === "text") return { ...raw, texts: asTexts(raw.data) };
  const values = asFloats(raw.data);
  return { ...raw, values, ...extent(values) };
}

// A byte a code, 255 for none, or two bytes.
function codesOf(raw) {
  if (raw.bytes === 2) return asUint16(raw.data);
  return Uint16Array.from(asUint8(raw.data), (code) => (code === 255 ? MISSING : code));
}

function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? { low, high } : { low: 0, high: 1 };
}

export function cellText(column, i) {
  if (column.kind === "text") return column.texts[i];
  if (column.kind === "number") return formatNumber(column.values[i]);
  return column.codes[i] === MISSING ? "" : column.labels[column.codes[i]];
}

export function formatNumber(value) {
  if (Number.isNaN(value)) return "";
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

// Number of points of each category: all, and among some positions.
export function tally(column, positions) {
  const counts = new Uint32Array(column.labels.length + 1);
  const add = (i) => counts[Math.min(column.codes[i], column.labels.length)]++;
  if (positions) positions.forEach(add);
  else for (let i = 0; i < column.codes.length; i++) add(i);
  return counts;
}
