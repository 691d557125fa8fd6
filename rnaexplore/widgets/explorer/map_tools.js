// The buttons above the map.
import { h, iconButton } from "../core/dom.js";
import { createLooks } from "./looks.js";
import { pictureButtons } from "../core/picture.js";

const ICONS = {
  lasso: "M8 2.2c3.4 0 6 1.7 6 4s-2.6 4-6 4c-.9 0-1.8-.1-2.600-.4M8 2.200c-3.400 0-6 1.700-6 4 0 1.400 1 2.600 2.500 3.300M5.400 9.800a1.400 1.400 0 1 1-1.800 1.600 1.400 1.400 0 0 1 1.800-1.600zm-.6 2.700c0 1 .6 1.500 1.600 1.800",
  box: "M2.500 4.500v-2h2M11.500 2.500h2v2M13.500 11.500v2h-2M4.500 13.500h-2v-2M7 2.500h2M7 13.500h2M2.500 7v2M13.500 7v2",
  pan: "M8 1.800v12.400M1.800 8h12.400M6.200 3.600 8 1.800l1.800 1.800M6.200 12.400 8 14.200l1.800-1.800M3.600 6.200 1.800 8l1.800 1.800M12.400 6.200 14.200 8l-1.800 1.800",
  in: "M8 3v10M3 8h10",
  out: "M3 8h10",
  fit: "M2.500 6v-3.500h3.500M10 2.500h3.500v3.500M13.500 10v3.500h-3.500M6 13.500h-3.500v-3.500",
};

export function mapTools(view) {
  const tools = [
    toolButton(view, "lasso", "Lasso: drag around points (Shift adds, Alt takes away, both intersect)"),
    toolButton(view, "box", "Box: drag a rectangle (Shift adds, Alt takes away, both intersect)"),
    toolButton(view, "pan", "Pan: drag to move the map"),
  ];
  const choose = () => tools.forEach((button) => button.setAttribute("aria-pressed", button.dataset.tool === view.tool));
  tools.forEach((button) => button.addEventListener("click", choose));
  choose();
  const looks = createLooks(view.shared);
  const bar = h(
    "div", { class: "rx-tools", role: "toolbar", "aria-label": "Map tools" }, tools, h("span", { class: "rx-gap" }),
    iconButton("Zoom in (+, or the wheel once the map has focus)", ICONS.in, () => view.active.zoom(1.5)),
    iconButton("Zoom out (−)", ICONS.out, () => view.active.zoom(1 / 1.5)),
    iconButton("Show all points (0)", ICONS.fit, () => view.panes.forEach((pane) => pane.fit())),
    looks.button, labelSwitch(view), pictureButtons(() => view.stages.closest(".rx-map-side") || view.stages, () => `map ${view.shared.model.get("color") || ""}`.trim(), "the map"),
  );
  return [bar, looks.row];
}

function toolButton(view, tool, label) {
  const button = iconButton(label, ICONS[tool], () => {
    view.tool = tool;
    for (const pane of view.panes) pane.stage.dataset.tool = tool;
  });
  button.dataset.tool = tool;
  return button;
}

function labelSwitch(view) {
  const box = h("input", { type: "checkbox", checked: true, onchange: () => {
    view.labels = box.checked;
    view.panes.forEach((pane) => pane.retouch());
  } });
  return h("label", { class: "rx-switch", title: "Write category names on the map" }, box, "Labels");
}
