// A number among the selected and the others: two outlines on one scale, medians marked.
import { formatNumber } from "./columns.js";
import { h } from "../core/dom.js";

const BINS = 40;
const WIDTH = 300;
const HEIGHT = 44;

export function histogram(column, mask) {
  const groups = [split(column.values, mask, 0), split(column.values, mask, 1)];
  const counts = groups.map((values) => binned(values, column.low, column.high));
  const shares = counts.map((bins, k) => bins.map((n) => n / Math.max(1, groups[k].length)));
  const top = Math.max(...shares.flat()) || 1;
  const [others, selected] = shares.map((bins) => outline(bins, top));
  const x = (value) => ((value - column.low) / (column.high - column.low || 1)) * WIDTH;
  const medians = groups.map(medianOf);
  const picture = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Histogram of ${column.name.replace(/[<>&"]/g, "")}">
    <path class="rx-others" d="${others}"/><path class="rx-selected" d="${selected}"/>
    ${medians.map((m, k) => (Number.isNaN(m) ? "" : `<line class="${k ? "rx-selected" : "rx-others"}" x1="${x(m)}" x2="${x(m)}" y1="0" y2="${HEIGHT}"/>`)).join("")}</svg>`;
  const told = `median ${formatNumber(medians[1]) || "none"}; others ${formatNumber(medians[0]) || "none"}`;
  return h(
    "section", { class: "rx-stat" }, h("h4", {}, column.name, h("span", {}, told)),
    h("div", { class: "rx-histogram", html: picture }),
    h("div", { class: "rx-scale-ends" }, h("span", {}, formatNumber(column.low)), h("span", {}, formatNumber(column.high))),
  );
}

function split(values, mask, wanted) {
  return values.filter((value, i) => mask[i] === wanted && !Number.isNaN(value));
}

function binned(values, low, high) {
  const bins = new Array(BINS).fill(0);
  const factor = BINS / (high - low || 1);
  for (const value of values) bins[Math.min(BINS - 1, Math.floor((value - low) * factor))]++;
  return bins;
}

function outline(bins, top) {
  const step = WIDTH / BINS;
  const y = (share) => HEIGHT - (share / top) * (HEIGHT - 2);
  const parts = bins.map((share, k) => `L${k * step},${y(share)}L${(k + 1) * step},${y(share)}`);
  return `M0,${HEIGHT}${parts.join("")}L${WIDTH},${HEIGHT}Z`;
}

function medianOf(values) {
  return values.length ? values.slice().sort()[values.length >> 1] : NaN;
}
