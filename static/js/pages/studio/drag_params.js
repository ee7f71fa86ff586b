// @ts-check
/** The parameters that gestures on the picture change: those whose schema says `x-drag`. */

import { printViewOf, shiftOf, toPlate, windowOf } from "../../lib/print_area.js";

/** @typedef {import("../../lib/look.js").LookStore} LookStore */

export class DragParams {
  /** @param {LookStore} look */
  constructor(look) {
    this.look = look;
    /** @type {Record<string, number> | null} the values when the gesture began */
    this.start = null;
    this.ratio = 1;
  }

  /** @param {string} axis "x", "y" or "scale" @returns {[string, any] | undefined} */
  param(axis) {
    const properties = Object.entries(this.look.style?.params_schema.properties ?? {});
    return properties.find(([, schema]) => schema["x-drag"] === axis);
  }

  get canMove() {
    return Boolean(this.param("x") || this.param("y"));
  }

  get canSize() {
    return Boolean(this.param("scale"));
  }

  /**
   * Shares of the frame since the start; `from` is where the gesture began.
   * @param {{x: number, y: number, isFinal: boolean, from?: {x: number, y: number}}} detail
   */
  move({ x, y, isFinal, from }) {
    const view = printViewOf(this.look.style, this.look.look.params);
    if (view) {
      const [across, down] = this.onObject(view, x, y, from);
      this.change({ x: across, y: down }, isFinal, (start, percent) => start + percent);
      return;
    }
    this.change({ x, y }, isFinal, (start, share, schema) => start + share * perFrame(schema));
  }

  /**
   * A movement over the picture as one over the printed face, in percent of its focus.
   * @param {import("../../lib/print_area.js").View} view
   * @param {number} x @param {number} y @param {{x: number, y: number}} [from]
   */
  onObject(view, x, y, from) {
    const window = windowOf(view, this.ratio, Number(this.look.look.params.zoom ?? 100));
    /** @type {[number, number]} */
    let start = view.middle;
    if (from) start = toPlate(window, [from.x, from.y]);
    return shiftOf(view, start, [start[0] + x * window.width, start[1] + y * window.height]);
  }

  /** @param {{factor: number, isFinal: boolean}} detail */
  size({ factor, isFinal }) {
    this.change({ scale: factor }, isFinal, (start, by) => start * by);
  }

  /**
   * @param {Record<string, number>} amounts by axis
   * @param {boolean} isFinal
   * @param {(start: number, amount: number, schema: any) => number} newValue
   */
  change(amounts, isFinal, newValue) {
    this.start ??= /** @type {Record<string, number>} */ ({ ...this.look.look.params });
    /** @type {Record<string, number>} */
    const params = {};
    for (const [axis, amount] of Object.entries(amounts)) {
      const found = this.param(axis);
      if (!found) continue;
      const [name, schema] = found;
      params[name] = fitted(newValue(this.start[name], amount, schema), schema);
    }
    if (isFinal) this.start = null;
    this.look.setParams(params, isFinal);
  }
}

/** What a whole frame is in the parameter's unit. @param {any} schema */
function perFrame(schema) {
  return schema["x-unit"] === "%" ? 100 : schema.maximum - schema.minimum;
}

/** @param {number} value @param {any} schema */
function fitted(value, schema) {
  const step = schema["x-step"] || 0.01;
  const stepped = Math.round(value / step) * step;
  return Math.max(schema.minimum, Math.min(schema.maximum, Number(stepped.toFixed(4))));
}
