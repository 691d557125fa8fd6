// The linked view: maps, legend, table; below them the open RNA.
import { createAttention } from "../attention/attention.js";
import { topBar } from "./bar.js";
import { createContacts } from "../contacts/contacts.js";
import { createScope, createStore, h, keepEventsInside, watch } from "../core/dom.js";
import { createLegend } from "./legend.js";
import { createMaps } from "./maps.js";
import { createNeighbours } from "./neighbors.js";
import { occurrences, stepsOf } from "./patterns.js";
import { createSequence } from "../core/sequence.js";
import { createShared } from "./shared.js";
import { createSide } from "./side.js";
import { selectionBar } from "./selection_bar.js";

const OPENING = 20000;

export function renderExplorer({ model, el }) {
  const scope = createScope();
  const root = h("div", { class: "rx-root rx-explorer" });
  keepEventsInside(root);
  el.append(root);
  const shared = createShared(model, scope, el);
  const upper = h("div", { class: "rx-upper" }, h("div", { class: "rx-map-side" }, createMaps(shared), createLegend(shared)), createSide(shared));
  watch(model, scope, ["_map_beside"], () => (upper.dataset.maps = model.get("_map_beside")?.data ? 2 : 1));
  root.append(topBar(shared), selectionBar(shared), upper, rnaPanel(shared));
  return () => {
    scope.dispose();
    root.remove();
  };
}

function rnaPanel(shared) {
  const { model, scope } = shared;
  const focus = createStore(null);
  const sequence = createSequence(scope, focus);
  const heading = h("h3", { class: "rx-rna-name" });
  const fields = h("dl", { class: "rx-fields" });
  const readout = h("div", { class: "rx-readout", role: "status" });
  const hint = h("div", { class: "rx-hint" });
  const card = h("div", { class: "rx-card" }, h("header", {}, heading, readout), fields, sequence.el);
  const maps = h("div", { class: "rx-maps" }, createAttention(model, scope, focus), createContacts(model, scope, focus));
  const detail = h("div", { class: "rx-detail" }, h("div", { class: "rx-rna" }, card, createNeighbours(shared)), maps);
  const wait = waiting(shared, hint, detail);
  focus.subscribe((at) => (readout.textContent = at?.text || ""));
  watch(model, scope, ["_rna", "_selected"], () => {
    const rna = model.get("_rna");
    const ready = rna?.index === model.get("_selected") && rna.index >= 0;
    wait(ready);
    if (ready) showRna(rna, heading, fields, sequence);
  });
  watch(model, scope, ["_found", "_rna"], () => markHits(model, sequence));
  return h("div", { class: "rx-lower" }, hint, detail);
}

function showRna(rna, heading, fields, sequence) {
  heading.textContent = rna.name;
  const entries = rna.fields.map(([key, value]) => h("div", {}, h("dt", {}, key), h("dd", { title: value }, value)));
  if (rna.problem) entries.push(h("div", { class: "rx-problem" }, h("dt", {}, "structure"), h("dd", {}, rna.problem)));
  fields.replaceChildren(...entries);
  sequence.show(rna);
}

// Underlines where the motif or the structure pattern looked for is in the open RNA.
function markHits(model, sequence) {
  const found = model.get("_found");
  const rna = model.get("_rna");
  const text = found?.kind === "motif" ? rna?.sequence : rna?.structure;
  sequence.mark(found?.query && text ? occurrences(found.kind, stepsOf(found.kind, found.query), text) : []);
}

// Says what to do while no RNA is open, and what may be wrong when Python does not answer.
function waiting(shared, hint, detail) {
  let timer = 0;
  shared.scope.add(() => clearTimeout(timer));
  return (ready) => {
    clearTimeout(timer);
    const position = shared.selected.get();
    hint.hidden = ready;
    detail.hidden = !ready;
    hint.textContent = position < 0 ? "Click a point or a row to open an RNA: its sequence, nearest neighbours, attention and contacts appear here." : `Opening ${shared.names[position]} …`;
    if (ready || position < 0) return;
    timer = setTimeout(() => (hint.textContent = "Python has not answered. Is the kernel busy, or gone? If it was restarted, run the cell again."), OPENING);
  };
}
