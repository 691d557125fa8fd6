// What the mouse is over, and the helix that stays lit, as one store for all views.
import { createStore, send, watch } from "../core/dom.js";

// Views read {i, j, text, lit}; any may be missing. `helix` holds the pairs that stay lit.
export function createLitFocus(model, scope) {
  const shown = createStore(null);
  let at = null;
  const publish = () => {
    const helix = model.get("helix") || [];
    const lit = [...(at?.lit || []), ...helix];
    shown.set(at || helix.length ? { ...at, lit, text: at?.text || describeHelix(model, helix) } : null);
  };
  watch(model, scope, ["helix"], publish);
  return {
    get: shown.get,
    subscribe: shown.subscribe,
    set(next) {
      at = next;
      publish();
    },
  };
}

function describeHelix(model, helix) {
  const { sequence } = model.get("_rna");
  const name = (k) => `${sequence[k]}${k + 1}`;
  if (!helix.length) return "";
  const [i, j] = helix[0];
  const [a, b] = helix[helix.length - 1];
  return `Helix ${name(i)}–${name(a)} with ${name(b)}–${name(j)}. Click elsewhere to let it go.`;
}

export function keepLit(model, helix) {
  send(model, { helix: helix.map(([i, j]) => [i, j]) });
}
