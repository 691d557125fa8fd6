// Attention maps of a page: all heads of some RNAs as 8-bit levels, cut out one at a time.
import { bytesAsView, dequantise, quantise } from "../core/binary.js";

export function answerHeads(page, answer) {
  page.attention = page.exported.attention;
  answer(["layer", "head"], () => sliceHead(page, page.attention));
}

export async function sliceHead(page, attention) {
  const { model } = page;
  if (!attention) return;
  if (attention.message) return page.publish({ _attention: attention });
  const layer = model.get("layer");
  const head = model.get("head");
  const shown = headOf(await levelsOf(page, attention), attention, layer, head);
  if (page.attention !== attention) return;
  page.publish({ _attention: { layer, head, n: attention.n, residues: attention.residues, ...shown } });
}

async function levelsOf(page, attention) {
  if (!page.kept.has(attention)) page.kept.set(attention, await page.inflated(attention.levels));
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
