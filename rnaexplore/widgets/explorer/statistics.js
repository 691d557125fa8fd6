// What the selected RNAs are, beside those that are not selected: categories, numbers, k-mers.
import { tally } from "./columns.js";
import { count, debounce, h, plural, watch } from "../core/dom.js";
import { histogram } from "./histogram.js";

const MOST_COLUMNS = 4;
const MOST_NUMBERS = 4;
const MOST_BARS = 6;
const LONG = ["length", "GC", "gc"];

export function createStatistics(shared, columns) {
  const body = h("div", { class: "rx-statistics" });
  const panel = { shared, columns, body, active: false, kmers: h("div", { class: "rx-kmers" }) };
  panel.ask = debounce(() => panel.active && shared.live && shared.selection.get().length && shared.requests.ask("kmers"), 200);
  const update = () => panel.active && describeSelection(panel);
  for (const store of [shared.selection, shared.column]) store.subscribe(update);
  watch(shared.model, shared.scope, ["_kmers"], () => showKmers(panel));
  return {
    el: body,
    watchIf(active) {
      panel.active = active;
      if (active) describeSelection(panel);
    },
  };
}

function describeSelection(panel) {
  const { shared, body } = panel;
  const selection = shared.selection.get();
  if (!selection.length) {
    body.replaceChildren(h("div", { class: "rx-none" }, "Nothing is selected. Drag a lasso on the map, click a category of the legend, or search and press Select: families, lengths, GC and k-mers of what you chose appear here, beside the others."));
    return;
  }
  const columns = panel.columns();
  const shown = shared.column.get();
  const categories = [...(shown?.kind === "category" ? [shown] : []), ...columns.filter((c) => c.kind === "category" && c.name !== shown?.name)];
  const numbers = columns.filter((c) => c.kind === "number").sort((a, b) => LONG.includes(b.name) - LONG.includes(a.name));
  body.replaceChildren(
    h("p", { class: "rx-caption" }, `${plural(selection.length, "RNA")} selected; fold: share of the selected over share of the other ${count(shared.n - selection.length)}.`),
    ...categories.slice(0, 1).map((column) => bars(shared, column, selection)),
    ...numbers.slice(0, MOST_NUMBERS).map((column) => histogram(column, shared.mask)),
    panel.kmers,
    ...categories.slice(1, MOST_COLUMNS).map((column) => bars(shared, column, selection)),
  );
  panel.kmers.replaceChildren(h("p", { class: "rx-caption" }, shared.live ? "k-mers …" : "Enriched k-mers are computed by Python, in the notebook."));
  panel.ask();
}

function bars(shared, column, selection) {
  const all = tally(column);
  const chosen = tally(column, selection);
  const codes = column.labels.map((_, code) => code).filter((code) => chosen[code]).sort((a, b) => chosen[b] - chosen[a]);
  const rest = Math.max(1, shared.n - selection.length);
  const shares = codes.slice(0, MOST_BARS).map((code) => [chosen[code] / selection.length, (all[code] - chosen[code]) / rest]);
  const longest = Math.max(...shares.flat());
  const rows = shares.map(([share, others], k) => bar(column, codes[k], { share, others, longest, counts: `${count(chosen[codes[k]])} / ${count(all[codes[k]])}` }));
  const more = codes.length > MOST_BARS ? h("p", { class: "rx-caption" }, `and ${plural(codes.length - MOST_BARS, "category", "categories")} more`) : null;
  return h("section", { class: "rx-stat" }, h("h4", {}, column.name), rows, more);
}

// Bars are drawn to the longest of a column; the mark is the share of the others.
function bar(column, code, { share, others, longest, counts }) {
  const fill = h("i", { style: `width:${(100 * share) / longest}%;background:${column.colours[code]}` });
  const mark = h("u", { style: `left:${(100 * others) / longest}%` });
  const label = column.labels[code];
  const told = `${label}: ${(100 * share).toFixed(1)} % of the selected, ${(100 * others).toFixed(1)} % of the others`;
  return h("div", { class: "rx-stat-row", title: told }, h("span", {}, label), h("div", { class: "rx-track" }, fill, mark), h("b", {}, counts), h("em", {}, folded(share, others)));
}

function folded(share, others) {
  if (!others) return "only here";
  const fold = share / others;
  return `× ${fold.toFixed(fold >= 10 ? 0 : 1)}`;
}

function showKmers(panel) {
  const { rows, neighbors } = panel.shared.model.get("_kmers") || {};
  if (!rows || !panel.shared.selection.get().length) return;
  const near = sharedNeighbors(neighbors || []);
  if (!rows.length) {
    panel.kmers.replaceChildren(...near, h("h4", {}, "k-mers"), h("p", { class: "rx-caption" }, "None is more frequent than among the others, or there are no sequences."));
    return;
  }
  const head = h("tr", {}, ["k-mer", "fold", "RNAs with it", "others with it"].map((text) => h("th", { scope: "col" }, text)));
  const percent = (share) => `${(100 * share).toFixed(0)} %`;
  const lines = rows.map(([kmer, fold, inside, outside]) => h("tr", {}, h("th", { scope: "row" }, h("code", {}, kmer)), h("td", {}, `× ${fold.toFixed(fold < 10 ? 1 : 0)}`), h("td", {}, percent(inside)), h("td", {}, percent(outside))));
  panel.kmers.replaceChildren(
    ...near,
    h("h4", {}, "Enriched k-mers"),
    h("div", { class: "rx-scores" }, h("table", {}, h("thead", {}, head), h("tbody", {}, lines))),
    h("p", { class: "rx-caption" }, "Fold: frequency among the windows of the selected over that of the others. Relatives share k-mers by descent: this describes, it does not test."),
  );
}

// How often nearest neighbors are selected together, in the embedding and by sequence alone.
function sharedNeighbors(rows) {
  if (!rows.length) return [];
  const lines = rows.map(([name, share]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, `${(100 * share).toFixed(0)} %`)));
  return [
    h("h4", {}, "Nearest neighbors that are selected, too"),
    h("div", { class: "rx-scores" }, h("table", {}, h("tbody", {}, lines))),
    h("p", { class: "rx-caption" }, "Of the 10 nearest of each selected RNA. 6-mers and sequence identity need no model."),
  ];
}
