// The maps as a view of their own.
import { topBar } from "./bar.js";
import { createScope, h, keepEventsInside } from "../core/dom.js";
import { createLegend } from "./legend.js";
import { createMaps } from "./maps.js";
import { selectionBar } from "./selection_bar.js";
import { createShared } from "./shared.js";

export function renderMapWidget({ model, el }) {
  const scope = createScope();
  const root = h("div", { class: "rx-root" });
  keepEventsInside(root);
  el.append(root);
  const shared = createShared(model, scope, el);
  root.append(topBar(shared), selectionBar(shared), h("div", { class: "rx-map-side" }, createMaps(shared), createLegend(shared)));
  return () => {
    scope.dispose();
    root.remove();
  };
}
