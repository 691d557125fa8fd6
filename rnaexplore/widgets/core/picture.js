// What is seen of a view as a file: SVG with texts as texts and points as circles, or PNG.
import { h } from "./dom.js";
import { saveFile } from "../contacts/studio_files.js";
import { svgContext, svgText, tints } from "./svg_context.js";

const SCALE = 2;
const CONTROLS = "input, select, output, .rx-field, .rx-bar, .rx-selection-bar, .rx-notice, .rx-tools, .rx-looks, .rx-zoom, .rx-controls, .rx-legend-head, .rx-table-bar, .rx-tabs, .rx-tip, .rx-icon, .rx-button, .rx-pictures";

// Two buttons that save a picture of the element that `seen()` returns; controls are left out.
export function pictureButtons(seen, name, what = "what is seen") {
  const button = (kind, save) => h("button", { class: "rx-button", type: "button", title: `Save ${what} as .${kind.toLowerCase()}`, "aria-label": `Save ${what} as ${kind}`, onclick: () => save(pictureOf(seen()), fileNameOf(name())) }, kind);
  return h("span", { class: "rx-pictures" }, button("SVG", saveSvg), button("PNG", savePng));
}

const fileNameOf = (text) => text.replace(/[^\w.-]+/g, "_") || "view";

function saveSvg({ svg }, name) {
  saveFile(`${name}.svg`, [new Blob([svg], { type: "image/svg+xml" })]);
}

function savePng({ svg, width, height }, name) {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  const image = new Image();
  image.onload = () => {
    const canvas = h("canvas", { width: Math.round(width * SCALE), height: Math.round(height * SCALE) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    canvas.toBlob((blob) => saveFile(`${name}.png`, [blob]), "image/png");
  };
  image.setAttribute("src", address);
}

// The picture is cut to what is in it.
export function pictureOf(root) {
  const ruler = h("canvas", {}).getContext("2d", { willReadFrequently: true });
  const page = { out: [], tint: tints(ruler), edges: [Infinity, Infinity, -Infinity, -Infinity], clips: 0 };
  walk(page, root, root);
  const [left, top, right, bottom] = page.edges;
  const [width, height] = [Math.ceil(right - left) || 1, Math.ceil(bottom - top) || 1];
  const ground = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${page.tint(groundOfView(root))[0]}"/>`;
  const head = `<svg xmlns="${svgSpace()}" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}">`;
  return { svg: `${head}${ground}${page.out.join("")}</svg>`, width, height };
}

const svgSpace = () => h("div", { html: "<svg></svg>" }).firstChild.namespaceURI;
const groundOfView = (root) => getComputedStyle(root.closest(".rx-root") || root).backgroundColor;

function walk(page, el, root) {
  const style = getComputedStyle(el);
  if (el !== root && (el.hidden || style.display === "none" || style.visibility === "hidden" || el.matches(CONTROLS))) return;
  const box = el.getBoundingClientRect();
  if (el !== root) frameOf(page, box, style);
  if (el instanceof HTMLCanvasElement) return canvasOf(page, el, box);
  if (el instanceof SVGSVGElement) return drawingOf(page, el, box, style);
  const cut = style.overflowX !== "visible" && box.width > 0;
  if (cut) page.out.push(`<clipPath id="rx-cut-${page.clips}"><rect ${boxOf(box)}/></clipPath><g clip-path="url(#rx-cut-${page.clips++})">`);
  const outer = page.limit;
  if (cut) page.limit = box;
  for (const node of el.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) textOf(page, node, style);
    else if (node.nodeType === Node.ELEMENT_NODE) walk(page, node, root);
  }
  page.limit = outer;
  if (cut) page.out.push("</g>");
}

const boxOf = ({ left, top, width, height }) => `x="${left}" y="${top}" width="${width}" height="${height}"`;

function widen(page, box) {
  const within = page.limit || box;
  const [left, top] = [Math.max(box.left, within.left), Math.max(box.top, within.top)];
  const [right, bottom] = [Math.min(box.right, within.right), Math.min(box.bottom, within.bottom)];
  if (right <= left || bottom <= top) return;
  const [a, b, c, d] = page.edges;
  page.edges = [Math.min(a, left), Math.min(b, top), Math.max(c, right), Math.max(d, bottom)];
}

function frameOf(page, box, style) {
  const [fill, opacity] = page.tint(style.backgroundColor);
  const image = style.backgroundImage.startsWith("linear-gradient") ? gradientOf(page, style.backgroundImage) : null;
  const line = parseFloat(style.borderTopWidth) && parseFloat(style.borderLeftWidth) ? page.tint(style.borderTopColor) : null;
  if (!box.width || !box.height || !(opacity || image || line?.[1])) return;
  const round = Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.height / 2);
  page.out.push(`<rect ${boxOf(box)} rx="${round}" fill="${image || (opacity ? fill : "none")}" fill-opacity="${opacity || 1}"${line?.[1] ? ` stroke="${line[0]}" stroke-opacity="${line[1]}"` : ""}/>`);
  widen(page, box);
}

