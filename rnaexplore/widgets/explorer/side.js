// The panel beside the maps: the table, or what the selection is made of.
import { h, plural } from "../core/dom.js";
import { createStatistics } from "./statistics.js";
import { createTable } from "./table.js";

export function createSide(shared) {
  const table = createTable(shared);
  const statistics = createStatistics(shared, () => table.columns);
  const pages = { Table: table.el, Selection: statistics.el };
  const tabs = Object.keys(pages).map((name) => h("button", { class: "rx-tab", type: "button", role: "tab", onclick: () => show(name) }, name));
  const show = (name) => {
    tabs.forEach((tab) => tab.setAttribute("aria-selected", tab.dataset.name === name));
    for (const [other, el] of Object.entries(pages)) el.hidden = other !== name;
    statistics.watchIf(name === "Selection");
  };
  Object.keys(pages).forEach((name, k) => (tabs[k].dataset.name = name));
  shared.selection.subscribe((positions) => (tabs[1].textContent = positions.length ? `Selection (${plural(positions.length, "RNA")})` : "Selection"));
  show("Table");
  return h("section", { class: "rx-table", "aria-label": "Table and statistics" }, h("div", { class: "rx-tabs", role: "tablist" }, tabs), Object.values(pages));
}
