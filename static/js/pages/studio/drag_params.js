// @ts-check
/** The parameters that gestures on the picture change: those whose schema says `x-drag`. */

/** @typedef {import("../../lib/look.js").LookStore} LookStore */

export class DragParams {
  /** @param {LookStore} look */
  constructor(look) {
    this.look = look;
    /** @type {Record<string, number> | null} the values when the gesture began */
    this.start = null;
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

  /** @param {{x: number, y: number, isFinal: boolean}} detail shares of the frame since the start */
  move({ x, y, isFinal }) {
    this.change({ x, y }, isFinal, (start, share, schema) => start + share * perFrame(schema));
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
