// What a mutation does to the contact map: before above the diagonal, after below it.
import { asFloats } from "../core/binary.js";
import { paintCells } from "../core/cells.js";
import { isDark, rampCss, weightRamp } from "../core/color.js";
import { h, watch } from "../core/dom.js";
import { createMatrix } from "../core/matrix.js";

const SHOWN = 5;
const LEAST = 0.01;

export function createEffect(model, scope, focus) {
  const view = { model, map: null };
  view.matrix = createMatrix(scope, focus, (i, j) => describeEffect(view.map, i, j));
  view.message = h("div", { class: "rx-message" });
  view.title = h("h3", {}, "Effect on contacts");
  view.source = h("span", { class: "rx-chip" });
  view.below = h("div", { class: "rx-below" });
  view.content = h("div", { class: "rx-card-body rx-effect" }, view.matrix.el, view.below);
  watch(model, scope, ["mutation", "_effect"], () => drawEffect(view));
  return h("section", { class: "rx-card", "aria-label": "Effect on the contact map" }, h("header", {}, view.title, view.source), view.message, view.content);
}

function drawEffect(view) {
  const mutation = view.model.get("mutation");
  const raw = effectOf(view.model, mutation);
  const has = Boolean(raw?.before);
  view.content.hidden = view.source.hidden = !has;
  view.message.hidden = has;
  view.message.textContent = has ? "" : messageFor(view.model, mutation, raw);
  view.title.textContent = mutation ? `Effect of ${mutation} on contacts` : "Effect on contacts";
  if (!has) return;
  view.map = { ...raw, first: asFloats(raw.before), last: asFloats(raw.after) };
  view.source.textContent = raw.source;
  paintEffect(view);
}

function effectOf(model, mutation) {
  const current = model.get("_effect");
  if (current?.mutation === mutation) return current;
  return model.get("_effects")?.[mutation];
}

function messageFor(model, mutation, raw) {
  if (raw?.message) return raw.message;
  if (!mutation) return "Click a mutation to see the contact map before and after it.";
  if (!model.get("_live")) return `The contact maps of ${mutation} are not in this page; to_html(path, effects=["${mutation}", …]) of the viewer puts them in.`;
  if (model.get("_scores").predicts) return `Computing the contact map after ${mutation} …`;
  return "MutationViewer(scores, model=rx.load_model('mini')) shows the contact map before and after a mutation.";
}

function paintEffect(view) {
  const { map } = view;
  const { n, first, last } = map;
  const table = weightRamp(isDark(view.content));
  const levels = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) levels[i * n + j] = 255 * Math.sqrt((i < j ? first : last)[i * n + j]);
  view.matrix.show(map, (context, frame) => paintCells(context, frame, levels, table), `Contacts before (upper) and after (lower) ${map.mutation}`);
  view.below.replaceChildren(
    h("div", { class: "rx-map-scale" },
      h("div", { class: "rx-scale-bar", style: `background:${rampCss(table)}` }),
      h("div", { class: "rx-scale-ends" }, h("span", {}, "0"), h("span", {}, `${map.what} (square-root scale)`), h("span", {}, "1")),
      h("p", { class: "rx-caption" }, "Upper triangle: before. Lower triangle: after."),
    ),
    changes(map),
  );
}

function changes(map) {
  const found = [];
  for (let i = 0; i < map.n; i++) for (let j = i + 1; j < map.n; j++) found.push([i, j, map.last[i * map.n + j] - map.first[i * map.n + j]]);
  const top = found.filter(([, , by]) => Math.abs(by) >= LEAST).sort((a, b) => Math.abs(b[2]) - Math.abs(a[2])).slice(0, SHOWN);
  if (!top.length) return h("p", { class: "rx-caption" }, "No contact changes by 0.01 or more.");
  const head = h("tr", {}, ["pair", "before", "after"].map((text) => h("th", { scope: "col" }, text)));
  return h("div", { class: "rx-scores" }, h("table", {}, h("thead", {}, head), h("tbody", {}, top.map(([i, j]) => changeRow(map, i, j)))), h("p", { class: "rx-caption" }, "The contacts that change most."));
}

function changeRow(map, i, j) {
  const value = (values) => h("td", {}, values[i * map.n + j].toFixed(2));
  return h("tr", {}, h("th", { scope: "row" }, pairName(map, i, j)), value(map.first), value(map.last));
}

const pairName = (map, i, j) => `${map.residues[i]}${i + 1} – ${map.residues[j]}${j + 1}`;

function describeEffect(map, i, j) {
  const [a, b] = i < j ? [i, j] : [j, i];
  return `${pairName(map, a, b)}: ${map.first[a * map.n + b].toPrecision(2)} before, ${map.last[a * map.n + b].toPrecision(2)} after ${map.mutation}`;
}
