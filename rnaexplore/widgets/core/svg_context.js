// What a canvas draws as SVG: the part of a 2-D context that our views use.

const BASELINES = { middle: 0.35, top: 0.8, hanging: 0.8, bottom: -0.2, alphabetic: 0 };
const ANCHORS = { center: "middle", right: "end", end: "end" };
let clips = 0;

export function svgContext() {
  const context = {
    parts: [], path: [], place: { x: 0, y: 0, clip: "" }, kept: [], dashes: [], fillStyle: "#000", strokeStyle: "#000",
    lineWidth: 1, globalAlpha: 1, font: "10px sans-serif", textAlign: "start", textBaseline: "alphabetic", lineJoin: "miter",
  };
  const ruler = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return Object.assign(context, states(context), outlines(context), marks(context, ruler));
}

function states(context) {
  return {
    save: () => context.kept.push({ ...context.place }),
    restore: () => (context.place = context.kept.pop() || context.place),
    translate(x, y) {
      context.place = { ...context.place, x: context.place.x + x, y: context.place.y + y };
    },
    setTransform: () => (context.place = { ...context.place, x: 0, y: 0 }),
    clearRect: () => context.parts.splice(0),
    setLineDash: (dashes) => (context.dashes = dashes),
    clip() {
      const id = `rx-clip-${clips++}`;
      context.parts.push(`<clipPath id="${id}"><path d="${context.path.join("")}"/></clipPath>`);
      context.place = { ...context.place, clip: ` clip-path="url(#${id})"` };
    },
  };
}

const round = (v) => Math.round(v * 100) / 100;

function outlines(context) {
  const at = (x, y) => `${round(x + context.place.x)} ${round(y + context.place.y)}`;
  const add = (text) => context.path.push(text);
  const ellipse = (x, y, rx, ry, turn, from, to) => {
    const point = (angle) => at(x + rx * Math.cos(angle), y + ry * Math.sin(angle));
    const middle = (from + to) / 2;
    const radii = `${round(rx)} ${round(ry)} 0 0 1`;
    add(`${context.path.length ? "L" : "M"}${point(from)}A${radii} ${point(middle)}A${radii} ${point(to)}`);
  };
  return {
    beginPath: () => (context.path = []),
    closePath: () => add("Z"),
    moveTo: (x, y) => add(`M${at(x, y)}`),
    lineTo: (x, y) => add(`L${at(x, y)}`),
    rect: (x, y, width, height) => add(`M${at(x, y)}h${round(width)}v${round(height)}h${round(-width)}Z`),
    arc: (x, y, radius, from, to) => ellipse(x, y, radius, radius, 0, from, to),
    ellipse,
  };
}

function marks(context, ruler) {
  const tint = tints(ruler);
  const put = (body) => context.parts.push(body);
  const filled = () => inked("fill", tint(context.fillStyle), context.globalAlpha);
  const stroked = () => `fill="none" ${inked("stroke", tint(context.strokeStyle), context.globalAlpha)} stroke-width="${context.lineWidth}" stroke-linejoin="${context.lineJoin}"${context.dashes.length ? ` stroke-dasharray="${context.dashes.join(" ")}"` : ""}`;
  const box = (x, y, width, height, how) => put(`<rect x="${round(x + context.place.x)}" y="${round(y + context.place.y)}" width="${round(Math.abs(width))}" height="${round(Math.abs(height))}" ${how}${context.place.clip}/>`);
  const text = (words, x, y, how) => put(svgText(words, x + context.place.x, y + context.place.y, { ...context, how: how + context.place.clip }));
  return {
    fill: () => put(`<path d="${context.path.join("")}" ${filled()}${context.place.clip}/>`),
    stroke: () => put(`<path d="${context.path.join("")}" ${stroked()}${context.place.clip}/>`),
    fillRect: (...of) => box(...of, filled()),
    strokeRect: (...of) => box(...of, stroked()),
    fillText: (words, x, y) => text(words, x, y, filled()),
    strokeText: (words, x, y) => text(words, x, y, stroked()),
    measureText(words) {
      ruler.font = context.font;
      return ruler.measureText(words);
    },
    drawImage: (source, ...of) => put(svgImage(source, of, context.place)),
  };
}

// A part of an image as it is, pixel by pixel.
function svgImage(source, of, { x, y, clip }) {
  const [sx, sy, sw, sh, dx, dy, dw, dh] = of.length === 8 ? of : [0, 0, source.width, source.height, ...of];
  const part = document.createElement("canvas");
  [part.width, part.height] = [sw, sh];
  part.getContext("2d").drawImage(source, sx, sy, sw, sh, 0, 0, sw, sh);
  return `<image x="${round(dx + x)}" y="${round(dy + y)}" width="${round(dw)}" height="${round(dh)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${part.toDataURL()}"${clip}/>`;
}

const inked = (kind, [colour, opacity], alpha) => `${kind}="${colour}"${opacity * alpha < 1 ? ` ${kind}-opacity="${round(opacity * alpha)}"` : ""}`;

// Any colour of CSS as #rrggbb and an opacity: programs for drawing know no more.
export function tints(ruler) {
  const known = new Map();
  return (colour) => {
    if (!known.has(colour)) {
      ruler.clearRect(0, 0, 1, 1);
      ruler.fillStyle = "#000";
      ruler.fillStyle = colour;
      ruler.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = ruler.getImageData(0, 0, 1, 1).data;
      known.set(colour, [`#${[r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("")}`, a / 255]);
    }
    return known.get(colour);
  };
}

export const escaped = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

export function svgText(words, x, y, { font, textAlign = "start", textBaseline = "alphabetic", how }) {
  const [, weight = "400", size, family] = font.match(/(?:(bold|\d00)\s+)?([\d.]+)px(?:\/\S+)?\s+(.+)$/) || [];
  const down = (BASELINES[textBaseline] ?? 0) * size;
  return `<text x="${round(x)}" y="${round(y + down)}" font-family="${escaped(family)}" font-size="${size}" font-weight="${weight}" text-anchor="${ANCHORS[textAlign] || "start"}" xml:space="preserve" ${how}>${escaped(words)}</text>`;
}
