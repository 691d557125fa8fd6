// One attention map at full size: treated as chosen, with the reference marked on it.
import { asUint8, dequantise } from "../core/binary.js";
import { paintCells, ringPair } from "../core/cells.js";
import { cssColour, isDark, rampCss, weightRamp } from "../core/color.js";
import { createStore, h, watch } from "../core/dom.js";
import { createMatrix } from "../core/matrix.js";
import { corrected, largest, symmetrised } from "../core/pairs.js";
import { pairsOf } from "../core/structure.js";

const SMALLEST_RING = 4;
const TREATMENT = ["_attention", "symmetrize", "apc"];

// `map` holds what is shown: values, n, residues, top, pairs of the reference.
export function createAttentionMap(model, scope, focus, { most }) {
  const map = createStore(null);
  const view = { model, map };
  view.matrix = createMatrix(scope, focus, (i, j) => describeWeight(model, map.get(), i, j), { most });
  view.scale = h("div", { class: "rx-map-scale" });
  watch(model, scope, TREATMENT, () => map.set(treated(model)));
  watch(model, scope, ["threshold", "show_reference"], () => paintAttention(view));
  map.subscribe(() => paintAttention(view));
  paintAttention(view);
  return { ...view, el: view.matrix.el };
}

function treated(model) {
  const raw = model.get("_attention");
  if (!raw?.levels) return null;
  const { n } = raw;
  let values = dequantise(asUint8(raw.levels), raw.top);
  if (model.get("symmetrize")) values = symmetrised(values, n);
  if (model.get("apc")) values = corrected(values, n);
  return { ...raw, values, top: largest(values), pairs: pairsOf(model.get("_structure")) };
}

function paintAttention({ model, map: { get }, matrix, scale }) {
  const map = get();
  if (!map) return;
  const least = shareOf(model) * map.top;
  const levels = map.values.map((weight) => (weight > 0 && weight >= least ? 255 * Math.sqrt(weight / map.top) : 0));
  const which = `layer ${map.layer}, ${map.head === null ? "mean over heads" : `head ${map.head}`}`;
  const paint = (context, frame) => {
    const dark = isDark(matrix.el);
    paintCells(context, frame, levels, weightRamp(dark));
    drawWeightScale(model, map, scale, dark);
    if (model.get("show_reference")) markReference(context, frame, map.pairs, cssColour(matrix.el, "--rx-accent"));
  };
  matrix.show(map, paint, `Attention map, ${which}`);
}

// In an explorer the threshold is that of its contacts.
const shareOf = (model) => (model.get("symmetrize") === undefined ? 0 : model.get("threshold"));

// Where cells are small, marks would hide what they mark: then only the lower triangle has them.
function markReference(context, frame, pairs, colour) {
  for (const [i, j] of pairs) {
    ringPair(context, frame, j, i, colour);
    if (frame.cell >= SMALLEST_RING) ringPair(context, frame, i, j, colour);
  }
}

function drawWeightScale(model, map, scale, dark) {
  const what = model.get("apc") ? "corrected weight, 0 and below blank (square-root scale)" : "weight (square-root scale)";
  const notes = [model.get("symmetrize") ? "Mean of both directions." : "Rows attend to columns."];
  if (model.get("show_reference") && map.pairs.length) notes.push("Rings: pairs of the reference.");
  scale.replaceChildren(
    h("div", { class: "rx-scale-bar", style: `background:${rampCss(weightRamp(dark))}` }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, "0"), h("span", {}, what), h("span", {}, map.top.toPrecision(2))),
    h("p", { class: "rx-caption" }, notes.join(" ")),
  );
}

function describeWeight(model, map, i, j) {
  const name = (k) => `${map.residues[k]}${k + 1}`;
  const value = map.values[i * map.n + j].toPrecision(2);
  const known = map.pairs.some(([a, b]) => (a === i && b === j) || (a === j && b === i)) ? ", pair in the reference" : "";
  const what = model.get("apc") ? "corrected weight" : "weight";
  if (model.get("symmetrize")) return { text: `${name(i)} and ${name(j)}: ${what} ${value}${known}` };
  return { text: `${name(i)} attends to ${name(j)}: ${what} ${value}${known}` };
}
