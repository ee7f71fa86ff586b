// @ts-check
/**
 * The cut-out as a canvas to paint on: by mouse, pen, finger and keyboard.
 *
 * A stroke shows at once as the plain brush; the studio's own picture of it replaces that when it
 * comes. Dispatches "stroke" {stroke}, "box" {box}, "brush" and "say" {sentence}.
 */

import { boxOf, clamp, isFarther, PhotoView, radiusOf, STEPS } from "../lib/brush.js";

// Drawn larger than this, a cut-out's own pixels show: the photo is drawn through its outline.
const SHARP_UP_TO = 1.6;
const TOUCH_IS_TAP_MS = 70;
const DIMMED = 0.35;

/** @typedef {import("../lib/brush.js").Stroke} Stroke */
/** @typedef {import("../lib/brush.js").Point} Point */
/** @typedef {import("../lib/brush.js").Box} Box */

export class CutoutCanvas extends EventTarget {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    super();
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.layer = document.createElement("canvas");
    this.scratch = document.createElement("canvas");
    this.view = new PhotoView(1, 1);
    this.tool = "keep";
    this.backdrop = "checker";
    this.step = 45;
    this.isExact = false;
    /** @type {CanvasImageSource | null} */
    this.photo = null;
    /** @type {{image: HTMLImageElement, seq: number} | null} */
    this.base = null;
    /** @type {{stroke: Stroke, seq: number}[]} painted here, not yet in the studio's picture */
    this.pending = [];
    /** @type {Stroke | null} */
    this.stroke = null;
    /** @type {Box | null} */
    this.box = null;
    /** @type {Point | null} */
    this.corner = null;
    /** @type {Point} in photo pixels */
    this.brush = { x: 0, y: 0 };
    this.isBrushShown = false;
    /** @type {Map<number, Point>} */
    this.pointers = new Map();
    this.pinch = { span: 1, x: 0, y: 0 };
    this.planned = 0;
    this.mountPointer();
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("keyup", (event) => {
      if (event.key === " ") this.endStroke();
    });
    canvas.addEventListener("blur", () => this.endStroke());
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  // --- what is shown --------------------------------------------------------------------------
  /** @param {number} width of the photo @param {number} height */
  open(width, height) {
    this.view = new PhotoView(width, height);
    this.photo = this.base = this.box = this.corner = this.stroke = null;
    this.pending = [];
    this.brush = { x: width / 2, y: height / 2 };
    this.resize();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const each of [this.canvas, this.layer, this.scratch]) {
      each.width = Math.round(width * ratio);
      each.height = Math.round(height * ratio);
    }
    this.view.resize(width, height);
    this.plan();
  }

  /** @param {CanvasImageSource} image */
  setPhoto(image) {
    this.photo = image;
    this.plan();
  }

  /** The studio's picture of the cut-out. @param {HTMLImageElement} image @param {number} seq */
  setBase(image, seq) {
    if (this.base && seq < this.base.seq) return;
    this.base = { image, seq };
    this.pending = this.pending.filter((each) => each.seq > seq);
    this.plan();
  }

  get radius() {
    return radiusOf(this.step, Math.max(this.view.photo.width, this.view.photo.height));
  }

  /** @param {number} step */
  setStep(step) {
    this.step = clamp(Math.round(step), 0, STEPS);
    this.dispatchEvent(new Event("brush"));
    this.plan();
  }

  /** @param {string} tool */
  setTool(tool) {
    this.endStroke();
    this.tool = tool;
    this.corner = null;
    this.canvas.dataset.tool = tool;
    this.dispatchEvent(new Event("brush"));
    this.plan();
  }

  // --- drawing --------------------------------------------------------------------------------
  plan() {
    if (this.planned) return;
    this.planned = requestAnimationFrame(() => {
      this.planned = 0;
      this.draw();
    });
  }

  draw() {
    const { context, canvas } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!this.base) return;
    this.drawCutout();
    if (this.backdrop === "photo" && this.photo) {
      context.globalAlpha = DIMMED;
      this.drawWhole(context, this.photo);
      context.globalAlpha = 1;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.layer, 0, 0);
    this.drawMarks();
    this.dispatchEvent(new Event("drawn"));
  }

  /** Photo pixels on a context. @param {CanvasRenderingContext2D} context */
  toPhotoSpace(context) {
    const ratio = this.canvas.width / this.view.stage.width;
    const { scale, x, y } = this.view;
    context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
  }

  /** @param {CanvasRenderingContext2D} context @param {CanvasImageSource} image */
  drawWhole(context, image) {
    this.toPhotoSpace(context);
    context.drawImage(image, 0, 0, this.view.photo.width, this.view.photo.height);
  }

  drawCutout() {
    const context = cleared(this.layer);
    const base = /** @type {{image: HTMLImageElement}} */ (this.base).image;
    const enlarged = (this.view.photo.width * this.view.scale) / base.naturalWidth;
    if (enlarged > SHARP_UP_TO && this.photo) {
      this.drawWhole(context, this.photo);
      context.globalCompositeOperation = "destination-in";
    }
    this.drawWhole(context, base);
    const strokes = this.pending.map((each) => each.stroke);
    for (const stroke of this.stroke ? [...strokes, this.stroke] : strokes) {
      if (stroke.kind === "erase") {
        context.globalCompositeOperation = "destination-out";
        this.trace(context, stroke);
      } else this.drawKept(context, stroke);
    }
  }

  /** The photo where the brush has been. @param {CanvasRenderingContext2D} context @param {Stroke} stroke */
  drawKept(context, stroke) {
    if (!this.photo) return;
    const scratch = cleared(this.scratch);
    this.trace(scratch, stroke);
    scratch.globalCompositeOperation = "source-in";
    this.drawWhole(scratch, this.photo);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "source-over";
    context.drawImage(this.scratch, 0, 0);
  }

  /** @param {CanvasRenderingContext2D} context @param {Stroke} stroke */
  trace(context, stroke) {
    this.toPhotoSpace(context);
    context.lineWidth = 2 * stroke.radius_px;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    const [[x, y]] = stroke.points;
    context.moveTo(x, y);
    // A line to itself is a dot.
    context.lineTo(x, y);
    for (const [nextX, nextY] of stroke.points.slice(1)) context.lineTo(nextX, nextY);
    context.stroke();
  }

  drawMarks() {
    const { context } = this;
    const box = this.corner ? boxOf(this.corner, this.brush) : this.box;
    if (box) {
      this.toPhotoSpace(context);
      context.beginPath();
      context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
      this.outline([6, 4]);
    }
    if (!this.isBrushShown || this.tool === "move" || this.tool === "products") return;
    this.toPhotoSpace(context);
    context.beginPath();
    if (this.tool === "box") {
      const arm = 12 / this.view.scale;
      context.moveTo(this.brush.x - arm, this.brush.y);
      context.lineTo(this.brush.x + arm, this.brush.y);
      context.moveTo(this.brush.x, this.brush.y - arm);
      context.lineTo(this.brush.x, this.brush.y + arm);
    } else context.arc(this.brush.x, this.brush.y, this.radius, 0, 2 * Math.PI);
    this.outline([]);
  }

  /** White in black: it shows on every picture. @param {number[]} dashes in screen pixels */
  outline(dashes) {
    const { context } = this;
    const pixel = 1 / this.view.scale;
    context.setLineDash([]);
    context.lineWidth = 3 * pixel;
    context.strokeStyle = "rgb(0 0 0 / 0.65)";
    context.stroke();
    context.setLineDash(dashes.map((length) => length * pixel));
    context.lineWidth = 1.5 * pixel;
    context.strokeStyle = "white";
    context.stroke();
    context.setLineDash([]);
  }

  // --- strokes --------------------------------------------------------------------------------
  get isPainting() {
    return this.tool === "keep" || this.tool === "erase";
  }

  begin() {
    if (this.tool === "box") {
      this.corner = { ...this.brush };
    } else if (this.isPainting) {
      const kind = /** @type {"keep" | "erase"} */ (this.tool);
      const points = [[this.brush.x, this.brush.y]];
      this.stroke = { kind, radius_px: this.radius, points, is_exact: this.isExact };
    }
    this.plan();
  }

  extend() {
    if (this.stroke && isFarther(this.stroke.points.at(-1), this.brush, this.radius)) {
      this.stroke.points.push([this.brush.x, this.brush.y]);
    }
    this.plan();
  }

  endStroke() {
    const { stroke } = this;
    this.stroke = null;
    if (!stroke) return;
    const waiting = { stroke, seq: Infinity };
    this.pending.push(waiting);
    this.dispatchEvent(new CustomEvent("stroke", { detail: waiting }));
    this.plan();
  }

  endBox() {
    const { corner } = this;
    this.corner = null;
    this.plan();
    if (!corner) return;
    const box = boxOf(corner, this.brush);
    const least = 8 / this.view.scale;
    if (box.right - box.left < least || box.bottom - box.top < least) return;
    this.box = box;
    this.dispatchEvent(new CustomEvent("box", { detail: { box } }));
  }

  // --- pointers -------------------------------------------------------------------------------
  mountPointer() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    canvas.addEventListener("pointerup", (event) => this.onUp(event));
    canvas.addEventListener("pointercancel", (event) => this.onUp(event, true));
    canvas.addEventListener("pointerleave", () => {
      if (!this.pointers.size) this.showBrush(false);
    });
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.view.zoom(1.0016 ** -event.deltaY, this.at(event));
        this.plan();
      },
      { passive: false },
    );
  }

  /** @param {MouseEvent} event */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {boolean} isShown */
  showBrush(isShown) {
    this.isBrushShown = isShown;
    this.plan();
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (event.button > 1) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    if (this.pointers.size === 2) {
      // The first finger has drawn a little before the second came.
      this.stroke = this.corner = null;
      this.startPinch();
      return;
    }
    this.isPanning = event.button === 1 || this.tool === "move" || this.tool === "products";
    this.brush = this.view.toPhoto(this.at(event));
    this.showBrush(true);
    this.startedAt = event.timeStamp;
    if (!this.isPanning && this.pointers.size === 1) this.begin();
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    const before = this.pointers.get(event.pointerId);
    const events = event.getCoalescedEvents?.() ?? [];
    if (before) this.pointers.set(event.pointerId, this.at(event));
    if (this.pointers.size >= 2) return this.movePinch();
    if (before && this.isPanning) {
      const now = this.at(event);
      this.view.pan(now.x - before.x, now.y - before.y);
      return this.plan();
    }
    for (const each of events.length ? events : [event]) {
      this.brush = this.view.toPhoto(this.at(each));
      this.extend();
    }
    this.showBrush(true);
  }

  /** @param {PointerEvent} event @param {boolean} [isCancelled] */
  onUp(event, isCancelled = false) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (isCancelled) this.stroke = this.corner = null;
    if (this.pointers.size) return;
    const isBrush = event.timeStamp - (this.startedAt ?? 0) > TOUCH_IS_TAP_MS || !isCancelled;
    if (isBrush) this.endStroke();
    this.endBox();
    this.isPanning = false;
    if (event.pointerType === "touch") this.showBrush(false);
  }

  startPinch() {
    const [one, other] = [...this.pointers.values()];
    this.pinch = {
      span: Math.max(20, Math.hypot(one.x - other.x, one.y - other.y)),
      x: (one.x + other.x) / 2,
      y: (one.y + other.y) / 2,
    };
    this.isPanning = true;
    this.plan();
  }

  movePinch() {
    const before = this.pinch;
    this.startPinch();
    this.view.pan(this.pinch.x - before.x, this.pinch.y - before.y);
    this.view.zoom(this.pinch.span / before.span, this.pinch);
  }

  // --- keys -----------------------------------------------------------------------------------
  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move) this.moveBrush(move[0], move[1], event.shiftKey);
    else if (event.key === " ") {
      if (!event.repeat) this.press();
    } else return;
    event.preventDefault();
  }

  /** @param {number} x @param {number} y @param {boolean} isFar */
  moveBrush(x, y, isFar) {
    const { photo, scale } = this.view;
    const step = (isFar ? 40 : 8) / scale;
    if (this.tool === "move" || this.tool === "products") {
      this.view.pan(-x * step * scale * 4, -y * step * scale * 4);
      return this.plan();
    }
    this.brush = {
      x: clamp(this.brush.x + x * step, 0, photo.width),
      y: clamp(this.brush.y + y * step, 0, photo.height),
    };
    this.extend();
    this.showBrush(true);
    const percent = (/** @type {number} */ at, /** @type {number} */ of) => Math.round((100 * at) / of);
    const across = percent(this.brush.x, photo.width);
    const down = percent(this.brush.y, photo.height);
    this.say(`${across} % across, ${down} % down`);
  }

  press() {
    this.showBrush(true);
    if (this.tool === "box" && this.corner) this.endBox();
    else this.begin();
    if (this.corner) this.say("First corner set. Move to the opposite corner and press Space.");
  }

  /** @param {string} sentence */
  say(sentence) {
    this.dispatchEvent(new CustomEvent("say", { detail: { sentence } }));
  }
}

/** @param {HTMLCanvasElement} canvas */
function cleared(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "source-over";
  context.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}
