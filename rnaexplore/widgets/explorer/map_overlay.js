// What lies over the points: category names, the lasso, rings around the open and hovered point.
import { cssColour } from "../core/color.js";
import { ABSENT, toScreen } from "./geometry.js";

export function drawOverlay(map) {
  const context = map.overlay.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, map.width, map.height);
  drawLinks(map, context);
  if (map.view.labels) drawLabels(map, context);
  ring(map, context, map.shared.hovered.get(), 7, 1.5);
  ring(map, context, map.shared.selected.get(), 8, 2.5);
  drawLasso(map, context);
}

// Lines from the open RNA to its nearest neighbours in the full space.
function drawLinks(map, context) {
  const from = screenOf(map, map.shared.selected.get());
  if (!from) return;
  context.strokeStyle = context.fillStyle = cssColour(map.stage, "--rx-ink");
  for (const i of map.shared.near.get()) {
    const to = screenOf(map, i);
    if (!to) continue;
    context.globalAlpha = 0.5;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(...to, 3, 0, 2 * Math.PI);
    context.fill();
  }
}

function screenOf(map, position) {
  if (position < 0 || 2 * position >= map.positions.length || map.positions[2 * position] === ABSENT) return null;
  return toScreen(map.camera, map.width, map.height, map.positions[2 * position], map.positions[2 * position + 1]);
}

function drawLabels(map, context) {
  const ink = cssColour(map.stage, "--rx-ink");
  const halo = cssColour(map.stage, "--rx-panel");
  const taken = [];
  context.font = "600 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const label of map.places) {
    const [x, y] = toScreen(map.camera, map.width, map.height, label.x, label.y);
    const half = context.measureText(label.text).width / 2 + 4;
    const box = [x - half, y - 9, x + half, y + 9];
    if (outside(map, x, y) || taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    writeLabel(context, label.text, clampTo(x, half, map.width), y, ink, halo);
  }
}

function writeLabel(context, text, x, y, ink, halo) {
  context.globalAlpha = 0.88;
  context.lineWidth = 4;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.globalAlpha = 1;
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

const outside = (map, x, y) => x < 0 || y < 0 || x > map.width || y > map.height;
const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
const clampTo = (x, half, width) => Math.max(half, Math.min(width - half, x));

function ring(map, context, position, radius, weight) {
  const at = screenOf(map, position);
  if (!at) return;
  const [x, y] = at;
  for (const [colour, width] of [["--rx-panel", weight + 2.5], ["--rx-ink", weight]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = cssColour(map.stage, colour);
    context.stroke();
  }
}

function drawLasso(map, context) {
  if (map.lasso.length < 2) return;
  context.beginPath();
  map.lasso.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  context.globalAlpha = 0.12;
  context.fillStyle = cssColour(map.stage, "--rx-accent");
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.setLineDash([5, 3]);
  context.strokeStyle = cssColour(map.stage, "--rx-accent");
  context.stroke();
  context.setLineDash([]);
}
