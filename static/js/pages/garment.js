// @ts-check
/** Drag a garment's landmarks on its photo, by pointer, touch or arrow keys. */

import { announce } from "../lib/announce.js";
import { element, need, pageData, svgElement } from "../lib/dom.js";

// Pixels on the screen that an arrow key moves a point; with Shift, ten times as far.
const STEP = 1;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
// How the outline joins the landmarks, for each build.
const OUTLINES = [
  ["back", "neck_right", "cuff_top_right", "cuff_bottom_right", "armpit_right", "hem_right",
    "hem_left", "armpit_left", "cuff_bottom_left", "cuff_top_left", "neck_left"],
  ["back", "neck_right", "strap_right", "armpit_right", "hem_right", "hem_left", "armpit_left",
    "strap_left", "neck_left"],
  ["waist_left", "waist_right", "hem_outer_right", "hem_inner_right", "crotch", "hem_inner_left",
    "hem_outer_left"],
  ["waist_left", "waist_right", "hem_right", "hem_left"],
];

class Points {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.photo = need(root, "[data-photo]");
    this.lines = need(root, "[data-lines]");
    const data = pageData("garment-data");
    this.width = data.width;
    this.height = data.height;
    /** @type {Map<string, {handle: HTMLElement, x: HTMLInputElement, y: HTMLInputElement, row: HTMLElement, label: string}>} */
    this.points = new Map();
    for (const { name, label } of data.points) this.mountPoint(name, label);
    this.draw();
    const kind = need(root, "[data-kind]");
    kind.addEventListener("change", () => need(root, "[data-kind-form]").submit());
    need(root, "[data-kind-button]").hidden = true;
  }

  /** @param {string} name @param {string} label */
  mountPoint(name, label) {
    const row = need(this.root, `[data-row="${name}"]`);
    const x = need(row, "[data-x]");
    const y = need(row, "[data-y]");
    const handle = element("button", {
      class: "garment__point",
      type: "button",
      "aria-label": label,
      "aria-roledescription": "point, move it with the arrow keys",
      title: label,
    });
    this.points.set(name, { handle, x, y, row, label });
    this.photo.append(handle);
    if (x.matches(":disabled")) {
      handle.setAttribute("disabled", "");
      return;
    }
    handle.addEventListener("pointerdown", (event) => this.grab(event, name));
    handle.addEventListener("keydown", (event) => this.press(event, name));
    handle.addEventListener("focus", () => this.choose(name));
    for (const input of [x, y]) {
      input.addEventListener("input", () => this.draw());
      input.addEventListener("focus", () => this.choose(name));
    }
  }

  /** @param {PointerEvent} event @param {string} name */
  grab(event, name) {
    const { handle, x, y } = known(this.points.get(name));
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const start = { x: Number(x.value), y: Number(y.value) };
    const scale = this.width / this.photo.clientWidth;
    /** @param {PointerEvent} moved */
    const move = (moved) =>
      this.place(
        name,
        start.x + (moved.clientX - event.clientX) * scale,
        start.y + (moved.clientY - event.clientY) * scale,
      );
    const end = () => {
      handle.removeEventListener("pointermove", move);
      this.tell(name);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end, { once: true });
    handle.addEventListener("pointercancel", end, { once: true });
  }

  /** @param {KeyboardEvent} event @param {string} name */
  press(event, name) {
    const way = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    if (!way) return;
    event.preventDefault();
    const { x, y } = known(this.points.get(name));
    const step = (STEP * (event.shiftKey ? 10 : 1) * this.width) / this.photo.clientWidth;
    this.place(name, Number(x.value) + way[0] * step, Number(y.value) + way[1] * step);
    this.tell(name);
  }

  /** @param {string} name @param {number} x @param {number} y */
  place(name, x, y) {
    const point = known(this.points.get(name));
    point.x.value = clamp(x, this.width).toFixed(1);
    point.y.value = clamp(y, this.height).toFixed(1);
    this.draw();
  }

  /** @param {string} name */
  choose(name) {
    for (const [each, { row }] of this.points) {
      row.classList.toggle("garment__row--chosen", each === name);
    }
  }

  /** @param {string} name */
  tell(name) {
    const { label, x, y } = known(this.points.get(name));
    announce(`${label}: ${Math.round(Number(x.value))}, ${Math.round(Number(y.value))}`);
  }

  draw() {
    for (const { handle, x, y } of this.points.values()) {
      handle.style.left = `${(100 * Number(x.value)) / this.width}%`;
      handle.style.top = `${(100 * Number(y.value)) / this.height}%`;
    }
    const names = OUTLINES.find((outline) => outline.every((name) => this.points.has(name)));
    if (!names) return;
    const corners = names.map((name) => this.corner(name)).join(" ");
    const lines = [svgElement("polygon", { class: "garment__line", points: corners })];
    if (this.points.has("front")) {
      const neck = ["neck_left", "front", "neck_right"].map((name) => this.corner(name)).join(" ");
      lines.push(svgElement("polyline", { class: "garment__line", points: neck }));
    }
    this.lines.replaceChildren(...lines);
  }

  /** @param {string} name */
  corner(name) {
    const { x, y } = known(this.points.get(name));
    return `${Number(x.value)},${Number(y.value)}`;
  }
}

/** @param {number} value @param {number} most */
function clamp(value, most) {
  return Math.min(Math.max(value, 0), most);
}

/** @template T @param {T | undefined} value @returns {T} */
function known(value) {
  if (value === undefined) throw new Error("The page has no such point.");
  return value;
}

/** @param {HTMLElement} root */
export function mount(root) {
  new Points(root);
}

const root = document.querySelector('[data-page="garment"]');
if (root instanceof HTMLElement) mount(root);
