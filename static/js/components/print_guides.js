// @ts-check
/** Lines over the picture of a mockup: where ink may lie, and where what matters should stay. */

import { svgElement } from "../lib/dom.js";
import { outlineOf, printViewOf, toFrame, windowOf } from "../lib/print_area.js";

export class PrintGuides {
  /**
   * @param {HTMLElement} root an empty layer over the picture
   * @param {HTMLElement} button switches the lines on and off; hidden where nothing is printed
   */
  constructor(root, button) {
    this.root = root;
    this.button = button;
    this.isOn = false;
    this.isDragging = false;
    button.addEventListener("click", () => {
      this.isOn = !this.isOn;
      this.update();
    });
  }

  /**
   * @param {any} style @param {Record<string, any>} params
   * @param {number} ratio of the picture, width over height
   */
  show(style, params, ratio) {
    const view = printViewOf(style, params);
    this.button.hidden = view === null;
    this.lines = view ? linesOf(view, params, ratio) : [];
    this.update();
  }

  /** @param {boolean} isDragging */
  drag(isDragging) {
    this.isDragging = isDragging;
    this.update();
  }

  update() {
    this.button.setAttribute("aria-pressed", String(this.isOn));
    const isShown = (this.isOn || this.isDragging) && this.lines?.length;
    this.root.hidden = !isShown;
    if (isShown) this.root.replaceChildren(drawn(this.lines ?? []), legend());
  }
}

/**
 * @param {import("../lib/print_area.js").View} view @param {Record<string, any>} params
 * @param {number} ratio
 */
function linesOf(view, params, ratio) {
  const window = windowOf(view, ratio, params.zoom ?? 100);
  const lines = [];
  for (const face of view.faces) {
    if (params.faces && params.faces !== "all" && params.faces !== face.name) continue;
    const [left, top, right, bottom] = face.focus;
    const [across, down] = face.safe;
    const safe = [left + across, top + down, right - across, bottom - down];
    for (const [name, rect] of /** @type {[string, number[]][]} */ ([["cut", face.area], ["safe", safe]])) {
      for (const line of outlineOf(face, rect)) {
        lines.push({ name, points: line.map((point) => toFrame(window, point)) });
      }
    }
  }
  return lines;
}

/** @param {{name: string, points: [number, number][]}[]} lines */
function drawn(lines) {
  const paths = lines.flatMap(({ name, points }) => {
    const d = points.map(([x, y], at) => `${at ? "L" : "M"}${(1000 * x).toFixed(1)} ${(1000 * y).toFixed(1)}`);
    const shape = { d: d.join(""), "vector-effect": "non-scaling-stroke" };
    return [
      svgElement("path", { ...shape, class: "guides__halo" }),
      svgElement("path", { ...shape, class: `guides__line guides__line--${name}` }),
    ];
  });
  const attributes = { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" };
  return svgElement("svg", { ...attributes, class: "guides__lines" }, ...paths);
}

function legend() {
  const box = document.createElement("p");
  box.className = "guides__legend";
  for (const [name, words] of [["cut", "Print area"], ["safe", "Safe zone"]]) {
    const entry = document.createElement("span");
    entry.className = `guides__key guides__key--${name}`;
    entry.textContent = words;
    box.append(entry);
  }
  return box;
}
