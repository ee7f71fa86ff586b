// @ts-check
/** Full quality: making a picture, stopping it, sending it to review, publishing it. */

import { Sending } from "../../components/sending.js";
import { toast } from "../../components/toast.js";
import { announce } from "../../lib/announce.js";
import { api } from "../../lib/api.js";
import { need } from "../../lib/dom.js";
import { isSameLook } from "../../lib/look.js";
import { frameUrl } from "../../lib/pictures.js";
import { hasEnded } from "../../lib/words.js";
import { availableFixes } from "./one_click_fix.js";

export class FullQuality {
  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
    /** @type {any} the render under way */
    this.making = null;
    this.sending = studio.data.can_sell ? new Sending(document) : null;
    document.addEventListener("visibilitychange", () => this.refreshReviews());
  }

  async make() {
    const { studio } = this;
    if (!studio.data.can_sell || this.making || studio.currentResult()) return;
    studio.hush();
    studio.stopPreviews();
    this.making = { state: "queued", waiting: null };
    studio.update();
    const look = structuredClone(studio.look.look);
    try {
      this.follow(await api.post("/renders", { photo: studio.photo.id, tier: "final", ...look }));
    } catch (error) {
      this.making = null;
      studio.complain(error);
      studio.update();
    }
  }

  /** @param {any} render */
  follow(render) {
    const { studio } = this;
    this.onState(render);
    if (hasEnded(render)) return;
    const stop = studio.live.watch("render", render.id, ({ state, frame, isGone }) => {
      // The thumb would be a step back from the preview that is on the stage.
      const isBetter = frame && (frame.tier !== "thumb" || !studio.stage.hasResult);
      if (isBetter && isSameLook(render, studio.look.look)) studio.putOnStage(frameUrl(frame));
      if (state) this.onState(state);
      if (isGone || (state && hasEnded(state))) stop();
    });
  }

  /** @param {any} render */
  onState(render) {
    const { studio } = this;
    this.making = hasEnded(render) ? null : render;
    if (render.state === "finished") {
      studio.results.keep(render);
      announce("The full-quality picture is ready.");
      studio.orderCurrent(true);
    } else if (render.state === "failed") {
      studio.complain(new Error(render.error.message));
    } else if (render.state === "cancelled") {
      announce("Stopped.");
      studio.orderCurrent(true);
    }
    studio.update();
  }

  async cancel() {
    const id = this.making?.id;
    if (!id) return;
    try {
      this.onState(await api.post(`/renders/${id}/cancel`));
    } catch {
      // It had ended by itself; its state says so.
    }
  }

  /** @param {any} render */
  async submit(render) {
    const { studio } = this;
    try {
      studio.results.keep(await api.post(`/renders/${render.id}/submit`, this.sending?.said));
      this.sending?.forgetTime();
      toast("Sent to review.");
    } catch (error) {
      studio.complain(error);
    }
    studio.update();
  }

  /** For which channels it is sent, in words. */
  get sendingWords() {
    return this.sending?.words ?? "";
  }

  /** Until when and for which channels, then send. @param {any} render */
  async askAndSubmit(render) {
    const isSent = await this.sending?.ask(1);
    if (isSent) await this.submit(render);
    else this.studio.update();
  }

  /** What a returned picture can be mended with here. @param {any} render */
  fixes(render) {
    return this.studio.data.can_sell ? availableFixes(this.studio, render.review.fixes) : [];
  }

  /** @param {any} render */
  publish(render) {
    const { root, data } = this.studio;
    const form = need(root, "[data-publish-form]");
    form.action = data.urls.publish.replace(data.urls.any_id, render.id);
    form.submit();
  }

  /** A reviewer may have decided while this page was in the background. */
  async refreshReviews() {
    const { studio } = this;
    const waiting = studio.results.history.filter((each) => each.review.state === "submitted");
    if (document.hidden || !waiting.length) return;
    try {
      const ids = waiting.map((render) => render.id).join(",");
      const { renders } = await api.get(`/renders?ids=${ids}`);
      for (const render of renders) studio.results.keep(render);
      studio.update();
    } catch {
      // The next time the page is looked at asks again.
    }
  }
}
