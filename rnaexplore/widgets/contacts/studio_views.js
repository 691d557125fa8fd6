// The views of a studio: two triangles, drawings, arcs, dot-brackets; all share one focus.
import { createArcs } from "../core/arcs.js";
import { asUint8, dequantise } from "../core/binary.js";
import { fillPair, paintCells } from "../core/cells.js";
import { cssColour, isDark, rampCss, weightRamp } from "../core/color.js";
import { h } from "../core/dom.js";
import { createDrawing } from "./drawing.js";
import { keepLit } from "./focus.js";
import { createMatrix } from "../core/matrix.js";
import { helixOf } from "../core/pairs.js";
import { createSequence } from "../core/sequence.js";

const MUTED = 160; // of 255: marks must stand out from the map below them
export const BOTH = "--rx-right";
const keyOf = (i, j) => i * 1e6 + j;

export function createStudioViews(model, scope, focus) {
  const views = { model, focus, state: null };
  const describe = (i, j) => describePair(views, i, j);
  const pick = (i, j) => keepLit(model, helixAt(views, i, j));
  views.matrix = createMatrix(scope, focus, describe, { most: 560, onpick: pick });
  views.scale = h("div", { class: "rx-map-scale" });
  views.upper = createDrawing(scope, focus, describe, pick);
  views.lower = createDrawing(scope, focus, describe, pick);
  views.arcs = createArcs(scope, focus, describe, pick);
  views.dots = createSequence(scope, focus, describe, pick);
  return views;
}

// Everything that is drawn: residues, maps, pairs of both sides, and which both have.
export function studioState(model) {
  const rna = model.get("_rna");
  const result = model.get("_result");
  const upper = model.get("_upper");
  if (!upper?.levels || !result?.upper) return null;
  const lower = model.get("_lower");
  const sides = { upper: result.upper, lower: result.lower };
  const keys = (side) => new Set((side?.pairs || []).map(([i, j]) => keyOf(i, j)));
  return {
    n: upper.n, residues: [...rna.sequence], upper, lower, sides, held: { upper: keys(sides.upper), lower: keys(sides.lower) },
    values: { upper: dequantise(asUint8(upper.levels), 1), lower: lower?.levels ? dequantise(asUint8(lower.levels), 1) : null },
    shown: model.get("shown"), against: model.get("against"), compared: Boolean(result.lower),
  };
}

export function showStudio(views, state) {
  views.state = state;
  const { matrix, arcs, dots, upper, lower, scale } = views;
  matrix.show(state, (context, frame) => paintStudio(views, context, frame), `Contact map: ${state.shown} above, ${state.against} below`);
  showDrawing(views, upper, "upper", state.shown);
  lower.el.parentElement.parentElement.hidden = !state.compared;
  if (state.compared) showDrawing(views, lower, "lower", state.against);
  const lines = (side) => (state.sides[side]?.pairs || []).map(([i, j]) => ({ i, j, colour: colourOf(state, side, i, j) }));
  arcs.show({ ...state, above: lines("upper"), below: lines("lower") }, "Pairs as arcs");
  dots.show({ sequence: state.residues.join(""), structure: state.sides.upper.dots, second: state.sides.lower?.dots });
  drawStudioScale(views, scale);
}

function showDrawing({ state }, drawing, side, label) {
  const { pairs, places } = state.sides[side];
  drawing.show({ residues: state.residues, places, pairs, colourOf: (i, j) => colourOf(state, side, i, j) }, `Drawing: ${label}`);
}

function colourOf({ held, compared }, side, i, j) {
  if (!compared) return "--rx-focus";
  const other = side === "upper" ? "lower" : "upper";
  if (held[other].has(keyOf(i, j))) return BOTH;
  return side === "upper" ? "--rx-wrong" : "--rx-missed";
}

function paintStudio({ matrix, state }, context, frame) {
  const { n, values, sides } = state;
  const levels = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      levels[i * n + j] = MUTED * Math.sqrt(values.upper[i * n + j]);
      if (values.lower) levels[j * n + i] = MUTED * Math.sqrt(values.lower[j * n + i]);
    }
  }
  paintCells(context, frame, levels, weightRamp(isDark(matrix.el)));
  drawSplit(context, frame, cssColour(matrix.el, "--rx-line-strong"));
  const fill = (side, flip) => {
    const colours = {};
    for (const [i, j] of sides[side]?.pairs || []) {
      const name = colourOf(state, side, i, j);
      colours[name] ||= cssColour(matrix.el, name);
      fillPair(context, frame, flip ? j : i, flip ? i : j, colours[name]);
    }
  };
  fill("upper", false);
  fill("lower", true);
}

function drawSplit(context, frame, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(frame.x(0), frame.y(0));
  context.lineTo(frame.x(frame.n), frame.y(frame.n));
  context.stroke();
}

function drawStudioScale({ state, matrix }, scale) {
  const table = weightRamp(isDark(matrix.el));
  const muted = Uint8Array.from({ length: 768 }, (_, k) => table[3 * Math.round((MUTED / 255) * Math.floor(k / 3)) + (k % 3)]);
  const key = (name, text) => h("span", { class: "rx-key" }, h("i", { style: `background:var(${name})` }), text);
  const keys = state.compared
    ? [key(BOTH, "pair in both"), key("--rx-wrong", `only ${state.shown} (above)`), key("--rx-missed", `only ${state.against} (below)`)]
    : [key("--rx-focus", "pair")];
  scale.replaceChildren(
    h("div", { class: "rx-scale-bar", style: `background:${rampCss(muted)}` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, "0"), h("span", {}, `${state.upper.what} (square-root scale)`), h("span", {}, "1")),
    h("div", { class: "rx-keys" }, keys),
  );
}

// The helix of either side that holds a pair, or the nearest one by a residue.
function helixAt({ state }, i, j) {
  if (!state || i < 0 || j < 0 || i === j) return [];
  const [a, b] = i < j ? [i, j] : [j, i];
  const sides = i < j ? ["upper", "lower"] : ["lower", "upper"];
  for (const [da, db] of [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]]) {
    for (const side of sides) {
      if (state.held[side].has(keyOf(a + da, b + db))) return helixOf(state.sides[side].pairs, a + da, b + db);
    }
  }
  return [];
}

function describePair(views, i, j) {
  const { state } = views;
  if (!state) return { text: "" };
  const name = (k) => `${state.residues[k]}${k + 1}`;
  const lit = helixAt(views, i, j);
  if (!(j >= 0)) return { text: `${name(i)}, unpaired`, lit };
  const told = [`${state.shown} ${state.values.upper[i * state.n + j].toPrecision(2)}`];
  if (state.values.lower) told.push(`${state.against} ${state.values.lower[i * state.n + j].toPrecision(2)}`);
  const [a, b] = i < j ? [i, j] : [j, i];
  const where = [["upper", state.shown], ["lower", state.against]].filter(([side]) => state.held[side].has(keyOf(a, b))).map(([, label]) => label);
  const paired = where.length ? `; pair in ${where.join(" and ")}` : "";
  return { text: `${name(a)} – ${name(b)}: ${told.join(", ")}${paired}`, lit };
}
