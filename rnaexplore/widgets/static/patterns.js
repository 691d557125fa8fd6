// Motifs and structure patterns as regular expressions, the same as in _patterns.py. No DOM.

const STANDS_FOR = {
  A: "A", C: "C", G: "G", U: "U", T: "U", R: "AG", Y: "CU", S: "CG", W: "AU",
  K: "GU", M: "AC", B: "CGU", D: "AGU", H: "ACU", V: "ACG", N: "ACGU",
};
const BRACKETS = ".()[]{}<>";
const REPEAT = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/;
const HELP = {
  motif: "a motif is made of IUPAC letters such as GNRA or UUCG, each maybe with a number of repeats, such as GGN{3,7}CC",
  structure: "a structure pattern is made of dots and brackets such as ((((....)))), ? for any, each maybe with a number of repeats, such as ({4,}.{3,8}){4,}",
};

// A letter is found if it stands for nothing but what the letter of the motif stands for.
function letterClass(letter) {
  const inside = Object.keys(STANDS_FOR).sort().filter((other) => [...STANDS_FOR[other]].every((base) => STANDS_FOR[letter].includes(base)));
  return `[${inside.join("")}]`;
}

const classOf = {
  motif: (letter) => (letter in STANDS_FOR ? letterClass(letter) : null),
  structure: (letter) => (letter === "?" ? "." : BRACKETS.includes(letter) ? `\\${letter}` : null),
};

export function patternOf(kind, query) {
  const bare = query.replace(/\s+/g, "");
  const text = kind === "motif" ? bare.toUpperCase() : bare;
  if (!text) throw new Error(`The pattern is empty; ${HELP[kind]}.`);
  let pattern = "";
  for (let at = 0; at < text.length; ) {
    const found = classOf[kind](text[at]);
    if (found === null) throw new Error(`'${text[at]}' at position ${at + 1} has no meaning here; ${HELP[kind]}.`);
    const repeat = REPEAT.exec(text.slice(at + 1));
    if (repeat?.[3] !== undefined && Number(repeat?.[3]) < Number(repeat?.[1])) throw new Error(`${repeat[0]} asks for more at least than at most.`);
    pattern += found + (repeat ? repeat[0] : "");
    at += 1 + (repeat ? repeat[0].length : 0);
  }
  return pattern;
}

export const expression = (kind, pattern, flags = "") => new RegExp(pattern, (kind === "motif" ? "i" : "") + flags);

// Ranges [from, to) where a pattern is found, overlapping ones too.
export function occurrences(kind, pattern, text) {
  const sought = expression(kind, pattern, "g");
  const ranges = [];
  for (let hit = sought.exec(text); hit && hit[0]; hit = sought.exec(text)) {
    ranges.push([hit.index, hit.index + hit[0].length]);
    sought.lastIndex = hit.index + 1;
  }
  return ranges;
}
