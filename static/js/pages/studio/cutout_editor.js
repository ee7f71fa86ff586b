// @ts-check
/** Correcting the cut-out: the dialog with its tools, and every step saved as it is made. */

import { CutoutCanvas } from "../../components/cutout_canvas.js";
import { api, upload } from "../../lib/api.js";
import { rounded } from "../../lib/brush.js";
import { element, need } from "../../lib/dom.js";
import { isTyping } from "../../lib/keys.js";
import { frameUrl, loadPicture, release } from "../../lib/pictures.js";

const SIZE_STEP = 6;
const ZOOM = 1.35;
const TOOL_KEYS = { k: "keep", e: "erase", x: "box", h: "move" };
const SAID = {
  keep: "Keep brush",
  erase: "Erase brush",
  box: "Draw a box around the product",
  move: "Move the picture",
  products: "Choose the products to keep",
};

/** The stored file's own name: it says which alpha it is. @param {any} cutout */
function alphaName(cutout) {
  return new URL(cutout?.result?.alpha_url ?? "", location.href).pathname.split("/").at(-1) ?? "";
}

export class CutoutEditor {
  /** @param {HTMLDialogElement} dialog @param {Studio} studio */
  constructor(dialog, studio) {
    this.dialog = dialog;
    this.studio = studio;
    this.canvas = new CutoutCanvas(need(dialog, "[data-editor-canvas]"));
    this.status = need(dialog, "[data-editor-status]");
    this.products = need(dialog, "[data-editor-products]");
    this.outlines = need(dialog, "[data-editor-outlines]");
    /** @type {Promise<void>} steps are saved one after the other */
    this.queue = Promise.resolve();
    this.waiting = 0;
    /** Steps made so far: an answer asked for before the newest one is out of date. */
    this.made = 0;
    this.state = { can_undo: false, can_redo: false, kept: [], box: null };
    /** @type {any} */
    this.cutout = null;
    this.openedWith = "";
    this.mountTools();
    this.mountChoices();
    this.mountKeys();
    const { canvas } = this;
    canvas.addEventListener("stroke", (/** @type {any} */ e) => this.saveStroke(e.detail));
    canvas.addEventListener("box", (/** @type {any} */ e) => this.saveBox(e.detail.box));
    canvas.addEventListener("brush", () => this.showBrush());
    canvas.addEventListener("drawn", () => this.placeOutlines());
    canvas.addEventListener("say", (/** @type {any} */ e) => this.say(e.detail.sentence));
    dialog.addEventListener("close", () => this.onClose());
  }

  get path() {
    return `/photos/${this.studio.photo.id}`;
  }

  /** @param {string} [tool] */
  async open(tool = "keep") {
    const { studio, canvas, dialog } = this;
    if (dialog.open) return;
    const { photo, cutout } = studio;
    this.cutout = cutout.state;
    this.openedWith = alphaName(this.cutout);
    dialog.showModal();
    canvas.open(photo.width, photo.height);
    this.setTool(tool);
    this.say("Opening the cut-out …");
    this.unwatch = studio.live.watch("photo", photo.id, (news) => this.onNews(news));
    canvas.canvas.focus({ preventScroll: true });
    const { made } = this;
    try {
      const [state, view] = await Promise.all([
        api.get(`${this.path}/corrections`),
        loadPicture(dialog.dataset.viewUrl ?? ""),
      ]);
      canvas.setPhoto(view);
      // A stroke made meanwhile brings, or has brought, a newer answer.
      if (this.made === made) this.show(state);
      await this.showStored(state.cutout);
      if (this.made === made) {
        this.say("Paint over what should be kept or erased. Every stroke is saved.");
      }
    } catch (error) {
      this.complain(error);
    }
  }

  onClose() {
    this.unwatch?.();
    const { studio, cutout } = this;
    if (!cutout) return;
    studio.afterCorrecting(cutout, alphaName(cutout) !== this.openedWith || !hasResult(cutout));
  }

