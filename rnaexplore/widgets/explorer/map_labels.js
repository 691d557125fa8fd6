// Where the names of categories stand on a map.
import { tally } from "./columns.js";
import { ABSENT } from "./geometry.js";

const MOST_LABELS = 400;
const SAMPLE = 2000;

// Names at the median of their points, the largest categories first.
export function labelPlaces(map) {
  const column = map.shared.column.get();
  if (!column || column.kind !== "category" || !map.positions.length) return [];
  const counts = tally(column);
  const rest = map.view.paint?.rest || new Set();
  const chosen = map.shared.selection.get().length ? tally(column, map.shared.selection.get()) : counts;
  const codes = column.labels.map((_, code) => code).filter((code) => chosen[code] > 0 && !rest.has(code));
  codes.sort((a, b) => chosen[b] - chosen[a] || counts[b] - counts[a]);
  const members = membersOf(map, column.codes, codes.slice(0, MOST_LABELS), counts);
  return [...members].filter(([, rows]) => rows.length).map(([code, rows]) => ({ code, text: column.labels[code], ...centre(map.positions, rows) }));
}

function membersOf(map, codes, wanted, counts) {
  const members = new Map(wanted.map((code) => [code, []]));
  const step = new Map(wanted.map((code) => [code, Math.ceil(counts[code] / SAMPLE)]));
  const seen = new Uint32Array(counts.length);
  codes.forEach((code, i) => {
    const rows = members.get(code);
    if (map.positions[2 * i] === ABSENT || map.view.hidden?.[i]) return;
    if (rows && seen[code]++ % step.get(code) === 0) rows.push(i);
  });
  return members;
}

// The member nearest to the medians, so that a name never lies between two clusters.
function centre(positions, rows) {
  const median = (offset) => rows.map((i) => positions[2 * i + offset]).sort((a, b) => a - b)[rows.length >> 1];
  const x = median(0);
  const y = median(1);
  const far = (i) => (positions[2 * i] - x) ** 2 + (positions[2 * i + 1] - y) ** 2;
  const best = rows.reduce((a, b) => (far(b) < far(a) ? b : a));
  return { x: positions[2 * best], y: positions[2 * best + 1] };
}
