// The attention of the open RNA: one map at full size, thumbnails of all heads to choose from.
import { createAttentionMap } from "./attention_map.js";
import { choiceBox, h, send, watch } from "../core/dom.js";
import { createGallery } from "./gallery.js";

export function createAttention(model, scope, focus) {
  const map = createAttentionMap(model, scope, focus, { most: 460 });
  const layer = choiceBox("Layer", (value) => send(model, { layer: Number(value) }));
  const head = choiceBox("Head", (value) => send(model, { head: value === "mean" ? null : Number(value) }));
  const message = h("div", { class: "rx-message", hidden: true });
  const content = h("div", { class: "rx-card-body" }, map.el, h("div", { class: "rx-below" }, map.scale, createGallery(model, scope).el));
  const controls = h("div", { class: "rx-controls" }, layer.el, head.el, map.matrix.tools);
  watch(model, scope, ["_layers", "_heads", "layer", "head"], () => {
    layer.set(model.get("_layers"), model.get("layer"));
    head.set(["mean", ...model.get("_heads")], model.get("head") ?? "mean");
  });
  watch(model, scope, ["_attention"], () => showEither(model.get("_attention"), message, [content, controls]));
  return h("section", { class: "rx-card rx-attention", "aria-label": "Attention map" }, h("header", {}, h("h3", {}, "Attention"), controls), message, content);
}

// Either a map, or why there is none.
export function showEither(raw, message, shown) {
  const has = Boolean(raw?.levels);
  message.hidden = has || !raw?.message;
  message.textContent = raw?.message || "";
  for (const el of shown) el.hidden = !has;
}
