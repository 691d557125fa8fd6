// Mouse, wheel and keys on a map of residue pairs.
import { MARGINS } from "./matrix_axes.js";

const CLICK_REACH = 4;

export function listenToMatrix(matrix) {
  const { box } = matrix;
  box.addEventListener("pointermove", (event) => (matrix.pressed ? dragMatrix(matrix, event) : hoverMatrix(matrix, event)));
  box.addEventListener("pointerleave", () => matrix.focus.set(null));
  box.addEventListener("pointerdown", (event) => pressMatrix(matrix, event));
  box.addEventListener("pointerup", (event) => releaseMatrix(matrix, event));
  box.addEventListener("pointercancel", () => (matrix.pressed = null));
  box.addEventListener("wheel", (event) => wheelMatrix(matrix, event), { passive: false });
  box.addEventListener("dblclick", (event) => zoomHere(matrix, event, event.shiftKey ? 0.5 : 2));
  box.addEventListener("keydown", (event) => keyOnMatrix(matrix, event));
}

// Residues as numbers with fractions, or null beyond the map.
function residuesAt(matrix, event) {
  if (!matrix.data || !matrix.side) return null;
  const box = matrix.canvas.getBoundingClientRect();
  const { row, column, span } = matrix.view;
  const j = column + ((event.clientX - box.left - MARGINS.left) / matrix.side) * span;
  const i = row + ((event.clientY - box.top - MARGINS.top) / matrix.side) * span;
  const within = i >= row && j >= column && i < row + span && j < column + span;
  return within ? [i, j] : null;
}

function hoverMatrix(matrix, event) {
  const at = residuesAt(matrix, event);
  if (!at) return matrix.focus.set(null);
  const [i, j] = at.map(Math.floor);
  matrix.focus.set({ i, j, ...matrix.describe(i, j) });
}

function pressMatrix(matrix, event) {
  if (event.button !== 0 || !matrix.view) return;
  matrix.pressed = { x: event.clientX, y: event.clientY, ...matrix.view };
  matrix.dragged = false;
  matrix.box.setPointerCapture(event.pointerId);
}

function dragMatrix(matrix, event) {
  const { x, y, row, column, span } = matrix.pressed;
  if (Math.hypot(event.clientX - x, event.clientY - y) >= CLICK_REACH) matrix.dragged = true;
  if (!matrix.dragged || span >= matrix.data.n) return;
  const per = span / matrix.side;
  const goal = [row - (event.clientY - y) * per, column - (event.clientX - x) * per];
  matrix.move(goal[0] - matrix.view.row, goal[1] - matrix.view.column);
}

function releaseMatrix(matrix, event) {
  if (!matrix.pressed) return;
  matrix.pressed = null;
  const at = residuesAt(matrix, event);
  if (!matrix.dragged && at) matrix.onpick(...at.map(Math.floor));
}

function wheelMatrix(matrix, event) {
  const focused = matrix.box.contains(matrix.box.getRootNode().activeElement);
  if (!focused && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoomHere(matrix, event, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)));
}

function zoomHere(matrix, event, factor) {
  const at = residuesAt(matrix, event);
  if (at) matrix.zoom(factor, ...at);
}

const WINDOW_MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function keyOnMatrix(matrix, event) {
  const step = (matrix.view?.span || 0) / 8;
  const move = WINDOW_MOVES[event.key];
  if (move) matrix.move(move[0] * step, move[1] * step);
  else if (event.key === "+" || event.key === "=") matrix.zoom(1.6);
  else if (event.key === "-") matrix.zoom(1 / 1.6);
  else if (event.key === "0") matrix.fit();
  else return;
  event.preventDefault();
}
