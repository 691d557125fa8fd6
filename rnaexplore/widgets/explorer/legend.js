// The legend: categories with colours and counts, by group if they have groups; or a scale for numbers.
import { numberRamp, rampCss } from "../core/color.js";
import { formatNumber, tally } from "./columns.js";
import { count, h } from "../core/dom.js";
import { maskOf, select } from "./shared.js";
import { beyond } from "./paint.js";

const SEARCH_FROM = 12;
const MOST_ROWS = 250;
const TOPS = [10, 20, 50, 100];

export function createLegend(shared) {
  const body = h("div", { class: "rx-legend-body" });
  const search = h("input", { class: "rx-input", type: "search", placeholder: "Find a category", "aria-label": "Find a category" });
  const top = h("select", { class: "rx-select", "aria-label": "Named categories", title: "Categories in full colour; the others turn pale", onchange: () => shared.top.set(Number(top.value)) });
  const head = h("div", { class: "rx-legend-head" }, search, top);
  const legend = h("aside", { class: "rx-legend", "aria-label": "Legend" }, head, body);
  const show = () => fill(shared, { head, top, body, search });
  search.addEventListener("input", show);
  shared.column.subscribe((column) => {
    search.value = "";
    shared.top.set(0);
    offerTops(top, column);
    show();
  });
  for (const store of [shared.selection, shared.top]) {
    store.subscribe(() => {
      show();
      body.scrollTop = 0;
    });
  }
  offerTops(top, shared.column.get());
  show();
  return legend;
}

function offerTops(top, column) {
  const n = column?.labels?.length || 0;
  const tops = TOPS.filter((k) => k < n);
  top.replaceChildren(h("option", { value: 0 }, "All"), ...tops.map((k) => h("option", { value: k }, `Top ${k}`)));
}

function fill(shared, { head, top, body, search }) {
  const column = shared.column.get();
  head.hidden = !column || column.kind !== "category" || column.labels.length < SEARCH_FROM;
  top.value = String(shared.top.get());
  top.hidden = top.options.length < 2;
  if (!column) body.replaceChildren();
  else if (column.kind === "number") body.replaceChildren(scale(column));
  else body.replaceChildren(...entries(shared, column, search.value.trim().toLowerCase()));
}

function scale(column) {
  return h(
    "div", { class: "rx-scale" }, h("div", { class: "rx-scale-name" }, column.name),
    h("div", { class: "rx-scale-bar", style: `background:${rampCss(column.ramp || numberRamp)}` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, formatNumber(column.low)), h("span", {}, formatNumber(column.high))),
  );
}

function entries(shared, column, wanted) {
  const selection = shared.selection.get();
  const list = { shared, column, all: tally(column), chosen: selection.length ? tally(column, selection) : null };
  list.rest = shared.top.get() ? beyond(column, shared.top.get()) : new Set();
  const has = (code) => column.labels[code].toLowerCase().includes(wanted) || (column.groups?.[code] || "").toLowerCase().includes(wanted);
  const codes = column.labels.map((_, code) => code).filter(has);
  const { all, chosen } = list;
  const order = (a, b) => (chosen ? chosen[b] - chosen[a] : 0) || all[b] - all[a];
  const front = codes.filter((code) => wanted || !list.rest.has(code)).sort(order);
  const rows = column.groups?.length ? byGroup(list, front) : front.map((code) => entry(list, code));
  const more = rows.length > MOST_ROWS ? [h("div", { class: "rx-entry rx-more" }, `${count(rows.length - MOST_ROWS)} more: search for them`)] : [];
  const other = !wanted && list.rest.size ? [bundleEntry(list, [...list.rest], `other (${count(list.rest.size)})`, "rx-other")] : [];
  return [...rows.slice(0, MOST_ROWS), ...more, ...other, ...missing(list, wanted)];
}

const sum = (counts, codes) => codes.reduce((total, code) => total + counts[code], 0);

// Groups by size; in each its categories.
function byGroup(list, codes) {
  const groups = new Map();
  for (const code of codes) groups.set(list.column.groups[code], [...(groups.get(list.column.groups[code]) || []), code]);
  const sorted = [...groups].sort((a, b) => (list.chosen ? sum(list.chosen, b[1]) - sum(list.chosen, a[1]) : 0) || sum(list.all, b[1]) - sum(list.all, a[1]));
  return sorted.flatMap(([group, members]) => [bundleEntry(list, members, group, "rx-group"), ...members.map((code) => entry(list, code))]);
}

function entry(list, code) {
  return button(list, [code], list.column.labels[code], list.column.colours[code], "");
}

function bundleEntry(list, codes, label, kind) {
  return button(list, codes, label, kind === "rx-group" ? list.column.colours[codes[0]] : null, kind);
}

function button({ shared, column, all, chosen }, codes, label, colour, kind) {
  const number = chosen ? `${count(sum(chosen, codes))} / ${count(sum(all, codes))}` : count(sum(all, codes));
  const el = h(
    "button", { class: `rx-entry ${kind}`, type: "button", title: `Select ${label} (Shift adds, Alt takes away)` },
    h("i", colour ? { style: `background:${colour}` } : {}), h("span", {}, label), h("b", {}, number),
  );
  if (chosen && !sum(chosen, codes)) el.classList.add("rx-faint");
  const inside = new Set(codes);
  el.addEventListener("click", (event) => {
    shared.highlight.set(null);
    select(shared, maskOf(shared, (i) => inside.has(column.codes[i])), event);
  });
  el.addEventListener("pointerenter", () => shared.highlight.set(inside));
  el.addEventListener("pointerleave", () => shared.highlight.set(null));
  return el;
}

function missing({ column, all }, wanted) {
  const n = all[column.labels.length];
  if (!n || wanted) return [];
  return [h("div", { class: "rx-entry rx-faint" }, h("i", { style: "background:#b0b4ba" }), h("span", {}, "missing"), h("b", {}, count(n)))];
}
