// Searches and the history of the selection, which Python keeps where there is one.
import { asTexts, packMask } from "../core/binary.js";
import { textsOf } from "./page_explorer.js";
import { holdsPattern, stepsOf } from "../explorer/patterns.js";

const MOST_KEPT = 100;

export function answerSelection(page, answer) {
  page.history = { past: [], future: [], last: page.model.get("_selection"), travelling: false };
  answer(["_selection"], remember);
  answer(["_request"], perform);
}

function remember({ model, history }) {
  const next = model.get("_selection");
  if (next === history.last) return;
  if (!history.travelling) {
    history.past = [...history.past.slice(1 - MOST_KEPT), history.last];
    history.future = [];
  }
  history.last = next;
}

async function perform(page) {
  const request = page.model.get("_request");
  const { past, future } = page.history;
  let answer = { text: "", problem: false };
  try {
    if (request.what === "undo") travel(page, past, future);
    else if (request.what === "redo") travel(page, future, past);
    else if (request.what === "find") page.publish({ _found: await find(page, request) });
    else if (request.what !== "hear") answer = { text: "This needs Python: open the explorer in a notebook.", problem: true };
  } catch (error) {
    answer = { text: error.message, problem: true };
  }
  page.publish({ _notice: { turn: request.turn, ...answer } });
}

function travel(page, source, target) {
  if (!source.length) return;
  target.push(page.history.last);
  page.history.travelling = true;
  page.publish({ _selection: source.pop() });
  page.history.travelling = false;
}

async function find(page, { kind, query }) {
  const steps = stepsOf(kind, query);
  const key = kind === "motif" ? "sequence" : "structure";
  const texts = await textsOf(page, key);
  if (!texts) throw new Error(`This page holds no ${key}s to search in.`);
  page.names ||= asTexts(page.model.get("_names"));
  const { rows } = page.exported.texts;
  if (rows) throw new Error(`This page holds the ${key}s of ${rows.length} of ${page.names.length} RNAs only; search in the notebook.`);
  const mask = Uint8Array.from(texts, (text) => (text && holdsPattern(kind, steps, text) ? 1 : 0));
  return { kind, query, count: mask.reduce((a, b) => a + b, 0), data: packMask(mask) };
}
