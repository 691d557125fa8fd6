// Scores of all substitutions: one canvas as wide as the RNA, that scrolls where it has to.
import { asFloats } from "../core/binary.js";
import { cssColour, isDark } from "../core/color.js";
import { divergingRamp, divergingCss } from "./diverging.js";
import { createCaution, frameOnce, h, onResize, send, watch } from "../core/dom.js";
import { ticks } from "../core/matrix_axes.js";
import { pairsOf } from "../core/structure.js";

const NARROW = 9;
const WIDE = 16;
const ROW = 16;
const SIDE = 46;
const ARCS = 54;
const BARS = 34;
const LETTERS = 18;
const RULER = 16;
const GAP = 8;
const MOST_BITS = 2;
const LOSSES = 4; // rows of lost base pairs: A C G U, never a deletion
const DISAGREE = 0.5; // least difference of the two ranks that is marked

export function createMutations(model, scope, focus) {
  const canvas = h("canvas", { class: "rx-mutation-cells", role: "img", tabindex: "0" });
  const names = h("canvas", { class: "rx-mutation-names", "aria-hidden": "true" });
  const scroller = h("div", { class: "rx-mutation-scroller" }, canvas);
  const body = h("div", { class: "rx-mutation-body" }, names, scroller);
  const view = { model, focus, canvas, names, scroller, source: h("span", { class: "rx-chip" }), caution: createCaution(), scale: h("div", { class: "rx-map-scale rx-mutation-scale" }) };
  const redraw = frameOnce(scope, () => draw(view));
  watch(model, scope, ["_scores"], () => {
    load(view);
    redraw();
  });
  watch(model, scope, ["mutation"], redraw);
  focus.subscribe(redraw);
  onResize(scope, scroller, redraw);
  for (const each of [canvas, names]) each.rxPaint = () => draw(view);
  listen(view);
  return h("section", { class: "rx-card", "aria-label": "Mutation map" }, h("header", {}, h("h3", {}, "Mutations"), view.source), view.caution.el, body, view.scale);
}

function load(view) {
  const raw = view.model.get("_scores");
  const n = raw.sequence.length;
  const pairs = pairsOf(raw.structure);
  view.map = { ...raw, n, values: asFloats(raw.values), bits: raw.entropy ? asFloats(raw.entropy) : null, pairs, contacts: raw.contacts ? asFloats(raw.contacts) : null, disagreement: raw.contacts ? asFloats(raw.disagreement) : null };
  view.source.textContent = `${raw.model} · ${raw.method}`;
  view.caution.set(raw.caution);
  view.canvas.setAttribute("aria-label", `Scores of ${n * (raw.letters.length - 1)} mutations`);
}

// Where each track begins, from the top.
function layout(map) {
  const arcs = 6;
  const bars = arcs + (map.structure ? ARCS + GAP : 0);
  const letters = bars + (map.bits ? BARS + GAP : 0);
  const cells = letters + LETTERS;
  const lost = cells + map.letters.length * ROW + (map.contacts ? GAP : 0);
  const ruler = lost + (map.contacts ? LOSSES * ROW : 0);
  return { arcs, bars, letters, cells, lost, ruler, height: ruler + RULER };
}

function draw(view) {
  const { map, canvas, names, scroller } = view;
  if (!map || !scroller.clientWidth) return;
  const room = scroller.clientWidth;
  view.cell = Math.max(NARROW, Math.min(WIDE, Math.floor(room / map.n)));
  view.at = layout(map);
  const table = divergingRamp(isDark(canvas));
  const context = sized(canvas, view.cell * map.n, view.at.height);
  drawArcs(view, context);
  drawBars(view, context);
  drawLetters(view, context);
  drawCells(view, context, table, { values: map.values, end: map.end, top: view.at.cells, rows: map.letters.length });
  if (map.contacts) drawCells(view, context, table, { values: map.contacts, end: map.contacts_end, top: view.at.lost, rows: LOSSES });
  drawRuler(view, context);
  drawMarks(view, context);
  drawNames(view, sized(names, SIDE, view.at.height));
  drawScale(view, table);
}

function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function drawArcs({ map, at, cell, canvas }, context) {
  if (!map.structure) return;
  const widest = map.pairs.reduce((most, [i, j]) => Math.max(most, j - i), 1);
  const foot = at.arcs + ARCS;
  context.strokeStyle = cssColour(canvas, "--rx-focus");
  context.lineWidth = 1.2;
  for (const [i, j] of map.pairs) {
    context.beginPath();
    context.ellipse(((i + j + 1) / 2) * cell, foot, ((j - i) / 2) * cell, (ARCS * (j - i)) / widest, 0, Math.PI, 2 * Math.PI);
    context.stroke();
  }
  line(context, canvas, foot, cell * map.n);
}

