// The map of points: camera, colours, drawing. Input and overlay are in modules of their own.
import { asFloats } from "./binary.js";
import { columnColours } from "./color.js";
import { frameOnce, h, onResize, watch } from "./dom.js";
import { boundsOf, buildGrid, fitCamera, zoomAt } from "./geometry.js";
import { createRenderer } from "./gl.js";
import { listenToMap } from "./map_input.js";
import { drawOverlay, labelPlaces } from "./map_overlay.js";
import { mapTools } from "./map_tools.js";
import { mask } from "./shared.js";

const FADED = 26;
const OPAQUE = 225;

export function createMap(shared) {
  const canvas = h("canvas", { class: "rx-layer" });
  const overlay = h("canvas", { class: "rx-layer" });
  const stage = h("div", {
    class: "rx-stage", tabindex: "0", role: "application",
    "aria-label": "Map of RNAs. Arrow keys move, plus and minus zoom, 0 fits, Escape clears the selection.",
  }, canvas, overlay, h("div", { class: "rx-tip", hidden: true }));
  const message = h("div", { class: "rx-message", hidden: true });
  const map = {
    shared, canvas, overlay, stage, renderer: createRenderer(canvas),
    tip: stage.lastChild, positions: new Float32Array(), grid: null, bounds: null,
    camera: null, width: 0, height: 0, lasso: [], tool: "lasso", labels: true, places: [],
  };
  stage.dataset.renderer = map.renderer.kind;
  map.redraw = frameOnce(shared.scope, () => drawMap(map));
  map.retouch = frameOnce(shared.scope, () => map.camera && map.width && drawOverlay(map));
  map.recolour = frameOnce(shared.scope, () => recolour(map));
  map.fit = () => fit(map);
  map.zoom = (factor, x = map.width / 2, y = map.height / 2) => zoom(map, factor, x, y);
  subscribe(map, message);
  listenToMap(map);
  shared.scope.add(() => map.renderer.destroy());
  return h("section", { class: "rx-map", "aria-label": "Map of RNAs" }, mapTools(map), stage, message);
}

function subscribe(map, message) {
  const { shared } = map;
  const { model, scope } = shared;
  watch(model, scope, ["_positions"], () => place(map));
  watch(model, scope, ["_map_message"], () => say(map, message));
  shared.column.subscribe(() => relabel(map));
  for (const store of [shared.selection, shared.highlight]) store.subscribe(() => map.recolour());
  for (const store of [shared.selected, shared.hovered]) store.subscribe(() => map.retouch());
  relabel(map);
  onResize(scope, map.stage, () => resize(map));
}

function say(map, message) {
  message.textContent = map.shared.model.get("_map_message");
  message.hidden = message.textContent === "";
  map.stage.hidden = !message.hidden;
}

function place(map) {
  map.positions = asFloats(map.shared.model.get("_positions"));
  map.bounds = boundsOf(map.positions);
  map.grid = map.positions.length ? buildGrid(map.positions, map.bounds) : null;
  map.renderer.setPositions(map.positions);
  relabel(map);
  if (map.width) fit(map);
}

function relabel(map) {
  map.base = columnColours(map.shared.column.get(), map.positions.length / 2);
  map.places = labelPlaces(map);
  map.recolour();
}

function resize(map) {
  const ratio = window.devicePixelRatio || 1;
  const first = !map.width;
  map.width = map.stage.clientWidth;
  map.height = map.stage.clientHeight;
  if (!map.width) return;
  for (const canvas of [map.canvas, map.overlay]) {
    canvas.width = Math.round(map.width * ratio);
    canvas.height = Math.round(map.height * ratio);
  }
  if (first || !map.moved) fit(map);
  drawMap(map);
}

function fit(map) {
  if (!map.grid) return;
  map.moved = false;
  map.camera = fitCamera(map.bounds, map.width, map.height);
  map.fitted = map.camera.zoom;
  map.redraw();
}

function zoom(map, factor, x, y) {
  if (!map.camera) return;
  map.moved = true;
  map.camera = zoomAt(map.camera, map.width, map.height, x, y, factor);
  map.redraw();
}

// Points out of the selection, or of another category than the one pointed at, fade.
function recolour(map) {
  const n = map.positions.length / 2;
  const { selection, highlight, column } = map.shared;
  const chosen = selection.get().length ? mask(selection.get(), n) : null;
  const code = highlight.get();
  const codes = code >= 0 ? column.get()?.codes : null;
  const shown = (i) => (codes ? codes[i] === code : !chosen || chosen[i] === 1);
  const colours = new Uint8Array(4 * n);
  const order = new Uint32Array(n);
  let back = 0;
  let front = n;
  for (let i = n - 1; i >= 0; i--) {
    const on = shown(i);
    for (let c = 0; c < 3; c++) colours[4 * i + c] = map.base[3 * i + c];
    colours[4 * i + 3] = on ? OPAQUE : FADED;
    if (on) order[--front] = i;
    else order[back++] = i;
  }
  map.renderer.setColours(colours);
  map.renderer.setOrder(order);
  map.redraw();
}

function drawMap(map) {
  if (!map.camera || !map.width) return;
  const { x, y, zoom: pixels } = map.camera;
  const scale = [(2 * pixels) / map.width, (2 * pixels) / map.height];
  map.renderer.draw({ scale, offset: [-x * scale[0], -y * scale[1]], size: pointSize(map) });
  drawOverlay(map);
}

function pointSize(map) {
  const n = map.positions.length / 2;
  const fitting = Math.max(2.2, Math.min(10, 190 / Math.sqrt(n)));
  const closer = Math.pow(map.camera.zoom / map.fitted, 0.35);
  return Math.min(16, Math.max(1.6, fitting * closer)) * (window.devicePixelRatio || 1);
}
