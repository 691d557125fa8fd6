// Dot-bracket and agreement between predicted and reference pairs. No DOM.

const OPEN = "([{<ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const CLOSE = ")]}>abcdefghijklmnopqrstuvwxyz";

// Pairs [i, j] with i < j; letters after the brackets are pseudoknots.
export function pairsOf(dotBracket) {
  const stacks = new Map();
  const pairs = [];
  [...(dotBracket || "")].forEach((letter, j) => {
    const opens = OPEN.indexOf(letter);
    const closes = CLOSE.indexOf(letter);
    if (opens >= 0) stacks.set(opens, [...(stacks.get(opens) || []), j]);
    else if (closes >= 0) pairs.push([stacks.get(closes).pop(), j]);
  });
  return pairs;
}

export function partners(pairs, n) {
  const partner = new Int32Array(n).fill(-1);
  for (const [i, j] of pairs) [partner[i], partner[j]] = [j, i];
  return partner;
}

const CANONICAL = new Set(["AU", "UA", "GC", "CG", "GU", "UG"]);

// Pairs [i, j], i < j, of a symmetric map, as rnaexplore.structure.decode takes them. Considered are
// the pairs that the settings allow and that reach `threshold`, or the best `most` of them.
export function decodePairs(values, residues, { decoder, canonical, min_loop: minLoop }, { threshold = 0, most = Infinity }) {
  const n = residues.length;
  const letters = residues.map((letter) => letter.toUpperCase().replace("T", "U"));
  const found = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + minLoop + 1; j < n; j++) {
      const value = values[i * n + j];
      if (value < threshold || !(value > 0)) continue;
      if (!canonical || CANONICAL.has(letters[i] + letters[j])) found.push([i, j, value]);
    }
  }
  const best = found.sort((a, b) => b[2] - a[2]).slice(0, most);
  return (decoder === "nussinov" ? nested(best, n) : greedy(best, n)).sort((a, b) => a[0] - b[0]);
}

// The best pair, then the next whose residues are free, and so on.
function greedy(sorted, n) {
  const free = new Uint8Array(n).fill(1);
  const chosen = [];
  for (const [i, j] of sorted) {
    if (!free[i] || !free[j]) continue;
    free[i] = free[j] = 0;
    chosen.push([i, j]);
  }
  return chosen;
}

// The nested pairs of largest sum: sums[i][j] is that of residues i to j - 1.
function nested(pairs, n) {
  const partners = Array.from({ length: n }, () => []);
  for (const [i, j, value] of pairs) partners[i].push([j, 2 * value]);
  for (const own of partners) own.sort((a, b) => a[0] - b[0]);
  const sums = Array.from({ length: n + 2 }, () => new Float64Array(n + 1));
  for (let i = n - 1; i >= 0; i--) {
    const row = sums[i];
    row.set(sums[i + 1].subarray(i + 1), i + 1);
    for (const [k, value] of partners[i]) {
      const pair = value + sums[i + 1][k];
      if (pair <= row[k + 1]) continue;
      for (let j = k + 1; j <= n; j++) row[j] = Math.max(row[j], pair + sums[k + 1][j]);
    }
  }
  return traced(sums, partners, n);
}

function traced(sums, partners, n) {
  const chosen = [];
  const waiting = [[0, n]];
  while (waiting.length) {
    let [i, j] = waiting.pop();
    while (i < j && sums[i][j] === sums[i + 1][j]) i++;
    if (i >= j) continue;
    let [most, k] = [-1, -1];
    for (const [partner, value] of partners[i]) {
      const sum = partner < j ? value + sums[i + 1][partner] + sums[partner + 1][j] : -1;
      if (sum > most) [most, k] = [sum, partner];
    }
    chosen.push([i, k]);
    waiting.push([i + 1, k], [k + 1, j]);
  }
  return chosen;
}

// One number for a pair, also for one that is shifted beyond an end.
export const pairKey = (i, j, n) => (i + 1) * (n + 2) + j + 1;

// Pairs within `slack` residues at one end are told to agree: (i, j), (i ± slack, j), (i, j ± slack).
export function neighbourhood(pairs, n, slack) {
  const near = new Set();
  for (const [i, j] of pairs) {
    for (let d = -slack; d <= slack; d++) near.add(pairKey(i + d, j, n)).add(pairKey(i, j + d, n));
  }
  return near;
}

export function agreement(called, reference, n, slack) {
  const nearReference = neighbourhood(reference, n, slack);
  const nearCalled = neighbourhood(called, n, slack);
  const right = called.filter(([i, j]) => nearReference.has(pairKey(i, j, n))).length;
  const found = reference.filter(([i, j]) => nearCalled.has(pairKey(i, j, n))).length;
  if (!called.length && !reference.length) return { precision: 1, recall: 1, f1: 1 };
  const precision = quotient(right, called.length);
  const recall = quotient(found, reference.length);
  const f1 = quotient(2 * precision * recall, precision + recall);
  return { precision, recall, f1 };
}

const quotient = (above, below) => (below ? above / below : 0);
