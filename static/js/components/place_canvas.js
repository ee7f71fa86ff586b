// @ts-check
/**
 * The lines over a photo of a place: eye level, where the ground ends, and where the product
 * stands, each dragged by pointer or moved by the arrow keys.
 *
 * Dispatches "change" {values, isFinal} with the setup's values that were moved.
 */

import { svgElement } from "../lib/dom.js";
import { groundGrid } from "../lib/place_geometry.js";

/** @typedef {import("../lib/place_geometry.js").Setup} Setup */

const STEP = 0.01;
const EDGE = 0.03;

export class PlaceCanvas extends EventTarget {
  /**
   * @param {HTMLElement} root holds the picture
   * @param {{width: number, height: number}} size
   * @param {boolean} canChange
   */
  constructor(root, { width, height }, canChange) {
    super();
    this.width = width;
    this.height = height;
    this.unit = Math.max(width, height) / 100;
    this.svg = svgElement("svg", { class: "place__lines", viewBox: `0 0 ${width} ${height}` });
    this.grid = svgElement("g", { class: "place__grid" });
    this.horizon = this.makeLine("Eye level", "eye_level", "place__line--eye");
    this.ground = this.makeLine("The ground ends here", "ground_line", "place__line--ground");
    this.stand = this.makeStand();
    this.svg.append(this.grid, this.horizon.root, this.ground.root, this.stand.root);
    root.append(this.svg);
    if (!canChange) this.svg.setAttribute("inert", "");
  }

  /** @param {string} label @param {keyof Setup} name @param {string} look */
  makeLine(label, name, look) {
    const { unit, width } = this;
    const line = svgElement("path", { class: "place__stroke", d: `M0 0H${width}` });
    const reach = svgElement("path", { class: "place__reach", d: `M0 0H${width}` });
    const words = svgElement("text", { class: "place__words", x: 2 * unit, y: -unit });
    words.setAttribute("font-size", String(2.6 * unit));
    const knob = svgElement("circle", { class: "place__knob", cx: width - 5 * unit, r: 1.7 * unit });
    const root = svgElement(
      "g",
      { class: `place__line ${look}`, role: "slider", tabindex: 0, "aria-label": label },
      reach,
      line,
      words,
      knob,
    );
    root.setAttribute("aria-orientation", "vertical");
    this.mountDrag(root, (dx, dy, start) => ({ [name]: Number(start[name]) + dy }));
    this.mountKeys(root, (dx, dy) => ({ [name]: Number(this.setup?.[name]) + dy }));
    return { root, words, label, name };
  }

  makeStand() {
    const { unit } = this;
    const box = svgElement("path", { class: "place__box" });
    const reach = svgElement("circle", { class: "place__reach", r: 5 * unit });
    const dot = svgElement("circle", { class: "place__knob", r: 1.7 * unit });
    const words = svgElement("text", { class: "place__words", "text-anchor": "middle" });
    words.setAttribute("font-size", String(2.6 * unit));
    const root = svgElement(
      "g",
      { class: "place__stand", role: "group", tabindex: 0, "aria-label": "Where the product stands; arrow keys move it" },
      box,
      words,
      reach,
      dot,
    );
    const moved = (/** @type {number} */ dx, /** @type {number} */ dy, /** @type {Setup} */ from) => ({
      stand_x: from.stand_x + dx,
      stand_y: from.stand_y + dy,
    });
    this.mountDrag(root, moved);
    this.mountKeys(root, (dx, dy) => moved(dx, dy, /** @type {Setup} */ (this.setup)));
    return { root, box, words };
  }

  /**
   * @param {SVGElement} handle
   * @param {(dx: number, dy: number, start: Setup) => Record<string, number>} moved
   */
  mountDrag(handle, moved) {
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.setup) return;
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      const frame = this.svg.getBoundingClientRect();
      const start = { ...this.setup };
      // A line outside of the picture is taken up where it is shown.
      start.eye_level = Math.max(EDGE, start.eye_level);
      const values = (/** @type {PointerEvent} */ to) =>
        moved((to.clientX - event.clientX) / frame.width, (to.clientY - event.clientY) / frame.height, start);
      const move = (/** @type {PointerEvent} */ to) => this.tell(values(to), false);
      const end = (/** @type {PointerEvent} */ to) => {
        handle.removeEventListener("pointermove", move);
        this.tell(values(to), true);
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", end, { once: true });
    });
  }

  /** @param {SVGElement} handle @param {(dx: number, dy: number) => Record<string, number>} moved */
  mountKeys(handle, moved) {
    handle.addEventListener("keydown", (event) => {
      const step = STEP * (event.shiftKey ? 5 : 1);
      const by = { ArrowUp: [0, -step], ArrowDown: [0, step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] }[event.key];
      if (!by) return;
      event.preventDefault();
      this.tell(moved(by[0], by[1]), true);
    });
  }

  /** @param {Record<string, number>} values @param {boolean} isFinal */
  tell(values, isFinal) {
    this.dispatchEvent(new CustomEvent("change", { detail: { values, isFinal } }));
  }

  /** @param {Setup} setup @param {string[]} unsure */
  show(setup, unsure) {
    this.setup = setup;
    const { width, height } = this;
    const isAbove = setup.viewpoint === "above";
    this.grid.replaceChildren(
      ...groundGrid(setup).map(([x1, y1, x2, y2]) =>
        svgElement("line", { x1: x1 * width, y1: y1 * height, x2: x2 * width, y2: y2 * height }),
      ),
    );
    for (const { root, words, label, name } of [this.horizon, this.ground]) {
      const value = Number(setup[/** @type {keyof Setup} */ (name)]);
      const shown = Math.max(EDGE, Math.min(1 - EDGE, value));
      root.setAttribute("transform", `translate(0 ${shown * height})`);
      root.toggleAttribute("hidden", isAbove);
      root.setAttribute("aria-valuenow", String(Math.round(value * 100)));
      root.setAttribute("aria-valuetext", `${Math.round(value * 100)} % down the picture`);
      const isUnsure = unsure.includes(name);
      root.classList.toggle("place__line--unsure", isUnsure);
      const where = value < EDGE ? ", above the picture" : "";
      words.textContent = `${label}${where}${isUnsure ? " · please drag" : ""}`;
      words.setAttribute("y", String(shown < 0.1 ? 3.4 * this.unit : -this.unit));
    }
    // A box as wide as a fifth of what the picture's width shows there.
    const side = 0.1 * width;
    const [x, y] = [setup.stand_x * width, setup.stand_y * height];
    this.stand.root.setAttribute("transform", `translate(${x} ${y})`);
    const top = isAbove ? side : -2 * side;
    const bottom = isAbove ? -side : 0;
    this.stand.words.textContent = `${Math.round(setup.width_cm / 5)} cm wide`;
    this.stand.words.setAttribute("y", String(top - (isAbove ? -3.4 : 1) * this.unit));
    this.stand.box.setAttribute("d", `M${-side} ${bottom}H${side}V${top}H${-side}Z`);
  }
}
