// A square map of residue pairs on a canvas: crisp cells, residue numbers, crosshair.
import { cssColour } from "./color.js";
import { frameOnce, h, onResize } from "./dom.js";

const LEFT = 36;
const TOP = 8;
const RIGHT = 8;
const BOTTOM = 24;
const MOST = 460;

// paint(context, size) draws the cells into a square of that many CSS pixels.
export function createMatrix(scope, focus, describe) {
  const canvas = h("canvas", { class: "rx-cells", role: "img" });
  const cross = h("canvas", { class: "rx-cross" });
  const box = h("div", { class: "rx-matrix" }, canvas, cross);
  const matrix = { box, canvas, cross, focus, describe, data: null, side: 0, paint: () => {} };
  const redraw = frameOnce(scope, () => drawMatrix(matrix));
  listenToMatrix(matrix);
  focus.subscribe(() => drawCross(matrix));
  onResize(scope, box, redraw);
  return {
    el: box,
    show(data, paint, label) {
      Object.assign(matrix, { data, paint });
      canvas.setAttribute("aria-label", label);
      redraw();
    },
  };
}

function drawMatrix(matrix) {
  if (!matrix.data || !matrix.box.clientWidth) return;
  const ratio = window.devicePixelRatio || 1;
  const room = Math.min(matrix.box.clientWidth, MOST) - LEFT - RIGHT;
  matrix.side = crispSide(room, matrix.data.n, ratio);
  const width = LEFT + matrix.side + RIGHT;
  const height = TOP + matrix.side + BOTTOM;
  for (const canvas of [matrix.canvas, matrix.cross]) sizeCanvas(canvas, width, height, ratio);
  const context = matrix.canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.save();
  context.translate(LEFT, TOP);
  matrix.paint(context, matrix.side);
  context.restore();
  drawAxes(matrix, context);
  drawCross(matrix);
}

// A whole number of device pixels for each cell where cells are large enough to see that.
function crispSide(room, n, ratio) {
  const cell = Math.floor((room * ratio) / n);
  return cell >= 3 ? (cell * n) / ratio : room;
}

function sizeCanvas(canvas, width, height, ratio) {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

function drawAxes(matrix, context) {
  const { side, data } = matrix;
  const cell = side / data.n;
  context.strokeStyle = cssColour(matrix.box, "--rx-line");
  context.strokeRect(LEFT - 0.5, TOP - 0.5, side + 1, side + 1);
  context.fillStyle = cssColour(matrix.box, "--rx-faint");
  context.font = "10px system-ui, sans-serif";
  for (const k of ticks(data.n, side)) {
    const at = (k - 0.5) * cell;
    writeTick(context, String(k), LEFT - 7, TOP + at, "right", "middle");
    writeTick(context, String(k), LEFT + at, TOP + side + 7, "center", "top");
    context.fillRect(LEFT - 4, TOP + at, 3, 1);
    context.fillRect(LEFT + at, TOP + side + 1, 1, 3);
  }
}

function writeTick(context, text, x, y, align, baseline) {
  context.textAlign = align;
  context.textBaseline = baseline;
  context.fillText(text, x, y);
}

// 1-based residue numbers, at most one every 40 pixels.
export function ticks(n, side) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((s) => (s / n) * side >= 40) || 1000;
  const numbers = [1];
  for (let k = step; k <= n; k += step) if (k - 1 >= Math.min(step, 0.6 * step + 0.4)) numbers.push(k);
  return numbers;
}

function drawCross(matrix) {
  if (!matrix.side) return;
  const context = matrix.cross.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, matrix.cross.width, matrix.cross.height);
  const at = matrix.focus.get();
  if (!at) return;
  const { i, j } = at;
  band(matrix, context, i, true);
  band(matrix, context, j >= 0 ? j : i, false);
}

function band(matrix, context, k, isRow) {
  const { side, data } = matrix;
  const cell = side / data.n;
  const start = k * cell;
  context.fillStyle = cssColour(matrix.cross, "--rx-accent");
  context.globalAlpha = 0.75;
  const weight = Math.max(1, Math.min(1.5, cell));
  for (const edge of cell > 5 ? [start, start + cell] : [start + cell / 2]) {
    if (isRow) context.fillRect(LEFT, TOP + edge - weight / 2, side, weight);
    else context.fillRect(LEFT + edge - weight / 2, TOP, weight, side);
  }
  context.globalAlpha = 1;
}

function listenToMatrix(matrix) {
  matrix.box.addEventListener("pointermove", (event) => {
    const box = matrix.canvas.getBoundingClientRect();
    const n = matrix.data?.n || 0;
    const j = Math.floor(((event.clientX - box.left - LEFT) / matrix.side) * n);
    const i = Math.floor(((event.clientY - box.top - TOP) / matrix.side) * n);
    const inside = n && i >= 0 && j >= 0 && i < n && j < n;
    matrix.focus.set(inside ? { i, j, text: matrix.describe(i, j) } : null);
  });
  matrix.box.addEventListener("pointerleave", () => matrix.focus.set(null));
}

// Cells as a picture: where several share a pixel, the largest is shown, so that no line is lost.
export function paintCells(context, size, n, level, table) {
  const ratio = window.devicePixelRatio || 1;
  const m = Math.min(n, Math.floor(size * ratio));
  const strongest = m < n ? shrunk(level, n, m) : level;
  const picture = new ImageData(m, m);
  for (let k = 0; k < m * m; k++) {
    const at = 3 * Math.max(0, Math.min(255, Math.round(strongest[k])));
    picture.data.set([table[at], table[at + 1], table[at + 2], 255], 4 * k);
  }
  const small = new OffscreenCanvas(m, m);
  small.getContext("2d").putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, size, size);
}

function shrunk(level, n, m) {
  const out = new Float32Array(m * m);
  for (let i = 0; i < n; i++) {
    const row = Math.floor((i * m) / n) * m;
    for (let j = 0; j < n; j++) {
      const at = row + Math.floor((j * m) / n);
      if (level[i * n + j] > out[at]) out[at] = level[i * n + j];
    }
  }
  return out;
}
