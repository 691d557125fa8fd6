// What the parts of a view have in common: decoded state, selection, what the mouse is over.
import { asTexts, asUint32, fromUint32 } from "./binary.js";
import { isDark } from "./color.js";
import { decodeColumn } from "./columns.js";
import { createStore, send, watch } from "./dom.js";

export function createShared(model, scope, el) {
  const names = asTexts(model.get("_names"));
  const shared = {
    model,
    scope,
    names,
    dark: isDark(el),
    selection: createStore(new Uint32Array()),
    selected: createStore(-1),
    hovered: createStore(-1),
    highlight: createStore(-1),
    column: createStore(null),
  };
  watch(model, scope, ["_selection"], () => shared.selection.set(asUint32(model.get("_selection"))));
  watch(model, scope, ["_selected"], () => shared.selected.set(model.get("_selected")));
  watch(model, scope, ["_colour"], () => shared.column.set(decodeColumn(model.get("_colour"), shared.dark)));
  return shared;
}

export const select = (shared, positions) => send(shared.model, { _selection: fromUint32(positions) });

export const open = (shared, position) => send(shared.model, { _selected: position });

export function mask(positions, n) {
  const chosen = new Uint8Array(n);
  for (const i of positions) chosen[i] = 1;
  return chosen;
}
