// Colours of points as codes into a palette: a new highlight changes the palette, not the points.
import { numberRamp, rgb } from "../core/color.js";
import { tally } from "./columns.js";

const RAMP = 256;
const PALE = 0.68;
const QUIET = [130, 136, 144];

// codes: one a point; colours: three bytes a code, the last for missing values.
export function paintOf(column, n, { top = 0, ground = [255, 255, 255] } = {}) {
  if (!column) return { codes: new Uint16Array(n), colours: Uint8Array.from(QUIET), rest: new Set() };
  return column.kind === "category" ? categories(column, n, top, ground) : numbers(column, n, ground);
}

function categories(column, n, top, ground) {
  const labels = column.labels.length;
  const rest = top ? beyond(column, top) : new Set();
  const colours = new Uint8Array(3 * (labels + 1));
  column.colours.forEach((hex, code) => colours.set(rest.has(code) ? mixed(rgb(hex), ground) : rgb(hex), 3 * code));
  colours.set(mixed(QUIET, ground, 0.5), 3 * labels);
  const codes = new Uint16Array(n);
  for (let i = 0; i < n; i++) codes[i] = Math.min(column.codes[i], labels);
  return { codes, colours, rest };
}

// Codes of all categories but the largest.
export function beyond(column, top) {
  const counts = tally(column);
  const order = column.labels.map((_, code) => code).sort((a, b) => counts[b] - counts[a] || a - b);
  return new Set(order.slice(top));
}

export const mixed = (colour, ground, share = PALE) => colour.map((v, c) => Math.round(v + (ground[c] - v) * share));

function numbers(column, n, ground) {
  const colours = new Uint8Array(3 * (RAMP + 1));
  colours.set(column.ramp || numberRamp);
  colours.set(mixed(QUIET, ground, 0.5), 3 * RAMP);
  const factor = (RAMP - 1) / (column.high - column.low || 1);
  const codes = new Uint16Array(n);
  for (let i = 0; i < n; i++) {
    const value = column.values[i];
    codes[i] = value === value ? Math.round((value - column.low) * factor) : RAMP;
  }
  return { codes, colours, rest: new Set() };
}

// Four bytes a code; the fourth says whether it is among the codes pointed at.
export function paletteOf({ colours }, spotted) {
  const n = colours.length / 3;
  const rgba = new Uint8Array(4 * n);
  for (let code = 0; code < n; code++) {
    rgba.set(colours.subarray(3 * code, 3 * code + 3), 4 * code);
    rgba[4 * code + 3] = spotted && !spotted.has(code) ? 0 : 255;
  }
  return rgba;
}
