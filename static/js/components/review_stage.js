// @ts-check
/** The two panes of the review page: what they show, and when the result has been seen. */

import { need } from "../lib/dom.js";
import { difference, findPlacement } from "./review_align.js";
import { PictureStore } from "./review_pictures.js";
import { PairViewer } from "./review_viewer.js";

const GROUNDS = ["checker", "white", "green", "black", "matte"];
const NAMES = { result: "Result", difference: "Difference, 8 times", cutout: "Cut-out" };

/** @typedef {"result" | "difference" | "cutout"} View */

export class ReviewStage {
  /**
   * @param {HTMLElement} root
   * @param {(code: string, text: string) => void} onEvidence what was measured for a checklist point
   * @param {() => void} onView the view was changed, zoomed or moved
   */
  constructor(root, onEvidence, onView) {
    this.root = root;
    this.onEvidence = onEvidence;
    this.onView = onView;
    this.pictures = new PictureStore();
    /** @type {any} */
    this.item = null;
    /** @type {View} */
    this.view = "result";
    this.ground = "checker";
    this.isLoaded = false;
    this.source = need(root, "[data-source]");
    this.result = need(root, "[data-result]");
    this.note = need(root, "[data-pane-note]");
    this.resultFrame = need(root, '[data-pane="result"] .pane__frame');
    this.viewer = new PairViewer(
      { source: need(root, '[data-pane="source"] .pane__frame'), result: this.resultFrame },
      (percent, isFit) => this.showZoom(percent, isFit),
    );
    need(root, "[data-tools]").hidden = false;
    for (const button of root.querySelectorAll("[data-zoom]")) {
      const wanted = /** @type {HTMLElement} */ (button).dataset.zoom ?? "fit";
      button.addEventListener("click", () => this.zoom(wanted));
    }
    root.addEventListener("change", (event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      if (input.name === "view") this.show(/** @type {View} */ (input.value));
      if (input.name === "ground") this.showGround(input.value);
    });
  }

  /** The pictures that the page came with, to be looked at and no more. */
  onlyLook() {
    const size = (/** @type {HTMLImageElement} */ image) => ({
      width: Number(image.getAttribute("width")),
      height: Number(image.getAttribute("height")),
    });
    this.layOut(size(this.source), size(this.result));
    need(this.root, "[data-views]").hidden = true;
  }

  /**
   * Show another pair.
   * @param {any} item
   * @returns {Promise<boolean>} whether the result's full picture has been painted; false when it
   *   could not be loaded, or when another pair took its place meanwhile
   */
  async open(item) {
    this.item = item;
    this.isLoaded = false;
    this.difference = null;
    this.placement = undefined;
    this.flicked = null;
    const source = this.pictures.get(item.source);
    const result = this.pictures.get(item.result);
    this.source = dressed(source.image, `Source photo of ${item.title}`);
    this.result = dressed(result.image, `${item.title}, ${item.style}`);
    this.layOut(item.source, item.result);
    this.choose("view", "result");
    this.show("result");
    this.say("Loading the full picture");
    try {
      await result.ready;
    } catch {
      if (this.item === item) this.say("The picture could not be loaded. Skip it, or reload.");
      return false;
    }
    if (this.item !== item) return false;
    this.isLoaded = true;
    this.say("");
    this.lineUp(item);
    return true;
  }

  /**
   * @param {{width: number, height: number}} source
   * @param {{width: number, height: number}} result
   */
  layOut(source, result) {
    this.viewer.reset(source, result);
    this.viewer.show("source", [{ element: this.source, space: "source", size: source }]);
    this.viewer.show("result", [{ element: this.result, space: "result", size: result }]);
  }

  /**
   * Find the product in the result: the zoom then follows it, and its pixels can be compared.
   * @param {any} item
   */
  async lineUp(item) {
    const { cutout, framing } = item;
    if (!cutout || !framing) {
      this.placement = null;
      return;
    }
    const { source, result } = this;
    const alpha = picture("", { ...item.source, url: cutout.alpha_url });
    try {
      await Promise.all([alpha.decode(), this.pictures.get(item.source).ready]);
    } catch {
      if (this.item === item) this.placement = null;
      return;
    }
    if (this.item !== item) return;
    const { subject, touches } = cutout;
    const pair = { source, alpha, result, size: item.source, subject, touches, framing };
    this.placement = findPlacement(pair);
    if (this.placement) {
      this.viewer.placement = this.placement;
      this.difference = difference(pair, this.placement);
      this.onEvidence("details", `Δ ${this.difference.mean.toFixed(1)}`);
      this.viewer.draw();
    }
    if (this.view === "difference") this.show("difference");
  }

  /** A sentence on the result's pane. @param {string} sentence */
  say(sentence) {
    this.note.hidden = !sentence;
    this.note.textContent = sentence;
  }

