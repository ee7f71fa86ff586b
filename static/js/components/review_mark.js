// @ts-check
/** Marking the place that is wrong: drag a box, or click its two corners. */

// A press that moves less is a corner, not a box.
const CORNER_PX = 6;

/** @typedef {{x: number, y: number}} Point */

export class RegionMarker {
  /**
   * @param {HTMLElement} layer lies over the result's frame
   * @param {(point: Point) => Point} toResult from the layer's CSS pixels to the result's
   * @param {(region: number[] | null, isDone: boolean) => void} onRegion
   */
  constructor(layer, toResult, onRegion) {
    this.layer = layer;
    this.toResult = toResult;
    this.onRegion = onRegion;
    this.isOn = false;
    /** @type {Point | null} */
    this.first = null;
    this.isPressed = false;
    layer.addEventListener("pointerdown", (event) => this.press(event));
    layer.addEventListener("pointermove", (event) => this.move(event));
    layer.addEventListener("pointerup", (event) => this.lift(event));
  }

  /** @param {boolean} is */
  set(is) {
    this.isOn = is;
    this.first = null;
    this.layer.classList.toggle("boxes--marking", is);
  }

  /** @param {PointerEvent} event @returns {Point} */
  at(event) {
    const box = this.layer.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (!this.isOn || event.button !== 0) return;
    event.preventDefault();
    this.layer.setPointerCapture(event.pointerId);
    this.isPressed = true;
    this.first ??= this.at(event);
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.isOn && this.isPressed && this.first) this.tell(this.at(event), false);
  }

  /** @param {PointerEvent} event */
  lift(event) {
    if (!this.isOn || !this.isPressed || !this.first) return;
    this.isPressed = false;
    const now = this.at(event);
    // The first of two clicks: wait for the other corner.
    if (Math.hypot(now.x - this.first.x, now.y - this.first.y) < CORNER_PX) return;
    this.tell(now, true);
    this.set(false);
  }

  /** @param {Point} now @param {boolean} isDone */
  tell(now, isDone) {
    const a = this.toResult(/** @type {Point} */ (this.first));
    const b = this.toResult(now);
    const region = [Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y)];
    const isFlat = region[2] - region[0] < 1 || region[3] - region[1] < 1;
    this.onRegion(isFlat ? null : region, isDone);
  }
}
