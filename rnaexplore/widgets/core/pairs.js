// Maps of residue pairs: both directions together, corrected, the best pairs, helices. No DOM.

export const MIN_SEPARATION = 4;

export function symmetrised(values, n) {
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) out[i * n + j] = out[j * n + i] = (values[i * n + j] + values[j * n + i]) / 2;
  }
  return out;
}

// Average product correction: what is not explained by residues that attend, or are attended to, in general.
export function corrected(values, n) {
  const rows = new Float64Array(n);
  const columns = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      rows[i] += values[i * n + j];
      columns[j] += values[i * n + j];
    }
  }
  const total = rows.reduce((a, b) => a + b, 0);
  if (!total) return values;
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] = values[i * n + j] - (rows[i] * columns[j]) / total;
  return out;
}

export function largest(values) {
  let top = 0;
  for (let k = 0; k < values.length; k++) if (values[k] > top) top = values[k];
  return top;
}

// The k best pairs [i, j, score] by the mean of both directions, best first; see top_pairs in Python.
export function topPairs(values, n, k, threshold) {
  const scores = [];
  const least = Math.max(threshold * largest(values), Number.MIN_VALUE);
  for (let i = 0; i < n; i++) {
    for (let j = i + MIN_SEPARATION; j < n; j++) {
      const score = (values[i * n + j] + values[j * n + i]) / 2;
      if (score >= least) scores.push(score);
    }
  }
  const edge = k && scores.length ? Float64Array.from(scores).sort()[Math.max(0, scores.length - k)] : Infinity;
  const found = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + MIN_SEPARATION; j < n; j++) {
      const score = (values[i * n + j] + values[j * n + i]) / 2;
      if (score >= edge) found.push([i, j, score]);
    }
  }
  return found.sort((a, b) => b[2] - a[2]).slice(0, k);
}

// The share of reference pairs to expect among pairs at the same distances in sequence.
export function expectedShare(pairs, reference, n) {
  if (!pairs.length) return 0;
  const known = new Float64Array(n);
  for (const [i, j] of reference) known[j - i] += 1;
  return pairs.reduce((sum, [i, j]) => sum + known[j - i] / (n - (j - i)), 0) / pairs.length;
}

// The stacked pairs around a pair; a bulge of one residue does not end a helix.
export function helixOf(pairs, i, j) {
  const at = new Map(pairs.map((pair) => [pair[0] * 1e6 + pair[1], pair]));
  const first = at.get(i * 1e6 + j);
  if (!first) return [];
  const follow = (by) => {
    const found = [];
    for (let [a, b] = first; ; ) {
      const next = [[by, -by], [2 * by, -by], [by, -2 * by]].map(([da, db]) => at.get((a + da) * 1e6 + b + db)).find(Boolean);
      if (!next) return found;
      found.push(next);
      [a, b] = next;
    }
  };
  return [...follow(-1).reverse(), first, ...follow(1)].map(([a, b]) => [a, b]);
}
