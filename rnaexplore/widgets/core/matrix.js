// A square map of residue pairs on a canvas: crisp cells, the sequence on both axes, crosshair, zoom.
import { createFrame, ringPair } from "./cells.js";
import { cssColour } from "./color.js";
import { frameOnce, h, iconButton, onResize, onTheme } from "./dom.js";
import { drawAxes, MARGINS } from "./matrix_axes.js";
import { listenToMatrix } from "./matrix_input.js";

const SMALLEST_WINDOW = 6;
const ZOOM_ICONS = { in: "M8 3v10M3 8h10", out: "M3 8h10", fit: "M2.500 6v-3.500h3.500M10 2.500h3.500v3.500M13.500 10v3.500h-3.500M6 13.500h-3.500v-3.500" };

// data holds n and residues; paint(context, frame) draws the cells of a window; onpick(i, j) hears of clicks.
export function createMatrix(scope, focus, describe, { most = 460, onpick = () => {} } = {}) {
  const canvas = h("canvas", { class: "rx-cells", role: "img" });
  const cross = h("canvas", { class: "rx-cross" });
  const box = h("div", { class: "rx-matrix", tabindex: "0", role: "group", "aria-label": "Map of residue pairs. Plus and minus zoom, arrow keys move, 0 shows all." }, canvas, cross);
  const matrix = { box, canvas, cross, focus, describe, onpick, most, data: null, side: 0, view: null, paint: () => {} };
  matrix.redraw = frameOnce(scope, () => drawMatrix(matrix));
  matrix.zoom = (factor, i, j) => zoomWindow(matrix, factor, i, j);
  matrix.move = (rows, columns) => moveWindow(matrix, rows, columns);
  matrix.fit = () => setWindow(matrix, { row: 0, column: 0, span: matrix.data?.n || 1 });
  canvas.rxPaint = () => drawMatrix(matrix);
  cross.rxPaint = () => drawCross(matrix);
  listenToMatrix(matrix);
  focus.subscribe(() => drawCross(matrix));
  onResize(scope, box, matrix.redraw);
  onTheme(scope, matrix.redraw);
  return { el: box, tools: zoomTools(matrix), redraw: matrix.redraw, show: (data, paint, label) => showMap(matrix, data, paint, label) };
}

function zoomTools(matrix) {
  return h(
    "div", { class: "rx-zoom", role: "toolbar", "aria-label": "Zoom" },
    iconButton("Zoom in (+, a double click, or the wheel once the map has focus)", ZOOM_ICONS.in, () => matrix.zoom(1.6)),
    iconButton("Zoom out (−)", ZOOM_ICONS.out, () => matrix.zoom(1 / 1.6)),
    iconButton("Show all (0)", ZOOM_ICONS.fit, () => matrix.fit()),
  );
}

function showMap(matrix, data, paint, label) {
  const same = matrix.data?.n === data.n;
  Object.assign(matrix, { data, paint });
  if (!same) matrix.view = { row: 0, column: 0, span: data.n };
  matrix.canvas.setAttribute("aria-label", label);
  matrix.redraw();
}

function setWindow(matrix, { row, column, span }) {
  if (!matrix.data) return;
  const { n } = matrix.data;
  const kept = Math.max(Math.min(SMALLEST_WINDOW, n), Math.min(n, span));
  const within = (k) => Math.max(0, Math.min(n - kept, k));
  matrix.view = { row: within(row), column: within(column), span: kept };
  matrix.box.dataset.zoomed = kept < n;
  matrix.redraw();
}

// Residue (i, j) keeps its place; by default the middle does.
function zoomWindow(matrix, factor, i, j) {
  if (!matrix.view) return;
  const { row, column, span } = matrix.view;
  const [a, b] = [i ?? row + span / 2, j ?? column + span / 2];
  const next = Math.max(Math.min(SMALLEST_WINDOW, matrix.data.n), Math.min(matrix.data.n, span / factor));
  const share = next / span;
  setWindow(matrix, { row: a - (a - row) * share, column: b - (b - column) * share, span: next });
}

function moveWindow(matrix, rows, columns) {
  if (!matrix.view) return;
  const { row, column, span } = matrix.view;
  setWindow(matrix, { row: row + rows, column: column + columns, span });
}

function drawMatrix(matrix) {
  if (!matrix.data || !matrix.box.clientWidth) return;
  const ratio = window.devicePixelRatio || 1;
  const room = Math.min(matrix.box.clientWidth, matrix.most) - MARGINS.left - MARGINS.right;
  matrix.side = crispSide(room, matrix.view.span, ratio);
  const width = MARGINS.left + matrix.side + MARGINS.right;
  const height = MARGINS.top + matrix.side + MARGINS.bottom;
  for (const canvas of [matrix.canvas, matrix.cross]) sizeCanvas(canvas, width, height, ratio);
  Object.assign(matrix.canvas.dataset, { ...MARGINS, side: matrix.side });
  const context = cleared(matrix.canvas, ratio);
  const frame = createFrame(matrix.view, matrix.data.n, matrix.side);
  inside(context, matrix.side, () => matrix.paint(context, frame));
  drawAxes(matrix, context, frame);
  drawCross(matrix);
}

// A whole number of device pixels for each cell where cells are large enough to see that.
function crispSide(room, span, ratio) {
  const cell = Math.floor((room * ratio) / span);
  return cell >= 3 && Number.isInteger(span) ? (cell * span) / ratio : room;
}

export function sizeCanvas(canvas, width, height, ratio) {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

function cleared(canvas, ratio) {
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}

function inside(context, side, draw) {
  context.save();
  context.beginPath();
  context.rect(MARGINS.left, MARGINS.top, side, side);
  context.clip();
  context.translate(MARGINS.left, MARGINS.top);
  draw();
  context.restore();
}

function drawCross(matrix) {
  if (!matrix.side) return;
  const context = cleared(matrix.cross, window.devicePixelRatio || 1);
  const at = matrix.focus.get();
  if (!at) return;
  const frame = createFrame(matrix.view, matrix.data.n, matrix.side);
  const accent = cssColour(matrix.cross, "--rx-accent");
  inside(context, matrix.side, () => {
    for (const [i, j] of at.lit || []) [[i, j], [j, i]].forEach(([a, b]) => ringPair(context, frame, a, b, accent));
    if (at.i === undefined) return;
    drawBand(context, frame, at.i, true, accent);
    drawBand(context, frame, at.j >= 0 ? at.j : at.i, false, accent);
  });
}

function drawBand(context, frame, k, isRow, colour) {
  const { cell, size } = frame;
  const start = isRow ? frame.y(k) : frame.x(k);
  const weight = Math.max(1, Math.min(1.5, cell));
  context.fillStyle = colour;
  context.globalAlpha = 0.75;
  for (const edge of cell > 5 ? [start, start + cell] : [start + cell / 2]) {
    if (isRow) context.fillRect(0, edge - weight / 2, size, weight);
    else context.fillRect(edge - weight / 2, 0, weight, size);
  }
  context.globalAlpha = 1;
}