function drawBars({ map, at, cell, canvas }, context) {
  if (!map.bits) return;
  const foot = at.bars + BARS;
  context.fillStyle = cssColour(canvas, "--rx-missed");
  map.bits.forEach((bits, i) => {
    const height = Number.isNaN(bits) ? 0 : (bits / MOST_BITS) * BARS;
    context.fillRect(i * cell + 1, foot - height, cell - 2, height);
  });
  line(context, canvas, foot, cell * map.n);
}

function line(context, canvas, y, width) {
  context.fillStyle = cssColour(canvas, "--rx-line");
  context.fillRect(0, y, width, 1);
}

function drawLetters({ map, at, cell, canvas }, context) {
  context.fillStyle = cssColour(canvas, "--rx-ink");
  context.font = `600 ${Math.min(12, cell + 2)}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  [...map.sequence].forEach((letter, i) => context.fillText(letter, (i + 0.5) * cell, at.letters + LETTERS / 2));
}

function drawCells({ map, cell, canvas }, context, table, { values, end, top, rows }) {
  const faint = cssColour(canvas, "--rx-faint");
  const none = cssColour(canvas, "--rx-quiet");
  map.letters.slice(0, rows).forEach((letter, row) => {
    for (let i = 0; i < map.n; i++) {
      const value = values[row * map.n + i];
      const middle = top + (row + 0.5) * ROW;
      context.fillStyle = Number.isNaN(value) ? none : colourOf(value, end, table);
      context.fillRect(i * cell, top + row * ROW, cell, ROW);
      if (map.sequence[i] === letter) dot(context, (i + 0.5) * cell, middle, faint);
      else if (disagrees(map, i, row)) ring(context, canvas, (i + 0.5) * cell, middle);
    }
  });
  context.strokeStyle = cssColour(canvas, "--rx-line");
  context.lineWidth = 1;
  context.strokeRect(0.5, top + 0.5, cell * map.n - 1, rows * ROW - 1);
}

// Whether likelihood and contacts rank a substitution very differently.
function disagrees(map, i, row) {
  return map.disagreement !== null && row < LOSSES && Math.abs(map.disagreement[row * map.n + i]) >= DISAGREE;
}

function dot(context, x, y, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, 1.6, 0, 2 * Math.PI);
  context.fill();
}

// With a rim of the ground's color, to be seen on every cell.
function ring(context, canvas, x, y) {
  for (const [colour, width] of [["--rx-panel", 2.6], ["--rx-ink", 1.1]]) {
    context.strokeStyle = cssColour(canvas, colour);
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.stroke();
  }
}

function colourOf(value, end, table) {
  const k = 3 * Math.max(0, Math.min(255, Math.round(127.5 + (127.5 * value) / end)));
  return `rgb(${table[k]},${table[k + 1]},${table[k + 2]})`;
}

function drawRuler({ map, at, cell, canvas }, context) {
  context.fillStyle = cssColour(canvas, "--rx-faint");
  context.font = "10px system-ui, sans-serif";
  context.textBaseline = "top";
  for (const k of ticks(map.n, cell * map.n)) {
    context.textAlign = k === 1 ? "left" : k === map.n ? "right" : "center";
    context.fillText(String(k), k === 1 ? 1 : k === map.n ? k * cell : (k - 0.5) * cell, at.ruler + 4);
  }
}

// The residue the mouse is over, and the mutation that was clicked.
function drawMarks({ map, at, cell, canvas, focus, model }, context) {
  const over = focus.get();
  context.fillStyle = cssColour(canvas, "--rx-accent");
  context.globalAlpha = 0.22;
  for (const i of over ? [over.i, over.j] : []) if (i >= 0) context.fillRect(i * cell, 0, cell, at.ruler);
  context.globalAlpha = 1;
  const chosen = placeOf(model.get("mutation"), map);
  if (!chosen) return;
  context.strokeStyle = cssColour(canvas, "--rx-accent");
  context.lineWidth = 2;
  for (const top of map.contacts && chosen.row < LOSSES ? [at.cells, at.lost] : [at.cells]) {
    context.strokeRect(chosen.i * cell + 1, top + chosen.row * ROW + 1, cell - 2, ROW - 2);
  }
}

function placeOf(mutation, map) {
  const found = /^[ACGU](\d+)([ACGU-])$/.exec(mutation);
  return found && { i: Number(found[1]) - 1, row: map.letters.indexOf(found[2]) };
}

function drawNames({ map, at, names }, context) {
  context.fillStyle = cssColour(names, "--rx-faint");
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  map.letters.forEach((letter, row) => context.fillText(letter === "-" ? "–" : letter, SIDE - 6, at.cells + (row + 0.5) * ROW));
  if (map.contacts) map.letters.slice(0, LOSSES).forEach((letter, row) => context.fillText(letter, SIDE - 6, at.lost + (row + 0.5) * ROW));
  if (!map.bits) return;
  context.font = "10px system-ui, sans-serif";
  context.fillText("2 bits", SIDE - 6, at.bars + 5);
  context.fillText("0", SIDE - 6, at.bars + BARS - 3);
}

function drawScale({ map, scale }, table) {
  const end = map.end.toPrecision(2);
  scale.replaceChildren(
    h("div", { class: "rx-scale-bar", style: `background:${divergingCss(table)}` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, `−${end}`), h("span", {}, "log-likelihood ratio (nats)"), h("span", {}, end)),
    ...(map.contacts ? lossScale(map, table) : []),
    h("p", { class: "rx-caption" }, `${map.contacts ? "Rings: likelihood and contacts rank the substitution very differently. " : ""}Dots: the residue that is there.${map.bits ? " Bars: entropy." : ""} Click a mutation to see its effect.`),
  );
}

// Losses have one sign: half of the ramp.
function lossScale(map, table) {
  return [
    h("div", { class: "rx-scale-bar", style: `background:${divergingCss(table)};background-size:200% 100%` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, `−${map.contacts_end.toPrecision(2)}`), h("span", {}, "lower block: base pairs lost (expected number)"), h("span", {}, "0")),
  ];
}

function listen(view) {
  view.canvas.addEventListener("pointermove", (event) => {
    const { i, row } = under(view, event);
    view.canvas.style.cursor = mutationAt(view, i, row) ? "pointer" : "default";
    const next = i < 0 ? null : { i, j: partnerOf(view.map, i), row, text: describe(view.map, i, row) };
    const old = view.focus.get();
    if (old?.i !== next?.i || old?.row !== next?.row) view.focus.set(next);
  });
  view.canvas.addEventListener("pointerleave", () => view.focus.set(null));
  view.canvas.addEventListener("click", (event) => {
    const { i, row } = under(view, event);
    const chosen = mutationAt(view, i, row);
    if (chosen) send(view.model, { mutation: chosen });
  });
  view.canvas.addEventListener("keydown", (event) => step(view, event));
}

function under({ map, cell, at, canvas }, event) {
  const box = canvas.getBoundingClientRect();
  const i = Math.floor((event.clientX - box.left) / cell);
  const y = event.clientY - box.top;
  const row = map.contacts && y >= at.lost ? lostRow(y, at) : Math.floor((y - at.cells) / ROW);
  return { i: i >= 0 && i < map.n ? i : -1, row: row >= 0 && row < map.letters.length ? row : -1 };
}

function lostRow(y, at) {
  const row = Math.floor((y - at.lost) / ROW);
  return row < LOSSES ? row : -1;
}

function mutationAt({ map }, i, row) {
  const letter = map.letters[row];
  const here = map.sequence[i];
  return letter && here && letter !== here && "ACGU".includes(here) ? `${here}${i + 1}${letter}` : "";
}

// Arrow keys move on from the mutation that is chosen, past the residue that is there.
function step(view, event) {
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!by) return;
  event.preventDefault();
  let { i, row } = placeOf(view.model.get("mutation"), view.map) || { i: -by[0], row: -by[1] };
  for (let k = 0; k < view.map.n; k++) {
    [i, row] = [i + by[0], row + by[1]];
    const next = mutationAt(view, i, row);
    if (next) return send(view.model, { mutation: next });
  }
}

function partnerOf(map, i) {
  const pair = map.pairs.find(([a, b]) => a === i || b === i);
  return pair ? pair[0] + pair[1] - i : -1;
}

function describe(map, i, row) {
  const here = map.sequence[i];
  const j = partnerOf(map, i);
  const parts = [`${here}${i + 1}`];
  if (row >= 0 && map.letters[row] !== here) parts[0] += ` → ${map.letters[row] === "-" ? "deleted" : map.letters[row]}: ${signed(map.values[row * map.n + i])} nats`;
  if (map.contacts && row >= 0 && row < LOSSES && map.letters[row] !== here) {
    const lost = map.contacts[row * map.n + i];
    if (!Number.isNaN(lost)) parts.push(`${Math.abs(lost).toFixed(2)} base pairs lost${disagrees(map, i, row) ? " (the two disagree)" : ""}`);
  }
  if (map.bits) parts.push(`entropy ${map.bits[i].toFixed(2)} bits`);
  if (map.structure) parts.push(j < 0 ? "unpaired" : `pairs with ${map.sequence[j]}${j + 1}`);
  return parts.join(", ");
}

const signed = (value) => (Number.isNaN(value) ? "no score" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`);
