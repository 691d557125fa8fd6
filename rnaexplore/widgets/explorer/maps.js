// One map, or two beside each other: one canvas of points under all of them, one set of tools above.
import { asUint16 } from "../core/binary.js";
import { groundOf } from "../core/color.js";
import { frameOnce, h, onResize, watch } from "../core/dom.js";
import { createRenderer } from "./gl.js";
import { circlesOf } from "./map_picture.js";
import { mapTools } from "./map_tools.js";
import { paintOf, paletteOf } from "./paint.js";
import { createPane, painted, placePane, resizePane } from "./pane.js";

export function createMaps(shared) {
  const canvas = h("canvas", { class: "rx-layer rx-points" });
  const stages = h("div", { class: "rx-stages" }, canvas);
  const message = h("div", { class: "rx-message", hidden: true });
  const view = { shared, canvas, stages, renderer: createRenderer(canvas), tool: "lasso", labels: true, paint: null };
  view.redraw = frameOnce(shared.scope, () => draw(view));
  view.panes = ["_map", "_map_beside"].map((trait, k) => createPane(view, k, trait));
  view.active = view.panes[0];
  for (const pane of view.panes) pane.stage.dataset.renderer = view.renderer.kind;
  shared.scope.add(() => view.renderer.destroy());
  subscribe(view, message);
  return h("section", { class: "rx-map", "aria-label": "Map of RNAs" }, ...mapTools(view), stages, message);
}

function subscribe(view, message) {
  const { shared } = view;
  const { model, scope } = shared;
  view.repaint = frameOnce(scope, () => repaint(view));
  view.reflag = frameOnce(scope, () => reflag(view));
  for (const store of [shared.column, shared.top]) store.subscribe(() => view.repaint());
  shared.highlight.subscribe(() => setPalette(view));
  for (const store of [shared.selection, shared.shown]) store.subscribe(() => view.reflag());
  for (const store of [shared.selected, shared.hovered, shared.near]) store.subscribe(() => view.panes.forEach((pane) => pane.retouch()));
  repaint(view);
  reflag(view);
  view.panes.forEach((pane) => watch(model, scope, [pane.trait], () => place(view, pane)));
  watch(model, scope, ["size", "opacity"], () => view.redraw());
  watch(model, scope, ["_map_message"], () => {
    message.textContent = model.get("_map_message");
    message.hidden = message.textContent === "";
    view.stages.hidden = !message.hidden;
  });
  view.canvas.rxShapes = () => circlesOf(view);
  view.canvas.rxRedraw = () => draw(view);
  onResize(scope, view.stages, () => resize(view));
}

function place(view, pane) {
  const raw = view.shared.model.get(pane.trait);
  if (!raw?.data) pane.stage.remove();
  else if (pane.index === 0) view.canvas.after(pane.stage);
  else view.stages.append(pane.stage);
  view.stages.dataset.maps = view.panes.filter((other) => other.stage.parentNode).length;
  placePane(pane, raw?.data ? { ...raw, levels: asUint16(raw.data) } : null);
  view.renderer.setPlaces(pane.index, pane.positions);
  resize(view);
}

function resize(view) {
  const ratio = window.devicePixelRatio || 1;
  const { canvas, stages } = view;
  if (!stages.clientWidth) return;
  canvas.width = Math.round(stages.clientWidth * ratio);
  canvas.height = Math.round(stages.clientHeight * ratio);
  view.panes.forEach((pane) => resizePane(pane));
  draw(view);
}

function repaint(view) {
  const { shared, renderer } = view;
  view.paint = paintOf(shared.column.get(), shared.n, { top: shared.top.get(), ground: groundOf(view.stages) });
  renderer.setCodes(view.paint.codes);
  view.panes.forEach((pane) => painted(pane));
  setPalette(view);
}

function setPalette(view) {
  view.renderer.setPalette(paletteOf(view.paint, view.shared.highlight.get()));
  view.redraw();
}

function reflag(view) {
  const { mask } = view.shared;
  const shown = view.shared.shown.get();
  const flags = new Uint8Array(mask);
  if (shown) for (let i = 0; i < flags.length; i++) flags[i] |= shown[i] ? 0 : 2;
  view.hidden = shown ? flags.map((flag) => flag & 2) : null;
  view.renderer.setFlags(flags);
  view.panes.forEach((pane) => painted(pane));
  view.redraw();
}

// Points out of the selection, or of another category than the one pointed at, fade.
function draw(view) {
  if (!view.canvas.width) return;
  const { shared } = view;
  const panes = view.panes.map((pane) => pane.frame());
  view.renderer.draw(panes, { selecting: shared.selection.get().length > 0, spotting: shared.highlight.get() !== null });
  view.panes.forEach((pane) => pane.drawOver());
  if (shared.n && panes[0]) view.stages.dataset.painted = String(Number(view.stages.dataset.painted || 0) + 1);
}
