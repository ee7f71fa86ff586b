// @ts-check
/** The full-quality pictures of this product, newest first, each with its state in review. */

import { element, need } from "../lib/dom.js";
import { REVIEW_WORDS } from "../lib/words.js";

export class ResultStrip extends EventTarget {
  /**
   * @param {HTMLElement} root
   * @param {any[]} history renders of the API, newest first
   * @param {any[]} styles
   */
  constructor(root, history, styles) {
    super();
    this.strip = need(root, "[data-results-strip]");
    this.history = history;
    this.titles = new Map(styles.map((style) => [style.slug, style.title]));
    this.chosen = "";
    this.draw();
  }

  /** Add a result or bring one up to date. @param {any} render */
  keep(render) {
    const at = this.history.findIndex((each) => each.id === render.id);
    if (at < 0) this.history.unshift(render);
    else this.history[at] = { ...this.history[at], ...render };
    this.draw();
  }

  /** @param {string} id */
  choose(id) {
    if (id === this.chosen) return;
    this.chosen = id;
    this.mark();
  }

  mark() {
    for (const link of this.strip.querySelectorAll(".result__link")) {
      const isChosen = link.closest("[data-result]")?.getAttribute("data-result") === this.chosen;
      link.toggleAttribute("aria-current", isChosen);
    }
  }

  draw() {
    if (!this.history.length) return;
    this.strip.replaceChildren(...this.history.map((render) => this.item(render)));
    this.mark();
  }

  /** @param {any} render */
  item(render) {
    const isLive = Boolean(render.publication_url);
    const state = isLive ? "live" : render.review.state;
    const label = isLive
      ? "Published"
      : REVIEW_WORDS[/** @type {keyof typeof REVIEW_WORDS} */ (render.review.state)];
    const image = element("img", { src: render.result.display_url, alt: "", decoding: "async" });
    const name = `Show ${this.titles.get(render.style) ?? render.style}: ${label}`;
    const button = element(
      "button",
      { class: "result__link", type: "button", "aria-label": name },
      element("span", { class: "result__picture" }, image),
      element("span", { class: `badge badge--${state}` }, label),
    );
    button.addEventListener("click", () =>
      this.dispatchEvent(new CustomEvent("choose", { detail: render.id })),
    );
    return element("li", { class: "result", "data-result": render.id }, button);
  }
}
