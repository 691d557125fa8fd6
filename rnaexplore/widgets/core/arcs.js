// Pairs as arcs over the sequence: some above it, others below.
import { baseColours, ticks } from "./matrix_axes.js";
import { cssColour } from "./color.js";
import { frameOnce, h, onResize, onTheme } from "./dom.js";
import { sizeCanvas } from "./matrix.js";

const EDGE = 14;
const TALLEST = 150;
const BAND = 30;
const NEAR = 7;

// show({n, residues, above, below}): arcs are {i, j, colour} with the name of a colour; describe(i, j) as for a map.
export function createArcs(scope, focus, describe, onpick = () => {}) {
  const canvas = h("canvas", { class: "rx-arcs-canvas", role: "img" });
  const el = h("div", { class: "rx-arcs" }, canvas);
  const view = { el, canvas, focus, describe, data: null };
  const redraw = frameOnce(scope, () => drawArcs(view));
  canvas.rxPaint = () => drawArcs(view);
  focus.subscribe(redraw);
  onResize(scope, el, redraw);
  onTheme(scope, redraw);
  canvas.addEventListener("pointermove", (event) => hoverArcs(view, event));
  canvas.addEventListener("pointerleave", () => focus.set(null));
  canvas.addEventListener("click", (event) => {
    const near = nearestArc(view, event);
    onpick(near ? near.i : -1, near ? near.j : -1);
  });
  return {
    el,
    show(data, label) {
      view.data = data;
      canvas.setAttribute("aria-label", label);
      redraw();
    },
  };
}

// Arcs are half circles, flattened together if the widest would be too tall.
function layOutArcs({ el, data }) {
  const width = el.clientWidth;
  const cell = (width - 2 * EDGE) / data.n;
  const reach = (arcs) => arcs.reduce((most, { i, j }) => Math.max(most, ((j - i) / 2) * cell), 0);
  const flat = Math.min(1, TALLEST / Math.max(1, reach(data.above), reach(data.below)));
  const top = Math.max(24, reach(data.above) * flat) + 6;
  return { width, cell, flat, top, height: top + BAND + (data.below.length ? reach(data.below) * flat : 0) + 6, x: (k) => EDGE + (k + 0.5) * cell };
}

function drawArcs(view) {
  const { canvas, el, data, focus } = view;
  if (!data || !el.clientWidth) return;
  const ratio = window.devicePixelRatio || 1;
  const place = (view.place = layOutArcs(view));
  sizeCanvas(canvas, place.width, place.height, ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const thin = Math.max(0.8, Math.min(2, place.cell * 0.3));
  for (const { i, j, colour } of data.below) strokeArc(context, place, i, j, false, cssColour(el, colour), thin);
  for (const { i, j, colour } of [...data.above].reverse()) strokeArc(context, place, i, j, true, cssColour(el, colour), thin);
  drawBases(view, context, place);
  drawLit(view, context, place, focus.get(), thin);
}

function strokeArc(context, { x, flat, cell, top }, i, j, up, colour, width) {
  const radius = ((j - i) / 2) * cell;
  context.beginPath();
  context.ellipse((x(i) + x(j)) / 2, up ? top : top + BAND, radius, radius * flat, 0, up ? Math.PI : 0, up ? 2 * Math.PI : Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function drawBases({ el, data }, context, { x, cell, top, width }) {
  const colourOf = baseColours(el);
  const written = cell >= 7 && (data.residues[0]?.length || 1) === 1;
  context.font = `600 ${Math.min(12, cell * 1.2)}px ui-monospace, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  data.residues.forEach((base, k) => {
    context.fillStyle = colourOf(base);
    if (written) context.fillText(base, x(k), top + 9);
    else context.fillRect(x(k) - cell / 2, top + 5, Math.max(0.8, cell), 7);
  });
  context.fillStyle = cssColour(el, "--rx-faint");
  context.font = "10px system-ui, sans-serif";
  for (const k of ticks(data.n, width - 2 * EDGE)) context.fillText(String(k), x(k - 1), top + 22);
}

function drawLit({ el, data }, context, place, at, thin) {
  if (!at) return;
  const accent = cssColour(el, "--rx-accent");
  const here = at.i === undefined ? [] : [[at.i, at.j]];
  const lit = [...(at.lit || []), ...here].map(([i, j]) => (i < j ? [i, j] : [j, i]));
  const held = (arcs) => new Set(arcs.map(({ i, j }) => i * 1e6 + j));
  for (const [arcs, up] of [[data.above, true], [data.below, false]]) {
    const known = held(arcs);
    for (const [i, j] of lit) if (known.has(i * 1e6 + j)) strokeArc(context, place, i, j, up, accent, thin + 1.5);
  }
  context.fillStyle = accent;
  for (const k of new Set(lit.flat())) if (k >= 0) context.fillRect(place.x(k) - Math.max(2, place.cell) / 2, place.top + 1, Math.max(2, place.cell), 2);
}

function nearestArc({ canvas, data, place }, event) {
  if (!place) return null;
  const box = canvas.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  let best = { away: NEAR };
  for (const [arcs, up] of [[data.above, true], [data.below, false]]) {
    const height = up ? place.top - py : py - place.top - BAND;
    if (height < -2) continue;
    for (const { i, j } of arcs) {
      const radius = ((j - i) / 2) * place.cell;
      const away = Math.abs(Math.hypot(px - (place.x(i) + place.x(j)) / 2, height / place.flat) - radius);
      if (away < best.away) best = { i, j, away };
    }
  }
  return best.i === undefined ? null : best;
}

function hoverArcs(view, event) {
  const near = nearestArc(view, event);
  view.focus.set(near ? { i: near.i, j: near.j, ...view.describe(near.i, near.j) } : null);
}
