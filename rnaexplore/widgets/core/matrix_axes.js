// The axes of a map of residue pairs: numbers, and the sequence as coloured ticks or letters.
import { cssColour } from "./color.js";

export const MARGINS = { left: 46, top: 8, right: 8, bottom: 34 };
const LETTER = 7.5;
const BASES = ["A", "C", "G", "U"];

export function drawAxes(matrix, context, frame) {
  const { left, top } = MARGINS;
  context.strokeStyle = cssColour(matrix.box, "--rx-line");
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, frame.size + 1, frame.size + 1);
  drawSequence(matrix, context, frame);
  context.fillStyle = cssColour(matrix.box, "--rx-faint");
  context.font = "10px system-ui, sans-serif";
  for (const k of shownTicks(frame.row, frame.span, frame.size, frame.n)) {
    writeAt(context, String(k), left - 17, top + frame.y(k - 0.5), "right", "middle");
  }
  for (const k of shownTicks(frame.column, frame.span, frame.size, frame.n)) {
    writeAt(context, String(k), left + frame.x(k - 0.5), top + frame.size + 18, "center", "top");
  }
}

function writeAt(context, text, x, y, align, baseline) {
  context.textAlign = align;
  context.textBaseline = baseline;
  context.fillText(text, x, y);
}

// A coloured tick for each base; its letter where there is room.
function drawSequence(matrix, context, frame) {
  const { left, top } = MARGINS;
  const { residues } = matrix.data;
  const longest = residues[0]?.length || 1;
  const written = frame.cell >= LETTER * (longest > 1 ? longest : 1);
  context.font = `600 ${Math.min(12, longest > 1 ? 9 : frame.cell * 1.15)}px ui-monospace, monospace`;
  const colourOf = baseColours(matrix.box);
  const last = (from) => Math.min(frame.n, Math.ceil(from + frame.span));
  for (let i = Math.floor(frame.row); i < last(frame.row); i++) {
    context.fillStyle = colourOf(residues[i]);
    const at = top + frame.y(i + 0.5);
    if (at < top || at > top + frame.size) continue;
    if (written) writeAt(context, residues[i], left - 9, at, longest > 1 ? "right" : "center", "middle");
    else context.fillRect(left - 8, top + frame.y(i), 5, Math.max(1, frame.cell));
  }
  for (let j = Math.floor(frame.column); j < last(frame.column); j++) {
    context.fillStyle = colourOf(residues[j]);
    const at = left + frame.x(j + 0.5);
    if (at < left || at > left + frame.size) continue;
    if (written) writeAt(context, residues[j], at, top + frame.size + 4, "center", "top");
    else context.fillRect(left + frame.x(j), top + frame.size + 4, Math.max(1, frame.cell), 5);
  }
}

// Returns the colour of a base as a function, for styles are slow to read.
export function baseColours(el) {
  const faint = cssColour(el, "--rx-faint");
  const known = Object.fromEntries(BASES.map((base) => [base, cssColour(el, `--rx-base-${base}`)]));
  return (base) => known[base === "T" ? "U" : base] || faint;
}

// 1-based residue numbers, at most one every 40 pixels.
export function ticks(n, side) {
  return shownTicks(0, n, side, n);
}

function shownTicks(from, span, side, n) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((s) => (s / span) * side >= 40) || 1000;
  const numbers = from <= 0 ? [1] : [];
  const reaches = (k) => k - 0.5 >= from && k - 0.5 <= from + span && k <= n;
  for (let k = step * Math.max(1, Math.floor(from / step)); k <= from + span; k += step) {
    if (reaches(k) && (from > 0 || k - 1 >= Math.min(step, 0.6 * step + 0.4))) numbers.push(k);
  }
  return numbers;
}