  // --- what comes back ------------------------------------------------------------------------
  /** @param {{state?: any, frame?: any}} news */
  async onNews({ state, frame }) {
    if (frame) {
      const url = frameUrl(frame);
      try {
        this.canvas.setBase(await loadPicture(url), frame.seq);
      } finally {
        release(url);
      }
    }
    if (!state || state.seq < (this.cutout?.seq ?? 0)) return;
    this.cutout = state;
    if (state.state === "finished") {
      await this.showStored(state);
      this.showChoices();
      this.settle();
    } else if (state.state === "failed") this.complain(new Error(state.error.message));
  }

  /** The kept picture, where no frame has brought it. @param {any} cutout */
  async showStored(cutout) {
    if (!hasResult(cutout)) return;
    const { base } = this.canvas;
    if (base && base.seq >= cutout.seq) return;
    this.canvas.setBase(await loadPicture(cutout.result.preview_url), cutout.seq);
  }

  /** @param {any} state the answer of a step */
  show(state) {
    this.state = state;
    if (state.cutout) this.cutout = state.cutout;
    this.canvas.box = state.box;
    need(this.dialog, "[data-editor-undo]").disabled = !state.can_undo;
    need(this.dialog, "[data-editor-redo]").disabled = !state.can_redo;
    need(this.dialog, "[data-editor-over]").disabled = !state.can_undo;
    need(this.dialog, "[data-editor-no-box]").hidden = !state.box;
    need(this.dialog, "[data-editor-no-mask]").hidden = !state.has_mask;
    need(this.dialog, "[data-editor-glass]").value = state.translucency;
    need(this.dialog, "[data-editor-shadow]").checked = state.keeps_shadow;
    this.showChoices();
    this.canvas.plan();
  }

  showChoices() {
    const result = this.cutout?.result;
    if (!result) return;
    const matte = need(this.dialog, "[data-editor-matte]");
    matte.href = result.alpha_url;
    matte.download = `${this.studio.photo.file_name.replace(/\.[^.]*$/, "")}-matte.png`;
    need(this.dialog, "[data-editor-shadow-row]").hidden = !result.has_shadow;
    this.showProducts(result.subjects);
  }

  // --- steps ----------------------------------------------------------------------------------
  /**
   * Save a step after those before it.
   * @param {() => Promise<any>} ask
   * @param {(seq: number) => void} [onSaved]
   */
  step(ask, onSaved) {
    this.waiting += 1;
    this.made += 1;
    this.say("Saving …");
    this.queue = this.queue.then(async () => {
      try {
        const state = await ask();
        onSaved?.(state.cutout.seq);
        this.show(state);
        // It had ended; the connection has to follow it again.
        this.studio.live.forget("photo", this.studio.photo.id);
      } catch (error) {
        this.complain(error);
        onSaved?.(-1);
        this.canvas.box = this.state.box;
      } finally {
        this.waiting -= 1;
        this.settle();
        this.canvas.plan();
      }
    });
  }

  settle() {
    if (this.waiting || this.cutout?.state !== "finished") return;
    this.say(this.cutout.result.notice || "Saved.");
  }

  /** @param {{stroke: import("../../lib/brush.js").Stroke, seq: number}} waiting */
  saveStroke(waiting) {
    const strokes = [rounded(waiting.stroke)];
    this.step(
      () => api.post(`${this.path}/corrections`, { strokes }),
      (seq) => {
        waiting.seq = seq;
        const base = this.canvas.base?.seq ?? -1;
        if (seq <= base) this.canvas.pending = this.canvas.pending.filter((p) => p !== waiting);
      },
    );
  }

  /** @param {import("../../lib/brush.js").Box} box */
  saveBox(box) {
    this.step(() => api.put(`${this.path}/box`, box));
  }

  undo() {
    this.canvas.pending.pop();
    this.step(() => api.post(`${this.path}/corrections/undo`));
  }

  redo() {
    this.step(() => api.post(`${this.path}/corrections/redo`));
  }

