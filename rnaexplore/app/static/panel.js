// The panel of the application: choose a file, run the job, take the results.

const PIECE = 1 << 20;

function make(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (value !== null) el.setAttribute(key, value);
  }
  el.append(...children);
  return el;
}

const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

// The file that was sent last stays in this browser, in case the process of the page ends: then it is
// sent again after the page was loaded anew, within ten minutes.
const KEEP = 600000;
let sent = null;

function shelf(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("rnaexplore-app", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("upload");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = act(opening.result.transaction("upload", mode).objectStore("upload"));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    };
  });
}

async function startAgain() {
  if (sent) await shelf("readwrite", (s) => s.put({ file: sent, at: Date.now() }, "last")).catch(() => null);
  const address = new URL(location.href);
  address.searchParams.delete("ticket");
  location.replace(address);
}

async function takeBack() {
  const kept = await shelf("readonly", (s) => s.get("last")).catch(() => null);
  if (!kept) return null;
  await shelf("readwrite", (s) => s.delete("last")).catch(() => null);
  return Date.now() - kept.at < KEEP ? kept.file : null;
}

// Asks the server now and then whether the page's process lives; says what the answer was.
const LOOK = 4000;

function watchProcess(told) {
  const about = document.getElementById("jupyter-config-data");
  const { baseUrl, kernelId } = about ? JSON.parse(about.textContent) : {};
  if (!kernelId) return () => {};
  const look = async () => {
    try {
      const answer = await fetch(`${baseUrl}api/kernels/${kernelId}`, { credentials: "same-origin" });
      told(answer.status === 404 ? "ended" : "lives");
    } catch {
      told("unreachable");
    }
  };
  const timer = setInterval(look, LOOK);
  return () => clearInterval(timer);
}

// Sends a file in pieces, so that no message is large. Too large a file is not sent at all.
async function sendFile(model, file, told) {
  model.send({ type: "announce", name: file.name, size: file.size });
  if (file.size > model.get("_limits").bytes) return; // Python says why
  for (let at = 0; at < file.size; at += PIECE) {
    model.send({ type: "piece" }, undefined, [await file.slice(at, at + PIECE).arrayBuffer()]);
    told(Math.min(1, (at + PIECE) / file.size));
  }
  model.send({ type: "sent" });
  sent = file;
}

function dropZone(model) {
  const { bytes, rnas } = model.get("_limits");
  const input = make("input", { type: "file", "aria-label": "File of RNAs", class: "rxa-file" });
  const name = make("strong", {}, "Drop a file of RNAs here, or choose one");
  const limit = `FASTA, Stockholm, .dbn or .ct, also .gz · up to ${bytes / 1e6} MB and ${count(rnas, "RNA")}`;
  const about = make("span", { class: "rxa-faint" }, limit);
  const zone = make("label", { class: "rxa-drop" }, input, name, about);
  const give = (file) => {
    if (!file) return;
    name.textContent = `sending ${file.name} …`;
    sendFile(model, file, (share) => (name.textContent = `sending ${file.name}, ${Math.round(share * 100)} %`))
      .then(show)
      .finally(() => (input.value = ""));
  };
  const show = () => {
    const { name: known, rnas: n } = model.get("_file");
    zone.classList.toggle("rxa-has", Boolean(known));
    name.textContent = known ? `${known} · ${count(n, "RNA")}` : "Drop a file of RNAs here, or choose one";
    zone.dataset.rnas = n ?? "";
  };
  input.addEventListener("change", () => give(input.files[0]));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle("rxa-over", kind === "dragover");
      if (kind === "drop") give(event.dataTransfer.files[0]);
    });
  }
  const sample = make("button", { class: "rxa-link", onclick: () => model.send({ type: "sample" }) }, "or take the shipped sample");
  takeBack().then(give);
  return { el: make("div", { class: "rxa-step" }, make("h4", {}, "1 · RNAs"), zone, sample), show };
}

