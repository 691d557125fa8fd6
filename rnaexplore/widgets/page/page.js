// A page without Python: a model that keeps the state, and answers from what was exported.
import { bytesAsView } from "../core/binary.js";
import { answerExplorer } from "./page_explorer.js";
import { answerHeads } from "./page_heads.js";
import { answerSelection } from "./page_selection.js";

export async function openPage(render) {
  const { state, exported } = await decoded(JSON.parse(document.getElementById("state").textContent));
  const model = createModel(state);
  const page = { model, exported, kept: new Map(), publish: (values) => publish(model, values), inflated };
  for (const answer of [answerHeads, answerExplorer, answerSelection]) answer(page, (keys, fn) => keys.forEach((key) => model.on(`change:${key}`, () => fn(page))));
  model.on("change:decoder", () => decodeAgain(page));
  for (const key of ["threshold", "pairs_per_residue", "canonical"]) model.on(`change:${key}`, () => decodeAgain(page));
  render({ model, el: document.getElementById("view") });
  if (exported.opened >= 0) publish(model, { _selected: exported.opened });
}

// Bytes are written as {"$base64": text}, many bytes as {"$packed": text of the compressed bytes}.
export async function decoded(value) {
  if (Array.isArray(value)) return value.every((entry) => typeof entry !== "object") ? value : Promise.all(value.map(decoded));
  if (value === null || typeof value !== "object") return value;
  if ("$base64" in value) return bytesAsView(bytesOf(value.$base64));
  if ("$packed" in value) return bytesAsView(await inflated({ $deflate: value.$packed }));
  const entries = await Promise.all(Object.entries(value).map(async ([key, entry]) => [key, await decoded(entry)]));
  return Object.fromEntries(entries);
}

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

async function inflated(packed) {
  const stream = new Blob([bytesOf(packed.$deflate)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The part of a notebook widget's model that the views use.
export function createModel(state) {
  const listeners = new Map();
  const changed = new Set();
  const of = (event) => listeners.get(event) || listeners.set(event, new Set()).get(event);
  return {
    get: (key) => state[key],
    set(key, value) {
      state[key] = value;
      changed.add(key);
    },
    save_changes() {
      const keys = [...changed];
      changed.clear();
      for (const key of keys) for (const fn of [...of(`change:${key}`)]) fn();
    },
    on: (event, fn) => of(event).add(fn),
    off: (event, fn) => of(event).delete(fn),
  };
}

function publish(model, values) {
  for (const [key, value] of Object.entries(values)) model.set(key, value);
  model.save_changes();
}

// Structures for the settings of a studio that were computed when the page was written.
function decodeAgain({ model, exported }) {
  if (!exported.studio) return;
  const value = model.get(model.get("_dials")[0]);
  const key = `${model.get("decoder")} ${value.toFixed(2)} ${model.get("canonical")}`;
  const at = exported.studio.where[key];
  const message = "Too many pairs reach this threshold to be matched in a page; raise it, or use Python.";
  publish(model, { _result: at === undefined ? { message } : exported.studio.results[at] });
}
