// The legend: every category with its colour and counts, searchable; or a scale for numbers.
import { numberRamp, rampCss } from "./color.js";
import { formatNumber, tally } from "./columns.js";
import { count, h } from "./dom.js";
import { combine } from "./geometry.js";
import { select } from "./shared.js";

const SEARCH_FROM = 12;

export function createLegend(shared) {
  const body = h("div", { class: "rx-legend-body" });
  const search = h("input", { class: "rx-input", type: "search", placeholder: "Find a category", "aria-label": "Find a category" });
  const legend = h("aside", { class: "rx-legend", "aria-label": "Legend" }, search, body);
  const show = () => fill(shared, body, search);
  search.addEventListener("input", show);
  shared.column.subscribe(() => {
    search.value = "";
    show();
  });
  shared.selection.subscribe(show);
  show();
  return legend;
}

function fill(shared, body, search) {
  const column = shared.column.get();
  search.hidden = !column || column.kind !== "category" || column.labels.length < SEARCH_FROM;
  if (!column) body.replaceChildren();
  else if (column.kind === "number") body.replaceChildren(scale(column));
  else body.replaceChildren(...entries(shared, column, search.value.trim().toLowerCase()));
}

function scale(column) {
  return h(
    "div", { class: "rx-scale" },
    h("div", { class: "rx-scale-bar", style: `background:${rampCss(numberRamp)}` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, formatNumber(column.low)), h("span", {}, formatNumber(column.high))),
  );
}

function entries(shared, column, wanted) {
  const all = tally(column);
  const selection = shared.selection.get();
  const chosen = selection.length ? tally(column, selection) : null;
  const codes = column.labels.map((_, code) => code);
  const found = codes.filter((code) => column.labels[code].toLowerCase().includes(wanted));
  found.sort((a, b) => (chosen ? chosen[b] - chosen[a] : 0) || all[b] - all[a]);
  const rows = found.map((code) => entry(shared, column, code, all, chosen));
  const missing = all[column.labels.length];
  return missing && !wanted ? [...rows, h("div", { class: "rx-entry rx-faint" }, h("i", { style: "background:#b0b4ba" }), h("span", {}, "missing"), h("b", {}, count(missing)))] : rows;
}

function entry(shared, column, code, all, chosen) {
  const label = column.labels[code];
  const number = chosen ? `${count(chosen[code])} / ${count(all[code])}` : count(all[code]);
  const button = h(
    "button", { class: "rx-entry", type: "button", title: `Select ${label} (Shift adds, Alt takes away)` },
    h("i", { style: `background:${column.colours[code]}` }), h("span", {}, label), h("b", {}, number),
  );
  if (chosen && !chosen[code]) button.classList.add("rx-faint");
  button.addEventListener("click", (event) => pick(shared, column, code, event));
  button.addEventListener("pointerenter", () => shared.highlight.set(code));
  button.addEventListener("pointerleave", () => shared.highlight.set(-1));
  return button;
}

function pick(shared, column, code, event) {
  const found = [];
  column.codes.forEach((other, i) => other === code && found.push(i));
  const mode = event.shiftKey ? "add" : event.altKey ? "remove" : "replace";
  shared.highlight.set(-1);
  select(shared, combine(shared.selection.get(), found, mode));
}
