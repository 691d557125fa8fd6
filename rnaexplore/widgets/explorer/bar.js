// The bar above the maps: how many RNAs, what the maps show, how they are coloured.
import { count, h, plural, send, watch } from "../core/dom.js";
import { pictureButtons } from "../core/picture.js";

export function topBar(shared) {
  const { model, scope, n } = shared;
  const label = model.get("_model_label") || "";
  const exposure = model.get("_exposure") || "";
  const title = h("div", { class: "rx-title" }, h("b", {}, plural(n, "RNA")), label ? h("span", { class: "rx-chip", title: "Model" }, label) : null, exposure ? h("span", { class: "rx-exposure", title: exposure }, shortened(exposure)) : null);
  const boxes = [choice(model, scope, "Map", "basis", "_bases"), choice(model, scope, "Beside", "beside", "_bases", "none"), choice(model, scope, "Colour", "color", "_colourings")];
  return h("div", { class: "rx-bar" }, title, boxes, h("span", { class: "rx-gap" }), counted(shared), model.get("_table") ? pictures() : null);
}

// An explorer as a whole; its map alone has buttons of its own.
function pictures() {
  const buttons = pictureButtons(() => buttons.closest(".rx-root"), () => "explorer", "everything that is seen");
  return buttons;
}

// "mini: 3 of 20 RNAs were in its training data, …" says "3 of 20 trained on"; the rest is in the title.
function shortened(exposure) {
  const found = exposure.match(/: (\d+ of \d+) RNAs/);
  return found ? `${found[1]} trained on` : "training data unknown";
}

function counted(shared) {
  const chosen = h("span", { class: "rx-count", role: "status" });
  const say = () => {
    const k = shared.selection.get().length;
    const shown = shared.shown.get();
    const filtered = shown ? `, ${count(shown.reduce((a, b) => a + b, 0))} shown` : "";
    chosen.textContent = (k ? `${plural(k, "RNA")} selected` : "Nothing selected") + filtered;
  };
  for (const store of [shared.selection, shared.shown]) store.subscribe(say);
  say();
  return chosen;
}

// With a word for none, the first option stands for no value.
function choice(model, scope, label, trait, options, none = null) {
  const box = h("select", { class: "rx-select", "aria-label": label, onchange: () => send(model, { [trait]: box.value || null }) });
  const field = h("label", { class: "rx-field" }, label, box);
  watch(model, scope, [trait, options], () => {
    const values = model.get(options) || [];
    const first = none === null ? [] : [h("option", { value: "" }, none)];
    box.replaceChildren(...first, ...values.map((value) => h("option", { value }, value.replace(/^X_/, ""))));
    box.value = model.get(trait) ?? "";
    field.hidden = values.length < (none === null ? 1 : 2);
  });
  return field;
}
