// Maps, colours, RNAs and neighbours of a page.
import { asTexts, asUint32, bytesAsView, dequantise } from "../core/binary.js";
import { sliceHead } from "./page_heads.js";

export function answerExplorer(page, answer) {
  answer(["color"], recolourPage);
  answer(["basis"], () => movePage(page, "basis", "_map"));
  answer(["beside"], () => movePage(page, "beside", "_map_beside"));
  answer(["_selected"], openRna);
  if (!page.exported.maps) return;
  recolourPage(page);
  movePage(page, "basis", "_map");
  movePage(page, "beside", "_map_beside");
}

function recolourPage({ model, exported, publish }) {
  const columns = [...(model.get("_table") || []), ...(exported.colours || [])];
  const column = columns.find(({ name }) => name === model.get("color"));
  if (column) publish({ _colour: column });
}

function movePage({ model, exported, publish }, trait, shown) {
  publish({ [shown]: exported.maps?.[model.get(trait)] || {} });
}

async function openRna(page) {
  const { model, exported, publish } = page;
  if (!exported.texts) return;
  const index = model.get("_selected");
  const rna = await describeRna(page, index);
  const near = await neighboursOf(page, index);
  if (model.get("_selected") !== index) return;
  const maps = exported.rnas?.[index];
  page.attention = maps?.attention;
  publish({ _rna: rna, _neighbours: near });
  if (!maps) return publish(sayNoMaps(exported, rna.name));
  publish({ _gallery: maps.attention?.gallery || {}, _contacts: await contactsOf(page, maps.contacts) });
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
  const [sequence, structure] = await Promise.all(["sequence", "structure"].map(async (key) => (at < 0 ? null : (await textsOf(page, key))?.[at] || null)));
  const whole = sequence && structure && sequence.length === structure.length;
  const problem = sequence && structure && !whole ? "It is not as long as the sequence." : at < 0 ? exported.no_text : "";
  return { index, name: page.names[index], sequence, structure: whole ? structure : null, problem, fields: fieldsOf(model, index) };
}

// Sequences or structures, unpacked when they are first asked for; null if there are none.
export async function textsOf(page, key) {
  const packed = page.exported.texts?.[key];
  if (!packed) return null;
  if (!page.kept.has(key)) page.kept.set(key, page.inflated(packed).then(asTexts));
  return page.kept.get(key);
}

function fieldsOf(model, index) {
  return model.get("_table").map((column) => [column.name, fieldText(column, index)]).filter(([, text]) => text);
}

function fieldText(column, index) {
  if (column.kind === "text") return asTexts(column.data)[index];
  if (column.kind === "category") return column.labels[column.bytes === 2 ? column.data.getUint16(2 * index, true) : column.data.getUint8(index)] || "";
  const value = column.data.getFloat32(4 * index, true);
  return Number.isNaN(value) ? "" : String(Number(value.toPrecision(4)));
}

async function contactsOf(page, contacts) {
  if (!contacts?.levels) return contacts || {};
  const values = dequantise(await page.inflated(contacts.levels), 1);
  return { ...contacts, data: bytesAsView(new Uint8Array(values.buffer)) };
}

async function neighboursOf(page, index) {
  const held = page.exported.neighbours;
  if (!held?.rows) return { index, message: held?.message || "" };
  const at = held.of ? held.of.indexOf(index) : index;
  if (at < 0) return { index, message: held.without };
  const unpacked = async (packed) => {
    if (!page.kept.has(packed)) page.kept.set(packed, await page.inflated(packed));
    return bytesAsView(page.kept.get(packed).slice(4 * held.k * at, 4 * held.k * (at + 1)));
  };
  const rows = await unpacked(held.rows);
  if (!asUint32(rows).length) return { index, message: held.without };
  const baselines = {};
  for (const [name, packed] of Object.entries(held.baselines || {})) baselines[name] = await unpacked(packed);
  return { index, rows, distances: await unpacked(held.distances), baselines };
}