function jobBox(model, state) {
  const models = model.get("_models");
  const options = models.map(({ name, longest }) => {
    const text = longest ? `${name} (up to ${longest.toLocaleString("en")} nt)` : name;
    return make("option", { value: name }, text);
  });
  const choice = make("select", { "aria-label": "Model" }, ...options);
  const fold = make("input", { type: "checkbox", "aria-label": "Predict structures" });
  const folds = () => models.find(({ name }) => name === choice.value)?.folds;
  const offer = () => {
    fold.disabled = !folds();
    if (fold.disabled) fold.checked = false;
  };
  choice.addEventListener("change", offer);
  offer();
  const run = make("button", { class: "rxa-main" }, "Run");
  run.addEventListener("click", () => {
    const stop = model.get("_job").running;
    model.send(stop ? { type: "stop" } : { type: "run", model: choice.value, fold: fold.checked });
  });
  const bar = make("progress", { max: 1, value: 0, "aria-label": "Progress of the job" });
  const step = make("span", { class: "rxa-faint", role: "status" });
  const el = make(
    "div", { class: "rxa-step" }, make("h4", {}, "2 · Analysis"),
    make("div", { class: "rxa-row" }, choice, make("label", {}, fold, " predict structures"), run), bar, step,
  );
  const show = () => {
    const { running: said, step: text, share } = model.get("_job");
    const running = said && state.process !== "ended";
    bar.value = running ? share : model.get("_downloads").length ? 1 : 0;
    run.textContent = running ? "Stop" : "Run";
    run.classList.toggle("rxa-stop", running);
    run.disabled = state.process === "ended" || (!running && !model.get("_file").name);
    const ended = model.get("_downloads").length ? "done" : "embeds, clusters and draws the map";
    step.textContent = running ? `${text} · ${Math.round(share * 100)} %` : ended;
  };
  return { el, show };
}

function takeBox(model) {
  const list = make("div", { class: "rxa-row" });
  const of = make("span", { class: "rxa-faint" });
  const show = () => {
    const files = model.get("_downloads");
    const { name, rnas } = model.get("_source");
    of.textContent = name ? `results of ${name} · ${count(rnas, "RNA")}` : "";
    const buttons = files.map(({ kind, label }) =>
      make("button", { class: "rxa-take", title: label, onclick: () => model.send({ type: "download", kind }) }, `.${kind}`),
    );
    const none = make("span", { class: "rxa-faint" }, "AnnData, table, structures, figures and the code: after the job");
    list.replaceChildren(...(buttons.length ? buttons : [none]));
  };
  return { el: make("div", { class: "rxa-step" }, make("h4", {}, "3 · Take it home"), list, of), show };
}

function trouble(model, { process }) {
  if (process === "unreachable") {
    return [make("p", { class: "rxa-error", role: "alert" }, "The server does not answer; trying again …")];
  }
  if (process !== "ended") return [];
  const { running, step } = model.get("_job");
  const { gigabytes } = model.get("_limits");
  const when = running ? ` during “${step}”` : "";
  const why = gigabytes ? ` It may have needed more than the ${gigabytes} GB that it was given.` : "";
  const kept = sent ? ` ${sent.name} is kept in this browser and will be sent again.` : "";
  const text = `The process of this page ended${when}; nothing more will come.${why}${kept} `;
  const again = make("button", { class: "rxa-main", onclick: startAgain }, "Start again");
  return [make("p", { class: "rxa-error", role: "alert" }, text, again)];
}

function messages(model, state) {
  const el = make("div", { class: "rxa-messages" });
  const show = () => {
    const error = model.get("_error");
    const notes = model.get("_notes").map((text) => make("p", { class: "rxa-note" }, text));
    const told = error ? [make("p", { class: "rxa-error", role: "alert" }, error)] : [];
    el.replaceChildren(...trouble(model, state), ...told, ...notes);
  };
  return { el, show };
}

function save({ name }, buffers) {
  const address = URL.createObjectURL(new Blob(buffers));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function render({ model, el }) {
  const state = { process: "lives" };
  const parts = { drop: dropZone(model), job: jobBox(model, state), take: takeBox(model), said: messages(model, state) };
  const title = make("h3", {}, "rnaexplore");
  const about = make("span", { class: "rxa-faint" }, "look inside RNA language models · your file stays in this session and is gone when you close the page");
  const steps = make("div", { class: "rxa-steps" }, parts.drop.el, parts.job.el, parts.take.el);
  el.append(make("div", { class: "rxa-panel" }, make("header", {}, title, about), steps, parts.said.el));
  const show = () => Object.values(parts).forEach((part) => part.show());
  const keys = ["_file", "_job", "_downloads", "_error", "_notes", "_source"];
  const hear = (message, buffers) => message.type === "file" && save(message, buffers);
  keys.forEach((key) => model.on(`change:${key}`, show));
  model.on("msg:custom", hear);
  const leave = watchProcess((process) => {
    if (process === state.process) return;
    state.process = process;
    show();
  });
  show();
  return () => {
    leave();
    keys.forEach((key) => model.off(`change:${key}`, show));
    model.off("msg:custom", hear);
  };
}

export default { render };
