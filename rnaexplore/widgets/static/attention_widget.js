// The attention map as a view of its own.
import { createAttention } from "./attention.js";
import { createScope, createStore, h, keepEventsInside } from "./dom.js";

export function renderAttentionWidget({ model, el }) {
  const scope = createScope();
  const focus = createStore(null);
  const readout = h("div", { class: "rx-readout", role: "status" });
  focus.subscribe((at) => (readout.textContent = at?.text || ""));
  const root = h("div", { class: "rx-root rx-single" }, createAttention(model, scope, focus), readout);
  keepEventsInside(root);
  el.append(root);
  return () => {
    scope.dispose();
    root.remove();
  };
}
