// Thumbnails of every head, rows of layers: click one, or move with the arrow keys.
import { asUint8 } from "./binary.js";
import { cssColour, isDark, weightRamp } from "./color.js";
import { h, send, watch } from "./dom.js";

const GAP_BETWEEN = 4;
const MARGIN = 16;

export function createGallery(model, scope) {
  const canvas = h("canvas", {});
  const el = h("div", { class: "rx-gallery", tabindex: "0", role: "group", "aria-label": "All heads. Arrow keys choose layer and head." }, canvas);
  const gallery = { model, canvas, el };
  watch(model, scope, ["_gallery", "layer", "head"], () => drawGallery(gallery));
  canvas.addEventListener("click", (event) => choose(gallery, event));
  canvas.addEventListener("pointermove", (event) => name(gallery, event));
  el.addEventListener("keydown", (event) => stepThrough(gallery, event));
  return { el };
}

function drawGallery(gallery) {
  const { model, canvas, el } = gallery;
  const raw = model.get("_gallery");
  const has = Boolean(raw?.data);
  el.hidden = !has;
  if (!has) return;
  const layers = model.get("_layers");
  const heads = model.get("_heads");
  gallery.cell = Math.max(14, Math.min(26, Math.floor(300 / heads.length)));
  const pitch = gallery.cell + GAP_BETWEEN;
  const ratio = window.devicePixelRatio || 1;
  resizeTo(canvas, MARGIN + heads.length * pitch, MARGIN + layers.length * pitch, ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const levels = asUint8(raw.data);
  const table = weightRamp(isDark(el));
  layers.forEach((layer, l) => heads.forEach((head, k) => {
    const from = (l * heads.length + k) * raw.size ** 2;
    const picture = thumbnail(levels.subarray(from, from + raw.size ** 2), raw.size, table);
    context.drawImage(picture, MARGIN + k * pitch, MARGIN + l * pitch, gallery.cell, gallery.cell);
  }));
  drawNumbers(gallery, context, layers, heads, pitch);
  drawChosen(gallery, context, layers, heads, pitch);
}

function resizeTo(canvas, width, height, ratio) {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

function thumbnail(levels, size, table) {
  const picture = new ImageData(size, size);
  levels.forEach((level, k) => picture.data.set([...table.subarray(3 * level, 3 * level + 3), 255], 4 * k));
  const canvas = new OffscreenCanvas(size, size);
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}

function drawNumbers(gallery, context, layers, heads, pitch) {
  context.fillStyle = cssColour(gallery.el, "--rx-faint");
  context.font = "9px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const half = gallery.cell / 2;
  heads.forEach((head, k) => context.fillText(head, MARGIN + k * pitch + half, MARGIN / 2));
  layers.forEach((layer, l) => context.fillText(layer, MARGIN / 2, MARGIN + l * pitch + half));
}

function drawChosen({ model, cell, el }, context, layers, heads, pitch) {
  const l = layers.indexOf(model.get("layer"));
  const k = heads.indexOf(model.get("head"));
  context.strokeStyle = cssColour(el, "--rx-accent");
  context.lineWidth = 2;
  const width = k < 0 ? heads.length * pitch - GAP_BETWEEN : cell;
  context.strokeRect(MARGIN + Math.max(0, k) * pitch - 1, MARGIN + l * pitch - 1, width + 2, cell + 2);
}

function pointed({ model, canvas, cell }, event) {
  const box = canvas.getBoundingClientRect();
  const pitch = cell + GAP_BETWEEN;
  const k = Math.floor((event.clientX - box.left - MARGIN) / pitch);
  const l = Math.floor((event.clientY - box.top - MARGIN) / pitch);
  return { layer: model.get("_layers")[l], head: model.get("_heads")[k] };
}

function choose(gallery, event) {
  const { layer, head } = pointed(gallery, event);
  if (layer !== undefined) send(gallery.model, { layer, head: head === undefined ? null : head });
}

function name(gallery, event) {
  const { layer, head } = pointed(gallery, event);
  const known = layer !== undefined && head !== undefined;
  gallery.canvas.title = known ? `Layer ${layer}, head ${head}` : layer !== undefined ? `Layer ${layer}, mean over heads` : "";
}

const STEPS_OF = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function stepThrough({ model }, event) {
  const by = STEPS_OF[event.key];
  if (!by) return;
  event.preventDefault();
  const layers = model.get("_layers");
  const heads = model.get("_heads");
  const l = layers.indexOf(model.get("layer")) + by[0];
  const k = heads.indexOf(model.get("head")) + by[1];
  if (layers[l] !== undefined && k >= -1 && k < heads.length) send(model, { layer: layers[l], head: k < 0 ? null : heads[k] });
}
