// A secondary structure in the plane, on a canvas. Python says where residues lie.
import { asFloats } from "../core/binary.js";
import { baseColours } from "../core/matrix_axes.js";
import { cssColour } from "../core/color.js";
import { frameOnce, h, onResize, onTheme } from "../core/dom.js";
import { sizeCanvas } from "../core/matrix.js";

const HEIGHT = 430;
const PAD = 32;
const LETTER_FROM = 8;
const DIRECTIONS = 20;

// show({residues, places, pairs, colourOf}): colourOf(i, j) is the name of a pair's colour.
export function createDrawing(scope, focus, describe, onpick) {
  const canvas = h("canvas", { role: "img" });
  const el = h("div", { class: "rx-drawing" }, canvas);
  const view = { el, canvas, focus, describe, data: null };
  const redraw = frameOnce(scope, () => drawStructure(view));
  canvas.rxPaint = () => drawStructure(view);
  focus.subscribe(redraw);
  onResize(scope, el, redraw);
  onTheme(scope, redraw);
  canvas.addEventListener("pointermove", (event) => overResidue(view, event));
  canvas.addEventListener("pointerleave", () => focus.set(null));
  canvas.addEventListener("click", (event) => {
    const k = residueAt(view, event);
    onpick(k, k < 0 ? -1 : view.data.partner[k]);
  });
  return {
    el,
    show(data, label) {
      const points = asFloats(data.places);
      const partner = new Int32Array(data.residues.length).fill(-1);
      for (const [i, j] of data.pairs) [partner[i], partner[j]] = [j, i];
      view.data = { ...data, points, partner };
      canvas.setAttribute("aria-label", label);
      redraw();
    },
  };
}

// Scale and offset that fit all residues; tall drawings lie down if that shows them larger.
function fitDrawing({ data, el }) {
  const { points } = data;
  const box = { left: Infinity, right: -Infinity, low: Infinity, high: -Infinity };
  for (let k = 0; k < points.length; k += 2) {
    box.left = Math.min(box.left, points[k]);
    box.right = Math.max(box.right, points[k]);
    box.low = Math.min(box.low, points[k + 1]);
    box.high = Math.max(box.high, points[k + 1]);
  }
  const [wide, tall] = [box.right - box.left || 1, box.high - box.low || 1];
  const width = el.clientWidth;
  const zoomOf = (a, b) => Math.min((width - 2 * PAD) / a, (HEIGHT - 2 * PAD) / b, 34);
  const turned = zoomOf(tall, wide) > 1.15 * zoomOf(wide, tall);
  const zoom = turned ? zoomOf(tall, wide) : zoomOf(wide, tall);
  const [midX, midY] = [(box.left + box.right) / 2, (box.low + box.high) / 2];
  const at = (k) => {
    const [x, y] = [(points[2 * k] - midX) * zoom, (points[2 * k + 1] - midY) * zoom];
    return turned ? [width / 2 + y, HEIGHT / 2 + x] : [width / 2 + x, HEIGHT / 2 - y];
  };
  return { width, zoom, at };
}

function drawStructure(view) {
  const { canvas, el, data, focus } = view;
  if (!data || !el.clientWidth) return;
  const ratio = window.devicePixelRatio || 1;
  const place = (view.place = fitDrawing(view));
  sizeCanvas(canvas, place.width, HEIGHT, ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  canvas.dataset.first = place.at(0).join(" ");
  drawLines(context, view, place);
  drawResidues(context, view, place);
  drawEnds(context, view, place);
  drawFocus(context, view, place, focus.get());
}

function drawLines(context, { data, el }, { at, zoom }) {
  context.lineWidth = Math.max(0.7, zoom * 0.08);
  context.strokeStyle = cssColour(el, "--rx-line-strong");
  context.beginPath();
  data.residues.forEach((_, k) => (k ? context.lineTo(...at(k)) : context.moveTo(...at(k))));
  context.stroke();
  context.lineWidth = Math.max(1.4, zoom * 0.2);
  for (const [i, j] of data.pairs) {
    context.strokeStyle = cssColour(el, data.colourOf(i, j));
    context.beginPath();
    context.moveTo(...at(i));
    context.lineTo(...at(j));
    context.stroke();
  }
}

function drawResidues(context, { data, el }, { at, zoom }) {
  const colourOf = baseColours(el);
  const radius = zoom * 0.42;
  const panel = cssColour(el, "--rx-panel");
  const written = zoom >= LETTER_FROM;
  context.font = `600 ${Math.min(13, zoom * 0.62)}px ui-monospace, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  data.residues.forEach((base, k) => {
    const [x, y] = at(k);
    context.beginPath();
    context.arc(x, y, written ? radius : Math.max(1.3, radius), 0, 2 * Math.PI);
    context.fillStyle = written ? panel : colourOf(base);
    context.fill();
    if (!written) return;
    context.lineWidth = 1;
    context.strokeStyle = context.fillStyle = colourOf(base);
    context.stroke();
    context.fillText(base, x, y + 0.5);
  });
}

// The ends, and a number every so many residues where there is room outside.
function drawEnds(context, { data, el }, { at, zoom }) {
  const n = data.residues.length;
  const every = n <= 120 ? 10 : n <= 300 ? 20 : 50;
  context.fillStyle = cssColour(el, "--rx-faint");
  context.font = "10px system-ui, sans-serif";
  const marks = [[0, "5′"], [n - 1, "3′"]];
  for (let k = every - 1; k < n - 1; k += every) marks.push([k, String(k + 1)]);
  const taken = data.residues.map((_, k) => at(k));
  for (const [k, text] of marks) {
    const place = freePlace(taken, at(k), zoom);
    taken.push(place);
    context.fillText(text, ...place);
  }
}

// The place around a residue that is farthest from all that is drawn.
function freePlace(taken, [x, y], zoom) {
  const reach = zoom * 0.42 + 11;
  let best = { room: -1, place: [x, y] };
  for (let step = 0; step < DIRECTIONS; step++) {
    const angle = (2 * Math.PI * step) / DIRECTIONS;
    const place = [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
    let room = Infinity;
    for (const [a, b] of taken) if (a !== x || b !== y) room = Math.min(room, Math.hypot(place[0] - a, place[1] - b));
    if (room > best.room) best = { room, place };
  }
  return best.place;
}

function drawFocus(context, { el }, { at, zoom }, focus) {
  if (!focus) return;
  context.strokeStyle = cssColour(el, "--rx-accent");
  context.lineWidth = Math.max(2, zoom * 0.16);
  const residues = new Set([...(focus.lit || []).flat(), focus.i, focus.j]);
  for (const k of residues) {
    if (!(k >= 0)) continue;
    context.beginPath();
    context.arc(...at(k), Math.max(3, zoom * 0.5), 0, 2 * Math.PI);
    context.stroke();
  }
}

function residueAt({ canvas, data, place }, event) {
  if (!place) return -1;
  const box = canvas.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  let best = -1;
  let near = Math.max(7, place.zoom * 0.8);
  data.residues.forEach((_, k) => {
    const [x, y] = place.at(k);
    const away = Math.hypot(px - x, py - y);
    if (away < near) [best, near] = [k, away];
  });
  return best;
}

function overResidue(view, event) {
  const k = residueAt(view, event);
  if (k < 0) return view.focus.set(null);
  const j = view.data.partner[k];
  const text = view.describe(k, j);
  view.focus.set({ i: k, j, ...text });
}
