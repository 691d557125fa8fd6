// The contact studio: controls, two triangles, drawings, arcs, dot-brackets, scores, export.
import { checkbox, choiceBox, createCaution, createScope, h, keepEventsInside, plural, send, slider, watch } from "../core/dom.js";
import { createLitFocus } from "./focus.js";
import { pictureButtons } from "../core/picture.js";
import { saveFile, studioTexts } from "./studio_files.js";
import { createStudioViews, showStudio, studioState } from "./studio_views.js";

export function renderStudio({ model, el }) {
  const scope = createScope();
  const focus = createLitFocus(model, scope);
  const root = h("div", { class: "rx-root rx-studio" });
  keepEventsInside(root);
  el.append(root);
  const views = createStudioViews(model, scope, focus);
  const parts = { root, views, message: h("div", { class: "rx-message", hidden: true }), caution: createCaution(), body: h("div", {}), scores: h("div", { class: "rx-scores" }), readout: h("div", { class: "rx-readout", role: "status" }), titles: [h("h3", {}), h("h3", {})], agreement: h("span", { class: "rx-caption" }) };
  focus.subscribe((at) => (parts.readout.textContent = at?.text || ""));
  parts.body.append(...cards(parts));
  root.append(studioControls(model, scope), exportBar(model, scope), parts.message, parts.caution.el, parts.body);
  watch(model, scope, ["_upper", "_lower", "_result"], () => refreshStudio(model, parts));
  return () => {
    scope.dispose();
    root.remove();
  };
}

function cards({ views, scores, readout, titles, agreement }) {
  const card = (label, head, ...content) => h("section", { class: "rx-card", "aria-label": label }, h("header", {}, head), h("div", { class: "rx-card-body" }, content));
  return [
    h(
      "div", { class: "rx-studio-upper" },
      h(
        "div", { class: "rx-stack" },
        card("Contact map", [h("h3", {}, "Contacts"), readout, views.matrix.tools], views.matrix.el, h("div", { class: "rx-below" }, views.scale)),
        h("section", { class: "rx-card", "aria-label": "Scores" }, h("header", {}, h("h3", {}, "Agreement")), scores),
      ),
      h("div", { class: "rx-stack" }, card("Drawing", [titles[0]], views.upper.el), card("Other drawing", [titles[1]], views.lower.el)),
    ),
    h("section", { class: "rx-card rx-pairs", "aria-label": "Arcs" }, h("header", {}, h("h3", {}, "Sequence and pairs"), agreement), views.arcs.el, views.dots.el),
  ];
}

function refreshStudio(model, parts) {
  const told = model.get("_upper")?.message || model.get("_result")?.message;
  const state = told ? null : studioState(model);
  parts.message.hidden = !told;
  parts.message.textContent = told || "";
  parts.body.hidden = !state;
  parts.caution.set(model.get("_upper")?.caution, model.get("_lower")?.caution);
  if (!state) return;
  parts.titles[0].textContent = state.shown;
  parts.titles[1].textContent = state.against;
  showStudio(parts.views, state);
  drawAgreement(model, state, parts);
  parts.root.dataset.settings = model.get("_result").asked || `${model.get("decoder")} ${model.get("threshold").toFixed(2)}`;
  parts.root.dataset.pairs = state.sides.upper.pairs.length;
}

function drawAgreement(model, state, { scores, agreement }) {
  const [above, below] = [state.sides.upper.pairs, state.sides.lower?.pairs || []];
  const both = above.filter(([i, j]) => state.held.lower.has(i * 1e6 + j)).length;
  agreement.textContent = state.compared
    ? `${plural(both, "pair")} in both, ${above.length - both} only in ${state.shown}, ${below.length - both} only in ${state.against}`
    : plural(above.length, "pair");
  const rows = model.get("_result").scores;
  const head = h("tr", {}, ["", "counted", "precision", "recall", "F1", "MCC"].map((text) => h("th", { scope: "col" }, text)));
  const cell = (value) => h("td", {}, value === null ? "" : value.toFixed(2));
  const body = rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.rule === "strict" ? row.of : ""), h("td", {}, row.rule), cell(row.precision), cell(row.recall), cell(row.f1), cell(row.mcc)));
  scores.replaceChildren(
    rows.length ? h("table", {}, h("thead", {}, head), h("tbody", {}, body)) : h("p", { class: "rx-caption" }, "Nothing to compare with: choose a map or the reference at “Below”."),
    h("p", { class: "rx-caption" }, "±1 also counts a pair of which one partner is off by one residue."),
  );
}

function studioControls(model, scope) {
  const choices = [["Above", "shown", "_shown_choices"], ["Below", "against", "_against_choices"], ["Decoder", "decoder", "_decoders"]].map(([label, trait, list]) => {
    const box = choiceBox(label, (value) => send(model, { [trait]: value }));
    watch(model, scope, [trait, list], () => box.set(model.get(list), model.get(trait)));
    return box.el;
  });
  const threshold = slider("Threshold", { step: model.get("_step"), format: (value) => value.toFixed(2) }, (value) => send(model, { threshold: value }));
  watch(model, scope, ["threshold"], () => threshold.set(model.get("threshold")));
  const rank = slider("Best pairs per residue", { min: model.get("_step"), max: 2, step: model.get("_step"), format: (value) => value.toFixed(2) }, (value) => send(model, { pairs_per_residue: value }));
  watch(model, scope, ["pairs_per_residue"], () => rank.set(model.get("pairs_per_residue")));
  watch(model, scope, ["_dials"], () => {
    threshold.el.hidden = !model.get("_dials").includes("threshold");
    rank.el.hidden = !model.get("_dials").includes("pairs_per_residue");
  });
  const loop = slider("Smallest loop", { max: 30, step: 1 }, (value) => send(model, { min_loop: value }));
  watch(model, scope, ["min_loop"], () => loop.set(model.get("min_loop")));
  const canonical = checkbox("Canonical pairs only", "Only AU, GC and GU pairs", (value) => send(model, { canonical: value }));
  watch(model, scope, ["canonical"], () => canonical.set(model.get("canonical")));
  if (!model.send) loop.el.hidden = true;
  return h("div", { class: "rx-bar" }, choices, threshold.el, rank.el, loop.el, canonical.el);
}

// Texts are written here; figures are asked of Python, and a page without it has none.
function exportBar(model, scope) {
  const button = (kind, onclick) => h("button", { class: "rx-button", type: "button", title: `Save as .${kind}`, onclick }, kind);
  const texts = ["dbn", "ct", "csv"].map((kind) => button(kind, () => {
    const state = studioState(model);
    if (state) saveFile(`${fileName(model)}.${kind}`, [studioTexts[kind](model.get("_rna"), state.sides.upper, state.upper.what)]);
  }));
  const figures = model.send ? ["svg", "pdf"].map((kind) => button(kind, () => model.send({ figure: kind }))) : [];
  const pictures = pictureButtons(() => pictures.closest(".rx-root"), () => fileName(model));
  if (model.send) {
    const receive = (content, buffers) => content?.file && saveFile(content.file, buffers);
    model.on("msg:custom", receive);
    scope.add(() => model.off("msg:custom", receive));
  }
  return h("div", { class: "rx-bar rx-export" }, h("b", {}, model.get("_rna").name), h("span", { class: "rx-gap" }), h("span", { class: "rx-field" }, "Save"), texts, figures, h("span", { class: "rx-field" }, "View"), pictures);
}

const fileName = (model) => model.get("_rna").name.replace(/[^\w.-]+/g, "_");
