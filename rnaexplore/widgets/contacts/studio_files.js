// A structure as text; each format equals what Python writes.
import { h } from "../core/dom.js";
import { pairsOf } from "../core/structure.js";

export const studioTexts = {
  dbn: ({ name, sequence }, { dots }) => `>${name}\n${sequence}\n${dots}\n`,
  ct: ({ name, sequence }, { pairs }) => {
    const n = sequence.length;
    const partner = new Int32Array(n);
    for (const [i, j] of pairs) [partner[i], partner[j]] = [j + 1, i + 1];
    const lines = [...sequence].map((base, k) => `${k + 1} ${base} ${k} ${(k + 2) % (n + 1)} ${partner[k]} ${k + 1}`);
    return `${n} ${name}\n${lines.join("\n")}\n`;
  },
  csv: ({ sequence, reference }, { pairs }, what) => {
    const known = reference === null ? null : new Set(pairsOf(reference).map(String));
    const judged = (i, j) => (known ? Number(known.has(`${i},${j}`)) : "");
    const rows = pairs.map(([i, j, p]) => [i + 1, j + 1, sequence[i], sequence[j], p.toFixed(6), judged(i, j)].join(","));
    return `${[`i,j,base_i,base_j,${what},in_reference`, ...rows].join("\n")}\n`;
  },
};

export function saveFile(name, parts) {
  const address = URL.createObjectURL(new Blob(parts));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
