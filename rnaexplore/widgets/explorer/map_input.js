// Mouse, pen, finger and keys on the map.
import { cellText } from "./columns.js";
import { insidePolygon, nearestPoint, toData } from "./geometry.js";
import { clear, open, select } from "./shared.js";

const NEAR = 9;
const CLICK = 4;
const STEP = 40;

export function listenToMap(map) {
  const { stage } = map;
  stage.addEventListener("focus", () => (map.view.active = map));
  stage.addEventListener("pointerdown", (event) => press(map, event));
  stage.addEventListener("pointermove", (event) => move(map, event));
  stage.addEventListener("pointerup", (event) => release(map, event));
  stage.addEventListener("pointercancel", () => drop(map));
  stage.addEventListener("pointerleave", () => hover(map, -1));
  stage.addEventListener("wheel", (event) => wheel(map, event), { passive: false });
  stage.addEventListener("keydown", (event) => onKey(map, event));
}

function at(map, event) {
  const box = map.stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function press(map, event) {
  if (event.button !== 0 || !map.camera) return;
  map.stage.focus({ preventScroll: true });
  map.stage.setPointerCapture(event.pointerId);
  map.pressed = at(map, event);
  map.lasso = [map.pressed];
  map.held = map.camera;
  event.preventDefault();
}

function move(map, event) {
  const point = at(map, event);
  if (!map.pressed) return hover(map, pointAt(map, point), point);
  hover(map, -1);
  if (map.view.tool === "pan") return pan(map, point);
  if (map.view.tool === "box") map.lasso = corners(map.pressed, point);
  else extend(map, event);
  map.retouch();
}

function extend(map, event) {
  const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
  for (const part of events.length ? events : [event]) map.lasso.push(at(map, part));
}

function pan(map, [x, y]) {
  const { held, pressed } = map;
  map.moved = true;
  map.camera = { ...held, x: held.x - (x - pressed[0]) / held.zoom, y: held.y + (y - pressed[1]) / held.zoom };
  map.view.redraw();
}

const corners = ([xa, ya], [xb, yb]) => [[xa, ya], [xb, ya], [xb, yb], [xa, yb]];

function release(map, event) {
  if (!map.pressed) return;
  const point = at(map, event);
  const distance = Math.hypot(point[0] - map.pressed[0], point[1] - map.pressed[1]);
  const reach = Math.max(distance, ...map.lasso.map(([x, y]) => Math.hypot(x - map.pressed[0], y - map.pressed[1])));
  if (reach < CLICK) click(map, point);
  else if (map.view.tool !== "pan") enclose(map, event);
  drop(map);
}

function drop(map) {
  map.pressed = null;
  map.lasso = [];
  map.retouch();
}

function click(map, point) {
  const position = pointAt(map, point);
  if (position >= 0) open(map.shared, position);
}

function enclose(map, event) {
  const polygon = map.lasso.map(([x, y]) => toData(map.camera, map.width, map.height, x, y));
  select(map.shared, insidePolygon(map.positions, polygon), event);
}

function pointAt(map, [px, py]) {
  if (!map.grid) return -1;
  const [x, y] = toData(map.camera, map.width, map.height, px, py);
  return nearestPoint(map.grid, x, y, NEAR / map.camera.zoom, map.view.hidden);
}

function hover(map, position, [x, y] = [0, 0]) {
  map.shared.hovered.set(position);
  map.stage.classList.toggle("rx-over-point", position >= 0);
  map.tip.hidden = position < 0;
  if (position < 0) return;
  const column = map.shared.column.get();
  map.tip.replaceChildren(...tipLines(map.shared.names[position], column, position));
  map.tip.style.transform = `translate(${x > map.width - 200 ? x - 14 : x + 14}px, ${y + 10}px)`;
  map.tip.classList.toggle("rx-tip-left", x > map.width - 200);
}

function tipLines(name, column, position) {
  const lines = [Object.assign(document.createElement("b"), { textContent: name })];
  const value = column ? cellText(column, position) : "";
  if (value) lines.push(Object.assign(document.createElement("span"), { textContent: `${column.name}: ${value}` }));
  return lines;
}

// The wheel scrolls the page until the map has focus; then it zooms.
function wheel(map, event) {
  if (document.activeElement !== map.stage && !event.ctrlKey) return;
  event.preventDefault();
  map.zoom(Math.exp(-event.deltaY * 0.0018), ...at(map, event));
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function onKey(map, event) {
  if (event.key in MOVES && map.camera) shift(map, MOVES[event.key]);
  else if (event.key === "+" || event.key === "=") map.zoom(1.3);
  else if (event.key === "-") map.zoom(1 / 1.3);
  else if (event.key === "0") map.fit();
  else if (event.key === "Escape") clear(map.shared);
  else return;
  event.preventDefault();
}

function shift(map, [dx, dy]) {
  const { camera } = map;
  map.moved = true;
  map.camera = { ...camera, x: camera.x + (dx * STEP) / camera.zoom, y: camera.y + (dy * STEP) / camera.zoom };
  map.view.redraw();
}
