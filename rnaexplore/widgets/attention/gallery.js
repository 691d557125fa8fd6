// Thumbnails of every head: rows of layers, or the best first. Click one, or move with the arrow keys.
import { asUint8 } from "../core/binary.js";
import { packedColours } from "../core/cells.js";
import { cssColour, isDark, weightRamp } from "../core/color.js";
import { frameOnce, h, onResize, onTheme, send, watch } from "../core/dom.js";
import { sizeCanvas } from "../core/matrix.js";

const SPACE = 4;
const LEGEND = 18;
const TALLEST_GRID = 580;
const RANKED_LEGEND = 13;
const RANKED_CELLS = [84, 64, 52, 44];

export function createGallery(model, scope, { largest = 26 } = {}) {
  const canvas = h("canvas", {});
  const el = h("div", { class: "rx-gallery", tabindex: "0", role: "group", "aria-label": "All heads. Arrow keys choose layer and head." }, canvas);
  const gallery = { model, canvas, el, largest, sprite: null, place: null };
  const redraw = frameOnce(scope, () => drawGallery(gallery));
  canvas.rxPaint = () => drawGallery(gallery);
  watch(model, scope, ["_gallery"], () => {
    gallery.sprite = null;
    el.hidden = !model.get("_gallery")?.data;
    redraw();
  });
  watch(model, scope, ["layer", "head", "order", "_ranking"], redraw);
  onResize(scope, el, redraw);
  onTheme(scope, redraw);
  canvas.addEventListener("click", (event) => choose(gallery, event));
  canvas.addEventListener("pointermove", (event) => name(gallery, event));
  el.addEventListener("keydown", (event) => stepThrough(gallery, event));
  return { el };
}

// All thumbnails as one picture, painted once for each theme.
function loadSprite(gallery) {
  const dark = isDark(gallery.el);
  if (gallery.sprite && gallery.dark === dark) return;
  const raw = gallery.model.get("_gallery");
  const levels = asUint8(raw.data);
  const colours = packedColours(weightRamp(dark));
  const picture = new ImageData(raw.size, levels.length / raw.size);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let k = 0; k < pixels.length; k++) pixels[k] = colours[levels[k]];
  const sprite = new OffscreenCanvas(picture.width, picture.height);
  sprite.getContext("2d").putImageData(picture, 0, 0);
  Object.assign(gallery, { sprite, dark, size: raw.size });
}

// Where each head lies: order[slot] is its place in layers x heads.
function layOutHeads({ model, el, largest }) {
  const layers = model.get("_layers");
  const heads = model.get("_heads");
  const ranking = model.get("_ranking");
  const ranked = model.get("order") === "ranked" && ranking?.scores?.length > 0;
  const room = (el.parentElement?.clientWidth || 320) - 4;
  const all = layers.flatMap((_, l) => heads.map((__, k) => l * heads.length + k));
  if (!ranked) {
    const cell = Math.max(14, Math.min(largest, Math.floor(TALLEST_GRID / layers.length) - SPACE, Math.floor((room - LEGEND) / heads.length) - SPACE));
    return { layers, heads, ranked, cell, columns: heads.length, left: LEGEND, top: LEGEND, pitch: cell + SPACE, drop: cell + SPACE, order: all };
  }
  const columnsOf = (cell) => Math.max(1, Math.min(all.length, Math.floor(room / (cell + SPACE))));
  const dropOf = (cell) => cell + 2 * RANKED_LEGEND + SPACE;
  const fits = (cell) => Math.min(100, largest * 2) > cell && Math.ceil(all.length / columnsOf(cell)) * dropOf(cell) <= TALLEST_GRID;
  const cell = RANKED_CELLS.find(fits) || RANKED_CELLS.at(-1);
  const columns = columnsOf(cell);
  const order = all.sort((a, b) => ranking.scores[b] - ranking.scores[a] || a - b);
  return { layers, heads, ranked, ranking, cell, columns, left: 2, top: 2, pitch: cell + SPACE, drop: dropOf(cell), order };
}

const slotAt = (place, slot) => [place.left + (slot % place.columns) * place.pitch, place.top + Math.floor(slot / place.columns) * place.drop];

