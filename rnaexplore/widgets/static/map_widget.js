// The map as a view of its own.
import { topBar } from "./bar.js";
import { createScope, h, keepEventsInside } from "./dom.js";
import { createLegend } from "./legend.js";
import { createMap } from "./map.js";
import { createShared } from "./shared.js";

export function renderMapWidget({ model, el }) {
  const scope = createScope();
  const shared = createShared(model, scope, el);
  const side = h("div", { class: "rx-map-side" }, createMap(shared), createLegend(shared));
  const root = h("div", { class: "rx-root" }, topBar(shared), side);
  keepEventsInside(root);
  el.append(root);
  return () => {
    scope.dispose();
    root.remove();
  };
}
