// Looks for RNAs by text, motif, structure pattern or conditions; tells the table which were found.
import { unpackMask } from "../core/binary.js";
import { conditionMask } from "./conditions.js";
import { count, debounce, h, plural, watch } from "../core/dom.js";
import { select } from "./shared.js";

const KINDS = {
  text: ["Text", "Search names and columns", "names and columns"],
  motif: ["Motif", "Search a motif in the sequences", "IUPAC, e.g. GNRA or GGN{3,7}CC"],
  structure: ["Structure", "Search a pattern in the structures", "dot-bracket, e.g. ((((....))))"],
  filter: ["Where", "Conditions on columns", "e.g. length > 100 and family = tRNA"],
};

// onfound(mask or null) hears of every result; columns() returns those of the table.
export function createSearch(shared, columns, onfound) {
  const kind = h("select", { class: "rx-select", "aria-label": "Kind of search" }, Object.entries(KINDS).map(([value, [label]]) => h("option", { value }, label)));
  const input = h("input", { class: "rx-input", type: "search" });
  const told = h("span", { class: "rx-found", role: "status" });
  const take = h("button", { class: "rx-button", type: "button", hidden: true, title: "Select the RNAs found (Enter)" }, "Select");
  const search = { shared, columns, onfound, kind, input, told, take, texts: null, found: null };
  const look = debounce(() => run(search), 150);
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => event.key === "Enter" && search.found && select(shared, search.found, event));
  take.addEventListener("click", (event) => select(shared, search.found, event));
  kind.addEventListener("change", () => {
    labelSearch(search);
    run(search);
  });
  watch(shared.model, shared.scope, ["_found"], () => receive(search));
  shared.requests.notice.subscribe((notice) => notice?.problem && isRemote(search) && !search.found && (told.textContent = ""));
  labelSearch(search);
  finish(search, null);
  return h("div", { class: "rx-search" }, kind, input, told, take);
}

const isRemote = ({ kind }) => kind.value === "motif" || kind.value === "structure";

function labelSearch({ kind, input }) {
  const [, label, hint] = KINDS[kind.value];
  input.setAttribute("aria-label", label);
  input.placeholder = hint;
}

function run(search) {
  const { shared, kind, input } = search;
  const query = input.value.trim();
  shared.requests.notice.set(null);
  if (!query) return finish(search, null);
  if (isRemote(search)) {
    search.told.textContent = "…";
    search.found = null;
    return shared.requests.ask("find", { kind: kind.value, query });
  }
  try {
    finish(search, kind.value === "text" ? textMask(search, query.toLowerCase()) : conditionMask(query, search.columns(), shared.names));
  } catch (error) {
    shared.requests.notice.set({ text: error.message, problem: true });
    finish(search, null);
  }
}

function receive(search) {
  const { shared, kind, input } = search;
  const found = shared.model.get("_found");
  if (!found?.query || found.kind !== kind.value || found.query !== input.value.trim()) return;
  finish(search, unpackMask(found.data, shared.n));
}

function finish(search, mask) {
  const { shared, told, take } = search;
  search.found = mask;
  const n = mask ? mask.reduce((a, b) => a + b, 0) : shared.n;
  told.textContent = mask ? plural(n, "match", "matches") : shared.n > 9999 ? count(n) : plural(n, "RNA");
  take.hidden = !mask || !n;
  search.onfound(mask);
}

// Category labels are looked through once, not once an RNA.
function textMask(search, needle) {
  search.texts ||= search.shared.names.map((text) => text.toLowerCase());
  const has = search.columns().filter((c) => c.kind !== "number").map((c) => columnMatcher(c, needle));
  return Uint8Array.from(search.texts, (text, i) => (text.includes(needle) || has.some((test) => test(i)) ? 1 : 0));
}

function columnMatcher(column, needle) {
  if (column.kind === "text") return (i) => column.texts[i].toLowerCase().includes(needle);
  const hit = column.labels.map((label) => label.toLowerCase().includes(needle));
  return (i) => hit[column.codes[i]] === true;
}
