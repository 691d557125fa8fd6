// The bar above the map: how many RNAs, what the map shows, how many are selected.
import { h, plural, send, watch } from "./dom.js";
import { select } from "./shared.js";

export function topBar(shared) {
  const { model, scope, names } = shared;
  const chosen = h("span", { class: "rx-count", role: "status" });
  const clear = h("button", { class: "rx-button", type: "button", title: "Clear the selection (Escape on the map)", onclick: () => select(shared, []) }, "Clear");
  const say = () => {
    const n = shared.selection.get().length;
    chosen.textContent = n ? `${plural(n, "RNA")} selected` : "Nothing selected";
    clear.hidden = !n;
  };
  shared.selection.subscribe(say);
  say();
  const label = model.get("_model_label") || "";
  const title = h("div", { class: "rx-title" }, h("b", {}, plural(names.length, "RNA")), label ? h("span", { class: "rx-chip", title: "Model" }, label) : null);
  return h("div", { class: "rx-bar" }, title, choice(model, scope, "Map", "basis", "_bases"), choice(model, scope, "Colour", "color", "_colourings"), h("span", { class: "rx-gap" }), chosen, clear);
}

function choice(model, scope, label, trait, options) {
  const box = h("select", { class: "rx-select", "aria-label": label, onchange: () => send(model, { [trait]: box.value }) });
  watch(model, scope, [trait, options], () => {
    const values = model.get(options);
    box.replaceChildren(...values.map((value) => h("option", { value }, value.replace(/^X_/, ""))));
    box.value = model.get(trait) ?? "";
    box.parentElement && (box.parentElement.hidden = !values.length);
  });
  return h("label", { class: "rx-field" }, label, box);
}
