// Motifs and structure patterns, read and found as in _patterns.py and _matching.py. No DOM.
// Time is proportional to text and pattern: regular expressions try every way to share out letters.

const STANDS_FOR = {
  A: "A", C: "C", G: "G", U: "U", T: "U", R: "AG", Y: "CU", S: "CG", W: "AU",
  K: "GU", M: "AC", B: "CGU", D: "AGU", H: "ACU", V: "ACG", N: "ACGU",
};
const BRACKETS = ".()[]{}<>";
const REPEAT = /^\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}/;
const MOST_STEPS = 1000;
const MOST_REPEATS = 50;
const HELP = {
  motif: "a motif is made of IUPAC letters such as GNRA or UUCG, each maybe with a number of repeats, such as GGN{3,7}CC",
  structure: "a structure pattern is made of dots and brackets such as ((((....)))), ? for any, each maybe with a number of repeats, such as ({4,}.{3,8}){4,}",
};

// A letter is found if it stands for nothing but what the letter of the motif stands for.
const lettersOf = (letter) => Object.keys(STANDS_FOR).sort().filter((other) => [...STANDS_FOR[other]].every((base) => STANDS_FOR[letter].includes(base))).join("");

const classOf = {
  motif: (letter) => (Object.hasOwn(STANDS_FOR, letter) ? lettersOf(letter) : null),
  structure: (letter) => (letter === "?" ? "" : BRACKETS.includes(letter) ? letter : null),
};

// Steps [letters, least, most] of a query; no letters stand for any, most is null for any number.
export function stepsOf(kind, query) {
  const bare = query.replace(/\s+/g, "");
  const text = kind === "motif" ? bare.toUpperCase() : bare;
  if (!text) throw new Error(`The pattern is empty; ${HELP[kind]}.`);
  const steps = [];
  for (let at = 0; at < text.length; ) {
    const letters = classOf[kind](text[at]);
    if (letters === null) throw new Error(`'${text[at]}' at position ${at + 1} has no meaning here; ${HELP[kind]}.`);
    const repeat = REPEAT.exec(text.slice(at + 1, at + 14));
    steps.push([letters, ...(repeat ? readRepeats(repeat) : [1, 1])]);
    at += 1 + (repeat ? repeat[0].length : 0);
  }
  return checkedSteps(steps);
}

function readRepeats([whole, least, comma, most]) {
  if (!comma) return [Number(least), Number(least)];
  if (most !== undefined && Number(most) < Number(least)) throw new Error(`${whole} asks for more at least than at most.`);
  return [Number(least), most === undefined ? null : Number(most)];
}

function checkedSteps(steps) {
  const open = steps.filter(([, least, most]) => least !== most).length;
  if (steps.length > MOST_STEPS || open > MOST_REPEATS) throw new Error(`The pattern has ${steps.length} letters, ${open} of them with a range of repeats; at most ${MOST_STEPS} and ${MOST_REPEATS} are looked for.`);
  return steps;
}

// For each place of a text, where the longest match that begins there ends; -1 where none begins.
function patternEnds(kind, steps, text) {
  let ends = Int32Array.from({ length: text.length + 1 }, (_, place) => place);
  for (const [letters, ...numbers] of [...steps].reverse()) {
    const both = kind === "motif" ? letters + letters.toLowerCase() : letters;
    ends = stepEnds(ends, (letter) => (both ? both.includes(letter) : letter !== "\n"), numbers, text);
  }
  return ends;
}

// The ends of what follows a step become those of the step and what follows.
function stepEnds(ends, holds, [least, most], text) {
  const n = text.length;
  const last = new Int32Array(n + 1); // the last place up to here where what follows can begin
  for (let place = 0, seen = -1; place <= n; place += 1) {
    if (ends[place] >= 0) seen = place;
    last[place] = seen;
  }
  const made = new Int32Array(n + 1).fill(-1);
  for (let place = n, stop = n; place >= 0; place -= 1) {
    if (place === n || !holds(text[place])) stop = place;
    const from = last[most === null ? stop : Math.min(stop, place + most)];
    if (from >= place + least) made[place] = ends[from];
  }
  return made;
}

// Whether a text holds a pattern anywhere.
export const holdsPattern = (kind, steps, text) => patternEnds(kind, steps, text).some((end) => end >= 0);

// Ranges [from, to) where a pattern is found, overlapping ones too.
export function occurrences(kind, steps, text) {
  const ranges = [];
  patternEnds(kind, steps, text).forEach((end, place) => end > place && ranges.push([place, end]));
  return ranges;
}
