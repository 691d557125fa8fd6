// What the parts of a view have in common: decoded state, selection, what the mouse is over.
import { asTexts, packMask, positionsOf, unpackMask } from "../core/binary.js";
import { isDark } from "../core/color.js";
import { decodeColumn } from "./columns.js";
import { createStore, onTheme, send, watch } from "../core/dom.js";
import { combine } from "./geometry.js";
import { repainted } from "./palettes.js";
import { createRequests } from "./requests.js";

export function createShared(model, scope, el) {
  const names = asTexts(model.get("_names"));
  const n = names.length;
  const shared = {
    model, scope, names, n,
    dark: isDark(el),
    live: model.get("_live") !== false,
    requests: createRequests(model, scope),
    mask: new Uint8Array(n),
    shown: createStore(null),
    selection: createStore(new Uint32Array()),
    mode: createStore("replace"),
    selected: createStore(-1),
    hovered: createStore(-1),
    highlight: createStore(null),
    near: createStore([]),
    top: createStore(0),
    column: createStore(null),
  };
  watch(model, scope, ["_selection"], () => {
    shared.mask = unpackMask(model.get("_selection"), n);
    shared.selection.set(positionsOf(shared.mask));
  });
  watch(model, scope, ["_shown"], () => shared.shown.set(shownMask(model.get("_shown"), n)));
  watch(model, scope, ["_selected"], () => shared.selected.set(model.get("_selected")));
  const colour = () => shared.column.set(repainted(decodeColumn(model.get("_colour"), shared.dark), model.get("palette"), model.get("_palettes")));
  watch(model, scope, ["_colour", "palette"], colour);
  onTheme(scope, () => {
    if (shared.dark === isDark(el)) return;
    shared.dark = !shared.dark;
    colour();
  });
  return shared;
}

const shownMask = (view, n) => (view?.byteLength ? unpackMask(view, n) : null);

export const open = (shared, position) => send(shared.model, { _selected: position });

// Combines a mask with the selection. Keys override the mode: Shift adds, Alt takes away, both intersect.
export function select(shared, found, event = null) {
  const keys = event && { true: { true: "intersect", false: "add" }, false: { true: "subtract", false: null } }[event.shiftKey][event.altKey];
  const shown = shared.shown.get();
  const visible = shown ? found.map((on, i) => on & shown[i]) : found;
  setSelection(shared, combine(shared.mask, visible, keys || shared.mode.get()));
}

// Makes a mask the selection, and asks Python to say that it heard.
export function setSelection(shared, mask) {
  shared.requests.ask("hear", {}, { _selection: packMask(mask) });
}

export const clear = (shared) => setSelection(shared, new Uint8Array(shared.n));

export function invert(shared) {
  const shown = shared.shown.get();
  setSelection(shared, shared.mask.map((on, i) => (on || (shown && !shown[i]) ? 0 : 1)));
}

export function showOnly(shared, mask) {
  send(shared.model, { _shown: mask ? packMask(mask) : new DataView(new ArrayBuffer(0)) });
}

export function maskOf(shared, belongs) {
  const mask = new Uint8Array(shared.n);
  for (let i = 0; i < shared.n; i++) mask[i] = belongs(i) ? 1 : 0;
  return mask;
}
