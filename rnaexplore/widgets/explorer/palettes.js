// Colours of a palette in place of those of a column: the same rules as in Python.
import { ramp, rgb } from "../core/color.js";

const RAMP_NAMES = ["viridis", "cividis", "magma", "plasma", "turbo"];

// A column with the colours of a palette: a name, or a list of colours; none leaves it as it is.
export function repainted(column, palette, palettes) {
  const anchors = Array.isArray(palette) ? palette : palettes?.[palette];
  if (!column || !anchors?.length || column.kind === "text") return column;
  if (column.kind === "number") return { ...column, ramp: ramp(anchors) };
  const colours = categoryColours(anchors, column.labels.length, RAMP_NAMES.includes(palette));
  return { ...column, colours };
}

// Those of a list again and again, those of a ramp at equal distances.
export function categoryColours(anchors, n, continuous) {
  if (!continuous) return Array.from({ length: n }, (_, k) => anchors[k % anchors.length]);
  return Array.from({ length: n }, (_, k) => between(anchors, ((k + 0.5) / n) * (anchors.length - 1)));
}

function between(anchors, at) {
  const low = Math.min(Math.floor(at), anchors.length - 2);
  const [a, b] = [rgb(anchors[low]), rgb(anchors[low + 1])];
  const shade = a.map((v, c) => Math.round(v + (at - low) * (b[c] - v)));
  return `#${shade.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
}
