// @ts-check
/** The cut-out of the photo that is open: how far it is, what is doubtful about it, a retry. */

import { announce } from "../../lib/announce.js";
import { api } from "../../lib/api.js";
import { need } from "../../lib/dom.js";
import { frameUrl } from "../../lib/pictures.js";
import { hasEnded } from "../../lib/words.js";

const ALT = "The cut-out product";

export class CutoutWatch {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
    this.state = studio.photo.cutout;
    this.notice = need(studio.root, "[data-cutout-notice]");
    this.hints = this.notice.querySelector("[data-cutout-hints]");
    this.retryForm = this.notice.querySelector("[data-cutout-retry]");
    this.retryForm?.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.retry();
    });
  }

  get isUnderWay() {
    return Boolean(this.state) && !hasEnded(this.state);
  }

  /** Whether there is a cut-out to correct; one that was corrected to nothing can be undone. */
  get hasResult() {
    return Boolean(this.state?.result) || this.state?.error?.code === "nothing_left";
  }

  get hasFailed() {
    return !this.state || ["failed", "cancelled"].includes(this.state.state);
  }

  start() {
    if (!this.state) return;
    this.onState(this.state);
    if (this.isUnderWay) this.watch();
  }

  watch() {
    const { stage, live, photo } = this.studio;
    this.unwatch?.();
    this.unwatch = live.watch("photo", photo.id, ({ state, frame }) => {
      if (frame) stage.show("cutout", frameUrl(frame), ALT);
      if (frame && !stage.hasResult) stage.setView("cutout");
      if (state) this.onState(state);
    });
  }

  /** @param {any} state */
  onState(state) {
    const { studio } = this;
    const wasUnderWay = this.isUnderWay;
    this.state = state;
    if (state.state === "finished") {
      studio.stage.show("cutout", state.result.preview_url, ALT);
      if (wasUnderWay) {
        announce("The product is found.");
        studio.facts?.onCutout();
      }
    }
    this.say();
    studio.update();
  }

  say() {
    const { state, error, result } = this.state;
    const sentence = state === "failed" ? error.message : (result?.notice ?? "");
    need(this.studio.root, "[data-order]").inert = this.hasFailed || !this.studio.data.can_sell;
    this.notice.hidden = !sentence;
    if (this.hints) this.hints.hidden = state !== "finished" || !sentence;
    const correct = this.studio.root.querySelector("[data-correct]");
    if (correct instanceof HTMLButtonElement) correct.disabled = !this.hasResult;
    this.notice.classList.toggle("notice--error", state === "failed");
    this.notice.classList.toggle("notice--warning", state !== "failed");
    need(this.notice, "[data-cutout-sentence]").textContent = sentence;
    if (this.retryForm) this.retryForm.hidden = state !== "failed";
  }

  async retry() {
    const { studio } = this;
    try {
      const photo = await api.post(`/photos/${studio.photo.id}/cutout`);
      studio.live.forget("photo", photo.id);
      this.onState(photo.cutout);
      this.watch();
      studio.hush();
      studio.tiles.order(photo.id);
      studio.orderCurrent(true);
    } catch (error) {
      studio.complain(error);
    }
  }
}