function drawGallery(gallery) {
  const { canvas, el } = gallery;
  if (el.hidden || !el.isConnected) return;
  loadSprite(gallery);
  const { sprite, size } = gallery;
  const place = (gallery.place = layOutHeads(gallery));
  const ratio = window.devicePixelRatio || 1;
  sizeCanvas(canvas, place.left + place.columns * place.pitch, place.top + Math.ceil(place.order.length / place.columns) * place.drop, ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.imageSmoothingEnabled = size > place.cell * ratio;
  place.order.forEach((k, slot) => context.drawImage(sprite, 0, k * size, size, size, ...slotAt(place, slot), place.cell, place.cell));
  context.fillStyle = cssColour(el, "--rx-faint");
  context.textAlign = "center";
  context.textBaseline = "middle";
  if (place.ranked) writeRanks(gallery, context, place);
  else writeNumbers(context, place);
  drawChosen(gallery, context, place);
}

function writeNumbers(context, { heads, layers, cell, pitch }) {
  context.font = `${Math.min(10, cell * 0.62)}px system-ui, sans-serif`;
  heads.forEach((head, k) => context.fillText(head, LEGEND + k * pitch + cell / 2, LEGEND / 2));
  layers.forEach((layer, l) => context.fillText(layer, LEGEND / 2, LEGEND + l * pitch + cell / 2));
}

function writeRanks({ el }, context, place) {
  context.font = "10px system-ui, sans-serif";
  place.order.forEach((k, slot) => {
    const [x, y] = slotAt(place, slot);
    const middle = x + place.cell / 2;
    context.fillStyle = cssColour(el, "--rx-faint");
    context.fillText(`${place.layers[Math.floor(k / place.heads.length)]}·${place.heads[k % place.heads.length]}`, middle, y + place.cell + 7);
    context.fillStyle = cssColour(el, "--rx-ink");
    context.fillText(place.ranking.scores[k].toFixed(2), middle, y + place.cell + 19);
  });
}

function drawChosen({ model, el }, context, place) {
  const l = place.layers.indexOf(model.get("layer"));
  const k = place.heads.indexOf(model.get("head"));
  context.strokeStyle = cssColour(el, "--rx-accent");
  context.lineWidth = 2;
  if (k >= 0) {
    const [x, y] = slotAt(place, place.order.indexOf(l * place.heads.length + k));
    context.strokeRect(x - 1, y - 1, place.cell + 2, place.cell + 2);
  } else if (!place.ranked) {
    const [x, y] = slotAt(place, l * place.columns);
    context.strokeRect(x - 1, y - 1, place.columns * place.pitch - SPACE + 2, place.cell + 2);
  }
}

// The head under the pointer; a layer alone beside the numbers of layers.
function pointed({ canvas, place }, event) {
  if (!place) return {};
  const box = canvas.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left - place.left) / place.pitch);
  const row = Math.floor((event.clientY - box.top - place.top) / place.drop);
  if (!place.ranked && column < 0) return { layer: place.layers[row], head: null };
  const at = column < 0 || column >= place.columns || row < 0 ? undefined : place.order[row * place.columns + column];
  if (at === undefined) return {};
  return { at, layer: place.layers[Math.floor(at / place.heads.length)], head: place.heads[at % place.heads.length] };
}

function choose(gallery, event) {
  const { layer, head } = pointed(gallery, event);
  if (layer !== undefined) send(gallery.model, { layer, head });
}

function name(gallery, event) {
  const { at, layer, head } = pointed(gallery, event);
  const ranking = gallery.model.get("_ranking");
  const score = at !== undefined && ranking?.scores ? `: ${ranking.what} ${ranking.scores[at].toFixed(3)}, by chance ${ranking.chance.toFixed(3)}` : "";
  const what = head === null ? "mean over heads" : `head ${head}`;
  gallery.canvas.title = layer === undefined ? "" : `Layer ${layer}, ${what}${score}`;
}

const STEPS_OF = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function stepThrough(gallery, event) {
  const by = STEPS_OF[event.key];
  const { model } = gallery;
  if (!by) return;
  const place = gallery.place || layOutHeads(gallery); // a key may come before the first painting
  event.preventDefault();
  const { layers, heads } = place;
  const l = layers.indexOf(model.get("layer"));
  const k = heads.indexOf(model.get("head"));
  if (place.ranked) {
    const slot = place.order.indexOf(l * heads.length + k) + by[0] * place.columns + by[1];
    const at = place.order[Math.max(0, Math.min(place.order.length - 1, slot))];
    send(model, { layer: layers[Math.floor(at / heads.length)], head: heads[at % heads.length] });
  } else if (layers[l + by[0]] !== undefined && k + by[1] >= -1 && k + by[1] < heads.length) {
    send(model, { layer: layers[l + by[0]], head: k + by[1] < 0 ? null : heads[k + by[1]] });
  }
}
