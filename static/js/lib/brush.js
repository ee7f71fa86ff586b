// @ts-check
/** The correcting brush without a page: sizes, points, and the view between photo and screen. */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {{kind: "keep" | "erase", radius_px: number, points: number[][], is_exact: boolean}} Stroke */

export const STEPS = 100;
// Of the photo's longest side: a hair, and a quarter of a close-up.
const THINNEST = 0.0015;
const WIDEST = 0.12;
const MAX_POINTS = 4000;
const MAX_SCALE = 8;

/** The brush's radius in photo pixels. @param {number} step 0..100 @param {number} longestPx */
export function radiusOf(step, longestPx) {
  const share = THINNEST * (WIDEST / THINNEST) ** (clamp(step, 0, STEPS) / STEPS);
  return Math.max(0.5, share * longestPx);
}

/** @param {number} value @param {number} low @param {number} high */
export function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}

/** Whether a point is worth keeping: a quarter of the radius shows no corner. */
/** @param {number[] | undefined} last @param {Point} point @param {number} radius */
export function isFarther(last, point, radius) {
  if (!last) return true;
  return Math.hypot(point.x - last[0], point.y - last[1]) >= Math.max(0.5, radius / 4);
}

/** A stroke as it is sent. @param {Stroke} stroke @returns {Stroke} */
export function rounded(stroke) {
  const step = Math.ceil(stroke.points.length / MAX_POINTS);
  const points = stroke.points.filter((_, at, all) => at % step === 0 || at === all.length - 1);
  const tenth = (/** @type {number} */ value) => Math.round(value * 10) / 10;
  return {
    ...stroke,
    radius_px: Math.max(0.5, tenth(stroke.radius_px)),
    points: points.map(([x, y]) => [tenth(x), tenth(y)]),
  };
}

/** Two corners in any order. @param {Point} one @param {Point} other @returns {Box} */
export function boxOf(one, other) {
  return {
    left: Math.floor(Math.min(one.x, other.x)),
    top: Math.floor(Math.min(one.y, other.y)),
    right: Math.ceil(Math.max(one.x, other.x)),
    bottom: Math.ceil(Math.max(one.y, other.y)),
  };
}

/** Which part of the photo the stage shows, and how large. */
export class PhotoView {
  /** @param {number} width of the photo @param {number} height */
  constructor(width, height) {
    this.photo = { width, height };
    this.stage = { width: 1, height: 1 };
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.isFitted = true;
  }

  get fitScale() {
    const { photo, stage } = this;
    return Math.min(stage.width / photo.width, stage.height / photo.height) * 0.94;
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.stage = { width: Math.max(1, width), height: Math.max(1, height) };
    if (this.isFitted) this.fit();
    else this.place(this.x, this.y);
  }

  fit() {
    this.scale = this.fitScale;
    this.isFitted = true;
    this.place(0, 0);
  }

  /** @param {number} factor @param {Point} [at] on the stage; it stays where it is */
  zoom(factor, at) {
    const { stage } = this;
    const fixed = at ?? { x: stage.width / 2, y: stage.height / 2 };
    const under = this.toPhoto(fixed);
    const scale = clamp(this.scale * factor, this.fitScale, Math.max(MAX_SCALE, this.fitScale));
    this.isFitted = scale <= this.fitScale * 1.001;
    this.scale = scale;
    this.place(fixed.x - under.x * scale, fixed.y - under.y * scale);
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.place(this.x + dx, this.y + dy);
  }

  /** Some of the photo always stays in sight. @param {number} x @param {number} y */
  place(x, y) {
    const { photo, stage, scale } = this;
    const along = (/** @type {number} */ at, /** @type {number} */ room, /** @type {number} */ length) =>
      length <= room ? (room - length) / 2 : clamp(at, room * 0.75 - length, room * 0.25);
    this.x = along(x, stage.width, photo.width * scale);
    this.y = along(y, stage.height, photo.height * scale);
  }

  /** @param {Point} point on the stage */
  toPhoto({ x, y }) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  /** @param {Point} point of the photo */
  toStage({ x, y }) {
    return { x: x * this.scale + this.x, y: y * this.scale + this.y };
  }
}
