// What lies over the points: category names, the lasso, rings around the open and hovered point.
import { cssColour } from "./color.js";
import { tally } from "./columns.js";
import { toScreen } from "./geometry.js";

const MOST_LABELS = 300;
const SAMPLE = 2000;

// Names at the median of their points, the largest categories first.
export function labelPlaces(map) {
  const column = map.shared.column.get();
  if (!column || column.kind !== "category" || !map.positions.length) return [];
  const counts = tally(column);
  const codes = column.labels.map((_, code) => code).filter((code) => counts[code] > 0);
  codes.sort((a, b) => counts[b] - counts[a]);
  const members = membersOf(column.codes, codes.slice(0, MOST_LABELS), counts);
  return [...members].map(([code, rows]) => ({ code, text: column.labels[code], ...centre(map.positions, rows) }));
}

function membersOf(codes, wanted, counts) {
  const members = new Map(wanted.map((code) => [code, []]));
  const step = new Map(wanted.map((code) => [code, Math.ceil(counts[code] / SAMPLE)]));
  const seen = new Uint32Array(counts.length);
  codes.forEach((code, i) => {
    const rows = members.get(code);
    if (rows && seen[code]++ % step.get(code) === 0) rows.push(i);
  });
  return members;
}

// The member nearest to the medians, so that a name never lies between two clusters.
function centre(positions, rows) {
  const median = (offset) => rows.map((i) => positions[2 * i + offset]).sort((a, b) => a - b)[rows.length >> 1];
  const x = median(0);
  const y = median(1);
  const far = (i) => (positions[2 * i] - x) ** 2 + (positions[2 * i + 1] - y) ** 2;
  const best = rows.reduce((a, b) => (far(b) < far(a) ? b : a));
  return { x: positions[2 * best], y: positions[2 * best + 1] };
}

export function drawOverlay(map) {
  const context = map.overlay.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, map.width, map.height);
  if (map.labels) drawLabels(map, context);
  ring(map, context, map.shared.hovered.get(), 7, 1.5);
  ring(map, context, map.shared.selected.get(), 8, 2.5);
  drawLasso(map, context);
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
  if (position < 0 || 2 * position >= map.positions.length) return;
  const [px, py] = [map.positions[2 * position], map.positions[2 * position + 1]];
  const [x, y] = toScreen(map.camera, map.width, map.height, px, py);
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
