// The linked view: map, legend, table; below them the open RNA.
import { createAttention } from "./attention.js";
import { topBar } from "./bar.js";
import { createContacts } from "./contacts.js";
import { createScope, createStore, h, keepEventsInside, watch } from "./dom.js";
import { createLegend } from "./legend.js";
import { createMap } from "./map.js";
import { createSequence } from "./sequence.js";
import { createShared } from "./shared.js";
import { createTable } from "./table.js";

const PATIENCE = 20000;

export function renderExplorer({ model, el }) {
  const scope = createScope();
  const shared = createShared(model, scope, el);
  const root = h(
    "div", { class: "rx-root rx-explorer" }, topBar(shared),
    h("div", { class: "rx-upper" }, h("div", { class: "rx-map-side" }, createMap(shared), createLegend(shared)), createTable(shared)),
    rnaPanel(shared),
  );
  keepEventsInside(root);
  el.append(root);
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
  const maps = h("div", { class: "rx-maps" }, createAttention(model, scope, focus), createContacts(model, scope, focus));
  const detail = h("div", { class: "rx-detail" }, h("div", { class: "rx-card" }, h("header", {}, heading, readout), fields, sequence.el), maps);
  const wait = waiting(shared, hint, detail);
  focus.subscribe((at) => (readout.textContent = at?.text || ""));
  watch(model, scope, ["_rna", "_selected"], () => {
    const rna = model.get("_rna");
    const ready = rna?.index === model.get("_selected") && rna.index >= 0;
    wait(ready);
    if (ready) showRna(rna, heading, fields, sequence);
  });
  return h("div", { class: "rx-lower" }, hint, detail);
}

function showRna(rna, heading, fields, sequence) {
  heading.textContent = rna.name;
  const entries = rna.fields.map(([key, value]) => h("div", {}, h("dt", {}, key), h("dd", { title: value }, value)));
  if (rna.problem) entries.push(h("div", { class: "rx-problem" }, h("dt", {}, "structure"), h("dd", {}, rna.problem)));
  fields.replaceChildren(...entries);
  sequence.show(rna);
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
    hint.textContent = position < 0 ? "Click a point or a row to open an RNA: its sequence, attention and contacts appear here." : `Opening ${shared.names[position]} …`;
    if (ready || position < 0) return;
    timer = setTimeout(() => (hint.textContent = "Python has not answered. Is the kernel busy, or gone? If it was restarted, run the cell again."), PATIENCE);
  };
}
