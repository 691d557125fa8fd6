// A page without Python: a model that keeps the state, and answers from what was exported.
import { asTexts, bytesAsView, dequantise, quantise } from "./binary.js";

export function openPage(render) {
  const { state, exported } = decoded(JSON.parse(document.getElementById("state").textContent));
  const model = createModel(state);
  answerFromExport(model, exported);
  render({ model, el: document.getElementById("view") });
  if (exported.opened >= 0) {
    model.set("_selected", exported.opened);
    model.save_changes();
  }
}

// Bytes are written as {"$base64": text}.
function decoded(value) {
  if (Array.isArray(value)) return value.map(decoded);
  if (value === null || typeof value !== "object") return value;
  if ("$base64" in value) return bytesOf(value.$base64);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, decoded(entry)]));
}

function bytesOf(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new DataView(bytes.buffer);
}

async function inflated(packed) {
  const stream = new Blob([bytesOf(packed.$deflate)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The part of a notebook widget's model that the views use.
function createModel(state) {
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

function answerFromExport(model, exported) {
  const page = { model, exported, kept: new Map() };
  const answer = (keys, fn) => keys.forEach((key) => model.on(`change:${key}`, () => fn(page)));
  answer(["color"], recolourPage);
  answer(["basis"], movePage);
  answer(["_selected"], openRna);
  answer(["layer", "head"], (p) => sliceHead(p, p.attention));
  answer(["decoder", "threshold", "canonical"], decodeAgain);
  page.attention = exported.attention;
}

// Structures for the settings of a studio that were computed when the page was written.
function decodeAgain({ model, exported }) {
  if (!exported.studio) return;
  const key = `${model.get("decoder")} ${model.get("threshold").toFixed(2)} ${model.get("canonical")}`;
  const at = exported.studio.where[key];
  const message = "Too many pairs reach this threshold to be matched in a page; raise it, or use Python.";
  publish(model, { _result: at === undefined ? { message } : exported.studio.results[at] });
}

function publish(model, values) {
  for (const [key, value] of Object.entries(values)) model.set(key, value);
  model.save_changes();
}

function recolourPage({ model, exported }) {
  const columns = [...(model.get("_table") || []), ...(exported.colours || [])];
  const column = columns.find(({ name }) => name === model.get("color"));
  if (column) publish(model, { _colour: column });
}

function movePage({ model, exported }) {
  const positions = exported.positions?.[model.get("basis")];
  if (positions) publish(model, { _positions: positions });
}

async function openRna(page) {
  const { model, exported } = page;
  const index = model.get("_selected");
  const rna = await describeRna(page, index);
  const maps = exported.rnas?.[index];
  page.attention = maps?.attention;
  publish(model, { _rna: rna });
  if (!maps) return publish(model, sayNoMaps(exported, rna.name));
  publish(model, { _gallery: maps.attention?.gallery || {}, _contacts: await contactsOf(maps.contacts) });
  await sliceHead(page, maps.attention);
}

function sayNoMaps(exported, name) {
  const message = exported.without.replace("{name}", name);
  return { _gallery: {}, _attention: { message }, _contacts: { message } };
}

async function describeRna(page, index) {
  const { model, exported } = page;
  page.names ||= asTexts(model.get("_names"));
  const at = exported.texts.rows ? exported.texts.rows.indexOf(index) : index;
  const [sequence, structure] = await Promise.all(["sequence", "structure"].map((key) => textOf(page, key, at)));
  const whole = sequence && structure && sequence.length === structure.length;
  const problem = sequence && structure && !whole ? "It is not as long as the sequence." : at < 0 ? exported.no_text : "";
  return { index, name: page.names[index], sequence, structure: whole ? structure : null, problem, fields: fieldsOf(model, index) };
}

async function textOf(page, key, at) {
  const packed = page.exported.texts[key];
  if (!packed || at < 0) return null;
  if (!page.kept.has(key)) page.kept.set(key, asTexts(await inflated(packed)));
  return page.kept.get(key)[at] || null;
}

function fieldsOf(model, index) {
  return model.get("_table").map((column) => [column.name, fieldText(column, index)]).filter(([, text]) => text);
}

function fieldText(column, index) {
  if (column.kind === "text") return asTexts(column.data)[index];
  if (column.kind === "category") return column.labels[column.data.getUint16(2 * index, true)] || "";
  const value = column.data.getFloat32(4 * index, true);
  return Number.isNaN(value) ? "" : String(Number(value.toPrecision(4)));
}

async function contactsOf(contacts) {
  if (!contacts?.levels) return contacts || {};
  const values = dequantise(await inflated(contacts.levels), 1);
  return { ...contacts, data: new DataView(values.buffer) };
}

async function sliceHead(page, attention) {
  const { model } = page;
  if (!attention) return;
  if (attention.message) return publish(model, { _attention: attention });
  const layer = model.get("layer");
  const head = model.get("head");
  const shown = headOf(await levelsOf(page, attention), attention, layer, head);
  if (page.attention !== attention) return;
  publish(model, { _attention: { layer, head, n: attention.n, residues: attention.residues, ...shown } });
}

async function levelsOf(page, attention) {
  if (!page.kept.has(attention)) page.kept.set(attention, await inflated(attention.levels));
  return page.kept.get(attention);
}

function headOf(levels, { layers, heads, n, tops }, layer, head) {
  const first = layers.indexOf(layer) * heads.length;
  const of = (k) => levels.subarray((first + k) * n * n, (first + k + 1) * n * n);
  const k = heads.indexOf(head);
  if (head !== null) return { levels: bytesAsView(of(k)), top: tops[first + k] };
  const mean = new Float32Array(n * n);
  heads.forEach((_, m) => dequantise(of(m), tops[first + m]).forEach((weight, at) => (mean[at] += weight / heads.length)));
  const top = mean.reduce((a, b) => Math.max(a, b), 0);
  return { levels: bytesAsView(quantise(mean, top)), top };
}
