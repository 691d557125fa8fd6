// Paints what a window shows of a map. Levels are 0 to 255.

// A window: `span` residues from (row, column), `cell` pixels each, `size` pixels a side.
export function createFrame(view, n, size) {
  const cell = size / view.span;
  return { ...view, n, size, cell, x: (j) => (j - view.column) * cell, y: (i) => (i - view.row) * cell };
}

// Where several residues share a pixel the largest is shown, so that no line is lost.
export function paintCells(context, frame, levels, table) {
  const ratio = window.devicePixelRatio || 1;
  const first = { row: Math.floor(frame.row), column: Math.floor(frame.column) };
  const count = Math.min(frame.n, Math.ceil(frame.span) + 1);
  const m = Math.min(count, Math.max(1, Math.floor(frame.size * ratio)));
  const strongest = pooled(levels, frame.n, first, count, m);
  const picture = new ImageData(m, m);
  const pixels = new Uint32Array(picture.data.buffer);
  const colours = packedColours(table);
  for (let k = 0; k < pixels.length; k++) pixels[k] = colours[Math.max(0, Math.min(255, Math.round(strongest[k])))];
  const small = new OffscreenCanvas(m, m);
  small.getContext("2d").putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = false;
  const side = count * frame.cell;
  context.drawImage(small, frame.x(first.column), frame.y(first.row), side, side);
}

// Colours of 256 levels as the 32 bits of a pixel.
export function packedColours(table) {
  return Uint32Array.from({ length: 256 }, (_, k) => ((255 << 24) | (table[3 * k + 2] << 16) | (table[3 * k + 1] << 8) | table[3 * k]) >>> 0);
}

function pooled(levels, n, { row, column }, count, m) {
  const out = new Float32Array(m * m);
  for (let a = 0; a < count && row + a < n; a++) {
    const to = Math.floor((a * m) / count) * m;
    const from = (row + a) * n + column;
    for (let b = 0; b < count && column + b < n; b++) {
      const at = to + Math.floor((b * m) / count);
      if (levels[from + b] > out[at]) out[at] = levels[from + b];
    }
  }
  return out;
}

// Pairs are drawn at least three pixels wide: a stem of a long RNA must not vanish.
export function fillPair(context, frame, row, column, colour) {
  const side = Math.max(3, frame.cell);
  context.fillStyle = colour;
  context.fillRect(frame.x(column + 0.5) - side / 2, frame.y(row + 0.5) - side / 2, side, side);
}

export function ringPair(context, frame, row, column, colour) {
  const side = Math.max(4, frame.cell - 1);
  context.strokeStyle = colour;
  context.lineWidth = frame.cell > 10 ? 2 : 1.25;
  context.strokeRect(frame.x(column + 0.5) - side / 2, frame.y(row + 0.5) - side / 2, side, side);
}
