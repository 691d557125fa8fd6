// The attention of the open RNA: one map at full size, thumbnails of all heads to choose from.
import { asFloats } from "./binary.js";
import { isDark, rampCss, weightRamp } from "./color.js";
import { h, send, watch } from "./dom.js";
import { createGallery } from "./gallery.js";
import { createMatrix, paintCells } from "./matrix.js";

export function createAttention(model, scope, focus) {
  const view = { model, map: null };
  view.matrix = createMatrix(scope, focus, (i, j) => describe(view.map, i, j));
  view.layer = selectBox("Layer", (value) => send(model, { layer: Number(value) }));
  view.head = selectBox("Head", (value) => send(model, { head: value === "mean" ? null : Number(value) }));
  view.scale = h("div", { class: "rx-map-scale" });
  view.message = h("div", { class: "rx-message", hidden: true });
  view.gallery = createGallery(model, scope);
  view.content = h("div", { class: "rx-card-body" }, view.matrix.el, h("div", { class: "rx-below" }, view.scale, view.gallery.el));
  view.controls = h("div", { class: "rx-controls" }, view.layer.el, view.head.el);
  watch(model, scope, ["_layers", "_heads", "layer", "head"], () => drawControls(view));
  watch(model, scope, ["_attention"], () => drawAttention(view));
  return h("section", { class: "rx-card rx-attention", "aria-label": "Attention map" }, h("header", {}, h("h3", {}, "Attention"), view.controls), view.message, view.content);
}

function selectBox(label, onchoose) {
  const select = h("select", { class: "rx-select", "aria-label": label, onchange: () => onchoose(select.value) });
  return { select, el: h("label", { class: "rx-field" }, label, select) };
}

function fillSelect({ select }, values, chosen) {
  select.replaceChildren(...values.map((value) => h("option", { value }, value)));
  select.value = String(chosen);
}

function drawControls({ model, layer, head }) {
  fillSelect(layer, model.get("_layers"), model.get("layer"));
  fillSelect(head, ["mean", ...model.get("_heads")], model.get("head") ?? "mean");
}

function drawAttention(view) {
  const raw = view.model.get("_attention");
  const has = Boolean(raw?.data);
  view.message.hidden = has || !raw?.message;
  view.message.textContent = raw?.message || "";
  view.content.hidden = !has;
  view.controls.hidden = !has;
  view.map = has ? { ...raw, values: asFloats(raw.data) } : null;
  if (has) paintAttention(view);
}

function paintAttention(view) {
  const { map } = view;
  const table = weightRamp(isDark(view.content));
  const levels = map.values.map((weight) => 255 * Math.sqrt(weight / map.top || 0));
  const which = `layer ${map.layer}, ${map.head === null ? "mean over heads" : `head ${map.head}`}`;
  view.matrix.show(map, (context, size) => paintCells(context, size, map.n, levels, table), `Attention map, ${which}`);
  view.scale.replaceChildren(
    h("div", { class: "rx-scale-bar", style: `background:${rampCss(table)}` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, "0"), h("span", {}, "weight (square-root scale)"), h("span", {}, map.top.toPrecision(2))),
    h("p", { class: "rx-caption" }, "Rows attend to columns."),
  );
}

function describe(map, i, j) {
  const weight = map.values[i * map.n + j];
  return `${map.residues[i]}${i + 1} attends to ${map.residues[j]}${j + 1} with ${weight.toPrecision(map.kind === "float32" ? 3 : 2)}`;
}
