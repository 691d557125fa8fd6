// The points of the maps as circles of an SVG; very many stay a picture.
import { ABSENT } from "./geometry.js";
import { shuffled } from "./gl.js";
import { paletteOf } from "./paint.js";

const MOST_CIRCLES = 20000;

// Circles of all panes, or null if there would be too many.
export function circlesOf(view) {
  const panes = view.panes.map((pane) => [pane, pane.frame()]).filter(([, frame]) => frame);
  const n = view.shared.n;
  if (!n || n * panes.length > MOST_CIRCLES) return null;
  return panes.map(([pane, frame]) => paneCircles(view, pane, frame)).join("");
}

function paneCircles(view, pane, frame) {
  const ratio = window.devicePixelRatio || 1;
  const { shared, paint, stages } = view;
  const palette = paletteOf(paint, shared.highlight.get());
  const how = { selecting: shared.selection.get().length > 0, spotting: shared.highlight.get() !== null };
  const left = pane.stage.offsetLeft;
  const top = stages.clientHeight - frame.bottom / ratio - pane.height;
  const groups = { faded: [], full: [] };
  for (const i of shuffled(shared.n)) {
    const [x, y] = [pane.positions[2 * i], pane.positions[2 * i + 1]];
    if (x === ABSENT || view.hidden?.[i]) continue;
    const [r, g, b, a] = palette.subarray(4 * paint.codes[i], 4 * paint.codes[i] + 4);
    const lit = how.spotting ? a > 127 : !how.selecting || shared.mask[i] === 1;
    const px = left + ((x * frame.scale[0] + frame.offset[0] + 1) / 2) * pane.width;
    const py = top + ((1 - y * frame.scale[1] - frame.offset[1]) / 2) * pane.height;
    groups[lit ? "full" : "faded"].push(`<circle cx="${px.toFixed(2)}" cy="${py.toFixed(2)}" fill="rgb(${r},${g},${b})"/>`);
  }
  const radius = (frame.size / ratio / 2).toFixed(2);
  const cut = `rx-pane-${pane.index}-${Math.random().toString(36).slice(2, 8)}`;
  const layers = Object.entries(groups).map(([kind, circles]) => `<g fill-opacity="${frame[kind]}">${circles.join("").replaceAll("/>", ` r="${radius}"/>`)}</g>`);
  return `<clipPath id="${cut}"><rect x="${left}" y="${top}" width="${pane.width}" height="${pane.height}"/></clipPath><g clip-path="url(#${cut})">${layers.join("")}</g>`;
}
