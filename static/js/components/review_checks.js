// @ts-check
/** What the automatic checks found: the checklist filled in, and boxes on the picture. */

import { element, need } from "../lib/dom.js";

/** @typedef {{check: string, item: string, verdict: string, sentence: string, region: number[] | null}} Finding */

const MARKS = /** @type {Record<string, string>} */ ({
  pass: "✓",
  unchecked: "–",
  warn: "!",
  fail: "✕",
  hold: "✋︎",
});
const ORDER = Object.keys(MARKS);
// On a box the point's subject alone: “✕ Edges clean” would say the opposite.
const SUBJECTS = /** @type {Record<string, string>} */ ({
  details: "Details",
  colour: "Colour",
  text: "Text",
  edges: "Edges",
  light: "Light and shadow",
  resolution: "Resolution",
  consistency: "Consistency",
  policy: "Content",
});

export class Checks {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.layer = need(root, "[data-boxes-layer]");
    this.toggler = need(root, "[data-boxes]");
    this.isOn = true;
    /** @type {{element: HTMLElement, region: number[]}[]} */
    this.boxes = [];
    this.toggler.addEventListener("click", () => this.toggle());
  }

  toggle() {
    this.isOn = !this.isOn;
    this.toggler.setAttribute("aria-pressed", String(this.isOn));
    this.layer.classList.toggle("boxes--off", !this.isOn);
  }

  /** @param {any} item */
  show(item) {
    const inspection = item.inspection;
    /** @type {Finding[]} */
    const findings = inspection?.findings ?? [];
    need(this.root, "[data-inspection]").textContent = inspection
      ? `${inspection.words}.`
      : "Not inspected yet: the checklist is yours to fill in.";
    for (const point of this.root.querySelectorAll("[data-point]")) {
      const code = point.getAttribute("data-point");
      this.fillPoint(/** @type {HTMLElement} */ (point), findings.filter((each) => each.item === code));
    }
    const marked = findings.filter((each) => each.region && each.verdict !== "pass");
    this.boxes = marked.map((finding) => ({
      element: element(
        "div",
        { class: `box box--${finding.verdict}`, title: finding.sentence },
        element("span", { class: "box__label" }, `${MARKS[finding.verdict]} ${SUBJECTS[finding.item]}`),
      ),
      region: /** @type {number[]} */ (finding.region),
    }));
    this.mark = null;
    this.layer.replaceChildren(...this.boxes.map((box) => box.element));
    this.toggler.hidden = this.boxes.length === 0;
  }

  /** @param {HTMLElement} point @param {Finding[]} findings */
  fillPoint(point, findings) {
    const worst = ORDER.at(Math.max(...findings.map((each) => ORDER.indexOf(each.verdict)))) ?? "";
    const verdict = findings.length ? worst : "";
    point.className = `point${verdict ? ` point--${verdict}` : ""}`;
    const box = need(point, "input");
    box.checked = verdict === "pass";
    need(point, "[data-mark]").textContent = MARKS[verdict] ?? "";
    const said = need(point, "[data-said]");
    said.textContent = findings
      .filter((each) => each.verdict !== "pass")
      .map((each) => each.sentence)
      .join(" ");
    said.hidden = !said.textContent;
    if (said.hidden) box.removeAttribute("aria-describedby");
    else box.setAttribute("aria-describedby", said.id);
  }

  /**
   * The reviewer's own box; null takes it away.
   * @param {number[] | null} region
   */
  showMark(region) {
    this.mark?.element.remove();
    this.mark = null;
    if (!region) return;
    const label = element("span", { class: "box__label" }, "Your mark");
    this.mark = { element: element("div", { class: "box box--mark" }, label), region };
    this.layer.append(this.mark.element);
  }

  /** The place of the worst finding, in the result's pixels. @param {any} item */
  worstRegion(item) {
    const findings = [...(item.inspection?.findings ?? [])].filter((each) => each.region);
    findings.sort((a, b) => ORDER.indexOf(b.verdict) - ORDER.indexOf(a.verdict));
    const worst = findings[0];
    return worst && ["warn", "fail", "hold"].includes(worst.verdict) ? worst.region : null;
  }

  /**
   * Put the boxes where the picture is now.
   * @param {{scale: number, x: number, y: number}} view of the result
   * @param {HTMLElement} frame
   */
  place(view, frame) {
    const left = (/** @type {number} */ x) => frame.clientWidth / 2 + (x - view.x) * view.scale;
    const top = (/** @type {number} */ y) => frame.clientHeight / 2 + (y - view.y) * view.scale;
    for (const { element: box, region } of [...this.boxes, ...(this.mark ? [this.mark] : [])]) {
      box.style.left = `${left(region[0])}px`;
      box.style.top = `${top(region[1])}px`;
      box.style.width = `${(region[2] - region[0]) * view.scale}px`;
      box.style.height = `${(region[3] - region[1]) * view.scale}px`;
    }
  }

  /** On another view than the result the boxes would lie. @param {boolean} is */
  setVisible(is) {
    this.layer.hidden = !is;
  }
}
