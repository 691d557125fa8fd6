// Typed arrays from the buffers that Python sends, and back.

function copied(view) {
  if (!view || !view.byteLength) return new ArrayBuffer(0);
  const { buffer, byteOffset, byteLength } = view;
  return buffer ? buffer.slice(byteOffset, byteOffset + byteLength) : view.slice(0);
}

export const asFloats = (view) => new Float32Array(copied(view));
export const asUint16 = (view) => new Uint16Array(copied(view));
export const asUint32 = (view) => new Uint32Array(copied(view));
export const asUint8 = (view) => new Uint8Array(copied(view));

export function asTexts(view) {
  const text = new TextDecoder().decode(copied(view));
  return text === "" ? [] : text.split("\0");
}

// One bit a position, lowest first; no bytes stand for none.
export function unpackMask(view, n) {
  const bytes = asUint8(view);
  const mask = new Uint8Array(n);
  for (let i = 0; i < n && bytes.length; i++) mask[i] = (bytes[i >> 3] >> (i & 7)) & 1;
  return mask;
}

export function packMask(mask) {
  const bytes = new Uint8Array(mask.includes(1) ? Math.ceil(mask.length / 8) : 0);
  if (bytes.length) mask.forEach((on, i) => (bytes[i >> 3] |= on << (i & 7)));
  return bytesAsView(bytes);
}

export function positionsOf(mask) {
  let n = 0;
  for (let i = 0; i < mask.length; i++) n += mask[i];
  const positions = new Uint32Array(n);
  for (let i = 0, k = 0; i < mask.length; i++) if (mask[i]) positions[k++] = i;
  return positions;
}

// Weights as uint8 on a square-root scale; see quantise in Python.
export function dequantise(levels, top) {
  const values = new Float32Array(levels.length);
  for (let k = 0; k < levels.length; k++) values[k] = (levels[k] / 255) ** 2 * top;
  return values;
}

export function quantise(values, top) {
  const levels = new Uint8Array(values.length);
  if (top > 0) for (let k = 0; k < values.length; k++) levels[k] = Math.round(255 * Math.sqrt(Math.max(0, Math.min(1, values[k] / top))));
  return levels;
}

export const bytesAsView = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
