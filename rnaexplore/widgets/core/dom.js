// Small helpers to make elements and to clean up after a view.

export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) setProperty(el, key, value);
  el.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return el;
}

function setProperty(el, key, value) {
  if (key === "html") el.innerHTML = value;
  else if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
  else if (value === true) el.setAttribute(key, "");
  else if (value !== false && value !== null && value !== undefined) el.setAttribute(key, value);
}

// A scope collects what must be undone when the view goes away.
export function createScope() {
  const undo = [];
  return {
    add: (fn) => undo.push(fn),
    dispose: () => undo.splice(0).forEach((fn) => fn()),
  };
}

// A store holds one value that several parts of a view share.
export function createStore(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (next === value) return;
      value = next;
      listeners.forEach((fn) => fn(value));
    },
    subscribe: (fn) => listeners.add(fn),
  };
}

// A known weakness of the model behind a view; hidden while there is none.
export function createCaution() {
  const el = h("p", { class: "rx-caution", role: "note", hidden: true });
  return {
    el,
    set(...texts) {
      const told = [...new Set(texts.filter(Boolean))].join(" ");
      el.hidden = !told;
      el.textContent = told;
    },
  };
}

export function watch(model, scope, keys, fn) {
  for (const key of keys) {
    model.on(`change:${key}`, fn);
    scope.add(() => model.off(`change:${key}`, fn));
  }
  fn();
}

export function send(model, values) {
  for (const [key, value] of Object.entries(values)) model.set(key, value);
  model.save_changes();
}

export function onResize(scope, el, fn) {
  const observer = new ResizeObserver(() => fn());
  observer.observe(el);
  scope.add(() => observer.disconnect());
}

// Canvases do not follow a theme by themselves: fn draws them again when it changes.
export function onTheme(scope, fn) {
  const observer = new MutationObserver(() => fn());
  for (const el of [document.documentElement, document.body]) {
    observer.observe(el, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name", "data-theme"] });
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", fn);
  scope.add(() => observer.disconnect());
  scope.add(() => dark.removeEventListener("change", fn));
}

// Runs fn once in the next frame however often it is asked for.
export function frameOnce(scope, fn) {
  let frame = 0;
  scope.add(() => cancelAnimationFrame(frame));
  return () => {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      fn();
    });
  };
}

export function debounce(fn, ms) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), ms);
  };
}

// A slider with its number beside it; fn hears of it at most every few milliseconds.
export function slider(label, { min = 0, max = 1, step = 0.01, wait = 40, format = String }, fn) {
  const input = h("input", { type: "range", min, max, step, "aria-label": label });
  const output = h("output", { class: "rx-value" });
  const tell = throttle((value) => fn(value), wait);
  input.addEventListener("input", () => {
    output.textContent = format(Number(input.value));
    tell(Number(input.value));
  });
  return {
    el: h("label", { class: "rx-field rx-slider" }, label, input, output),
    set(value, limits = {}) {
      Object.assign(input, limits);
      input.value = value;
      output.textContent = format(value);
    },
  };
}

export function checkbox(label, title, fn) {
  const input = h("input", { type: "checkbox", "aria-label": label, onchange: () => fn(input.checked) });
  return { el: h("label", { class: "rx-switch", title }, input, label), set: (value) => (input.checked = value) };
}

export function choiceBox(label, fn) {
  const select = h("select", { class: "rx-select", "aria-label": label, onchange: () => fn(select.value) });
  return {
    el: h("label", { class: "rx-field" }, label, select),
    set(values, chosen) {
      select.replaceChildren(...values.map((value) => h("option", { value }, value)));
      select.value = String(chosen);
    },
  };
}

// The first call at once, then the last one of each interval.
export function throttle(fn, ms) {
  let timer = 0;
  let waiting = null;
  const next = () => {
    timer = 0;
    if (waiting) run(waiting);
  };
  const run = (args) => {
    waiting = null;
    timer = setTimeout(next, ms);
    fn(...args);
  };
  return (...args) => (timer ? (waiting = args) : run(args));
}

export function iconButton(label, path, onclick) {
  const picture = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`;
  return h("button", { class: "rx-icon", type: "button", title: label, "aria-label": label, html: picture, onclick });
}

// Notebooks act on keys and on shift-clicks; what happens inside a view is not meant for them.
export function keepEventsInside(el) {
  for (const type of ["mousedown", "keydown", "contextmenu", "dblclick"]) {
    el.addEventListener(type, (event) => event.stopPropagation());
  }
  el.dataset.lmSuppressShortcuts = "true";
}

const COUNT = new Intl.NumberFormat("en");
export const count = (n) => COUNT.format(n);

export function plural(n, one, many = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`;
}
