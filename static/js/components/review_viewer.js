// @ts-check
/**
 * Two panes, one view: source and result zoom and move together.
 *
 * The view is kept in the result's pixels. A picture lies in the "result" space (its own pixels)
 * or in the "source" space (the photo's). Fitted, each pane shows its whole picture; from there on
 * the source follows the result, product over product when the placement is known
 * (result = source × scale + offset), else by shares of the picture.
 */

/** @typedef {{scale: number, x: number, y: number}} Placement */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {"source" | "result"} Space */
/** @typedef {{element: HTMLElement, space: Space, size: Size, isLinked?: boolean}} Layer */
/** @typedef {{frame: HTMLElement, layers: Layer[]}} Pane */

// From fitted to fully linked within this zoom ratio, so that nothing jumps.
const LINK_RATIO = 1.5;
const MARGIN_PX = 20;
// Under the pane's caption.
const MARGIN_ABOVE_PX = 42;
// A press that moves less is a click.
const CLICK_PX = 5;
const MAX_ZOOM = 16;
const WHEEL_STEP = 0.0018;
const PAN_STEP_PX = 60;

export class PairViewer {
  /**
   * @param {{source: HTMLElement, result: HTMLElement}} frames
   * @param {(percent: number, isFit: boolean) => void} onZoom percent of result pixels per screen pixel
   */
  constructor(frames, onZoom) {
    /** @type {{source: Pane, result: Pane}} */
    this.panes = {
      source: { frame: frames.source, layers: [] },
      result: { frame: frames.result, layers: [] },
    };
    this.onZoom = onZoom;
    /** @type {{source: Size, result: Size}} */
    this.sizes = { source: { width: 1, height: 1 }, result: { width: 1, height: 1 } };
    /** @type {Placement | null} */
    this.placement = null;
    this.isFit = true;
    this.zoom = 1;
    this.centre = { x: 0, y: 0 };
    for (const pane of Object.values(this.panes)) this.listen(pane);
    const observer = new ResizeObserver(() => this.draw());
    observer.observe(frames.source);
    observer.observe(frames.result);
  }

  /**
   * Begin with another pair, fitted.
   * @param {Size} source
   * @param {Size} result
   */
  reset(source, result) {
    this.sizes = { source, result };
    this.placement = null;
    this.fit();
  }

  /**
   * What a pane shows; elements are positioned, never resized.
   * @param {Space} name
   * @param {Layer[]} layers
   */
  show(name, layers) {
    const pane = this.panes[name];
    pane.frame.replaceChildren(...layers.map((layer) => layer.element));
    pane.layers = layers;
    this.draw();
  }

  fit() {
    this.isFit = true;
    this.draw();
  }

  /**
   * @param {number} ratio result pixels to screen pixels: 1 is 100 %
   * @param {{x: number, y: number}} [at] what stays in place, in CSS pixels from the pane's centre
   */
  zoomTo(ratio, at = { x: 0, y: 0 }) {
    this.setZoom(ratio / window.devicePixelRatio, at);
  }

  /** @param {number} factor @param {{x: number, y: number}} [at] */
  zoomBy(factor, at = { x: 0, y: 0 }) {
    this.setZoom(this.zoom * factor, at);
  }

  /** @param {number} zoom @param {{x: number, y: number}} at */
  setZoom(zoom, at) {
    const least = this.fitOf("result");
    const next = Math.min(Math.max(zoom, least), MAX_ZOOM / window.devicePixelRatio);
    this.centre.x += at.x / this.zoom - at.x / next;
    this.centre.y += at.y / this.zoom - at.y / next;
    this.zoom = next;
    this.isFit = next <= least * 1.001;
    this.draw();
  }

  /** @param {number} dx @param {number} dy in CSS pixels */
  pan(dx, dy) {
    if (this.isFit) return;
    this.centre.x -= dx / this.zoom;
    this.centre.y -= dy / this.zoom;
    this.draw();
  }

  /** @param {Space} space */
  fitOf(space) {
    const { clientWidth, clientHeight } = this.panes[space].frame;
    const { width, height } = this.sizes[space];
    const across = Math.max(40, clientWidth - 2 * MARGIN_PX) / width;
    const down = Math.max(40, clientHeight - 2 * MARGIN_ABOVE_PX) / height;
    return Math.min(across, down, 2);
  }

