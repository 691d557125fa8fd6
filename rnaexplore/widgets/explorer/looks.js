// How large, how opaque and in which colours points are: a row below the tools of the map.
import { h, iconButton, send, slider, watch } from "../core/dom.js";

const ICON = "M4 5.500a1.500 1.500 0 1 1 0 .01zM8 10.500a2.500 2.500 0 1 1 0 .01zM11.500 5a1 1 0 1 1 0 .01z";
const LARGEST = 40;
const OWN = "";

export function createLooks({ model, scope }) {
  const row = h("div", { class: "rx-looks", role: "group", "aria-label": "Looks of points", hidden: true }, sizeSlider(model, scope), opacitySlider(model, scope), paletteChoice(model, scope));
  const button = iconButton("Size, opacity and colours of points", ICON, () => {
    row.hidden = !row.hidden;
    button.setAttribute("aria-expanded", !row.hidden);
  });
  button.setAttribute("aria-expanded", false);
  return { button, row };
}

// The first place of the slider is a size by the number of points.
function sizeSlider(model, scope) {
  const format = (value) => (value ? `${value} px` : "auto");
  const box = slider("Size", { max: LARGEST, step: 0.5, format }, (value) => send(model, { size: value || null }));
  watch(model, scope, ["size"], () => box.set(model.get("size") || 0));
  return box.el;
}

function opacitySlider(model, scope) {
  const box = slider("Opacity", { step: 0.02, format: (value) => value.toFixed(2) }, (value) => send(model, { opacity: value }));
  watch(model, scope, ["opacity"], () => box.set(model.get("opacity")));
  return box.el;
}

function paletteChoice(model, scope) {
  const select = h("select", { class: "rx-select", "aria-label": "Palette", onchange: () => select.value !== "own colours" && send(model, { palette: select.value === OWN ? null : select.value }) });
  watch(model, scope, ["palette", "_palettes"], () => {
    const palette = model.get("palette");
    const own = Array.isArray(palette) ? [h("option", { value: "own colours" }, "own colours")] : [];
    const names = Object.keys(model.get("_palettes") || {}).map((name) => h("option", { value: name }, name));
    select.replaceChildren(h("option", { value: OWN }, "default"), ...own, ...names);
    select.value = Array.isArray(palette) ? "own colours" : palette ?? OWN;
  });
  return h("label", { class: "rx-field" }, "Palette", select);
}