// The scales of our legends: colours at equal distances from left to right.
function gradientOf(page, image) {
  const colours = image.match(/rgba?\([^)]*\)/g) || [];
  const id = `rx-scale-${page.clips++}`;
  const stops = colours.map((colour, k) => `<stop offset="${k / Math.max(1, colours.length - 1)}" stop-color="${page.tint(colour)[0]}"/>`);
  page.out.push(`<linearGradient id="${id}">${stops.join("")}</linearGradient>`);
  return `url(#${id})`;
}

// A canvas that can paint itself anew is drawn as shapes; others are pictures.
function canvasOf(page, canvas, box) {
  if (!box.width || !canvas.width) return;
  widen(page, box);
  const drawn = canvas.rxShapes?.() ?? shapesOf(canvas);
  const inside = drawn ?? `<image width="${box.width}" height="${box.height}" href="${imageOf(canvas)}"/>`;
  page.out.push(`<svg x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}">${inside}</svg>`);
}

function shapesOf(canvas) {
  if (!canvas.rxPaint) return null;
  const context = svgContext();
  canvas.getContext = () => context;
  try {
    canvas.rxPaint();
  } finally {
    delete canvas.getContext;
  }
  canvas.rxPaint();
  return context.parts.join("");
}

function imageOf(canvas) {
  canvas.rxRedraw?.();
  return canvas.toDataURL();
}

function drawingOf(page, el, box, style) {
  const copy = el.cloneNode(true);
  const colours = [...el.querySelectorAll("*")].map((part) => getComputedStyle(part));
  copy.querySelectorAll("*").forEach((part, k) => part.setAttribute("style", `fill:${colours[k].fill};fill-opacity:${colours[k].fillOpacity};stroke:${colours[k].stroke};stroke-width:${colours[k].strokeWidth}`));
  for (const [key, value] of Object.entries({ xmlns: svgSpace(), x: box.left, y: box.top, width: box.width, height: box.height, color: style.color })) copy.setAttribute(key, value);
  widen(page, box);
  page.out.push(copy.outerHTML);
}

// One text for each line that the browser made of it.
function textOf(page, node, style) {
  if (!node.textContent.trim()) return;
  const [colour, opacity] = page.tint(style.color);
  const font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  for (const { words, box } of linesOf(node)) {
    widen(page, box);
    const how = `fill="${colour}" fill-opacity="${opacity}"`;
    page.out.push(svgText(words, box.left, (box.top + box.bottom) / 2, { font, textBaseline: "middle", how }));
  }
}

function linesOf(node) {
  const range = document.createRange();
  const lines = [];
  for (const { index, 0: word } of node.textContent.matchAll(/\S+\s*/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.trimEnd().length);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 2) {
      last.words += ` ${word.trimEnd()}`;
      last.box = { left: last.box.left, top: last.box.top, right: box.right, bottom: box.bottom };
    } else lines.push({ words: word.trimEnd(), box: { left: box.left, top: box.top, right: box.right, bottom: box.bottom } });
  }
  return lines;
}