  draw() {
    const { width, height } = this.sizes.result;
    if (this.isFit) {
      this.zoom = this.fitOf("result");
      this.centre = { x: width / 2, y: height / 2 };
    }
    this.centre.x = Math.min(Math.max(this.centre.x, 0), width);
    this.centre.y = Math.min(Math.max(this.centre.y, 0), height);
    for (const pane of Object.values(this.panes)) {
      for (const layer of pane.layers) this.place(pane.frame, layer);
      pane.frame.classList.toggle("pane__frame--free", !this.isFit);
    }
    this.onZoom(this.zoom * window.devicePixelRatio * 100, this.isFit);
  }

  /** @param {HTMLElement} frame @param {Layer} layer */
  place(frame, layer) {
    const view = layer.space === "result" ? this.resultView() : this.sourceView(layer.isLinked);
    const own = this.sizes[layer.space];
    const scale = (view.scale * own.width) / layer.size.width;
    const x = frame.clientWidth / 2 - view.x * view.scale;
    const y = frame.clientHeight / 2 - view.y * view.scale;
    layer.element.style.width = `${layer.size.width}px`;
    layer.element.style.height = `${layer.size.height}px`;
    layer.element.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    layer.element.classList.toggle("pane__picture--pixels", scale * window.devicePixelRatio >= 3);
  }

  resultView() {
    return { scale: this.zoom, x: this.centre.x, y: this.centre.y };
  }

  /** @param {boolean} [isLinked] whether to be linked even when fitted */
  sourceView(isLinked = false) {
    const { source, result } = this.sizes;
    const fit = this.fitOf("source");
    const fitted = { scale: fit, x: source.width / 2, y: source.height / 2 };
    const linked = this.placement
      ? {
          scale: this.zoom * this.placement.scale,
          x: (this.centre.x - this.placement.x) / this.placement.scale,
          y: (this.centre.y - this.placement.y) / this.placement.scale,
        }
      : {
          scale: (this.zoom * fit) / this.fitOf("result"),
          x: (this.centre.x / result.width) * source.width,
          y: (this.centre.y / result.height) * source.height,
        };
    if (isLinked) return linked;
    const beyond = Math.log(this.zoom / this.fitOf("result")) / Math.log(LINK_RATIO);
    const share = Math.min(Math.max(beyond, 0), 1);
    const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * share;
    return {
      scale: Math.exp(mix(Math.log(fitted.scale), Math.log(linked.scale))),
      x: mix(fitted.x, linked.x),
      y: mix(fitted.y, linked.y),
    };
  }

  /** @param {Pane} pane */
  listen({ frame }) {
    /** @type {Map<number, {x: number, y: number}>} */
    const held = new Map();
    let moved = 0;
    const offset = (/** @type {{clientX: number, clientY: number}} */ event) => {
      const box = frame.getBoundingClientRect();
      return {
        x: event.clientX - box.left - box.width / 2,
        y: event.clientY - box.top - box.height / 2,
      };
    };
    const spread = () => {
      const [a, b] = [...held.values()];
      return Math.hypot(a.x - b.x, a.y - b.y);
    };
    frame.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY * WHEEL_STEP), offset(event));
    });
    frame.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      frame.setPointerCapture(event.pointerId);
      held.set(event.pointerId, offset(event));
      moved = 0;
    });
    frame.addEventListener("pointermove", (event) => {
      const last = held.get(event.pointerId);
      if (!last) return;
      const now = offset(event);
      const before = held.size === 2 ? spread() : 0;
      held.set(event.pointerId, now);
      moved += Math.hypot(now.x - last.x, now.y - last.y);
      this.pan((now.x - last.x) / held.size, (now.y - last.y) / held.size);
      if (held.size === 2 && before > 0) this.zoomBy(spread() / before, now);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      frame.addEventListener(end, (event) => {
        held.delete(/** @type {PointerEvent} */ (event).pointerId);
      });
    }
    frame.addEventListener("click", (event) => {
      if (moved > CLICK_PX) return;
      if (this.isFit) this.zoomTo(1, offset(event));
      else this.fit();
    });
    frame.addEventListener("dragstart", (event) => event.preventDefault());
    frame.addEventListener("keydown", (event) => this.panByKey(event));
  }

  /** @param {KeyboardEvent} event */
  panByKey(event) {
    /** @type {Record<string, [number, number]>} */
    const steps = {
      ArrowLeft: [PAN_STEP_PX, 0],
      ArrowRight: [-PAN_STEP_PX, 0],
      ArrowUp: [0, PAN_STEP_PX],
      ArrowDown: [0, -PAN_STEP_PX],
    };
    const step = steps[event.key];
    if (!step || this.isFit || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.pan(...step);
  }
}
