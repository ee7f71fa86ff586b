// @ts-check
/**
 * The studio's heart: the look that is chosen, the pictures that come of it, and the stage.
 *
 * The stage shows, of one photo: the photo; then its cut-out; then, for the chosen look, the
 * finished picture if there is one, else the style's thumb until a preview comes.
 */

import { CompareStage } from "../../components/compare_stage.js";
import { LookControls } from "../../components/look_controls.js";
import { NextStep } from "../../components/next_step.js";
import { ProgressPill } from "../../components/progress_pill.js";
import { ResultStrip } from "../../components/result_strip.js";
import { StyleTiles } from "../../components/style_tiles.js";
import { toast } from "../../components/toast.js";
import { announce } from "../../lib/announce.js";
import { api } from "../../lib/api.js";
import { need } from "../../lib/dom.js";
import { isSameLook, localStorageOf, LookStore } from "../../lib/look.js";
import { frameUrl } from "../../lib/pictures.js";
import { PreviewOrders } from "../../lib/previews.js";
import { DragParams } from "./drag_params.js";

const ENDED = ["finished", "failed", "cancelled"];
const RATIOS = { "1:1": 1, "4:5": 0.8, "3:4": 0.75, "4:3": 4 / 3, "16:9": 16 / 9 };

export class Studio {
  /**
   * @param {HTMLElement} root
   * @param {{data: any, live: import("../../lib/live.js").LiveConnection}} page
   */
  constructor(root, { data, live }) {
    this.root = root;
    this.data = data;
    this.live = live;
    this.photo = data.photos.find((/** @type {any} */ each) => each.id === data.photo);
    /** @type {any} */
    this.cutout = this.photo.cutout;
    /** @type {any} the full-quality picture being made */
    this.making = null;
    /** @type {any} the preview being made */
    this.preview = null;
    this.shownResult = "";
    this.look = new LookStore({
      styles: data.styles,
      start: this.linkedLook(),
      storage: localStorageOf(`softbox:studio:${data.product.id}`),
    });
    this.drag = new DragParams(this.look);
    this.makeParts(root);
    this.mountToolbar();
    this.mountOutput();
  }

  /** @param {HTMLElement} root */
  makeParts(root) {
    const { data, live } = this;
    this.stage = new CompareStage(need(root, "[data-stage]"));
    this.note = need(root, "[data-stage-note]");
    this.pill = new ProgressPill(need(root, "[data-pill]"), () => this.cancel());
    this.tiles = new StyleTiles(need(root, "[data-order]"), {
      live,
      styles: data.styles,
      looks: data.looks,
      canSell: data.can_sell,
    });
    this.controls = new LookControls(need(root, "[data-controls]"), (name, value, isFinal) =>
      this.look.setParams({ [name]: value }, isFinal),
    );
    this.results = new ResultStrip(need(root, "[data-results]"), data.history);
    const act = root.querySelector("[data-act]");
    this.next = act instanceof HTMLElement ? new NextStep(act, this.steps()) : null;
    this.previews = new PreviewOrders({
      order: (look, supersedes) => this.orderPreview(look, supersedes),
      watch: (id, listener) => live.watch("render", id, listener),
      onPicture: (picture) => this.showPreview(picture),
      onState: (render) => this.onPreviewState(render),
      onError: (error) => this.complain(error),
    });
  }

  /** @returns {import("../../components/next_step.js").Steps} */
  steps() {
    return {
      make: () => this.make(),
      submit: (render) => this.submit(render),
      publish: (render) => this.publish(render),
    };
  }

  start() {
    this.look.addEventListener("change", (event) =>
      this.onLook(/** @type {CustomEvent} */ (event).detail.isFinal),
    );
    this.tiles.addEventListener("choose", (event) => {
      const { style, params } = /** @type {CustomEvent} */ (event).detail;
      this.look.choose(style, params);
    });
    this.tiles.addEventListener("thumb", () => this.showThumb());
    this.results.addEventListener("choose", (event) =>
      this.openResult(/** @type {CustomEvent} */ (event).detail),
    );
    this.stage.addEventListener("move", (event) =>
      this.drag.move(/** @type {CustomEvent} */ (event).detail),
    );
    this.stage.addEventListener("size", (event) =>
      this.drag.size(/** @type {CustomEvent} */ (event).detail),
    );
    document.addEventListener("visibilitychange", () => this.refreshReviews());
    this.live.addEventListener("signed-out", () => location.reload());
    this.mountCutout();
    this.onLook(true);
    if (this.cutout?.state !== "failed") this.tiles.order(this.photo.id);
  }

