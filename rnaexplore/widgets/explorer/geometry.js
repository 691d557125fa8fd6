// Where points are: bounds, the camera, what is near, what a polygon encloses. No DOM.

// Where points are that a map does not hold: beyond any radius.
export const ABSENT = Math.fround(1e30);

export function boundsOf(positions) {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let k = 0; k < positions.length; k += 2) {
    box.left = Math.min(box.left, positions[k]);
    box.right = Math.max(box.right, positions[k]);
    box.bottom = Math.min(box.bottom, positions[k + 1]);
    box.top = Math.max(box.top, positions[k + 1]);
  }
  return box;
}

// Levels 0 to 65,534 between the edges of a box; 65,535 for a point that is not on the map.
export function unpackPlaces(levels, [left, right, bottom, top]) {
  const positions = new Float32Array(levels.length);
  const stepX = (right - left) / 65534;
  const stepY = (top - bottom) / 65534;
  for (let k = 0; k < levels.length; k += 2) {
    positions[k] = levels[k] === 65535 ? ABSENT : left + levels[k] * stepX;
    positions[k + 1] = levels[k] === 65535 ? ABSENT : bottom + levels[k + 1] * stepY;
  }
  return positions;
}

// A camera looks at (x, y) with so many pixels for each unit.
export function fitCamera(box, width, height, margin = 0.06) {
  const spanX = box.right - box.left || 1;
  const spanY = box.top - box.bottom || 1;
  const zoom = Math.min(width / spanX, height / spanY) * (1 - 2 * margin);
  return { x: (box.left + box.right) / 2, y: (box.bottom + box.top) / 2, zoom };
}

export function toScreen(camera, width, height, x, y) {
  return [width / 2 + (x - camera.x) * camera.zoom, height / 2 - (y - camera.y) * camera.zoom];
}

export function toData(camera, width, height, px, py) {
  return [camera.x + (px - width / 2) / camera.zoom, camera.y - (py - height / 2) / camera.zoom];
}

export function zoomAt(camera, width, height, px, py, factor) {
  const [x, y] = toData(camera, width, height, px, py);
  const zoom = camera.zoom * factor;
  return { x: x - (px - width / 2) / zoom, y: y + (py - height / 2) / zoom, zoom };
}

// A uniform grid over the points, to find the nearest one without looking at all.
export function buildGrid(positions, box) {
  const n = positions.length / 2;
  const side = Math.max(1, Math.ceil(Math.sqrt(n / 4)));
  const stepX = (box.right - box.left) / side || 1;
  const stepY = (box.top - box.bottom) / side || 1;
  const clamp = (k) => Math.max(0, Math.min(side - 1, k));
  const column = (x) => clamp(Math.floor((x - box.left) / stepX));
  const row = (y) => clamp(Math.floor((y - box.bottom) / stepY));
  const starts = new Uint32Array(side * side + 1);
  const cellOf = (i) => row(positions[2 * i + 1]) * side + column(positions[2 * i]);
  for (let i = 0; i < n; i++) starts[cellOf(i) + 1]++;
  for (let c = 0; c < side * side; c++) starts[c + 1] += starts[c];
  const items = new Uint32Array(n);
  const next = starts.slice();
  for (let i = 0; i < n; i++) items[next[cellOf(i)]++] = i;
  return { positions, side, starts, items, column, row };
}

export function nearestPoint(grid, x, y, radius, hidden = null) {
  let best = -1;
  let bestSquare = radius * radius;
  for (let r = grid.row(y - radius); r <= grid.row(y + radius); r++) {
    for (let c = grid.column(x - radius); c <= grid.column(x + radius); c++) {
      const cell = r * grid.side + c;
      for (let k = grid.starts[cell]; k < grid.starts[cell + 1]; k++) {
        const i = grid.items[k];
        const square = (grid.positions[2 * i] - x) ** 2 + (grid.positions[2 * i + 1] - y) ** 2;
        if (square <= bestSquare && !hidden?.[i]) [best, bestSquare] = [i, square];
      }
    }
  }
  return best;
}

// Mask of the points inside a polygon of [x, y] corners.
export function insidePolygon(positions, polygon) {
  const box = boundsOf(polygon.flat());
  const inside = new Uint8Array(positions.length / 2);
  for (let i = 0; i < inside.length; i++) {
    const x = positions[2 * i];
    const y = positions[2 * i + 1];
    const near = x >= box.left && x <= box.right && y >= box.bottom && y <= box.top;
    if (near && encloses(polygon, x, y)) inside[i] = 1;
  }
  return inside;
}

function encloses(polygon, x, y) {
  let inside = false;
  for (let k = 0, j = polygon.length - 1; k < polygon.length; j = k++) {
    const [xa, ya] = polygon[k];
    const [xb, yb] = polygon[j];
    if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) inside = !inside;
  }
  return inside;
}

// A mask after a set operation with another; `replace` takes the other alone.
export function combine(current, found, mode) {
  const result = new Uint8Array(found);
  if (mode === "replace") return result;
  for (let i = 0; i < result.length; i++) {
    const [a, b] = [current[i], found[i]];
    result[i] = mode === "add" ? a | b : mode === "subtract" ? a & ~b & 1 : a & b;
  }
  return result;
}
