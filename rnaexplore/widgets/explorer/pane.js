// One map: its camera, where its points are on the screen, names and rings over them.
import { frameOnce, h } from "../core/dom.js";
import { buildGrid, fitCamera, unpackPlaces, zoomAt } from "./geometry.js";
import { listenToMap } from "./map_input.js";
import { labelPlaces } from "./map_labels.js";
import { drawOverlay } from "./map_overlay.js";

const KEYS = "Arrow keys move, plus and minus zoom, 0 fits, Escape clears the selection.";

export function createPane(view, index, trait) {
  const overlay = h("canvas", { class: "rx-layer" });
  const tip = h("div", { class: "rx-tip", hidden: true });
  const caption = h("div", { class: "rx-caption rx-map-name" });
  const stage = h("div", { class: "rx-stage", tabindex: "0", role: "application", "aria-label": `Map of RNAs. ${KEYS}` }, overlay, caption, tip);
  const pane = {
    view, shared: view.shared, index, trait, overlay, tip, caption, stage, positions: new Float32Array(), grid: null,
    box: null, camera: null, width: 0, height: 0, lasso: [], places: [], moved: false,
  };
  pane.retouch = frameOnce(view.shared.scope, () => pane.drawOver());
  pane.drawOver = () => {
    if (!pane.camera || !pane.width) return;
    if (view.labels) pane.places ||= labelPlaces(pane);
    drawOverlay(pane);
  };
  pane.fit = () => fit(pane);
  pane.zoom = (factor, x = pane.width / 2, y = pane.height / 2) => zoom(pane, factor, x, y);
  pane.frame = () => frame(pane);
  overlay.rxPaint = pane.drawOver;
  listenToMap(pane);
  return pane;
}

export function placePane(pane, raw) {
  pane.positions = raw ? unpackPlaces(raw.levels, raw.box) : new Float32Array();
  const [left, right, bottom, top] = raw?.box || [0, 1, 0, 1];
  pane.box = { left, right, bottom, top };
  pane.grid = raw ? buildGrid(pane.positions, pane.box) : null;
  pane.count = raw?.held || 0;
  pane.caption.textContent = raw ? captionOf(raw, pane.shared.n) : "";
  pane.moved = false;
  painted(pane);
}

// Says what is not obvious: a projection made here, RNAs that are left out.
function captionOf({ label, held }, n) {
  const count = (k) => k.toLocaleString("en");
  return held < n ? `${label} · ${count(held)} of ${count(n)} RNAs` : label;
}

// Names find their places anew when the map is drawn next.
export function painted(pane) {
  pane.places = null;
}

export function resizePane(pane) {
  const ratio = window.devicePixelRatio || 1;
  const first = !pane.width;
  pane.width = pane.stage.clientWidth;
  pane.height = pane.stage.clientHeight;
  if (!pane.width) return;
  pane.overlay.width = Math.round(pane.width * ratio);
  pane.overlay.height = Math.round(pane.height * ratio);
  if (first || !pane.moved) fit(pane);
}

function fit(pane) {
  if (!pane.grid || !pane.width) return;
  pane.moved = false;
  pane.camera = fitCamera(pane.box, pane.width, pane.height);
  pane.fitted = pane.camera.zoom;
  pane.view.redraw();
}

function zoom(pane, factor, x, y) {
  if (!pane.camera) return;
  pane.moved = true;
  pane.camera = zoomAt(pane.camera, pane.width, pane.height, x, y, factor);
  pane.view.redraw();
}

// The part of the canvas that belongs to this map, in its pixels from the lower left.
function frame(pane) {
  if (!pane.camera || !pane.width) return null;
  const ratio = window.devicePixelRatio || 1;
  const { stages } = pane.view;
  const { x, y, zoom: pixels } = pane.camera;
  const full = pane.shared.model.get("opacity") ?? 0.88;
  const scale = [(2 * pixels) / pane.width, (2 * pixels) / pane.height];
  return {
    left: Math.round(pane.stage.offsetLeft * ratio),
    bottom: Math.round((stages.clientHeight - pane.stage.offsetTop - pane.height) * ratio),
    width: Math.round(pane.width * ratio),
    height: Math.round(pane.height * ratio),
    scale,
    offset: [-x * scale[0], -y * scale[1]],
    size: pointSize(pane) * ratio,
    full,
    faded: Math.min(full, Math.max(0.035, Math.min(0.16, 40 / Math.sqrt(pane.count || 1) / 10))),
  };
}

function pointSize(pane) {
  const room = Math.sqrt((pane.width * pane.height) / 200000);
  const fitting = Math.max(2.2, Math.min(10, 280 / Math.sqrt(pane.count || 1)) * Math.min(1, room + 0.25));
  const closer = Math.pow(pane.camera.zoom / pane.fitted, 0.35);
  const chosen = pane.shared.model.get("size");
  if (chosen) return chosen * closer;
  return Math.min(16, Math.max(1.6, fitting * closer));
}
