// The attention viewer: all heads as thumbnails, one map at full size, its best pairs as arcs.
import { createArcs } from "../core/arcs.js";
import { createAttentionMap } from "./attention_map.js";
import { checkbox, choiceBox, createScope, createStore, h, keepEventsInside, plural, send, slider, watch } from "../core/dom.js";
import { createGallery } from "./gallery.js";
import { pictureButtons } from "../core/picture.js";
import { expectedShare, topPairs } from "../core/pairs.js";

export function renderAttentionWidget({ model, el }) {
  const scope = createScope();
  const focus = createStore(null);
  const readout = h("div", { class: "rx-readout", role: "status" });
  focus.subscribe((at) => (readout.textContent = at?.text || ""));
  const root = h("div", { class: "rx-root rx-viewer" });
  keepEventsInside(root);
  el.append(root);
  const map = createAttentionMap(model, scope, focus, { most: 620 });
  const heading = h("h3", {});
  watch(model, scope, ["_attention"], () => (heading.textContent = titleOf(model.get("_attention"))));
  root.append(
    controls(model, scope),
    h(
      "div", { class: "rx-viewer-upper" }, headsCard(model, scope),
      h("section", { class: "rx-card rx-attention", "aria-label": "Attention map" }, h("header", {}, heading, readout, map.matrix.tools), h("div", { class: "rx-card-body" }, map.el, h("div", { class: "rx-below" }, map.scale))),
    ),
    pairsCard(model, scope, focus, map.map),
  );
  return () => {
    scope.dispose();
    root.remove();
  };
}

const titleOf = (raw) => (raw?.levels ? `Layer ${raw.layer}, ${raw.head === null ? "mean over heads" : `head ${raw.head}`}` : "Attention");

function controls(model, scope) {
  const parts = [layerSlider, headSlider, treatmentBoxes, thresholdSlider, countSlider].flatMap((make) => make(model, scope));
  const pictures = pictureButtons(() => pictures.closest(".rx-root"), () => `attention layer ${model.get("layer")}`);
  return h("div", { class: "rx-bar" }, parts, h("span", { class: "rx-gap" }), pictures);
}

function layerSlider(model, scope) {
  const layers = model.get("_layers");
  const box = slider("Layer", { max: layers.length - 1, step: 1, format: (k) => layers[k] }, (k) => send(model, { layer: layers[k] }));
  watch(model, scope, ["layer"], () => box.set(layers.indexOf(model.get("layer"))));
  return [box.el];
}

// The first place of the slider is the mean over heads.
function headSlider(model, scope) {
  const heads = [null, ...model.get("_heads")];
  const box = slider("Head", { max: heads.length - 1, step: 1, format: (k) => heads[k] ?? "mean" }, (k) => send(model, { head: heads[k] }));
  watch(model, scope, ["head"], () => box.set(heads.indexOf(model.get("head"))));
  return [box.el];
}

function treatmentBoxes(model, scope) {
  const boxes = [
    ["symmetrize", "Symmetrise", "Mean of both directions"],
    ["apc", "APC", "Average product correction: less of residues that attend, or are attended to, in general"],
  ];
  if (model.get("_structure")) boxes.push(["show_reference", "Reference", "Mark the pairs of the reference on the map"]);
  return boxes.map(([trait, label, title]) => {
    const box = checkbox(label, title, (value) => send(model, { [trait]: value }));
    watch(model, scope, [trait], () => box.set(model.get(trait)));
    return box.el;
  });
}

function thresholdSlider(model, scope) {
  const box = slider("Threshold", { format: (share) => `${Math.round(100 * share)} %` }, (threshold) => send(model, { threshold }));
  box.el.title = "Share of the largest value; what is below is blank, and not among the pairs";
  watch(model, scope, ["threshold"], () => box.set(model.get("threshold")));
  return [box.el];
}

