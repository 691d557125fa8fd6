// Colour ramps and colours of columns.

const VIRIDIS = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const BLUES = ["#fbfcfe", "#dfe9f5", "#b3cde8", "#7aa7d6", "#4480bf", "#245a9a", "#103767", "#081d3a"];
const BLUES_ON_DARK = ["#15191f", "#1b2b42", "#21436d", "#2d629f", "#4c88c8", "#83b2e3", "#bcd8f4", "#f2f8ff"];

export const MISSING = 65535;
const STEPS = 256;

export function rgb(hex) {
  const n = parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

export function ramp(anchors) {
  const table = new Uint8Array(STEPS * 3);
  const stops = anchors.map(rgb);
  for (let k = 0; k < STEPS; k++) {
    const at = (k / (STEPS - 1)) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    for (let c = 0; c < 3; c++) {
      table[3 * k + c] = stops[low][c] + (at - low) * (stops[low + 1][c] - stops[low][c]);
    }
  }
  return table;
}

export const numberRamp = ramp(VIRIDIS);
const mapRamp = ramp(BLUES);
const mapRampOnDark = ramp(BLUES_ON_DARK);

export const weightRamp = (dark) => (dark ? mapRampOnDark : mapRamp);

export const rampCss = (table) => {
  const stops = [0, 51, 102, 153, 204, 255].map((k) => `rgb(${table.slice(3 * k, 3 * k + 3).join(",")})`);
  return `linear-gradient(to right, ${stops.join(",")})`;
};

export function isDark(el) {
  const [r, g, b] = groundOf(el);
  return r * 0.3 + g * 0.59 + b * 0.11 < 110;
}

// Red, green and blue of what an element lies on.
export function groundOf(el) {
  for (let node = el; node; node = node.parentElement) {
    const parts = (getComputedStyle(node).backgroundColor.match(/[\d.]+/g) || []).map(Number);
    if (parts.length >= 3 && parts[3] !== 0) return parts.slice(0, 3);
  }
  return [255, 255, 255];
}

// On a dark ground, a colour that is nearly black is made lighter.
export function readable(hex, dark) {
  const [r, g, b] = rgb(hex);
  if (!dark || r * 0.3 + g * 0.59 + b * 0.11 > 70) return hex;
  return `#${[r, g, b].map((v) => Math.round(v + (255 - v) * 0.4).toString(16).padStart(2, "0")).join("")}`;
}

export const cssColour = (el, name) => getComputedStyle(el).getPropertyValue(name).trim();
