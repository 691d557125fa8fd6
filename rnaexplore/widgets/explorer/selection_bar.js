// What can be done with the selection: set operations, filter, and in Python clusters, maps, columns.
import { h, iconButton } from "../core/dom.js";
import { setSelection, clear, invert, showOnly } from "./shared.js";

const SET_ICONS = {
  replace: "M8 3.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9zM6 8h4M8 6v4",
  add: "M6 4a4 4 0 1 1-.01 0zM10 4a4 4 0 1 1-.01 0z",
  subtract: "M6 4a4 4 0 1 0 2.500 7.100 4.600 4.600 0 0 1 0-6.200A4 4 0 0 0 6 4zM11 8h3.500",
  intersect: "M6 4a4 4 0 1 1-.01 0zM10 4a4 4 0 1 1-.01 0zM8 5.500v5M7.200 6.500v3M8.800 6.500v3",
  invert: "M8 2.500a5.500 5.500 0 1 0 0 11zM8 2.500a5.500 5.500 0 0 1 0 11M10.500 5v6M12 6.500v3",
  undo: "M6 3 3 6l3 3M3 6h6.500a3.500 3.500 0 0 1 0 7H6",
  redo: "M10 3l3 3-3 3M13 6H6.500a3.500 3.500 0 0 0 0 7H10",
};
const MODES = [
  ["replace", "New selection replaces the old"],
  ["add", "Add to the selection (Shift)"],
  ["subtract", "Take away from the selection (Alt)"],
  ["intersect", "Keep what is in both (Shift and Alt)"],
];

export function selectionBar(shared) {
  const needs = [];
  const text = (label, title, onclick) => {
    const button = h("button", { class: "rx-button", type: "button", title, onclick }, label);
    needs.push(button);
    return button;
  };
  const invertButton = iconButton("Invert the selection", SET_ICONS.invert, () => invert(shared));
  const undo = iconButton("Undo the last change of the selection", SET_ICONS.undo, () => shared.requests.ask("undo"));
  const redo = iconButton("Redo", SET_ICONS.redo, () => shared.requests.ask("redo"));
  const bar = h(
    "div", { class: "rx-selection-bar", role: "toolbar", "aria-label": "Selection" },
    modes(shared), h("span", { class: "rx-divider" }), invertButton, undo, redo,
    text("Clear", "Clear the selection (Escape on the map)", () => clear(shared)),
    filterButtons(shared, text), h("span", { class: "rx-gap" }), shared.model.get("_analyses") ? analyses(shared, text) : null,
  );
  const update = () => needs.forEach((button) => (button.disabled = !shared.selection.get().length));
  shared.selection.subscribe(update);
  update();
  return h("div", {}, bar, noticeLine(shared));
}

function modes(shared) {
  const buttons = MODES.map(([mode, title]) => {
    const button = iconButton(title, SET_ICONS[mode], () => shared.mode.set(mode));
    button.dataset.mode = mode;
    return button;
  });
  const mark = () => buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset.mode === shared.mode.get()));
  shared.mode.subscribe(mark);
  mark();
  return h("div", { class: "rx-modes", role: "group", "aria-label": "How a new selection joins the old" }, buttons);
}

function filterButtons(shared, text) {
  const only = text("Show only", "Hide all other RNAs", () => {
    showOnly(shared, shared.mask);
    setSelection(shared, new Uint8Array(shared.n));
  });
  const all = h("button", { class: "rx-button", type: "button", title: "Take the filter away", onclick: () => showOnly(shared, null) }, "Show all");
  const update = () => (all.hidden = !shared.shown.get());
  shared.shown.subscribe(update);
  update();
  return [only, all];
}

// These run in Python; a page without it does not offer them.
function analyses(shared, text) {
  const name = h("input", { class: "rx-input rx-name", type: "text", placeholder: "new obs column", "aria-label": "Name of the column" });
  const save = text("Save", "Write the selection into obs, as a boolean column", () => shared.requests.ask("save", { name: name.value }));
  const recluster = text("Re-cluster", "Leiden clusters of the selected RNAs alone, in obs['leiden_selection']", () => shared.requests.ask("recluster"));
  const reproject = text("Re-project", "A UMAP of the selected RNAs alone, in obsm['X_umap_selection']", () => shared.requests.ask("reproject"));
  name.addEventListener("keydown", (event) => event.key === "Enter" && save.click());
  return h("div", { class: "rx-analyses" }, name, save, recluster, reproject);
}

function noticeLine(shared) {
  const { notice, waiting } = shared.requests;
  const told = h("span", {});
  const line = h("div", { class: "rx-notice", role: "status", hidden: true }, told, iconButton("Close", "M4 4l8 8M12 4l-8 8", () => notice.set(null)));
  const show = () => {
    const text = notice.get()?.text || "";
    line.hidden = !text;
    line.classList.toggle("rx-trouble", Boolean(notice.get()?.problem));
    told.textContent = text;
  };
  notice.subscribe(show);
  waiting.subscribe((turn) => line.closest(".rx-root")?.classList.toggle("rx-waiting", turn > 0));
  return line;
}