  // --- views -----------------------------------------------------------------------------

  /** @param {View} view */
  toggle(view) {
    const wanted = this.view === view ? "result" : view;
    this.choose("view", wanted);
    this.show(wanted);
  }

  nextGround() {
    const next = GROUNDS[(GROUNDS.indexOf(this.ground) + 1) % GROUNDS.length];
    this.choose("ground", next);
    this.showGround(next);
  }

  /** @param {string} name @param {string} value */
  choose(name, value) {
    const input = this.root.querySelector(`input[name="${name}"][value="${value}"]`);
    if (input instanceof HTMLInputElement) input.checked = true;
  }

  /** @param {View} view */
  show(view) {
    this.view = view;
    need(this.root, "[data-result-name]").textContent = NAMES[view];
    need(this.root, "[data-grounds]").hidden = view !== "cutout";
    for (const ground of GROUNDS) this.resultFrame.classList.remove(`pane__frame--${ground}`);
    if (this.isLoaded) this.say("");
    if (view === "cutout" && this.item.cutout) this.showCutout();
    else if (view === "difference" && this.difference) this.showDifference(this.difference);
    else this.showResult();
    this.onView();
  }

  showResult() {
    this.viewer.show("result", [this.resultLayer()]);
    if (this.view === "cutout") this.say("There is no cut-out to show.");
    if (this.view === "difference" && this.isLoaded) {
      const isSearching = this.placement === undefined;
      const cannot = "In this look the product cannot be laid over its photo; compare by eye.";
      this.say(isSearching ? "Laying the product over its photo" : cannot);
    }
  }

  resultLayer() {
    return { element: this.result, space: /** @type {const} */ ("result"), size: this.item.result };
  }

  /** @param {{canvas: HTMLCanvasElement, mean: number, share: number}} found */
  showDifference({ canvas, mean, share }) {
    const size = { width: canvas.width, height: canvas.height };
    canvas.className = "pane__picture";
    this.viewer.show("result", [{ element: canvas, space: "result", size }]);
    const percent = (share * 100).toFixed(share < 0.01 ? 2 : 0);
    this.say(
      `The product differs by ${mean.toFixed(1)} of 255 on average; ` +
        `${percent} % of it by more than 8.`,
    );
  }

  showCutout() {
    const { cutout, source: size } = this.item;
    const isMatte = this.ground === "matte";
    const url = isMatte ? cutout.alpha_url : cutout.preview_url;
    const element = picture(isMatte ? "The cut-out’s matte" : "The cut-out", { ...size, url });
    this.resultFrame.classList.add(`pane__frame--${this.ground}`);
    this.viewer.show("result", [{ element, space: "source", size }]);
  }

  /** @param {string} ground */
  showGround(ground) {
    this.ground = ground;
    if (this.view === "cutout") this.show("cutout");
  }

  /** Hold to see the source where the result is. @param {boolean} isHeld */
  flick(isHeld) {
    if (!this.item || !this.placement || isHeld === Boolean(this.flicked)) return;
    if (!isHeld) {
      this.flicked = null;
      this.show(this.view);
      return;
    }
    const size = this.item.source;
    this.flicked = picture("Source photo", size);
    this.viewer.show("result", [
      this.resultLayer(),
      { element: this.flicked, space: "source", size, isLinked: true },
    ]);
  }

  // --- zoom ------------------------------------------------------------------------------

  /** @param {string} wanted "fit", or how many screen pixels a result pixel gets */
  zoom(wanted) {
    if (wanted === "fit") this.viewer.fit();
    else this.viewer.zoomTo(Number(wanted));
  }

  /** @param {number} percent @param {boolean} isFit */
  showZoom(percent, isFit) {
    this.onView?.();
    need(this.root, "[data-zoom-now]").textContent = `${Math.round(percent)} %`;
    for (const button of this.root.querySelectorAll("[data-zoom]")) {
      const wanted = /** @type {HTMLElement} */ (button).dataset.zoom;
      const isThis = !isFit && Math.abs(percent - Number(wanted) * 100) < 1;
      button.setAttribute("aria-pressed", String(wanted === "fit" ? isFit : isThis));
    }
  }
}

/** @param {HTMLImageElement} image @param {string} alt */
function dressed(image, alt) {
  image.className = "pane__picture";
  image.alt = alt;
  return image;
}

/**
 * @param {string} alt
 * @param {{url: string, width: number, height: number}} what
 * @returns {HTMLImageElement}
 */
function picture(alt, { url, width, height }) {
  const image = new Image(width, height);
  image.className = "pane__picture";
  image.alt = alt;
  image.decoding = "async";
  image.draggable = false;
  image.src = url;
  return image;
}