  // --- the cut-out ----------------------------------------------------------------------------
  mountCutout() {
    const retry = this.root.querySelector("[data-cutout-retry]");
    retry?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.retryCutout();
    });
    this.onCutout(this.cutout);
    if (!this.cutout || ENDED.includes(this.cutout.state)) return;
    this.watchCutout();
  }

  watchCutout() {
    this.live.watch("photo", this.photo.id, ({ state, frame }) => {
      if (frame) this.stage.show("cutout", frameUrl(frame), "The cut-out product");
      if (frame && !this.stage.hasResult) this.stage.setView("cutout");
      if (state) this.onCutout(state);
    });
  }

  /** @param {any} cutout */
  onCutout(cutout) {
    if (!cutout) return;
    const wasFinished = this.cutout?.state === "finished";
    this.cutout = cutout;
    if (cutout.state === "finished") {
      this.stage.show("cutout", cutout.result.preview_url, "The cut-out product");
      if (!wasFinished) announce("The product is found.");
    }
    const doubt = cutout.result?.notice ?? "";
    const sentence = cutout.state === "failed" ? cutout.error.message : doubt;
    const notice = need(this.root, "[data-cutout-notice]");
    notice.hidden = !sentence;
    notice.classList.toggle("notice--error", cutout.state === "failed");
    notice.classList.toggle("notice--warning", cutout.state !== "failed");
    need(notice, "[data-cutout-sentence]").textContent = sentence;
    const retry = notice.querySelector("[data-cutout-retry]");
    if (retry instanceof HTMLElement) retry.hidden = cutout.state !== "failed";
    this.update();
  }

  async retryCutout() {
    try {
      const photo = await api.post(`/photos/${this.photo.id}/cutout`);
      this.live.forget("photo", this.photo.id);
      this.onCutout(photo.cutout);
      this.watchCutout();
      this.tiles.order(this.photo.id);
      this.orderCurrent(true);
    } catch (error) {
      this.complain(error);
    }
  }

  // --- the look -------------------------------------------------------------------------------
  /** The look of the result that the address names. */
  linkedLook() {
    const id = new URLSearchParams(location.search).get("result");
    const render = this.data.history.find((/** @type {any} */ each) => each.id === id);
    return render ? { style: render.style, params: render.params, output: render.output } : null;
  }

  /** @param {boolean} isFinal */
  onLook(isFinal) {
    const { look, style } = this.look;
    if (this.builtStyle !== look.style) {
      this.builtStyle = look.style;
      this.controls.build(style.params_schema);
      need(this.root, "[data-style-title]").textContent = style.title;
      need(this.root, "[data-style-description]").textContent = style.description;
      this.tiles.choose(look.style);
      this.stage.setGestures(this.data.can_sell && this.drag.canMove, this.data.can_sell && this.drag.canSize);
    }
    this.controls.show(look.params);
    this.showOutput();
    this.stage.setRatio(this.ratio(look.output.aspect));
    this.orderCurrent(isFinal);
    this.update();
  }

  /** @param {string} aspect */
  ratio(aspect) {
    return RATIOS[/** @type {keyof typeof RATIOS} */ (aspect)] ?? this.photo.width / this.photo.height;
  }

  /** The finished picture of exactly this look, size included. */
  currentResult() {
    const { look } = this.look;
    return this.results.history.find(
      (render) =>
        render.photo === this.photo.id &&
        isSameLook(render, look) &&
        render.output.size === look.output.size,
    );
  }

  /** @param {boolean} isFinal */
  orderCurrent(isFinal) {
    const result = this.currentResult();
    this.results.choose(result?.id ?? "");
    if (result) {
      this.previews.clear();
      this.preview = null;
      this.showResult(result);
      return;
    }
    this.shownResult = "";
    this.showThumb();
    if (this.data.can_sell && this.cutout?.state !== "failed") {
      this.previews.want(this.look.look, isFinal);
    }
  }

  /** @param {any} look @param {string} supersedes */
  orderPreview(look, supersedes) {
    const order = { photo: this.photo.id, tier: "preview", ...look };
    return api.post("/renders", supersedes ? { ...order, supersedes } : order);
  }

  // --- pictures -------------------------------------------------------------------------------
  /** Of an untouched style the tile's thumb is a first picture. */
  showThumb() {
    const { look } = this.look;
    if (this.shownResult || this.thumbShownFor === look.style || look.output.aspect !== "1:1") return;
    const url = this.tiles.thumbUrl(look.style);
    if (!url || this.hasPreviewOf === look.style || !this.isUntouched()) return;
    this.thumbShownFor = look.style;
    this.putOnStage(url);
  }

  isUntouched() {
    const properties = Object.entries(this.look.style.params_schema.properties ?? {});
    return properties.every(([name, schema]) => this.look.look.params[name] === schema.default);
  }

  /** @param {any} picture */
  showPreview(picture) {
    if (this.shownResult || picture.look.style !== this.look.look.style) return;
    this.hasPreviewOf = picture.look.style;
    this.thumbShownFor = "";
    this.putOnStage(picture.frame ? frameUrl(picture.frame) : picture.url);
  }

  /** @param {any} render */
  showResult(render) {
    if (this.shownResult === render.id) return;
    this.shownResult = render.id;
    this.hasPreviewOf = this.thumbShownFor = "";
    this.putOnStage(this.stage.isZoomed ? render.result.url : render.result.display_url);
  }

  /** @param {string} url */
  async putOnStage(url) {
    const hadResult = this.stage.hasResult;
    const alt = `${this.data.product.title}, ${this.look.style.title}`;
    const isShown = await this.stage.show("result", url, alt);
    if (isShown && !hadResult) this.stage.setView("result");
  }

  /** @param {any} render */
  onPreviewState(render) {
    this.preview = ENDED.includes(render.state) ? null : render;
    if (render.state === "failed") this.complain(new Error(render.error.message));
    else if (render.state === "finished") this.hush();
    this.update();
  }

  // --- full quality ---------------------------------------------------------------------------
  async make() {
    if (!this.data.can_sell || this.making || this.currentResult()) return;
    this.hush();
    this.previews.clear();
    this.preview = null;
    this.making = { state: "queued", waiting: null };
    this.update();
    const order = { photo: this.photo.id, tier: "final", ...structuredClone(this.look.look) };
    try {
      this.followMaking(await api.post("/renders", order));
    } catch (error) {
      this.making = null;
      this.complain(error);
      this.update();
    }
  }

  /** @param {any} render */
  followMaking(render) {
    this.onMaking(render);
    if (ENDED.includes(render.state)) return;
    const stop = this.live.watch("render", render.id, ({ state, frame }) => {
      if (frame && isSameLook(render, this.look.look)) this.putOnStage(frameUrl(frame));
      if (!state) return;
      this.onMaking(state);
      if (ENDED.includes(state.state)) stop();
    });
  }

  /** @param {any} render */
  onMaking(render) {
    this.making = ENDED.includes(render.state) ? null : render;
    if (render.state === "finished") {
      this.results.keep(render);
      announce("The full-quality picture is ready.");
      this.orderCurrent(true);
    } else if (render.state === "failed") {
      this.complain(new Error(render.error.message));
    } else if (render.state === "cancelled") {
      announce("Stopped.");
      this.orderCurrent(true);
    }
    this.update();
  }

  async cancel() {
    const id = this.making?.id ?? this.previews.runningId;
    if (!id) return;
    if (!this.making) this.previews.clear();
    this.preview = null;
    try {
      await api.post(`/renders/${id}/cancel`);
    } catch {
      // It had ended by itself; its state says so.
    }
    this.update();
  }

  /** @param {string} id */
  openResult(id) {
    const render = this.results.history.find((each) => each.id === id);
    if (render.photo !== this.photo.id) {
      location.assign(`${this.data.urls.studio}?photo=${render.photo}&result=${id}`);
      return;
    }
    this.look.show({ style: render.style, params: render.params, output: render.output });
    this.stage.setView("result");
  }

  /** @param {any} render */
  async submit(render) {
    try {
      this.results.keep(await api.post(`/renders/${render.id}/submit`));
      toast("Sent to review.");
    } catch (error) {
      this.complain(error);
    }
    this.update();
  }

  /** @param {any} render */
  publish(render) {
    const form = need(this.root, "[data-publish-form]");
    form.action = this.data.urls.publish.replace(this.data.urls.any_id, render.id);
    form.submit();
  }

  /** A reviewer may have decided while this page was in the background. */
  async refreshReviews() {
    const waiting = this.results.history.filter((render) => render.review.state === "submitted");
    if (document.hidden || !waiting.length) return;
    try {
      const ids = waiting.map((render) => render.id).join(",");
      const { renders } = await api.get(`/renders?ids=${ids}`);
      for (const render of renders) this.results.keep(render);
      this.update();
    } catch {
      // The next time the page is looked at asks again.
    }
  }

  // --- what is said ---------------------------------------------------------------------------
  /** Bring the pill and the next step up to date. */
  update() {
    const isFinding = this.cutout && ["queued", "running"].includes(this.cutout.state);
    this.next?.show(
      this.currentResult(),
      Boolean(this.making),
      Boolean(this.cutout) && this.cutout.state !== "failed",
    );
    if (isFinding) {
      this.pill.show(this.cutout, { idle: "Finding the product", canCancel: false, isLoud: true });
    } else if (this.making) {
      const canCancel = Boolean(this.making.id);
      this.pill.show(this.making, { idle: "Starting full quality", canCancel, isLoud: true });
    } else if (this.preview) {
      this.pill.show(this.preview, { idle: "Making a preview", canCancel: true });
    } else this.pill.hide();
  }

  /** @param {unknown} error */
  complain(error) {
    const sentence = error instanceof Error ? error.message : String(error);
    this.note.textContent = sentence;
    this.note.classList.add("stage__note--bad");
    this.note.hidden = false;
    announce(sentence);
  }

  hush() {
    this.note.hidden = true;
    this.note.classList.remove("stage__note--bad");
  }

  // --- the toolbar and the picture's shape ----------------------------------------------------
  mountToolbar() {
    const { root, stage, look } = this;
    const views = [...root.querySelectorAll("[data-view]")].filter((each) => each.matches("button"));
    for (const button of views) {
      button.addEventListener("click", () => stage.setView(button.getAttribute("data-view")));
    }
    stage.addEventListener("view", () => {
      for (const button of views) {
        const isOn = button.getAttribute("data-view") === stage.view;
        button.setAttribute("aria-pressed", String(isOn));
      }
    });
    for (const button of root.querySelectorAll("[data-zoom]")) {
      const isFull = button.getAttribute("data-zoom") === "full";
      button.addEventListener("click", () => stage.setZoomed(isFull));
    }
    stage.addEventListener("zoom", () => this.onZoom());
    const [undo, redo] = [need(root, "[data-undo]"), need(root, "[data-redo]")];
    undo.addEventListener("click", () => look.undo());
    redo.addEventListener("click", () => look.redo());
    look.addEventListener("change", () => {
      undo.disabled = look.past.length === 0;
      redo.disabled = look.future.length === 0;
    });
    need(root, "[data-reset]").addEventListener("click", () => look.reset());
  }

  /** At 100 % a result is shown in its own pixels. */
  onZoom() {
    const { isZoomed } = this.stage;
    for (const button of this.root.querySelectorAll("[data-zoom]")) {
      const isOn = (button.getAttribute("data-zoom") === "full") === isZoomed;
      button.setAttribute("aria-pressed", String(isOn));
    }
    const result = this.currentResult();
    if (!isZoomed) return this.hush();
    if (result) this.putOnStage(result.result.url);
    else {
      this.note.textContent = "This is a preview. Make full quality to judge details.";
      this.note.hidden = false;
    }
  }

  mountOutput() {
    const size = need(this.root, "[data-size]");
    size.addEventListener("change", () => this.look.setOutput({ size: Number(size.value) }));
    for (const input of this.root.querySelectorAll('input[name="aspect"]')) {
      input.addEventListener("change", () =>
        this.look.setOutput({ aspect: /** @type {HTMLInputElement} */ (input).value }),
      );
    }
    need(this.root, "[data-order]").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.make();
    });
  }

  showOutput() {
    const { aspect, size } = this.look.look.output;
    for (const input of this.root.querySelectorAll('input[name="aspect"]')) {
      const radio = /** @type {HTMLInputElement} */ (input);
      radio.checked = radio.value === aspect;
    }
    const select = need(this.root, "[data-size]");
    if (![...select.options].some((option) => Number(option.value) === size)) {
      select.add(new Option(`${size} px`, String(size)));
    }
    select.value = String(size);
    const ratio = this.ratio(aspect);
    this.stage.outputWidth = Math.round(ratio >= 1 ? size : size * ratio);
  }

  // --- from the keyboard ----------------------------------------------------------------------
  /** Move the product by shares of the frame. @param {number} x @param {number} y */
  nudge(x, y) {
    if (this.data.can_sell) this.drag.move({ x, y, isFinal: true });
  }

  /** @param {number} factor */
  resize(factor) {
    if (this.data.can_sell) this.drag.size({ factor, isFinal: true });
  }
}