  // --- tools ----------------------------------------------------------------------------------
  mountTools() {
    const { dialog, canvas } = this;
    /** @param {string} selector @param {() => void} act */
    const on = (selector, act) => need(dialog, selector).addEventListener("click", act);
    for (const button of dialog.querySelectorAll("[data-tool]")) {
      button.addEventListener("click", () => this.setTool(button.dataset.tool));
    }
    for (const button of dialog.querySelectorAll("[data-backdrop]")) {
      button.addEventListener("click", () => this.setBackdrop(button.dataset.backdrop));
    }
    const size = need(dialog, "[data-editor-size]");
    size.addEventListener("input", () => canvas.setStep(Number(size.value)));
    const follow = need(dialog, "[data-editor-follow]");
    follow.addEventListener("change", () => {
      canvas.isExact = !follow.checked;
    });
    on("[data-editor-undo]", () => this.undo());
    on("[data-editor-redo]", () => this.redo());
    on("[data-editor-in]", () => this.zoom(ZOOM));
    on("[data-editor-out]", () => this.zoom(1 / ZOOM));
    on("[data-editor-fit]", () => this.zoom(0));
    on("[data-editor-done]", () => dialog.close());
    // What was lost can only be seen on the photo itself.
    this.setBackdrop("photo");
  }