function countSlider(model, scope) {
  const box = slider("Pairs", { step: 1 }, (k) => send(model, { top_k: k }));
  box.el.title = "Most pairs drawn as arcs";
  watch(model, scope, ["top_k", "_attention"], () => box.set(model.get("top_k"), { max: Math.max(model.get("_attention")?.n || 1, model.get("top_k")) }));
  return [box.el];
}

function headsCard(model, scope) {
  const order = choiceBox("Order", (value) => send(model, { order: value }));
  watch(model, scope, ["order"], () => order.set(["in place", "ranked"], model.get("order")));
  const caption = h("p", { class: "rx-caption" });
  watch(model, scope, ["order", "_ranking"], () => (caption.textContent = captionOf(model)));
  return h("section", { class: "rx-card rx-heads", "aria-label": "All heads" }, h("header", {}, h("h3", {}, "All heads"), order.el), h("div", { class: "rx-card-body" }, createGallery(model, scope, { largest: 100 }).el, caption));
}

function captionOf(model) {
  const ranking = model.get("_ranking");
  if (model.get("order") !== "ranked") return "A row a layer, a column a head; each on its own scale.";
  if (!ranking?.scores) return "Ranking …";
  const meaning = model.get("_structure") ? "Share of reference pairs among the best pairs, as many as the reference has" : "How much more a pair correlates with the pair stacked on it than with its neighbour at the same distance: helices make it positive";
  return `${meaning} (symmetrised, corrected). By chance ${ranking.chance.toFixed(3)}; the best of ${ranking.scores.length} heads is above that by luck alone.`;
}

function pairsCard(model, scope, focus, map) {
  const told = h("p", { class: "rx-caption", role: "status" });
  const describe = (i, j) => ({ text: `${map.get().residues[i]}${i + 1} – ${map.get().residues[j]}${j + 1}` });
  const arcs = createArcs(scope, focus, describe);
  const draw = () => map.get() && drawPairs(model, map.get(), arcs, told);
  map.subscribe(draw);
  watch(model, scope, ["top_k", "threshold"], draw);
  return h("section", { class: "rx-card rx-pairs", "aria-label": "Best pairs" }, h("header", {}, h("h3", {}, "Best pairs"), told), arcs.el, model.get("_structure") ? arcKeys() : null);
}

function arcKeys() {
  const key = (name, text) => h("span", { class: "rx-key" }, h("i", { style: `background:var(${name})` }), text);
  return h("div", { class: "rx-keys rx-arc-keys" }, "Above: attention. Below: reference.", key("--rx-right", "in both"), key("--rx-wrong", "attention only"), key("--rx-missed", "reference only"));
}

function drawPairs(model, map, arcs, told) {
  const found = topPairs(map.values, map.n, model.get("top_k"), model.get("threshold"));
  const judged = Boolean(model.get("_structure"));
  const known = new Set(map.pairs.map(([i, j]) => i * 1e6 + j));
  const drawn = new Set(found.map(([i, j]) => i * 1e6 + j));
  const above = found.map(([i, j]) => ({ i, j, colour: judged ? (known.has(i * 1e6 + j) ? "--rx-right" : "--rx-wrong") : "--rx-focus" }));
  const below = map.pairs.map(([i, j]) => ({ i, j, colour: drawn.has(i * 1e6 + j) ? "--rx-right" : "--rx-missed" }));
  arcs.show({ n: map.n, residues: map.residues, above, below }, `${plural(found.length, "pair")} of attention as arcs`);
  const right = found.filter(([i, j]) => known.has(i * 1e6 + j)).length;
  const expected = expectedShare(found, map.pairs, map.n);
  told.textContent = !judged || !found.length
    ? `${plural(found.length, "pair")} with the largest weights, at least 4 apart`
    : `${right} of ${plural(found.length, "pair")} in the reference (precision ${(right / found.length).toFixed(2)}; ${expected.toFixed(2)} expected of random pairs at the same distances)`;
}
