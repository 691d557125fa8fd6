// The table: only the rows in sight are in the document; sort by a click on a head.
import { h, onResize, watch } from "../core/dom.js";
import { cellText, decodeColumn } from "./columns.js";
import { createSearch } from "./search.js";
import { open } from "./shared.js";
import { comparison } from "./sorting.js";

const ROW = 28;
const TALLEST = 16000000;

export function createTable(shared) {
  const table = {
    shared, columns: [], order: new Uint32Array(), rows: new Uint32Array(), found: null,
    sort: { column: null, down: false }, only: false,
  };
  buildTable(table);
  watch(shared.model, shared.scope, ["_table"], () => loadTable(table));
  shared.selection.subscribe(() => (table.only ? filter(table) : show(table)));
  shared.shown.subscribe(() => filter(table));
  shared.selected.subscribe(() => reveal(table));
  shared.column.subscribe(() => show(table));
  shared.hovered.subscribe(() => markHovered(table));
  listenToRows(table);
  onResize(shared.scope, table.scroller, () => show(table));
  return table;
}

function buildTable(table) {
  const only = h("input", { type: "checkbox", onchange: () => {
    table.only = only.checked;
    filter(table);
  } });
  table.head = h("div", { class: "rx-row rx-head", role: "row" });
  table.body = h("div", { class: "rx-rows" });
  table.spacer = h("div", { class: "rx-spacer" }, table.body);
  table.scroller = h("div", { class: "rx-scroller", tabindex: "0", role: "grid", "aria-label": "RNAs", onscroll: () => show(table), onkeydown: (event) => step(table, event) }, table.head, table.spacer);
  const search = createSearch(table.shared, () => table.columns, (mask) => {
    table.found = mask;
    filter(table);
  });
  const bar = h("div", { class: "rx-table-bar" }, search, h("label", { class: "rx-switch", title: "Show selected RNAs only" }, only, "Selection"));
  table.el = h("div", { class: "rx-table-body" }, bar, table.scroller);
}

function loadTable(table) {
  table.columns = table.shared.model.get("_table").map((raw) => decodeColumn(raw, table.shared.dark));
  const widths = ["minmax(150px, 1.6fr)", ...table.columns.map((c) => (c.kind === "number" ? "72px" : "minmax(84px, 1fr)"))];
  table.el.style.setProperty("--rx-columns", widths.join(" "));
  table.el.style.setProperty("--rx-table-width", `${160 + table.columns.reduce((sum, c) => sum + (c.kind === "number" ? 72 : 96), 0)}px`);
  drawHead(table);
  order(table);
}

function drawHead(table) {
  const cell = (text, k) => {
    const sorted = table.sort.column === k;
    const arrow = sorted ? (table.sort.down ? " ↓" : " ↑") : "";
    const aria = sorted ? (table.sort.down ? "descending" : "ascending") : "none";
    const side = table.columns[k]?.kind === "number" ? "rx-number" : "";
    return h("div", { role: "columnheader", class: side, "aria-sort": aria }, h("button", { type: "button", title: `Sort by ${text}`, onclick: () => sortBy(table, k) }, text + arrow));
  };
  table.head.replaceChildren(cell("name", -1), ...table.columns.map((column, k) => cell(column.name, k)));
}

function sortBy(table, column) {
  const again = table.sort.column === column;
  table.sort = { column, down: again && !table.sort.down };
  drawHead(table);
  order(table);
}

function order(table) {
  const { column, down } = table.sort;
  table.order = new Uint32Array(table.shared.n);
  for (let i = 0; i < table.order.length; i++) table.order[i] = i;
  if (column !== null) table.order.sort(comparison(table.shared.names, column < 0 ? null : table.columns[column], down ? -1 : 1));
  filter(table);
}

function filter(table) {
  const { shared, found, only } = table;
  const shown = shared.shown.get();
  const whole = !shown && !found && !only;
  table.rows = whole ? table.order : table.order.filter((i) => (!shown || shown[i]) && (!found || found[i]) && (!only || shared.mask[i]));
  table.spacer.style.height = `${Math.min(TALLEST, table.rows.length * ROW)}px`;
  table.scroller.scrollTop = 0;
  show(table);
}

function show(table) {
  const { scroller, rows, shared } = table;
  const scale = Math.max(1, (rows.length * ROW) / TALLEST);
  const first = Math.floor((scroller.scrollTop * scale) / ROW);
  const visible = Math.ceil(scroller.clientHeight / ROW) + 1;
  table.body.style.transform = `translateY(${scale > 1 ? scroller.scrollTop : first * ROW}px)`;
  table.body.replaceChildren(...Array.from(rows.slice(first, first + visible), (i) => row(table, i)));
  if (!rows.length) table.body.append(h("div", { class: "rx-none" }, table.only && !shared.selection.get().length ? "Nothing is selected yet. Drag a lasso on the map." : "No RNA matches."));
}

function row(table, i) {
  const { shared } = table;
  const isOpen = i === shared.selected.get();
  const state = `${isOpen ? "rx-open" : ""} ${shared.mask[i] ? "rx-chosen" : ""}`;
  const coloured = shared.column.get()?.name;
  const cells = table.columns.map((column) => cell(column.name === coloured ? shared.column.get() : column, i, column.name === coloured));
  const name = h("div", { role: "gridcell", title: shared.names[i] }, shared.names[i]);
  return h("div", { class: `rx-row ${state}`, role: "row", "data-i": i, "aria-selected": String(isOpen) }, name, cells);
}

function listenToRows(table) {
  const { body, shared } = table;
  const rowOf = (event) => Number(event.target.closest(".rx-row")?.dataset.i ?? -1);
  body.addEventListener("click", (event) => rowOf(event) >= 0 && open(shared, rowOf(event)));
  body.addEventListener("pointerover", (event) => shared.hovered.set(rowOf(event)));
  body.addEventListener("pointerleave", () => shared.hovered.set(-1));
}

function markHovered(table) {
  const hovered = String(table.shared.hovered.get());
  for (const el of table.body.children) el.classList.toggle("rx-hover", el.dataset.i === hovered);
}

function cell(column, i, coloured) {
  const text = cellText(column, i);
  const dot = coloured && column.kind === "category" && text ? h("i", { style: `background:${column.colours[column.codes[i]]}` }) : null;
  return h("div", { role: "gridcell", class: column.kind === "number" ? "rx-number" : "", title: text }, dot, text);
}

function step(table, event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.target !== table.scroller || !table.rows.length) return;
  event.preventDefault();
  const at = table.rows.indexOf(table.shared.selected.get());
  const next = Math.max(0, Math.min(table.rows.length - 1, at + by));
  open(table.shared, table.rows[next]);
}

function reveal(table) {
  const at = table.rows.indexOf(table.shared.selected.get());
  const { scroller } = table;
  const inside = scroller.clientHeight - 2 * ROW;
  const scale = Math.max(1, (table.rows.length * ROW) / TALLEST);
  const top = (at * ROW) / scale;
  if (at >= 0 && (top < scroller.scrollTop || top > scroller.scrollTop + inside)) scroller.scrollTop = Math.max(0, top - inside / 2);
  show(table);
}
