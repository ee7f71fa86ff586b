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
import { PrintGuides } from "../../components/print_guides.js";
import { ProgressPill } from "../../components/progress_pill.js";
import { ResultStrip } from "../../components/result_strip.js";
import { StyleTiles } from "../../components/style_tiles.js";
import { announce } from "../../lib/announce.js";
import { api } from "../../lib/api.js";
import { need } from "../../lib/dom.js";
import { isSameLook, isUntouched, localStorageOf, LookStore, OWN_BACKDROP, PLACE, tileOf } from "../../lib/look.js";
import { frameUrl } from "../../lib/pictures.js";
import { PreviewOrders } from "../../lib/previews.js";
import { hasEnded } from "../../lib/words.js";
import { CutoutEditor } from "./cutout_editor.js";
import { CutoutWatch } from "./cutout_watch.js";
import { DragParams } from "./drag_params.js";
import { FullQuality } from "./full_quality.js";
import { ProductFacts } from "./product_facts.js";
import { mountToolbar } from "./toolbar.js";

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
    /** @type {any} the preview being made */
    this.preview = null;
    this.look = new LookStore({
      styles: data.styles,
      start: this.linkedPlace() ?? this.linkedLook(),
      fallback: this.newestLook(),
      storage: localStorageOf(`softbox:studio:${data.product.id}`),
    });
    this.shown = { style: "", kind: "nothing", id: "" };
    this.drag = new DragParams(this.look);
    this.stage = new CompareStage(need(root, "[data-stage]"));
    this.guides = new PrintGuides(need(root, "[data-guides]"), need(root, "[data-show-guides]"));
    this.note = need(root, "[data-stage-note]");
    this.results = new ResultStrip(need(root, "[data-results]"), data.history, data.styles);
    const { styles, looks, backdrops, can_sell: canSell } = data;
    const tiles = { live, styles, looks, backdrops, canSell };
    this.tiles = new StyleTiles(need(root, "[data-order]"), tiles);
    this.controls = new LookControls(need(root, "[data-controls]"), (name, value, isFinal) =>
      this.look.setParams({ [name]: value }, isFinal),
    );
    this.cutout = new CutoutWatch(this);
    this.full = new FullQuality(this);
    this.pill = new ProgressPill(need(root, "[data-pill]"), () => this.cancel());
    const act = root.querySelector("[data-act]");
    this.next = act instanceof HTMLElement ? new NextStep(act, this.full) : null;
    this.previews = new PreviewOrders({
      order: (look, supersedes) => this.orderPreview(look, supersedes),
      watch: (id, listener) => live.watch("render", id, listener),
      onPicture: (picture) => this.showPreview(picture),
      onState: (render) => this.onPreviewState(render),
      onError: (error) => this.complain(error),
    });
    this.builtStyle = "";
    this.shownTile = "";
    const dialog = root.querySelector("[data-cutout-editor]");
    this.editor = dialog instanceof HTMLDialogElement ? new CutoutEditor(dialog, this) : null;
    const facts = root.querySelector("[data-facts]");
    this.facts = facts instanceof HTMLElement ? new ProductFacts(facts, this) : null;
    mountToolbar(root, this);
  }

  start() {
    const { look, tiles, results, stage, drag } = this;
    /** @param {EventTarget} from @param {string} name @param {(detail: any) => void} act */
    const on = (from, name, act) =>
      from.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on(look, "change", ({ isFinal }) => this.onLook(isFinal));
    on(tiles, "choose", ({ style, params }) => look.choose(style, params));
    on(tiles, "thumb", () => this.showThumb());
    on(results, "choose", (id) => this.openResult(id));
    on(stage, "move", (detail) => {
      drag.move(detail);
      this.guides.drag(!detail.isFinal);
    });
    on(stage, "size", (detail) => drag.size(detail));
    on(this.live, "signed-out", () => location.reload());
    this.cutout.start();
    this.onLook(true);
    if (!this.cutout.hasFailed) tiles.order(this.photo.id);
  }

  // --- the look -------------------------------------------------------------------------------
  /** The look of the result that the address names. */
  linkedLook() {
    const id = new URLSearchParams(location.search).get("result");
    const render = this.data.history.find((/** @type {any} */ each) => each.id === id);
    return render ? { style: render.style, params: render.params, output: render.output } : null;
  }

  /** The backdrop that was just set up: the address names it. */
  linkedPlace() {
    const id = new URLSearchParams(location.search).get("place");
    const isThere = this.data.backdrops.some((/** @type {any} */ each) => each.id === id);
    if (!id || !isThere) return null;
    return { style: OWN_BACKDROP, params: { [PLACE]: id }, output: { size: 2048, aspect: "1:1" } };
  }

  /** Where nothing is kept, on another computer for instance: the newest picture's look. */
  newestLook() {
    const { photo, data } = this;
    return data.history.find((/** @type {any} */ each) => each.photo === photo.id) ?? null;
  }

  /** @param {boolean} isFinal */
  onLook(isFinal) {
    const { look, style } = this.look;
    if (this.builtStyle !== look.style) this.buildControls(style);
    this.showScene(style);
    this.controls.show(look.params);
    const { aspect, size } = look.output;
    const own = this.photo.width / this.photo.height;
    const ratio = RATIOS[/** @type {keyof typeof RATIOS} */ (aspect)] ?? own;
    this.stage.setRatio(ratio);
    this.drag.ratio = ratio;
    this.guides.show(style, look.params, ratio);
    this.stage.outputWidth = Math.round(ratio >= 1 ? size : size * ratio);
    this.orderCurrent(isFinal);
    this.update();
  }

  /** @param {any} style */
  buildControls(style) {
    this.builtStyle = style.slug;
    this.controls.build(style.params_schema);
    const canSell = this.data.can_sell;
    this.stage.setGestures(canSell && this.drag.canMove, canSell && this.drag.canSize);
  }

  /** Say which scene it is: a style, or one of the workspace's own backdrops. @param {any} style */
  showScene(style) {
    const tile = tileOf(this.look.look);
    if (this.shownTile === tile) return;
    this.shownTile = tile;
    const backdrop = style.slug === OWN_BACKDROP ? this.tiles.thing(tile) : null;
    need(this.root, "[data-style-title]").textContent = backdrop?.name ?? style.title;
    need(this.root, "[data-style-description]").textContent = style.description;
    const setUp = this.root.querySelector("[data-set-up]");
    if (setUp instanceof HTMLAnchorElement) {
      setUp.hidden = !backdrop;
      const { urls } = this.data;
      if (backdrop) setUp.href = `${urls.backdrop.replace(urls.any_id, backdrop.id)}?photo=${this.photo.id}`;
    }
    this.tiles.choose(this.look.look);
    this.hush();
  }

  /** The finished picture of exactly this look, size included. */
  currentResult() {
    const { look } = this.look;
    return this.results.history.find(
      (render) =>
        render.photo === this.photo.id &&
        !render.is_stale &&
        isSameLook(render, look) &&
        render.output.size === look.output.size,
    );
  }

  /** @param {boolean} isFinal */
  orderCurrent(isFinal) {
    const result = this.currentResult();
    this.results.choose(result?.id ?? "");
    if (result) {
      this.stopPreviews();
      this.showResult(result);
      return;
    }
    this.showThumb();
    if (this.data.can_sell && !this.cutout.hasFailed) this.previews.want(this.look.look, isFinal);
  }

  /** @param {import("../../lib/look.js").Look} look @param {string} supersedes */
  orderPreview(look, supersedes) {
    const order = { photo: this.photo.id, tier: "preview", ...look };
    return api.post("/renders", supersedes ? { ...order, supersedes } : order);
  }

  stopPreviews() {
    this.previews.clear();
    this.preview = null;
  }

  /** @param {any} render */
  onPreviewState(render) {
    this.preview = hasEnded(render) ? null : render;
    if (render.state === "failed") this.complain(new Error(render.error.message));
    else if (render.state === "finished") this.hush();
    this.update();
  }

  cancel() {
    if (this.full.making) {
      this.full.cancel();
      return;
    }
    const id = this.previews.runningId;
    this.stopPreviews();
    this.update();
    // It may have ended by itself; then there is nothing left to stop.
    if (id) api.post(`/renders/${id}/cancel`).catch(() => {});
  }

  /** Every picture from now on is made of the corrected cut-out. */
  /** @param {any} cutout @param {boolean} hasChanged since the editor was opened */
  afterCorrecting(cutout, hasChanged) {
    this.live.forget("photo", this.photo.id);
    this.cutout.onState(cutout);
    if (this.cutout.isUnderWay) this.cutout.watch();
    if (!hasChanged) return;
    for (const render of this.results.history) {
      if (render.photo === this.photo.id) render.is_stale = true;
    }
    this.shown = { style: "", kind: "nothing", id: "" };
    if (!this.cutout.hasFailed) this.tiles.order(this.photo.id);
    this.orderCurrent(true);
    this.update();
  }

  /** What was said of the product may change its picture. @param {boolean} isStale */
  afterAnswer(isStale) {
    for (const render of this.results.history) {
      if (render.photo === this.photo.id) render.is_stale ||= isStale;
    }
    this.shown = { style: "", kind: "nothing", id: "" };
    this.orderCurrent(true);
    this.update();
  }

  // --- pictures -------------------------------------------------------------------------------
  /** Of an untouched style the tile's thumb is a first picture. */
  showThumb() {
    const { look, style } = this.look;
    const isAlike = look.output.aspect === "1:1" && isUntouched(style, look.params);
    const tile = tileOf(look);
    const url = this.tiles.thumbUrl(tile);
    if (!url || !isAlike || this.shown.style === tile) return;
    this.shown = { style: tile, kind: "thumb", id: "" };
    this.putOnStage(url, true);
  }

  /** @param {any} picture */
  showPreview({ look, frame, url }) {
    const tile = tileOf(look);
    if (tile !== tileOf(this.look.look) || this.currentResult()) return;
    // A thumb would be a step back from a preview of the same style.
    const isPreview = this.shown.style === tile && this.shown.kind === "preview";
    if (frame?.tier === "thumb" && isPreview) return;
    this.shown = { style: tile, kind: frame?.tier ?? "preview", id: "" };
    this.putOnStage(frame ? frameUrl(frame) : url);
  }

  /** @param {any} render */
  showResult(render) {
    if (this.shown.id === render.id) return;
    this.shown = { style: tileOf(render), kind: "result", id: render.id };
    this.putOnStage(this.stage.isZoomed ? render.result.url : render.result.display_url);
  }

  /** @param {string} url @param {boolean} [isBorrowed] the URL is another picture's too */
  async putOnStage(url, isBorrowed = false) {
    const hadResult = this.stage.hasResult;
    const alt = `${this.data.product.title}, ${this.look.style.title}`;
    const isShown = await this.stage.show("result", url, alt, isBorrowed);
    if (isShown && !hadResult) this.stage.setView("result");
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

  /** At 100 % a result is shown in its own pixels. */
  onZoom() {
    const result = this.currentResult();
    if (!this.stage.isZoomed) this.hush();
    else if (result) this.putOnStage(result.result.url);
    else {
      this.note.textContent = "This is a preview. Make full quality to judge details.";
      this.note.hidden = false;
    }
  }

  // --- what is said ---------------------------------------------------------------------------
  /** Bring the pill and the next step up to date. */
  update() {
    const { making } = this.full;
    this.next?.show(this.currentResult(), Boolean(making), !this.cutout.hasFailed);
    if (this.cutout.isUnderWay) {
      const options = { idle: "Finding the product", canCancel: false, isLoud: true };
      this.pill.show(this.cutout.state, options);
    } else if (making) {
      const canCancel = Boolean(making.id);
      this.pill.show(making, { idle: "Starting full quality", canCancel, isLoud: true });
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

  /** Nothing is wrong; but a style that does not suit the product says why. */
  hush() {
    const reason = this.tiles.unfit(tileOf(this.look.look));
    this.note.textContent = reason;
    this.note.hidden = !reason;
    this.note.classList.remove("stage__note--bad");
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