  /** @param {string} tool */
  setTool(tool) {
    this.canvas.setTool(tool);
    this.outlines.classList.toggle("is-on", tool === "products");
    for (const button of this.dialog.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    need(this.dialog, "[data-editor-brush]").hidden = tool !== "keep" && tool !== "erase";
    this.say(SAID[/** @type {keyof typeof SAID} */ (tool)]);
  }

  /** @param {string} backdrop */
  setBackdrop(backdrop) {
    this.canvas.backdrop = backdrop;
    need(this.dialog, "[data-editor-stage]").dataset.backdrop = backdrop;
    for (const button of this.dialog.querySelectorAll("[data-backdrop]")) {
      if (button instanceof HTMLButtonElement) {
        button.setAttribute("aria-pressed", String(button.dataset.backdrop === backdrop));
      }
    }
    this.canvas.plan();
  }

  /** @param {number} factor 0 fits the whole photo */
  zoom(factor) {
    if (factor) this.canvas.view.zoom(factor);
    else this.canvas.view.fit();
    this.canvas.plan();
  }

  showBrush() {
    const size = need(this.dialog, "[data-editor-size]");
    const pixels = Math.max(1, Math.round(2 * this.canvas.radius));
    size.value = String(this.canvas.step);
    size.setAttribute("aria-valuetext", `${pixels} pixels of the photo`);
    need(this.dialog, "[data-editor-size-text]").textContent = `${pixels} px`;
  }

  // --- choices --------------------------------------------------------------------------------
  mountChoices() {
    const { dialog } = this;
    /** @param {string} selector @param {string} name @param {(target: any) => void} act */
    const on = (selector, name, act) =>
      need(dialog, selector).addEventListener(name, (/** @type {Event} */ e) => act(e.target));
    on("[data-editor-glass]", "change", ({ value }) =>
      this.step(() => api.patch(`${this.path}/cutout`, { translucency: value })),
    );
    on("[data-editor-shadow]", "change", ({ checked }) =>
      this.step(() => api.patch(`${this.path}/cutout`, { keeps_shadow: checked })),
    );
    on("[data-editor-over]", "click", () => {
      this.canvas.pending = [];
      this.step(() => api.delete(`${this.path}/corrections`));
    });
    on("[data-editor-no-box]", "click", () => this.step(() => api.delete(`${this.path}/box`)));
    on("[data-editor-no-mask]", "click", () => this.step(() => api.delete(`${this.path}/mask`)));
    on("[data-editor-mask]", "change", (input) => {
      const file = input.files[0];
      input.value = "";
      if (file) this.step(() => this.sendMask(file));
    });
  }

  /** @param {File} file */
  sendMask(file) {
    const { signal } = new AbortController();
    return upload(`${this.path}/mask`, file, { onProgress: () => {}, signal });
  }

  /** Chips beside the picture, outlines on it. @param {any[]} subjects */
  showProducts(subjects) {
    const isChoice = subjects.length > 1;
    this.products.hidden = !isChoice;
    need(this.dialog, '[data-tool="products"]').hidden = !isChoice;
    const chips = need(this.products, "[data-editor-chips]");
    // The keys stay with the product they were on, though its button is made anew.
    const holder = [chips, this.outlines].find((each) => each.contains(document.activeElement));
    const focused = holder ? [...holder.children].indexOf(document.activeElement) : -1;
    this.outlines.replaceChildren();
    chips.replaceChildren();
    if (!isChoice) {
      if (holder) this.canvas.canvas.focus({ preventScroll: true });
      return;
    }
    subjects.forEach((box, number) => {
      const isKept = this.state.kept.includes(/** @type {never} */ (number));
      const label = `Product ${number + 1}`;
      for (const [parent, name] of [[chips, "chip"], [this.outlines, "editor__outline"]]) {
        const attributes = { class: name, type: "button", "aria-pressed": String(isKept) };
        const button = element("button", { ...attributes, "aria-label": label }, String(number + 1));
        button.addEventListener("click", () => this.toggleProduct(number));
        parent.append(button);
        if (parent === this.outlines) Object.assign(button, { box });
      }
    });
    if (holder) /** @type {HTMLElement} */ (holder.children[focused])?.focus();
    this.placeOutlines();
  }

  placeOutlines() {
    const { view } = this.canvas;
    for (const button of this.outlines.children) {
      const { box } = /** @type {any} */ (button);
      const start = view.toStage({ x: box.left, y: box.top });
      const end = view.toStage({ x: box.right, y: box.bottom });
      const { style } = /** @type {HTMLElement} */ (button);
      style.setProperty("--x", `${start.x}px`);
      style.setProperty("--y", `${start.y}px`);
      style.setProperty("--w", `${end.x - start.x}px`);
      style.setProperty("--h", `${end.y - start.y}px`);
    }
  }

  /** @param {number} number */
  toggleProduct(number) {
    const kept = new Set(/** @type {number[]} */ (this.state.kept));
    if (!kept.delete(number)) kept.add(number);
    if (!kept.size) {
      this.say("At least one product has to stay.");
      return;
    }
    this.step(() => api.put(`${this.path}/subjects`, { kept: [...kept] }));
  }

  // --- keys -----------------------------------------------------------------------------------
  mountKeys() {
    this.dialog.addEventListener("keydown", (event) => {
      const key = event.key.toLowerCase();
      if (isTyping(event) || event.altKey) return;
      if (event.ctrlKey || event.metaKey) {
        if (key === "z") this.press(event, () => (event.shiftKey ? this.redo() : this.undo()));
        else if (key === "y") this.press(event, () => this.redo());
        return;
      }
      const tool = TOOL_KEYS[/** @type {keyof typeof TOOL_KEYS} */ (key)];
      if (tool) this.press(event, () => this.setTool(tool));
      else if (key === "[") this.press(event, () => this.resize(-SIZE_STEP));
      else if (key === "]") this.press(event, () => this.resize(SIZE_STEP));
      else if (key === "+" || key === "=") this.press(event, () => this.zoom(ZOOM));
      else if (key === "-") this.press(event, () => this.zoom(1 / ZOOM));
      else if (key === "0") this.press(event, () => this.zoom(0));
    });
  }

  /** @param {KeyboardEvent} event @param {() => void} act */
  press(event, act) {
    event.preventDefault();
    act();
  }

  /** @param {number} by */
  resize(by) {
    this.canvas.setStep(this.canvas.step + by);
    this.say(`Brush ${need(this.dialog, "[data-editor-size-text]").textContent}`);
  }

  // --- what is said ---------------------------------------------------------------------------
  /** @param {string} sentence */
  say(sentence) {
    this.status.classList.remove("is-bad");
    this.status.textContent = sentence;
  }

  /** @param {unknown} error */
  complain(error) {
    this.status.textContent = error instanceof Error ? error.message : String(error);
    this.status.classList.add("is-bad");
  }
}

/** @param {any} cutout */
function hasResult(cutout) {
  return cutout?.state === "finished" && Boolean(cutout.result);
}
