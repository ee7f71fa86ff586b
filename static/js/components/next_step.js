// @ts-check
/** What to do next with the look on the stage: make it, send it to review, publish it. */

import { element, icon } from "../lib/dom.js";

/**
 * @typedef {object} Steps
 * @property {() => void} make
 * @property {(render: any) => void} submit
 * @property {(render: any) => void} askAndSubmit
 * @property {string} sendingWords
 * @property {(render: any) => void} publish
 * @property {(render: any) => {label: string, act: () => void}[]} fixes
 */

export class NextStep {
  /**
   * @param {HTMLElement} root
   * @param {Steps} steps
   */
  constructor(root, steps) {
    this.state = /** @type {HTMLElement} */ (root.querySelector("[data-act-state]"));
    this.buttons = /** @type {HTMLElement} */ (root.querySelector("[data-act-buttons]"));
    this.steps = steps;
    this.shown = "";
  }

  /**
   * @param {any} result the finished picture of exactly this look, or null
   * @param {boolean} isMaking it is being made
   * @param {boolean} isReady the product is cut out, so that it can be made
   */
  show(result, isMaking, isReady) {
    const review = result?.review.state;
    // Which fixes there are depends on the style's controls, which are built later.
    const fixes = review === "returned" ? this.steps.fixes(result).map(({ label }) => label) : [];
    const key = [result?.id, review, result?.publication_url, isMaking, isReady, this.steps.sendingWords, ...fixes].join();
    if (key === this.shown) return;
    this.shown = key;
    const hadFocus = this.buttons.contains(document.activeElement);
    if (isMaking) this.draw([], [this.makeButton("Making full quality…", true)]);
    else if (!result) this.draw([], [this.makeButton("Make full quality", !isReady)]);
    else this.showResult(result, result.publication_url ? "live" : review);
    if (hadFocus) /** @type {HTMLElement | null} */ (this.buttons.querySelector("button, a"))?.focus();
  }

  /** @param {any} result @param {string} state */
  showResult(result, state) {
    const { width, height } = result.result;
    const size = element("span", { class: "muted" }, `${width} × ${height} px`);
    /** @type {Record<string, () => [Node[], HTMLElement[]]>} */
    const views = {
      draft: () => [
        [element("p", {}, "Full quality is ready. ", size), this.sendingLine(result)],
        [primary("Send to review", () => this.steps.submit(result))],
      ],
      submitted: () => [[element("p", {}, badge("submitted", "In review"), " A reviewer will look at it.")], []],
      approved: () => [
        [element("p", {}, badge("approved", "Approved"))],
        [primary("Publish", () => this.steps.publish(result))],
      ],
      returned: () => [
        [...reasons("returned", "Returned", result.review), ...this.mending(result)],
        [],
      ],
      rejected: () => [reasons("rejected", "Rejected", result.review), []],
      live: () => [
        [element("p", {}, badge("live", "Published"))],
        [element("a", { class: "button button--primary button--large button--wide", href: result.publication_url }, "Open publication")],
      ],
    };
    const [said, buttons] = (views[state] ?? views.draft)();
    this.draw(said, [...buttons, download(result, buttons.length === 0)]);
  }

  /** For which channels it would be sent, and the way to say another, or a deadline. @param {any} result */
  sendingLine(result) {
    const change = element(
      "button",
      { class: "button button--quiet", type: "button" },
      "Deadline and channels…",
    );
    change.addEventListener("click", () => this.steps.askAndSubmit(result));
    const said = element("span", { class: "muted" }, this.steps.sendingWords);
    return element("div", { class: "sending__line" }, said, change);
  }

  /** Where the reviewer means, and one click to the control that mends it. @param {any} result */
  mending(result) {
    const fixes = this.steps.fixes(result).map(({ label, act }) => {
      const button = element("button", { class: "button", type: "button" }, label);
      button.addEventListener("click", act);
      return button;
    });
    const made = fixes.length ? [element("div", { class: "returned-fixes" }, ...fixes)] : [];
    return result.review.region ? [regionOf(result), ...made] : made;
  }

  /** @param {Node[]} said @param {HTMLElement[]} buttons */
  draw(said, buttons) {
    this.state.replaceChildren(...said);
    this.buttons.replaceChildren(...buttons);
    this.buttons.classList.toggle("act__buttons--two", buttons.length > 1);
  }

  /** @param {string} label @param {boolean} isOff */
  makeButton(label, isOff) {
    const button = primary(label, () => this.steps.make());
    button.toggleAttribute("disabled", isOff);
    button.dataset.make = "";
    return button;
  }
}

/** @param {string} label @param {() => void} act */
function primary(label, act) {
  const kind = "button button--primary button--large button--wide";
  const button = element("button", { class: kind, type: "button" }, label);
  button.addEventListener("click", act);
  return button;
}

/** @param {any} render @param {boolean} hasWords */
function download(render, hasWords) {
  const link = element("a", {
    class: "button button--large",
    href: render.result.url,
    download: true,
    title: "Download",
    "aria-label": "Download",
  });
  link.append(icon("download", hasWords), hasWords ? "Download" : "");
  return link;
}

/** The returned picture with the reviewer's box. @param {any} result */
function regionOf({ result, review }) {
  const [left, top, right, bottom] = review.region;
  const box = element("span", { class: "returned__region" });
  box.style.left = `${(100 * left) / result.width}%`;
  box.style.top = `${(100 * top) / result.height}%`;
  box.style.width = `${(100 * (right - left)) / result.width}%`;
  box.style.height = `${(100 * (bottom - top)) / result.height}%`;
  const image = element("img", { src: result.display_url, alt: "The place the reviewer means" });
  return element("figure", { class: "returned" }, image, box);
}

/** @param {string} state @param {string} label */
function badge(state, label) {
  return element("span", { class: `badge badge--${state}` }, label);
}

/** @param {string} state @param {string} label @param {{reason_labels: string[], note: string}} review */
function reasons(state, label, review) {
  const words = review.reason_labels.join(", ");
  const said = [element("p", {}, badge(state, label), " ", words)];
  if (review.note) said.push(element("p", {}, `“${review.note}”`));
  if (state === "returned") {
    said.push(element("p", { class: "muted" }, "Change what was asked for and make it again."));
  }
  return said;
}
