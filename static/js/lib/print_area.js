// @ts-check
/**
 * Where a mockup's print area lies in the picture, from a style's `x-print`: for every view the
 * object's middle and, per face, a grid of points (thousandths of the square plate) over the flat
 * face. `inference/mockups/view.py` has the same rule for what a frame shows.
 */

/** @typedef {[number, number]} Point */
/**
 * @typedef {object} Face
 * @property {string} name
 * @property {number[]} focus left, top, right, bottom of the flat face
 * @property {number[]} area
 * @property {number[]} safe margins across and down
 * @property {Point[][]} grid
 */
/** @typedef {{middle: Point, faces: Face[]}} View */
/** @typedef {{left: number, top: number, width: number, height: number}} Window in plate shares */

/** @param {any} style @param {Record<string, any>} params @returns {View | null} */
export function printViewOf(style, params) {
  const views = style?.params_schema?.["x-print"];
  if (!views) return null;
  return views[params.view ?? ""] ?? Object.values(views)[0] ?? null;
}

/**
 * The part of the plate that a frame shows.
 * @param {View} view @param {number} ratio width over height @param {number} zoom in percent
 * @returns {Window}
 */
export function windowOf(view, ratio, zoom) {
  const width = Math.min(1, ratio) / (zoom / 100);
  const height = Math.min(1, 1 / ratio) / (zoom / 100);
  /** @param {number} middle @param {number} length */
  const edge = (middle, length) => Math.min(Math.max(middle - length / 2, 0), 1 - length);
  return { left: edge(view.middle[0], width), top: edge(view.middle[1], height), width, height };
}

/** @param {Window} window @param {Point} share of the frame @returns {Point} of the plate */
export function toPlate(window, [x, y]) {
  return [window.left + x * window.width, window.top + y * window.height];
}

/** @param {Window} window @param {Point} point of the plate @returns {Point} share of the frame */
export function toFrame(window, [x, y]) {
  return [(x - window.left) / window.width, (y - window.top) / window.height];
}

/**
 * A face's cells that look at the camera, with what is needed to go back and forth.
 * @param {Face} face
 */
function cellsOf(face) {
  const rows = face.grid.length - 1;
  const columns = face.grid[0].length - 1;
  const cells = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [a, b] = [face.grid[row][column], face.grid[row][column + 1]];
      const d = face.grid[row + 1][column];
      const right = [(b[0] - a[0]) / 1000, (b[1] - a[1]) / 1000];
      const down = [(d[0] - a[0]) / 1000, (d[1] - a[1]) / 1000];
      const turn = right[0] * down[1] - right[1] * down[0];
      // Turned away: it runs from right to left, or is seen from its edge.
      if (turn > 1e-7) cells.push({ row, column, rows, columns, corner: [a[0] / 1000, a[1] / 1000], right, down, turn });
    }
  }
  return cells;
}

/** @param {ReturnType<typeof cellsOf>[number]} cell @param {Point} point @returns {Point} */
function within(cell, [x, y]) {
  const [dx, dy] = [x - cell.corner[0], y - cell.corner[1]];
  const i = (dx * cell.down[1] - dy * cell.down[0]) / cell.turn;
  const j = (cell.right[0] * dy - cell.right[1] * dx) / cell.turn;
  return [i, j];
}

/**
 * The flat coordinates at a point of the plate; off the face, those of its nearest cell, continued.
 * @param {Face} face @param {Point} point @returns {{flat: Point, off: number}} off is 0 on the face
 */
export function flatAt(face, point) {
  let best = { flat: /** @type {Point} */ ([0.5, 0.5]), off: Infinity };
  for (const cell of cellsOf(face)) {
    const [i, j] = within(cell, point);
    const off = Math.max(0, -i, i - 1, -j, j - 1);
    if (off >= best.off) continue;
    best = { flat: [(cell.column + i) / cell.columns, (cell.row + j) / cell.rows], off };
  }
  return best;
}

/**
 * How far artwork is shifted, in percent of the face's focus, by a drag from one point to another.
 * @param {View} view @param {Point} from of the plate @param {Point} to of the plate
 * @returns {Point}
 */
export function shiftOf(view, from, to) {
  let face = view.faces[0];
  let least = Infinity;
  for (const each of view.faces) {
    const { off } = flatAt(each, from);
    if (off < least) [face, least] = [each, off];
  }
  const start = flatAt(face, from).flat;
  const end = flatAt(face, to).flat;
  const [left, top, right, bottom] = face.focus;
  return [
    (100 * (end[0] - start[0])) / (right - left),
    (100 * (end[1] - start[1])) / (bottom - top),
  ];
}

/**
 * A rectangle of a face as lines on the plate; where the face turns away the line breaks off.
 * @param {Face} face @param {number[]} rect left, top, right, bottom
 * @returns {Point[][]}
 */
export function outlineOf(face, [left, top, right, bottom]) {
  const steps = 40;
  /** @type {Point[]} */
  const round = [];
  const corners = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]];
  for (let side = 0; side < 4; side += 1) {
    const [[s0, t0], [s1, t1]] = [corners[side], corners[side + 1]];
    for (let step = 0; step < steps; step += 1) {
      const share = step / steps;
      round.push([s0 + (s1 - s0) * share, t0 + (t1 - t0) * share]);
    }
  }
  round.push([left, top]);
  /** @type {Point[][]} */
  const lines = [[]];
  const seen = new Set(cellsOf(face).map((cell) => `${cell.row} ${cell.column}`));
  for (const flat of round) {
    const placed = placeOf(face, flat, seen);
    if (placed) lines[lines.length - 1].push(placed);
    else if (lines[lines.length - 1].length) lines.push([]);
  }
  return lines.filter((line) => line.length > 1);
}

/** @param {Face} face @param {Point} flat @param {Set<string>} seen @returns {Point | null} */
function placeOf(face, [s, t], seen) {
  const rows = face.grid.length - 1;
  const columns = face.grid[0].length - 1;
  const column = Math.min(columns - 1, Math.max(0, Math.floor(s * columns)));
  const row = Math.min(rows - 1, Math.max(0, Math.floor(t * rows)));
  if (!seen.has(`${row} ${column}`)) return null;
  const [i, j] = [s * columns - column, t * rows - row];
  const [a, b] = [face.grid[row][column], face.grid[row][column + 1]];
  const [d, c] = [face.grid[row + 1][column], face.grid[row + 1][column + 1]];
  /** @param {0 | 1} axis */
  const mixed = (axis) =>
    ((1 - j) * ((1 - i) * a[axis] + i * b[axis]) + j * ((1 - i) * d[axis] + i * c[axis])) / 1000;
  return [mixed(0), mixed(1)];
}
