// A diverging colour ramp: red below zero, blue above it, the ground in the middle.
import { rgb } from "../core/color.js";

const ON_LIGHT = ["#67001f", "#b2182b", "#d6604d", "#f4a582", "#fddbc7", "#f7f7f7", "#d1e5f0", "#92c5de", "#4393c3", "#2166ac", "#053061"];
const ON_DARK = ["#ffb3a1", "#ee7a63", "#c8463c", "#8c2b2b", "#4d2024", "#20242b", "#1d3345", "#23527a", "#3477ad", "#5fa3d6", "#a9d3f5"];

function table(stops) {
  const colours = stops.map(rgb);
  const out = new Uint8Array(768);
  for (let k = 0; k < 256; k++) {
    const at = (k / 255) * (colours.length - 1);
    const low = Math.min(Math.floor(at), colours.length - 2);
    for (let c = 0; c < 3; c++) out[3 * k + c] = colours[low][c] + (at - low) * (colours[low + 1][c] - colours[low][c]);
  }
  return out;
}

const onLight = table(ON_LIGHT);
const onDark = table(ON_DARK);

export const divergingRamp = (dark) => (dark ? onDark : onLight);

export function divergingCss(ramp) {
  const stops = Array.from({ length: 11 }, (_, k) => Math.round(25.5 * k)).map((k) => `rgb(${ramp.slice(3 * k, 3 * k + 3).join(",")})`);
  return `linear-gradient(to right, ${stops.join(",")})`;
}
