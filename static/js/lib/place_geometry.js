// @ts-check
/**
 * The ground of a seller's photo as lines on it; mirrors `inference/backdrops/place.py`. Lines and
 * points are shares of the picture.
 */

/** @typedef {{viewpoint: string, eye_level: number, ground_line: number, stand_x: number, stand_y: number, width_cm: number, light_from_deg: number, light_height_deg: number, light_softness: number, focal: number}} Setup */

export const LEAST_GAP = 0.02;

/** @param {Setup} setup @param {number} width @param {number} height */
export function pitchOf(setup, width, height) {
  const focal = setup.focal * Math.hypot(width, height);
  return (Math.atan(((0.5 - setup.eye_level) * height) / focal) * 180) / Math.PI;
}

/** The eye level of a camera that looks down so far. @param {number} pitch @param {Setup} setup @param {number} width @param {number} height */
export function eyeLevelOf(pitch, setup, width, height) {
  const focal = setup.focal * Math.hypot(width, height);
  return 0.5 - (Math.tan((pitch * Math.PI) / 180) * focal) / height;
}

/**
 * A setup in which the lines lie in a possible order: eye level, ground line, stand point.
 * @param {Setup} setup
 * @param {string} moved the value that was changed; the others give way
 * @returns {Setup}
 */
export function ordered(setup, moved) {
  const one = { ...setup };
  if (one.viewpoint === "above") return one;
  if (moved === "stand_y") {
    one.ground_line = Math.min(one.ground_line, one.stand_y - LEAST_GAP);
    one.eye_level = Math.min(one.eye_level, one.ground_line - LEAST_GAP / 2);
    return one;
  }
  if (moved === "eye_level") one.ground_line = Math.max(one.ground_line, one.eye_level + LEAST_GAP / 2);
  else one.eye_level = Math.min(one.eye_level, one.ground_line - LEAST_GAP / 2);
  one.stand_y = Math.max(one.stand_y, one.ground_line + LEAST_GAP);
  return one;
}

/**
 * Lines of a ground grid, as [x1, y1, x2, y2] shares; a tenth of the picture's width apart where
 * the product stands.
 * @param {Setup} setup
 */
export function groundGrid(setup) {
  const lines = [];
  if (setup.viewpoint === "above") {
    for (let at = 0.1; at < 0.95; at += 0.1) lines.push([at, 0, at, 1], [0, at, 1, at]);
    return lines;
  }
  const { eye_level: horizon, ground_line: top, stand_y: stand } = setup;
  const scaleAt = (/** @type {number} */ row) => (row - horizon) / (stand - horizon);
  for (let step = -12; step <= 12; step += 1) {
    const at = (/** @type {number} */ row) => 0.5 + (setup.stand_x - 0.5 + step * 0.1) * scaleAt(row);
    lines.push([at(top), top, at(1), 1]);
  }
  // Rows at equal distances on the ground lie at 1/n of the way to the horizon.
  for (let step = -8; step <= 24; step += 1) {
    const row = horizon + (stand - horizon) / (1 + step * 0.12);
    if (row > top && row < 1 && 1 + step * 0.12 > 0) lines.push([0, row, 1, row]);
  }
  return lines;
}
