// The sequence of the open RNA: letters in blocks of ten, ruler above, structure below.
import { h, onResize } from "./dom.js";
import { pairsOf, partners } from "./structure.js";

const BLOCK = 10;
const CELL = 9.6;
const GAP = 8;

// A structure is written below the letters, and a second one below that.
export function createSequence(scope, focus, describe = null, onpick = () => {}) {
  const body = h("div", { class: "rx-sequence" });
  const panel = { body, focus, describe, onpick, rna: null, cells: [], partner: null, perLine: 0, found: [] };
  listen(panel);
  focus.subscribe(() => markResidues(panel));
  onResize(scope, body, () => layOut(panel));
  return {
    el: body,
    mark(ranges) {
      panel.found = ranges;
      markFound(panel);
    },
    show(rna) {
      const same = panel.rna?.sequence === rna.sequence && !panel.rna.second === !rna.second && Boolean(panel.rna.structure) === Boolean(rna.structure);
      panel.rna = rna;
      if (same) return rewrite(panel);
      panel.perLine = 0;
      layOut(panel);
    },
  };
}

function layOut(panel) {
  const { rna, body } = panel;
  if (!rna?.sequence) {
    body.replaceChildren();
    return;
  }
  const perLine = Math.max(1, Math.floor((body.clientWidth - 8) / (BLOCK * CELL + GAP))) * BLOCK;
  if (perLine === panel.perLine) return;
  panel.perLine = perLine;
  panel.partner = partners(pairsOf(rna.structure), rna.sequence.length);
  panel.cells = [];
  const lines = [];
  for (let start = 0; start < rna.sequence.length; start += perLine) lines.push(line(panel, start));
  body.replaceChildren(...lines);
  markResidues(panel);
  markFound(panel);
}

// Other structures of the same sequence: only their letters change.
function rewrite(panel) {
  const { rna, cells } = panel;
  panel.partner = partners(pairsOf(rna.structure), rna.sequence.length);
  cells.forEach((cell, k) => [rna.structure, rna.second].forEach((dots, row) => {
    const written = cell.children[row + 1];
    if (dots && written.textContent !== dots[k]) written.textContent = dots[k];
  }));
  markResidues(panel);
}

function line(panel, start) {
  const { rna, perLine } = panel;
  const end = Math.min(start + perLine, rna.sequence.length);
  const blocks = [];
  for (let k = start; k < end; k += BLOCK) blocks.push(block(panel, k, Math.min(k + BLOCK, end)));
  return h("div", { class: "rx-line" }, blocks);
}

function block(panel, start, end) {
  const { sequence, structure, second } = panel.rna;
  const ruler = end - start === BLOCK ? String(end) : "";
  const columns = [];
  for (let i = start; i < end; i++) {
    const cell = h("span", { class: "rx-cell", "data-i": i, "data-base": sequence[i] }, h("b", {}, sequence[i]), structure ? h("i", {}, structure[i]) : null, second ? h("i", {}, second[i]) : null);
    panel.cells[i] = cell;
    columns.push(cell);
  }
  return h("div", { class: "rx-block" }, h("div", { class: "rx-ruler" }, ruler), h("div", { class: "rx-letters" }, columns));
}

function listen(panel) {
  const indexOf = (event) => {
    const cell = event.target.closest(".rx-cell");
    return cell ? Number(cell.dataset.i) : -1;
  };
  panel.body.addEventListener("pointerover", (event) => {
    const i = indexOf(event);
    if (i < 0) return panel.focus.set(null);
    const j = panel.partner[i];
    panel.focus.set({ i, j, ...(panel.describe ? panel.describe(i, j) : { text: residueText(panel, i) }) });
  });
  panel.body.addEventListener("click", (event) => {
    const i = indexOf(event);
    panel.onpick(i, i < 0 ? -1 : panel.partner[i]);
  });
  panel.body.addEventListener("pointerleave", () => panel.focus.set(null));
}

function residueText(panel, i) {
  const { sequence } = panel.rna;
  const j = panel.partner[i];
  const pair = j < 0 ? "unpaired" : `pairs with ${sequence[j]}${j + 1}`;
  return `${sequence[i]}${i + 1}${panel.rna.structure ? `, ${pair}` : ""}`;
}

function markResidues(panel) {
  panel.body.querySelectorAll(".rx-at").forEach((cell) => cell.classList.remove("rx-at"));
  const at = panel.focus.get();
  for (const k of at ? new Set([at.i, at.j, ...(at.lit || []).flat()]) : []) panel.cells[k]?.classList.add("rx-at");
}

function markFound(panel) {
  panel.body.querySelectorAll(".rx-found-here").forEach((cell) => cell.classList.remove("rx-found-here"));
  for (const [from, to] of panel.found) for (let k = from; k < to; k++) panel.cells[k]?.classList.add("rx-found-here");
}
