// The mutation map as a view of its own.
import { createScope, createStore, h, keepEventsInside } from "../core/dom.js";
import { createEffect } from "./mutation_effect.js";
import { createMutations } from "./mutations.js";
import { pictureButtons } from "../core/picture.js";

export function renderMutationWidget({ model, el }) {
  const scope = createScope();
  const focus = createStore(null);
  const readout = h("div", { class: "rx-readout", role: "status" });
  focus.subscribe((at) => (readout.textContent = at?.text || ""));
  const scores = createMutations(model, scope, focus);
  const pictures = pictureButtons(() => pictures.closest(".rx-root"), () => `mutations ${model.get("mutation") || ""}`.trim());
  const root = h("div", { class: "rx-root rx-mutations" }, h("div", { class: "rx-bar" }, h("span", { class: "rx-gap" }), pictures), scores, readout, createEffect(model, scope, focus));
  keepEventsInside(root);
  el.append(root);
  return () => {
    scope.dispose();
    root.remove();
  };
}
