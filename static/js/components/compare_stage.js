// @ts-check
/**
 * The stage: the picture, the cut-out and the photo on top of each other; a divider between picture
 * and photo, zoom and pan, and gestures that move and size the product.
 *
 * Dispatches "move" {x, y, from, isFinal} in shares of the frame since the gesture began, "size" {factor,
 * isFinal}, "view" and "zoom".
 */

import { need } from "../lib/dom.js";
import { loadPicture, release } from "../lib/pictures.js";

const FADE_MS = 120;
const WHEEL_ENDS_MS = 250;
const DIVIDER_STEP = 5;

export class CompareStage extends EventTarget {
  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.frame = need(root, "[data-frame]");
    this.divider = need(root, "[data-divider]");
    this.layers = {
      result: need(root, '[data-layer="result"]'),
      source: need(root, '[data-layer="source"]'),
      cutout: need(root, '[data-layer="cutout"]'),
    };
    this.view = "source";
    this.turns = { result: 0, source: 0, cutout: 0 };
    this.split = 0;
    this.pan = { x: 0, y: 0 };
    this.isZoomed = false;
    this.canMove = false;
    this.canSize = false;
    this.outputWidth = 2048;
    /** @type {Map<number, {x: number, y: number}>} */
    this.pointers = new Map();
    /** @type {{kind: string, x: number, y: number, pan: {x: number, y: number}, span: number} | null} */
    this.gesture = null;
    this.setView("source");
    this.mountDivider();
    this.mountGestures();
  }

  // --- pictures -------------------------------------------------------------------------------
  /**
   * Show a picture in one layer; of several loads the newest wins. Resolves to whether it is shown.
   * @param {"result" | "source" | "cutout"} name
   * @param {string} url
   * @param {string} alt
   * @param {boolean} [isBorrowed] the URL is not ours to revoke
   */
  async show(name, url, alt, isBorrowed = false) {
    const turn = (this.turns[name] += 1);
    let image;
    try {
      image = await loadPicture(url);
    } catch {
      image = null;
    }
    if (!image || turn < this.turns[name]) {
      if (!isBorrowed) release(url);
      return false;
    }
    image.alt = alt;
    image.dataset.borrowed = String(isBorrowed);
    const layer = this.layers[name];
    const old = [...layer.querySelectorAll("img")];
    layer.append(image);
    await this.fadeIn(image, old.length > 0 || name !== "result");
    for (const gone of old) discard(gone);
    return true;
  }

  /** @param {HTMLElement} image @param {boolean} isReplacing */
  async fadeIn(image, isReplacing) {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isStill || !isReplacing) return;
    try {
      await image.animate([{ opacity: 0 }, { opacity: 1 }], FADE_MS).finished;
    } catch {
      // The picture was taken away in the middle of its fade.
    }
  }

  get hasResult() {
    return this.layers.result.querySelector("img") !== null;
  }

  /** @param {number} ratio width over height */
  setRatio(ratio) {
    this.frame.style.setProperty("--ratio", String(ratio));
  }

  // --- views ----------------------------------------------------------------------------------
  /** @param {"result" | "cutout" | "source"} view */
  setView(view) {
    this.view = view;
    this.root.dataset.view = view;
    this.divider.hidden = view === "source";
    this.updateCursor();
    this.dispatchEvent(new Event("view"));
  }

  /** The photo, for as long as a key is held. @param {boolean} isPeeking */
  peek(isPeeking) {
    this.root.dataset.view = isPeeking ? "source" : this.view;
  }

  /** @param {number} percent of the frame that shows the photo */
  setSplit(percent) {
    this.split = Math.max(0, Math.min(100, percent));
    this.frame.style.setProperty("--split", String(this.split));
    this.divider.setAttribute("aria-valuenow", String(Math.round(this.split)));
    this.divider.setAttribute("aria-valuetext", `${Math.round(this.split)} % photo`);
    this.divider.toggleAttribute("data-rest", this.split === 0);
  }

  toggleSplit() {
    if (this.view === "source") this.setView("result");
    this.setSplit(this.split > 0 ? 0 : 50);
  }

  mountDivider() {
    this.setSplit(0);
    this.divider.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      event.stopPropagation();
      this.divider.setPointerCapture(event.pointerId);
      const startX = event.clientX;
      /** @param {PointerEvent} moved */
      const move = (moved) => {
        if (Math.abs(moved.clientX - startX) < 3 && this.split === 0) return;
        const box = this.frame.getBoundingClientRect();
        const percent = ((moved.clientX - box.left) / box.width) * 100;
        this.setSplit(percent < 2 ? 0 : percent);
      };
      this.divider.addEventListener("pointermove", move);
      this.divider.addEventListener(
        "lostpointercapture",
        () => this.divider.removeEventListener("pointermove", move),
        { once: true },
      );
    });
    this.divider.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
      const ends = { Home: 0, End: 100 };
      const step = steps[/** @type {keyof typeof steps} */ (event.key)];
      if (step) this.setSplit(this.split + step * DIVIDER_STEP);
      else if (event.key in ends) this.setSplit(ends[/** @type {"Home"} */ (event.key)]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  // --- zoom -----------------------------------------------------------------------------------
  /** @param {boolean} isZoomed @param {{clientX: number, clientY: number}} [at] stays in place */
  setZoomed(isZoomed, at) {
    const before = this.frame.getBoundingClientRect();
    this.isZoomed = isZoomed;
    this.root.classList.toggle("stage--zoomed", isZoomed);
    const width = this.outputWidth / window.devicePixelRatio;
    this.root.style.setProperty("--zoom-width", `${width}px`);
    this.setPan(0, 0);
    if (isZoomed && at) {
      const scale = width / before.width;
      const x = before.left + before.width / 2 - at.clientX;
      const y = before.top + before.height / 2 - at.clientY;
      this.setPan(x * (scale - 1), y * (scale - 1));
    }
    this.updateCursor();
    this.dispatchEvent(new Event("zoom"));
  }

  /** @param {number} x @param {number} y */
  setPan(x, y) {
    const slackX = Math.max(0, (this.frame.offsetWidth - this.root.clientWidth) / 2);
    const slackY = Math.max(0, (this.frame.offsetHeight - this.root.clientHeight) / 2);
    this.pan = {
      x: Math.max(-slackX, Math.min(slackX, x)),
      y: Math.max(-slackY, Math.min(slackY, y)),
    };
    this.frame.style.setProperty("--pan-x", `${this.pan.x}px`);
    this.frame.style.setProperty("--pan-y", `${this.pan.y}px`);
  }

  /** What the gestures may change. @param {boolean} canMove @param {boolean} canSize */
  setGestures(canMove, canSize) {
    this.canMove = canMove;
    this.canSize = canSize;
    this.updateCursor();
  }

  updateCursor() {
    const isOn = this.view === "result" && !this.isZoomed && (this.canMove || this.canSize);
    this.root.classList.toggle("stage--draggable", isOn);
  }

  // --- gestures -------------------------------------------------------------------------------
  mountGestures() {
    const frame = this.frame;
    frame.addEventListener("pointerdown", (/** @type {PointerEvent} */ e) => this.onDown(e));
    frame.addEventListener("pointermove", (/** @type {PointerEvent} */ e) => this.onMove(e));
    frame.addEventListener("pointerup", (/** @type {PointerEvent} */ e) => this.onUp(e));
    frame.addEventListener("pointercancel", (/** @type {PointerEvent} */ e) => this.onUp(e));
    frame.addEventListener("dblclick", (/** @type {MouseEvent} */ event) => {
      if (event.target !== this.divider) this.setZoomed(!this.isZoomed, event);
    });
    this.root.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    new ResizeObserver(() => this.setPan(this.pan.x, this.pan.y)).observe(this.root);
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (event.button !== 0 || this.divider.contains(event.target)) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.frame.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2 && this.canSize && !this.isZoomed) this.begin("size", event);
    else if (this.isZoomed) this.begin("pan", event);
    else if (this.canMove && this.view === "result") this.begin("move", event);
  }

  /** @param {string} kind @param {PointerEvent} event */
  begin(kind, event) {
    const { clientX: x, clientY: y } = event;
    this.gesture = { kind, x, y, pan: { ...this.pan }, span: this.span() };
  }

  /** The distance between two fingers. */
  span() {
    const [one, other] = [...this.pointers.values()];
    return other ? Math.max(20, Math.hypot(one.x - other.x, one.y - other.y)) : 1;
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    if (!this.pointers.has(event.pointerId) || !this.gesture) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.root.classList.add("stage--dragging");
    this.tell(event, false);
  }

  /** @param {PointerEvent} event */
  onUp(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.root.classList.remove("stage--dragging");
    if (this.gesture && this.gesture.kind !== "size") this.tell(event, true);
    else if (this.gesture) this.emit("size", { factor: this.factor ?? 1, isFinal: true });
    this.gesture = null;
    this.factor = 1;
  }

  /** @param {PointerEvent} event @param {boolean} isFinal */
  tell(event, isFinal) {
    const gesture = this.gesture;
    if (!gesture) return;
    const dx = event.clientX - gesture.x;
    const dy = event.clientY - gesture.y;
    if (gesture.kind === "pan") this.setPan(gesture.pan.x + dx, gesture.pan.y + dy);
    else if (gesture.kind === "size") {
      this.factor = this.span() / gesture.span;
      this.emit("size", { factor: this.factor, isFinal });
    } else if (isFinal || Math.hypot(dx, dy) > 2) {
      const box = this.frame.getBoundingClientRect();
      const from = {
        x: (gesture.x - box.left) / box.width,
        y: (gesture.y - box.top) / box.height,
      };
      this.emit("move", { x: dx / box.width, y: dy / box.height, from, isFinal });
    }
  }

  /** @param {WheelEvent} event */
  onWheel(event) {
    if (this.isZoomed) {
      event.preventDefault();
      this.setPan(this.pan.x - event.deltaX, this.pan.y - event.deltaY);
      return;
    }
    if (!this.canSize || this.view !== "result" || event.deltaY === 0) return;
    event.preventDefault();
    this.wheelFactor = (this.wheelFactor ?? 1) * 1.0015 ** -event.deltaY;
    this.emit("size", { factor: this.wheelFactor, isFinal: false });
    window.clearTimeout(this.wheelTimer);
    this.wheelTimer = window.setTimeout(() => {
      this.emit("size", { factor: this.wheelFactor ?? 1, isFinal: true });
      this.wheelFactor = 1;
    }, WHEEL_ENDS_MS);
  }

  /** @param {string} name @param {object} detail */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {HTMLImageElement} image */
function discard(image) {
  if (image.dataset.borrowed !== "true") release(image.src);
  image.remove();
}
