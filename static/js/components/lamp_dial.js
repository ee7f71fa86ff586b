// @ts-check
/**
 * `<lamp-dial>`: where the key light stands, seen from above. The camera is below, so 0° is the
 * camera's side, -90° the left, 90° the right, 180° behind the product.
 *
 * Attributes min, max, step, value, label. Dispatches "input" while it is dragged and "change" when
 * it is let go; `value` is in degrees.
 */

import { svgElement } from "../lib/dom.js";

const CENTRE = 60;
const RADIUS = 46;

export class LampDial extends HTMLElement {
  min = -180;
  max = 180;
  step = 1;
  /** @type {number | undefined} */
  angle = undefined;

  connectedCallback() {
    if (this.dial) return;
    this.min = Number(this.getAttribute("min"));
    this.max = Number(this.getAttribute("max"));
    this.step = Number(this.getAttribute("step"));
    this.angle ??= Number(this.getAttribute("value"));
    this.beam = svgElement("path", { class: "lamp__beam" });
    this.bulb = svgElement("circle", { class: "lamp__bulb", r: 9 });
    this.dial = svgElement(
      "svg",
      {
        class: "lamp__dial",
        viewBox: "0 0 120 120",
        role: "slider",
        tabindex: 0,
        "aria-label": this.getAttribute("label") ?? "",
        "aria-valuemin": this.min,
        "aria-valuemax": this.max,
      },
      svgElement("path", { class: "lamp__ring", d: this.ringPath() }),
      this.beam,
      svgElement("rect", { class: "lamp__product", x: 53, y: 53, width: 14, height: 14, rx: 3 }),
      svgElement("path", { class: "lamp__camera", d: "M54 92h12l-3-5h-6Z" }),
      this.bulb,
    );
    this.append(this.dial);
    this.mountPointer(this.dial);
    this.dial.addEventListener("keydown", (event) => this.onKey(/** @type {KeyboardEvent} */ (event)));
    this.draw();
  }

  get value() {
    return this.angle ?? 0;
  }

  set value(angle) {
    this.angle = angle;
    if (this.dial) this.draw();
  }

  /** A whole ring, or the part of it on which the lamp may stand. */
  ringPath() {
    if (this.max - this.min >= 360) {
      return `M60 ${CENTRE - RADIUS}a${RADIUS} ${RADIUS} 0 1 1 -.01 0Z`;
    }
    const [x1, y1] = pointAt(this.min);
    const [x2, y2] = pointAt(this.max);
    const isLarge = this.max - this.min > 180 ? 1 : 0;
    return `M${x1} ${y1}A${RADIUS} ${RADIUS} 0 ${isLarge} 0 ${x2} ${y2}`;
  }

  draw() {
    const [x, y] = pointAt(this.value);
    this.bulb?.setAttribute("cx", String(x));
    this.bulb?.setAttribute("cy", String(y));
    const side = (this.value * Math.PI) / 180 + Math.PI / 2;
    const reach = 16;
    const [dx, dy] = [Math.sin(side) * reach, Math.cos(side) * reach];
    this.beam?.setAttribute("d", `M${x} ${y}L${CENTRE + dx} ${CENTRE + dy}L${CENTRE - dx} ${CENTRE - dy}Z`);
    this.dial?.setAttribute("aria-valuenow", String(this.value));
    this.dial?.setAttribute("aria-valuetext", `${this.value}°, ${whereIs(this.value)}`);
  }

  /** @param {SVGElement} dial */
  mountPointer(dial) {
    dial.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      dial.focus({ preventScroll: true });
      dial.setPointerCapture(event.pointerId);
      this.turnTo(event);
      /** @param {PointerEvent} moved */
      const move = (moved) => this.turnTo(moved);
      dial.addEventListener("pointermove", move);
      dial.addEventListener(
        "lostpointercapture",
        () => {
          dial.removeEventListener("pointermove", move);
          this.tell("change");
        },
        { once: true },
      );
    });
  }

  /** @param {PointerEvent} event */
  turnTo(event) {
    const box = this.dial?.getBoundingClientRect();
    if (!box) return;
    const x = event.clientX - box.left - box.width / 2;
    const y = event.clientY - box.top - box.height / 2;
    this.set((Math.atan2(x, y) * 180) / Math.PI);
    this.tell("input");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -3, PageUp: 3 };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const size = event.shiftKey ? this.step : 5;
    this.set(this.wrapped(this.value + step * size));
    this.tell("change");
  }

  /** Past the back of a whole ring the count goes on at its other end. @param {number} angle */
  wrapped(angle) {
    if (this.max - this.min < 360) return angle;
    if (angle > this.max) return angle - 360;
    return angle < this.min ? angle + 360 : angle;
  }

  /** @param {number} angle */
  set(angle) {
    const stepped = Math.round(angle / this.step) * this.step;
    this.angle = Math.max(this.min, Math.min(this.max, stepped));
    this.draw();
  }

  /** @param {string} name */
  tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

/** @param {number} angle in degrees @returns {[number, number]} */
function pointAt(angle) {
  const radians = (angle * Math.PI) / 180;
  return [CENTRE + RADIUS * Math.sin(radians), CENTRE + RADIUS * Math.cos(radians)];
}

/** @param {number} angle */
export function whereIs(angle) {
  const turned = Math.abs(angle);
  const side = angle < 0 ? "left" : "right";
  if (turned < 23) return "in front";
  if (turned < 68) return `front ${side}`;
  if (turned < 113) return side;
  return turned < 158 ? `behind, ${side}` : "behind";
}

customElements.define("lamp-dial", LampDial);
