// Draws points: WebGL2 where there is one, a 2-D canvas elsewhere. One context for each renderer.

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 scale;
uniform vec2 offset;
uniform float size;
out vec4 tint;
void main() {
  gl_Position = vec4(place * scale + offset, 0.0, 1.0);
  gl_PointSize = size;
  tint = colour;
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

export function createRenderer(canvas) {
  const options = { antialias: false, premultipliedAlpha: true, powerPreference: "high-performance" };
  const gl = canvas.getContext("webgl2", options);
  return gl ? webglRenderer(canvas, gl) : plainRenderer(canvas);
}

function webglRenderer(canvas, gl) {
  const program = linkProgram(gl);
  const uniform = (name) => gl.getUniformLocation(program, name);
  const places = { scale: uniform("scale"), offset: uniform("offset"), size: uniform("size") };
  const position = attribute(gl, program, "place", 2, gl.FLOAT, false);
  const colour = attribute(gl, program, "colour", 4, gl.UNSIGNED_BYTE, true);
  const order = gl.createBuffer();
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  let n = 0;
  return {
    kind: "webgl2",
    setPositions: position,
    setColours: colour,
    setOrder(indices) {
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.DYNAMIC_DRAW);
      n = indices.length;
    },
    draw({ scale, offset, size }) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(places.scale, ...scale);
      gl.uniform2f(places.offset, ...offset);
      gl.uniform1f(places.size, size);
      gl.drawElements(gl.POINTS, n, gl.UNSIGNED_INT, 0);
    },
    destroy: () => gl.getExtension("WEBGL_lose_context")?.loseContext(),
  };
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

// Returns a function that fills the attribute's buffer.
function attribute(gl, program, name, size, type, normalised) {
  const buffer = gl.createBuffer();
  const place = gl.getAttribLocation(program, name);
  return (data) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, type, normalised, 0, 0);
  };
}

function plainRenderer(canvas) {
  const context = canvas.getContext("2d");
  let positions = new Float32Array();
  let colours = new Uint8Array();
  let order = new Uint32Array();
  const drawPoint = (i, { scale, offset, size }) => {
    const x = ((positions[2 * i] * scale[0] + offset[0] + 1) / 2) * canvas.width;
    const y = ((1 - positions[2 * i + 1] * scale[1] - offset[1]) / 2) * canvas.height;
    const [r, g, b, a] = colours.subarray(4 * i, 4 * i + 4);
    context.fillStyle = `rgba(${r},${g},${b},${a / 255})`;
    context.fillRect(x - size / 2, y - size / 2, size, size);
  };
  return {
    kind: "canvas",
    setPositions: (data) => (positions = data),
    setColours: (data) => (colours = data),
    setOrder: (data) => (order = data),
    draw(view) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      order.forEach((i) => drawPoint(i, view));
    },
    destroy() {},
  };
}
