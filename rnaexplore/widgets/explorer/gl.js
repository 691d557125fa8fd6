// Draws points: WebGL2 where there is one, a 2-D canvas elsewhere. One context for all maps of a view.
import { plainRenderer } from "./plain.js";

const VERTEX = `#version 300 es
precision highp float;
precision highp int;
in vec2 place;
in uint code;
in uint flags;
uniform vec2 scale;
uniform vec2 offset;
uniform float size;
uniform int turn;
uniform bool selecting;
uniform bool spotting;
uniform float full;
uniform float faded;
uniform sampler2D palette;
out vec4 tint;
void main() {
  vec4 colour = texelFetch(palette, ivec2(int(code & 255u), int(code >> 8u)), 0);
  bool lit = spotting ? colour.a > 0.5 : (!selecting || (flags & 1u) == 1u);
  bool skipped = (flags & 2u) == 2u || place.x > 1e29 || (turn == 1) != lit;
  gl_Position = skipped ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(place * scale + offset, 0.0, 1.0);
  gl_PointSize = size;
  tint = vec4(colour.rgb, lit ? full : faded);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 tint;
uniform float size;
out vec4 result;
void main() {
  float d = length(gl_PointCoord - 0.5) * size;
  float cover = 1.0 - smoothstep(size * 0.5 - 1.0, size * 0.5, d);
  float rim = smoothstep(size * 0.5 - 2.2, size * 0.5 - 1.0, d) * step(7.0, size);
  vec3 inner = mix(tint.rgb, tint.rgb * 0.72, rim);
  float alpha = tint.a * cover;
  result = vec4(inner * alpha, alpha);
}`;

const UNIFORMS = ["scale", "offset", "size", "turn", "selecting", "spotting", "full", "faded"];
const TEXELS = 256;

// setPlaces(pane, floats), setCodes, setFlags (1 selected, 2 hidden) and setPalette fill buffers;
// draw(panes, { selecting, spotting }) paints panes { left, bottom, width, height, scale, offset, size } in pixels.
export function createRenderer(canvas) {
  const options = { antialias: false, premultipliedAlpha: true, powerPreference: "high-performance" };
  const gl = canvas.getContext("webgl2", options);
  return gl ? webglRenderer(canvas, gl) : plainRenderer(canvas);
}

function webglRenderer(canvas, gl) {
  const program = linkProgram(gl);
  const at = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]));
  const places = [0, 1].map(() => ({ buffer: gl.createBuffer(), n: 0 }));
  const codes = integers(gl, program, "code", gl.UNSIGNED_SHORT);
  const flags = integers(gl, program, "flags", gl.UNSIGNED_BYTE);
  const order = gl.createBuffer();
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.enable(gl.SCISSOR_TEST);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  createTexture(gl);
  return {
    kind: "webgl2",
    setPlaces: (pane, data) => setPlaces(gl, places[pane], order, data),
    setCodes: codes,
    setFlags: flags,
    setPalette: (rgba) => fillTexture(gl, rgba),
    draw: (panes, how) => drawPanes({ gl, canvas, program, places, order, at }, panes, how),
    destroy: () => gl.getExtension("WEBGL_lose_context")?.loseContext(),
  };
}

function drawPanes({ gl, canvas, program, places, order, at }, panes, { selecting, spotting }) {
  gl.scissor(0, 0, canvas.width, canvas.height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT);
  gl.uniform1i(at.selecting, selecting);
  gl.uniform1i(at.spotting, spotting);
  const place = gl.getAttribLocation(program, "place");
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  panes.forEach((pane, k) => {
    if (!pane || !places[k].n) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, places[k].buffer);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
    gl.viewport(pane.left, pane.bottom, pane.width, pane.height);
    gl.scissor(pane.left, pane.bottom, pane.width, pane.height);
    gl.uniform2f(at.scale, ...pane.scale);
    gl.uniform2f(at.offset, ...pane.offset);
    gl.uniform1f(at.size, pane.size);
    gl.uniform1f(at.full, pane.full);
    gl.uniform1f(at.faded, pane.faded);
    for (const turn of selecting || spotting ? [0, 1] : [1]) {
      gl.uniform1i(at.turn, turn);
      gl.drawElements(gl.POINTS, places[k].n, gl.UNSIGNED_INT, 0);
    }
  });
}

// Points are drawn in an order of their own, so that no family lies on top of all others.
function setPlaces(gl, place, order, data) {
  gl.bindBuffer(gl.ARRAY_BUFFER, place.buffer);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
  if (place.n === data.length / 2) return;
  place.n = data.length / 2;
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, shuffled(place.n), gl.STATIC_DRAW);
}

// Every position once: multiples of a number that shares no factor with n.
export function shuffled(n) {
  const divides = (a, b) => (b ? divides(b, a % b) : a);
  let step = Math.max(1, Math.floor(n * 0.6180339887));
  while (divides(step, n) > 1) step++;
  const order = new Uint32Array(n);
  for (let k = 0, at = 0; k < n; k++, at = (at + step) % n) order[k] = at;
  return order;
}

function integers(gl, program, name, type) {
  const buffer = gl.createBuffer();
  const place = gl.getAttribLocation(program, name);
  return (data) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribIPointer(place, 1, type, 0, 0);
  };
}

function createTexture(gl) {
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
}

function fillTexture(gl, rgba) {
  const height = Math.ceil(rgba.length / 4 / TEXELS);
  const padded = new Uint8Array(height * TEXELS * 4);
  padded.set(rgba);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, TEXELS, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, padded);
}

function linkProgram(gl) {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}
