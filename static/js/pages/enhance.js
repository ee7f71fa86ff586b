// @ts-check
/** Enhancing a photo: a recipe with live previews, before and after, then kept or dropped. */

import { CompareStage } from "../components/compare_stage.js";
import { LookControls } from "../components/look_controls.js";
import { ProgressPill } from "../components/progress_pill.js";
import { toast } from "../components/toast.js";
import { announce } from "../lib/announce.js";
import { api } from "../lib/api.js";
import { element, need, pageData } from "../lib/dom.js";
import { LiveConnection } from "../lib/live.js";
import { LookStore } from "../lib/look.js";
import { PreviewOrders } from "../lib/previews.js";
import { hasEnded } from "../lib/words.js";

// The photo is the only "style" here; its recipe are the parameters.
const STYLE = "photo";
const PART_PX = 256;
const POINTED = ["grey", "paper"];
const HALF = 50;
const NOTHING_KEPT = { load: () => null, save: () => {} };

export class Enhancing {
  /** @param {HTMLElement} root @param {any} data */
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.live = new LiveConnection({ ask: api.get }).start();
    this.look = new LookStore({
      styles: [{ slug: STYLE, params_schema: data.schema }],
      start: { style: STYLE, params: data.recipe, output: { size: 0, aspect: "photo" } },
      storage: NOTHING_KEPT,
    });
    this.stage = new CompareStage(need(root, "[data-stage]"));
    this.controls = new LookControls(need(root, "[data-controls]"), (name, value, isFinal) =>
      this.look.setParams({ [name]: value }, isFinal),
    );
    this.pill = new ProgressPill(need(root, "[data-pill]"), () => this.cancel());
    this.note = need(root, "[data-stage-note]");
    this.window = { x: 0.5, y: 0.5 };
    this.shows = "whole";
    /** @type {any} what is on the stage: the newest preview, or the whole photo that was made */
    this.shown = null;
    /** @type {any} the whole photo being made or made */
    this.whole = null;
    this.previews = new PreviewOrders({
      order: (look, supersedes) => this.orderPreview(look, supersedes),
      watch: (id, listener) => this.live.watch("enhancement", id, listener),
      onPicture: ({ state }) => state && this.show(state),
      onState: (state) => this.onPreview(state),
      onError: (error) => this.complain(error),
    });
  }

  start() {
    const { root, look, stage } = this;
    this.controls.build(this.data.schema);
    look.addEventListener("change", (event) => {
      this.onRecipe(/** @type {CustomEvent} */ (event).detail.isFinal);
    });
    this.live.addEventListener("signed-out", () => location.reload());
    for (const button of root.querySelectorAll("[data-show]")) {
      button.addEventListener("click", () => this.setShows(button.getAttribute("data-show")));
    }
    need(root, "[data-undo]").addEventListener("click", () => look.undo());
    need(root, "[data-redo]").addEventListener("click", () => look.redo());
    document.addEventListener("keydown", (event) => this.onKey(event));
    stage.frame.addEventListener("click", (/** @type {MouseEvent} */ event) => this.onPress(event));
    root.querySelector("[data-make]")?.addEventListener("click", () => this.make());
    root.querySelector("[data-keep]")?.addEventListener("click", () => this.keep());
    root.querySelector("[data-drop]")?.addEventListener("click", () => this.drop());
    stage.setView("result");
    stage.setSplit(HALF);
    if (this.data.trial) {
      this.window = this.data.trial.window;
      this.follow(this.data.trial);
    }
    this.setShows("whole");
    this.onRecipe(true);
  }

  get canSell() {
    return this.data.can_sell;
  }

  get recipe() {
    return this.look.look.params;
  }

  // --- the recipe -----------------------------------------------------------------------------
  /** @param {boolean} isFinal */
  onRecipe(isFinal) {
    const { look } = this;
    this.controls.show(look.look.params);
    for (const [name, control] of this.controls.controls) {
      control.root.hidden = !this.hasEffect(name);
    }
    need(this.root, "[data-undo]").disabled = look.past.length === 0;
    need(this.root, "[data-redo]").disabled = look.future.length === 0;
    if (this.whole && !this.isOf(this.whole)) this.forgetWhole();
    this.placeMarks();
    this.update();
    if (this.canSell && !this.whole) this.previews.want(look.look, isFinal);
  }

  /** Whether something was made by the recipe on the page. @param {any} enhancement */
  isOf(enhancement) {
    return Object.entries(this.recipe).every(([name, value]) => {
      const made = enhancement.recipe[name];
      return made === undefined || made === value || !this.hasEffect(name);
    });
  }

  /** The server leaves what has no effect at its default. @param {string} name */
  hasEffect(name) {
    const { white, enlarge } = this.recipe;
    if (name === "white_x" || name === "white_y") return POINTED.includes(String(white));
    if (name === "white_exposure") return white !== "as-shot";
    return name !== "network" || enlarge !== "1";
  }

  get isUntouched() {
    const properties = Object.entries(this.data.schema.properties);
    return properties.every(
      ([name, schema]) => this.recipe[name] === schema.default || !this.hasEffect(name),
    );
  }

  /** @param {import("../lib/look.js").Look} look @param {string} supersedes */
  orderPreview(look, supersedes) {
    const order = { recipe: look.params, tier: "preview", window: this.window };
    const path = `/photos/${this.data.photo.id}/enhancements`;
    return api.post(path, supersedes ? { ...order, supersedes } : order);
  }

  /** @param {any} state */
  onPreview(state) {
    if (state.state === "failed") this.complain(new Error(state.error.message));
    if (this.whole && !hasEnded(this.whole)) return;
    if (hasEnded(state)) this.pill.hide();
    else this.pill.show(state, { idle: "Making a preview", canCancel: false });
  }

  // --- the whole photo ------------------------------------------------------------------------
  async make() {
    if (this.whole && !hasEnded(this.whole)) return;
    this.previews.clear();
    this.hush();
    const order = { recipe: this.recipe, tier: "final", window: this.window };
    try {
      this.follow(await api.post(`/photos/${this.data.photo.id}/enhancements`, order));
    } catch (error) {
      this.complain(error);
    }
  }

  /** @param {any} enhancement */
  follow(enhancement) {
    this.onWhole(enhancement);
    if (hasEnded(enhancement)) return;
    const stop = this.live.watch("enhancement", enhancement.id, ({ state, isGone }) => {
      if (state && this.whole?.id === enhancement.id) this.onWhole(state);
      if (isGone || (state && hasEnded(state))) stop();
    });
  }

  /** @param {any} state */
  onWhole(state) {
    this.whole = state;
    if (!hasEnded(state)) {
      this.pill.show(state, { idle: "Waiting to begin", canCancel: true, isLoud: true });
    } else {
      this.pill.hide();
      if (state.state === "finished") {
        announce("The whole photo is ready. Compare it, then keep it or drop it.");
        this.show(state);
      } else {
        if (state.state === "failed") this.say([{ outcome: "refused", sentence: state.error.message }]);
        this.whole = null;
      }
    }
    this.update();
  }

  forgetWhole() {
    if (!hasEnded(this.whole)) this.cancel();
    this.whole = null;
  }

  cancel() {
    const id = this.whole?.id;
    // It may have ended by itself; then there is nothing left to stop.
    if (id) api.post(`/enhancements/${id}/cancel`).catch(() => {});
  }

  async keep() {
    try {
      const photo = await api.post(`/enhancements/${this.whole.id}/keep`);
      location.assign(`${this.data.urls.studio}?photo=${photo.id}`);
    } catch (error) {
      this.complain(error);
    }
  }

  async drop() {
    try {
      await api.delete(`/enhancements/${this.whole.id}`);
      this.whole = null;
      toast("Dropped. The photo is as it was.");
      this.onRecipe(true);
    } catch (error) {
      this.complain(error);
    }
  }

  // --- pictures -------------------------------------------------------------------------------
  /** @param {any} enhancement a finished one */
  show(enhancement) {
    this.shown = enhancement;
    this.describe(enhancement.result.condition);
    this.say(enhancement.result.notes);
    this.placeMarks();
    this.draw();
  }

  draw() {
    const { shown, stage, data } = this;
    const isPart = this.shows === "part";
    const { width, height } = data.photo;
    const part = { width: Math.min(PART_PX, width), height: Math.min(PART_PX, height) };
    const size = isPart ? part : data.photo;
    stage.setRatio(size.width / size.height);
    const before = isPart ? shown?.result.before_url : data.urls.view;
    const after = isPart ? shown?.result.after_url : shown?.result.display_url;
    if (before) stage.show("source", before, "Before", true);
    if (after) stage.show("result", after, "After", true);
  }

  /** @param {string | null} shows */
  setShows(shows) {
    this.shows = shows === "part" ? "part" : "whole";
    this.stage.root.dataset.shows = this.shows;
    for (const button of this.root.querySelectorAll("[data-show]")) {
      const isOn = button.getAttribute("data-show") === this.shows;
      button.setAttribute("aria-pressed", String(isOn));
    }
    this.placeMarks();
    this.draw();
  }

  placeMarks() {
    const { width, height } = this.data.photo;
    const isPointed = POINTED.includes(String(this.recipe.white));
    const isWhole = this.shows === "whole";
    const spot = need(this.root, "[data-spot]");
    spot.hidden = !(isWhole && isPointed);
    spot.style.setProperty("--x", String(this.recipe.white_x));
    spot.style.setProperty("--y", String(this.recipe.white_y));
    const part = need(this.root, "[data-part]");
    part.hidden = !isWhole;
    const half = { x: PART_PX / width / 2, y: PART_PX / height / 2 };
    const inside = (/** @type {number} */ at, /** @type {number} */ by) =>
      by >= 0.5 ? 0.5 : Math.min(1 - by, Math.max(by, at));
    part.style.setProperty("--x", String(inside(this.window.x, half.x) * 100));
    part.style.setProperty("--y", String(inside(this.window.y, half.y) * 100));
    part.style.setProperty("--w", String(Math.min(1, 2 * half.x) * 100));
    part.style.setProperty("--h", String(Math.min(1, 2 * half.y) * 100));
    let hint = "Press where you want to look closely; noise and sharpness show only in every pixel.";
    if (isPointed) hint = "Press on the grey card or the paper.";
    if (!isWhole) hint = "Drag the line to compare. Go back to the whole photo to choose another part.";
    need(this.root, "[data-hint]").textContent = hint;
  }

  /** A place on the photo. @param {MouseEvent} event */
  onPress(event) {
    if (this.shows !== "whole" || !this.canSell) return;
    if (this.stage.divider.contains(/** @type {Node} */ (event.target))) return;
    const box = this.stage.frame.getBoundingClientRect();
    const x = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const y = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
    if (POINTED.includes(String(this.recipe.white))) {
      const rounded = (/** @type {number} */ share) => Math.round(share * 1000) / 10;
      this.look.setParams({ white_x: rounded(x), white_y: rounded(y) }, true);
      return;
    }
    this.window = { x, y };
    this.setShows("part");
    this.previews.want(this.look.look, true);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    if (event.shiftKey) this.look.redo();
    else this.look.undo();
  }

  // --- what is said ---------------------------------------------------------------------------
  update() {
    const { whole } = this;
    const make = this.root.querySelector("[data-make]");
    const decide = this.root.querySelector("[data-decide]");
    if (!(make instanceof HTMLButtonElement) || !(decide instanceof HTMLElement)) return;
    const isMade = whole?.state === "finished";
    make.hidden = isMade;
    make.disabled = this.isUntouched || Boolean(whole && !hasEnded(whole));
    decide.hidden = !isMade;
  }

  /** @param {any} condition */
  describe(condition) {
    const list = need(this.root, "[data-condition]");
    list.hidden = false;
    const set = (/** @type {string} */ name, /** @type {string} */ text) => {
      need(list, `[data-fact="${name}"]`).textContent = text;
    };
    const { noise_level: noise, blur_px: blur, white_confidence: sure, cast } = condition;
    set("noise", noise < 0.8 ? "none to speak of" : `${noise.toFixed(1)} of 255`);
    set("edges", blur === null ? "none clear enough to tell" : `${blur.toFixed(1)} px wide`);
    const light = cast ? `a ${cast} light` : "a neutral light";
    const told = `${light}, ${Math.round(sure * 100)} % sure`;
    set("light", condition.white_problem ? "the ground does not tell" : told);
  }

  /** @param {{outcome: string, sentence: string}[]} notes */
  say(notes) {
    need(this.root, "[data-notes-section]").hidden = notes.length === 0;
    need(this.root, "[data-notes]").replaceChildren(
      ...notes.map(({ outcome, sentence }) =>
        element("li", { class: "enhance__note", "data-outcome": outcome }, sentence),
      ),
    );
  }

  /** @param {unknown} error */
  complain(error) {
    const sentence = error instanceof Error ? error.message : String(error);
    this.note.textContent = sentence;
    this.note.classList.add("stage__note--bad");
    this.note.hidden = false;
  }

  hush() {
    this.note.hidden = true;
    this.note.classList.remove("stage__note--bad");
  }
}

const page = document.querySelector('[data-page="enhance"]');
if (page instanceof HTMLElement) new Enhancing(page, pageData("enhance-data")).start();
