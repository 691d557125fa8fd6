// What a view asks Python to do. Each request has a number, and the answer carries it.
import { createStore, send, watch } from "../core/dom.js";

const PATIENCE = 15000;
const GONE = "Python has not answered. Is the kernel busy, or gone? If it was restarted, run the cell again.";

export function createRequests(model, scope) {
  const notice = createStore(null);
  const waiting = createStore(0);
  const state = { turn: 0, timer: 0 };
  scope.add(() => clearTimeout(state.timer));
  watch(model, scope, ["_notice"], () => hear(state, notice, waiting, model.get("_notice")));
  return {
    notice,
    waiting,
    ask(what, details = {}, values = {}) {
      state.turn = Math.max(state.turn + 1, Date.now());
      waiting.set(state.turn);
      clearTimeout(state.timer);
      state.timer = setTimeout(() => notice.set({ text: GONE, problem: true }), PATIENCE);
      if (what !== "hear") notice.set(null);
      send(model, { ...values, _request: { what, turn: state.turn, ...details } });
    },
  };
}

function hear(state, notice, waiting, answer) {
  if (!answer?.turn || answer.turn < state.turn) return;
  clearTimeout(state.timer);
  waiting.set(0);
  const lost = notice.get()?.text === GONE;
  if (answer.text) notice.set({ text: answer.text, problem: answer.problem });
  else if (lost || !notice.get()?.problem) notice.set(lost ? null : notice.get());
}
