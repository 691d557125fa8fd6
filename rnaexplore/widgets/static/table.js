// The table: only the rows in sight are in the document; sort by a click, search by typing.
import { debounce, h, onResize, plural, watch } from "./dom.js";
import { cellText, decodeColumn } from "./columns.js";
import { open, select } from "./shared.js";

const ROW = 28;
const TALLEST = 16000000;

export function createTable(shared) {
  const table = {
    shared, columns: [], order: new Uint32Array(), rows: new Uint32Array(), texts: null,
    sort: { column: null, down: false }, only: false, needle: "",
  };
  buildTable(table);
  watch(shared.model, shared.scope, ["_table"], () => loadTable(table));
  shared.selection.subscribe(() => (table.only ? filter(table) : show(table)));
  shared.selected.subscribe(() => reveal(table));
  shared.column.subscribe(() => show(table));
  shared.hovered.subscribe(() => markHovered(table));
  listenToRows(table);
  onResize(shared.scope, table.scroller, () => show(table));
  return table.el;
}

function buildTable(table) {
  const typed = debounce(() => search(table), 120);
  table.search = h("input", { class: "rx-input", type: "search", placeholder: "Search names and columns", "aria-label": "Search names and columns", oninput: typed, onkeydown: (event) => event.key === "Enter" && selectRows(table) });
  table.found = h("span", { class: "rx-found", role: "status" });
  table.take = h("button", { class: "rx-button", type: "button", hidden: true, title: "Select the RNAs found (Enter)", onclick: () => selectRows(table) }, "Select");
  const only = h("input", { type: "checkbox", onchange: () => {
    table.only = only.checked;
    filter(table);
  } });
  const bar = h("div", { class: "rx-table-bar" }, table.search, table.found, table.take, h("label", { class: "rx-switch", title: "Show selected RNAs only" }, only, "Selection"));
  table.head = h("div", { class: "rx-row rx-head", role: "row" });
  table.body = h("div", { class: "rx-rows" });
  table.spacer = h("div", { class: "rx-spacer" }, table.body);
  table.scroller = h("div", { class: "rx-scroller", tabindex: "0", role: "grid", "aria-label": "RNAs", onscroll: () => show(table), onkeydown: (event) => step(table, event) }, table.head, table.spacer);
  table.el = h("section", { class: "rx-table", "aria-label": "Table" }, bar, table.scroller);
}

function loadTable(table) {
  table.columns = table.shared.model.get("_table").map((raw) => decodeColumn(raw, table.shared.dark));
  table.texts = null;
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
  table.order = Uint32Array.from({ length: table.shared.names.length }, (_, i) => i);
  if (column !== null) table.order.sort(comparison(table, column, down ? -1 : 1));
  filter(table);
}

function comparison(table, column, sign) {
  const key = column < 0 ? ranks(table.shared.names, (i) => i) : sortKey(table.columns[column]);
  return (a, b) => sign * (key(a) - key(b)) || a - b;
}

function sortKey(column) {
  if (column.kind === "number") return (i) => (Number.isNaN(column.values[i]) ? Number.MAX_VALUE : column.values[i]);
  if (column.kind === "category") return ranks(column.labels, (i) => column.codes[i]);
  return ranks(column.texts, (i) => i);
}

function ranks(texts, at) {
  const sorted = texts.map((_, k) => k).sort((a, b) => texts[a].localeCompare(texts[b], "en", { numeric: true }));
  const rank = new Uint32Array(texts.length);
  sorted.forEach((k, r) => (rank[k] = r));
  return (i) => rank[at(i)] ?? texts.length;
}

function search(table) {
  table.needle = table.search.value.trim().toLowerCase();
  filter(table);
}

function filter(table) {
  const chosen = table.only ? new Set(table.shared.selection.get()) : null;
  const matches = table.needle ? matcher(table, table.needle) : null;
  table.rows = table.order.filter((i) => (!chosen || chosen.has(i)) && (!matches || matches(i)));
  table.found.textContent = table.needle ? `${plural(table.rows.length, "match", "matches")}` : plural(table.rows.length, "RNA");
  table.take.hidden = !table.needle || !table.rows.length;
  table.spacer.style.height = `${Math.min(TALLEST, table.rows.length * ROW)}px`;
  table.scroller.scrollTop = 0;
  show(table);
}

// Category labels are looked through once, not once a row.
function matcher(table, needle) {
  table.texts ||= table.shared.names.map((name) => name.toLowerCase());
  const has = table.columns.filter((c) => c.kind !== "number").map((c) => columnMatcher(c, needle));
  return (i) => table.texts[i].includes(needle) || has.some((test) => test(i));
}

function columnMatcher(column, needle) {
  if (column.kind === "text") return (i) => column.texts[i].toLowerCase().includes(needle);
  const hit = column.labels.map((label) => label.toLowerCase().includes(needle));
  return (i) => hit[column.codes[i]] === true;
}

function selectRows(table) {
  if (table.needle) select(table.shared, [...table.rows].sort((a, b) => a - b));
}

function show(table) {
  const { scroller, rows, shared } = table;
  const scale = Math.max(1, (rows.length * ROW) / TALLEST);
  const first = Math.floor((scroller.scrollTop * scale) / ROW);
  const visible = Math.ceil(scroller.clientHeight / ROW) + 1;
  const chosen = new Set(shared.selection.get().length < 5000 ? shared.selection.get() : onScreen(shared, rows, first, visible));
  table.body.style.transform = `translateY(${scale > 1 ? scroller.scrollTop : first * ROW}px)`;
  table.body.replaceChildren(...Array.from(rows.slice(first, first + visible), (i) => row(table, i, chosen)));
  if (!rows.length) table.body.append(h("div", { class: "rx-none" }, table.only && !shared.selection.get().length ? "Nothing is selected yet. Drag a lasso on the map." : "No RNA matches."));
}

function onScreen(shared, rows, first, visible) {
  const wanted = new Set(rows.slice(first, first + visible));
  return shared.selection.get().filter((i) => wanted.has(i));
}

function row(table, i, chosen) {
  const { shared } = table;
  const isOpen = i === shared.selected.get();
  const state = `${isOpen ? "rx-open" : ""} ${chosen.has(i) ? "rx-chosen" : ""}`;
  const coloured = shared.column.get()?.name;
  const cells = table.columns.map((column) => cell(column, i, column.name === coloured));
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
