// Points on a 2-D canvas, for browsers without WebGL2.

export function plainRenderer(canvas) {
  const context = canvas.getContext("2d");
  const held = { places: [new Float32Array(), new Float32Array()], codes: [], flags: [], palette: [] };
  return {
    kind: "canvas",
    setPlaces: (pane, data) => (held.places[pane] = data),
    setCodes: (data) => (held.codes = data),
    setFlags: (data) => (held.flags = data),
    setPalette: (rgba) => (held.palette = rgba),
    draw(panes, how) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      panes.forEach((pane, k) => pane && drawPane(context, canvas, held, k, pane, how));
    },
    destroy() {},
  };
}

function drawPane(context, canvas, held, k, pane, { selecting, spotting }) {
  context.save();
  context.beginPath();
  context.rect(pane.left, canvas.height - pane.bottom - pane.height, pane.width, pane.height);
  context.clip();
  context.translate(pane.left, canvas.height - pane.bottom - pane.height);
  for (const turn of [false, true]) {
    for (let i = 0; i < held.codes.length; i++) {
      const [r, g, b, a] = held.palette.subarray(4 * held.codes[i], 4 * held.codes[i] + 4);
      const lit = spotting ? a > 127 : !selecting || (held.flags[i] & 1) === 1;
      if (held.flags[i] & 2 || lit !== turn || held.places[k][2 * i] > 1e29) continue;
      const x = ((held.places[k][2 * i] * pane.scale[0] + pane.offset[0] + 1) / 2) * pane.width;
      const y = ((1 - held.places[k][2 * i + 1] * pane.scale[1] - pane.offset[1]) / 2) * pane.height;
      context.fillStyle = `rgba(${r},${g},${b},${lit ? pane.full : pane.faded})`;
      context.fillRect(x - pane.size / 2, y - pane.size / 2, pane.size, pane.size);
    }
  }
  context.restore();
}
