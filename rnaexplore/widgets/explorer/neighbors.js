// The nearest RNAs of the open one in the space of an embedding, with their labels.
import { asFloats, asUint32 } from "../core/binary.js";
import { cellText, tally } from "./columns.js";
import { choiceBox, h, send, watch } from "../core/dom.js";
import { open } from "./shared.js";

export function createNeighbours(shared) {
  const { model, scope } = shared;
  const list = h("div", { class: "rx-neighbours" });
  const told = h("p", { class: "rx-caption" });
  const rep = choiceBox("in", (value) => send(model, { use_rep: value }));
  watch(model, scope, ["use_rep", "_reps"], () => {
    const reps = model.get("_reps") || [];
    rep.set(reps, model.get("use_rep"));
    rep.el.hidden = !shared.live || reps.length < 1;
  });
  const show = () => showNeighbours(shared, list, told);
  watch(model, scope, ["_neighbours"], show);
  shared.column.subscribe(show);
  return h("section", { class: "rx-card rx-near", "aria-label": "Nearest neighbours" }, h("header", {}, h("h3", {}, "Nearest neighbours"), rep.el), list, told);
}

function showNeighbours(shared, list, told) {
  const raw = shared.model.get("_neighbours");
  const rows = raw?.rows ? asUint32(raw.rows) : new Uint32Array();
  shared.near.set(rows);
  told.textContent = raw?.message || "";
  if (!rows.length) {
    list.replaceChildren();
    return;
  }
  const distances = asFloats(raw.distances);
  const farthest = distances[distances.length - 1] || 1;
  list.replaceChildren(...Array.from(rows, (i, k) => neighbour(shared, i, distances[k], farthest)));
  const baselines = Object.entries(raw.baselines || {}).map(([name, view]) => [name, asUint32(view)]);
  told.textContent = agreementOf(shared, raw.index, rows, baselines);
}

function neighbour(shared, i, distance, farthest) {
  const column = shared.column.get();
  const text = column ? cellText(column, i) : "";
  const colour = column?.kind === "category" ? column.colours[column.codes[i]] : null;
  const bar = h("i", { class: "rx-distance", style: `width:${(100 * distance) / farthest}%` });
  return h(
    "button", { class: "rx-neighbour", type: "button", title: `${shared.names[i]}, Euclidean distance ${distance.toPrecision(3)}`, onclick: () => open(shared, i), onpointerenter: () => shared.hovered.set(i), onpointerleave: () => shared.hovered.set(-1) },
    h("i", { class: "rx-dot", style: colour ? `background:${colour}` : "" }), h("span", {}, shared.names[i]), h("em", {}, text), h("span", { class: "rx-track" }, bar), h("b", {}, distance.toPrecision(3)),
  );
}

// How many share the label of the open RNA, in the embedding, by sequence alone, and by chance.
function agreementOf(shared, index, rows, baselines) {
  const column = shared.column.get();
  if (column?.kind !== "category" || !column.labels[column.codes[index]]) return "Exact Euclidean distances in the full space, not on the map.";
  const code = column.codes[index];
  const same = (near) => near.filter((i) => column.codes[i] === code).length;
  const alone = baselines.map(([name, near]) => `${same(near)} by ${name}`).join(", ");
  const without = alone ? ` Without a model: ${alone}.` : "";
  const chance = ((tally(column)[code] - 1) / Math.max(1, shared.n - 1)) * 100;
  return `${same(rows)} of ${rows.length} are ${column.labels[code]}, as are ${chance < 1 ? chance.toFixed(1) : chance.toFixed(0)} % of all others.${without} Exact distances in the full space, not on the map.`;
}
