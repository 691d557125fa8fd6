// Contacts: prediction above the diagonal, reference below, agreement of the pairs taken from it.
// Probabilities are cut at a value, scores at a rank.
import { asFloats } from "../core/binary.js";
import { cssColour, isDark, rampCss, weightRamp } from "../core/color.js";
import { choiceBox, createCaution, debounce, h, plural, send, watch } from "../core/dom.js";
import { fillPair, paintCells } from "../core/cells.js";
import { createMatrix } from "../core/matrix.js";
import { agreement, decodePairs, neighbourhood, pairKey, pairsOf } from "../core/structure.js";

export function createContacts(model, scope, focus) {
  const view = { model, map: null };
  view.matrix = createMatrix(scope, focus, (i, j) => ({ text: describeContact(view.map, i, j) }));
  view.message = h("div", { class: "rx-message", hidden: true });
  view.source = h("span", { class: "rx-chip" });
  view.caution = createCaution();
  view.method = choiceBox("Method", (value) => send(model, { method: value }));
  view.value = h("output", { class: "rx-value" });
  const tell = debounce((value) => send(model, { [dialOf(view.map)]: value }), 60);
  view.slider = h("input", { type: "range", min: "0.02", max: "1", step: "0.01", "aria-label": "Threshold", oninput: () => {
    view.value.textContent = Number(view.slider.value).toFixed(2);
    tell(Number(view.slider.value));
  } });
  view.scale = h("div", { class: "rx-map-scale" });
  view.scores = h("div", { class: "rx-scores" });
  view.dial = h("span", {});
  const threshold = h("label", { class: "rx-field rx-threshold" }, view.dial, view.slider, view.value);
  view.content = h("div", { class: "rx-card-body" }, view.matrix.el, h("div", { class: "rx-below" }, view.scale, threshold, view.scores));
  watch(model, scope, ["_contacts"], () => loadContacts(view));
  watch(model, scope, ["threshold", "pairs_per_residue"], () => refresh(view));
  watch(model, scope, ["method", "_methods"], () => {
    const methods = model.get("_methods") || [];
    view.method.set(methods, model.get("method"));
    view.method.el.hidden = !methods.length;
  });
  return h("section", { class: "rx-card rx-contacts", "aria-label": "Contact map" }, h("header", {}, h("h3", {}, "Contacts"), h("div", { class: "rx-controls" }, view.source, view.method.el, view.matrix.tools)), view.message, view.caution.el, view.content);
}

function loadContacts(view) {
  const raw = view.model.get("_contacts");
  const has = Boolean(raw?.data);
  view.message.hidden = has || !raw?.message;
  view.message.textContent = raw?.message || "";
  view.content.hidden = !has;
  view.source.hidden = !has;
  view.caution.set(has && raw.caution);
  view.map = has ? { ...raw, values: asFloats(raw.data), pairs: pairsOf(raw.reference) } : null;
  if (has) view.source.textContent = raw.model;
  refresh(view);
}

function refresh(view) {
  const { map, model } = view;
  if (!map) return;
  const dial = dialOf(map);
  const value = model.get(dial);
  const isRank = dial === "pairs_per_residue";
  view.slider.max = isRank ? 2 : 1;
  view.slider.value = value;
  view.value.textContent = value.toFixed(2);
  view.dial.textContent = isRank ? "Best pairs considered per residue" : "Pairs considered from";
  map.called = map.decoding ? decodePairs(map.values, map.residues, map.decoding, isRank ? { most: Math.floor(value * map.n) } : { threshold: value }) : [];
  const table = weightRamp(isDark(view.content));
  view.matrix.show(map, (context, frame) => paintContacts(view, context, frame), `Contact map: ${plural(map.called.length, "pair")} called`);
  drawScale(view, table);
  drawScores(view);
}

const dialOf = (map) => (map?.what === "score" ? "pairs_per_residue" : "threshold");

function paintContacts(view, context, frame) {
  const { map } = view;
  const { n } = map;
  const levels = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) levels[i * n + j] = 160 * Math.sqrt(map.values[i * n + j]);
  paintCells(context, frame, levels, weightRamp(isDark(view.content)));
  drawDiagonal(view, context, frame);
  const colour = (name) => cssColour(view.content, name);
  const exact = neighbourhood(map.pairs, n, 0);
  const found = neighbourhood(map.called, n, 0);
  const judged = map.reference !== null;
  for (const [i, j] of map.called) fillPair(context, frame, i, j, judged ? colour(exact.has(pairKey(i, j, n)) ? "--rx-right" : "--rx-wrong") : colour("--rx-accent"));
  for (const [i, j] of map.pairs) fillPair(context, frame, j, i, colour(found.has(pairKey(i, j, n)) ? "--rx-right" : "--rx-missed"));
}

function drawDiagonal(view, context, frame) {
  context.strokeStyle = cssColour(view.content, "--rx-line");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(frame.x(0), frame.y(0));
  context.lineTo(frame.x(frame.n), frame.y(frame.n));
  context.stroke();
}

function drawScale(view, table) {
  const shown = (k) => Math.round((160 / 255) * k);
  const half = Uint8Array.from({ length: 768 }, (_, k) => table[3 * shown(Math.floor(k / 3)) + (k % 3)]);
  const key = (name, text) => h("span", { class: "rx-key" }, h("i", { style: `background:var(${name})` }), text);
  const keys = view.map.reference === null
    ? [key("--rx-accent", "called")]
    : [key("--rx-right", "called, in reference"), key("--rx-wrong", "called, not in reference"), key("--rx-missed", "missed")];
  view.scale.replaceChildren(
    h("div", { class: "rx-scale-bar", style: `background:${rampCss(half)}` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, "0"), h("span", {}, `${view.map.what || "probability"} (square-root scale)`), h("span", {}, "1")),
    h("p", { class: "rx-caption rx-keys" }, keys),
  );
}

function drawScores(view) {
  const { called, pairs, n, reference } = view.map;
  if (reference === null) {
    view.scores.replaceChildren(h("p", { class: "rx-caption" }, `${plural(called.length, "pair")} called. No reference structure to compare with.`));
    return;
  }
  const rows = [["strict", 0], ["±1", 1]].map(([name, slack]) => scoreRow(name, agreement(called, pairs, n, slack)));
  const head = h("tr", {}, ["", "precision", "recall", "F1"].map((text) => h("th", { scope: "col" }, text)));
  view.scores.replaceChildren(
    h("table", {}, h("thead", {}, head), h("tbody", {}, rows)),
    h("p", { class: "rx-caption" }, `${plural(called.length, "pair")} called, ${pairs.length} in the reference.`),
  );
}

function scoreRow(name, { precision, recall, f1 }) {
  const cell = (value) => h("td", {}, value.toFixed(2));
  return h("tr", {}, h("th", { scope: "row" }, name), cell(precision), cell(recall), cell(f1));
}

function describeContact(map, i, j) {
  const [a, b] = i < j ? [i, j] : [j, i];
  const p = map.values[a * map.n + b];
  const known = map.pairs.some(([x, y]) => x === a && y === b);
  const pair = `${map.residues[a]}${a + 1} – ${map.residues[b]}${b + 1}`;
  return `${pair}: ${map.what || "probability"} ${p.toPrecision(2)}${known ? ", pair in the reference" : ""}`;
}
