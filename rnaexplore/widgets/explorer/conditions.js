// Conditions on columns, such as "length > 100 and family = tRNA", as one mask. No DOM.
import { cellText } from "./columns.js";

const CONDITION = /^\s*(.+?)\s*(<=|>=|!=|=|<|>|~)\s*(.+?)\s*$/;
const NUMBERS = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b, "=": (a, b) => a === b, "!=": (a, b) => a !== b };
const TEXTS = { "=": (a, b) => a === b, "!=": (a, b) => a !== b, "~": (a, b) => a.includes(b) };
const CONDITION_HELP = "Write conditions such as length > 100 and family = tRNA; ~ means contains.";

export function conditionMask(query, columns, names) {
  const tests = query.split(/\s+and\s+|\s*&\s*/i).map((part) => testOf(part, columns, names));
  return Uint8Array.from(names, (_, i) => (tests.every((test) => test(i)) ? 1 : 0));
}

function testOf(part, columns, names) {
  const parsed = CONDITION.exec(part);
  if (!parsed) throw new Error(`'${part.trim()}' is not a condition. ${CONDITION_HELP}`);
  const [, name, sign, value] = parsed;
  const wanted = name.toLowerCase();
  if (wanted === "name") return textTest(sign, value, (i) => names[i]);
  const column = columns.find((other) => other.name.toLowerCase() === wanted);
  if (!column) throw new Error(`There is no column '${name}'; there are name, ${columns.map((other) => other.name).join(", ")}.`);
  return column.kind === "number" ? numberTest(column, sign, value) : textTest(sign, value, (i) => cellText(column, i));
}

function numberTest(column, sign, value) {
  const number = Number(value);
  if (Number.isNaN(number) || !(sign in NUMBERS)) throw new Error(`'${column.name}' holds numbers: compare it with one by <, >, <=, >=, = or !=.`);
  return (i) => !Number.isNaN(column.values[i]) && NUMBERS[sign](column.values[i], Math.fround(number));
}

function textTest(sign, value, textAt) {
  if (!(sign in TEXTS)) throw new Error(`Texts are compared by =, != or ~ (contains), not ${sign}.`);
  const wanted = value.toLowerCase();
  return (i) => TEXTS[sign](textAt(i).toLowerCase(), wanted);
}
