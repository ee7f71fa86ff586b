// @ts-check
/** A contact sheet that fills in: each cell is one render, with its own state and retry. */

import { Sending } from "../components/sending.js";
import { toast } from "../components/toast.js";
import { announce } from "../lib/announce.js";
import { api } from "../lib/api.js";
import { element, need, pageData } from "../lib/dom.js";
import { LiveConnection } from "../lib/live.js";
import { frameUrl, showIn } from "../lib/pictures.js";
import { counted, hasEnded, workSentence } from "../lib/words.js";

const LABELS = {
  queued: "Waiting",
  running: "Working",
  finished: "Finished",
  failed: "Failed",
  cancelled: "Cancelled",
};

class Sheet {
  /** @param {HTMLElement} root @param {LiveConnection} live */
  constructor(root, live) {
    this.root = root;
    this.live = live;
    /** @type {Map<string, any>} */
    this.renders = new Map();
    for (const render of pageData("batch-data")) this.mountCell(render);
    root.querySelector("[data-cancel-form]")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.cancel();
    });
    const submit = root.querySelector("[data-submit-all]");
    if (submit) {
      const sending = new Sending(root);
      submit.addEventListener("click", () => this.submitAll(sending));
    }
    this.count();
  }

  /** @param {any} render */
  mountCell(render) {
    this.renders.set(render.id, render);
    const cell = need(this.root, `[data-cell="${render.id}"]`);
    cell.querySelector("[data-retry]")?.addEventListener("click", () => this.retry(render.id));
    this.showState(cell, render);
    if (!hasEnded(render)) this.follow(cell, render.id);
  }

  /** @param {HTMLElement} cell @param {string} id */
  follow(cell, id) {
    const picture = need(cell, "[data-picture]");
    let hasFrame = false;
    const stop = this.live.watch("render", id, ({ state, frame }) => {
      if (frame) {
        hasFrame = true;
        cell.dataset.state = "previewed";
        showIn(picture, frameUrl(frame));
      }
      if (!state) return;
      this.renders.set(id, state);
      if (state.state === "finished") showIn(picture, state.result.display_url);
      this.showState(cell, state, hasFrame);
      this.count();
      if (hasEnded(state)) stop();
    });
  }

  /** @param {HTMLElement} cell @param {any} render */
  showState(cell, render, hasFrame = false) {
    if (!hasFrame || hasEnded(render)) cell.dataset.state = render.state;
    const label = LABELS[/** @type {keyof typeof LABELS} */ (render.state)];
    const badge = element("span", { class: `badge badge--${render.state}` }, label);
    need(cell, "[data-badge]").replaceChildren(badge);
    const isEnded = hasEnded(render);
    const doing = isEnded ? (render.error?.message ?? "") : workSentence(render, "");
    need(cell, "[data-sentence]").textContent = doing;
    const retry = cell.querySelector("[data-retry]");
    if (retry instanceof HTMLElement) {
      retry.hidden = !["failed", "cancelled"].includes(render.state);
    }
  }

  /** @param {string} id */
  async retry(id) {
    const cell = need(this.root, `[data-cell="${id}"]`);
    try {
      const render = await api.post(`/renders/${id}/retry`);
      this.renders.set(id, render);
      this.showState(cell, render);
      this.live.forget("render", id);
      this.follow(cell, id);
      this.count();
    } catch (error) {
      toast(error instanceof Error ? error.message : "");
    }
  }

  async cancel() {
    try {
      await api.post(`/batches/${this.root.dataset.batch}/cancel`);
    } catch (error) {
      toast(error instanceof Error ? error.message : "");
    }
  }

  /** @param {Sending} sending */
  async submitAll(sending) {
    const drafts = this.drafts();
    if (!(await sending.ask(drafts.length))) return;
    const { said } = sending;
    sending.forgetTime();
    for (const render of drafts) {
      try {
        this.renders.set(render.id, await api.post(`/renders/${render.id}/submit`, said));
      } catch (error) {
        toast(error instanceof Error ? error.message : "");
        break;
      }
    }
    this.count();
    if (!this.drafts().length) toast(`${counted(drafts.length, "picture")} sent to review.`);
  }

  drafts() {
    return [...this.renders.values()].filter(
      (render) => render.state === "finished" && render.review.state === "draft",
    );
  }

  /** How much is done, in the head of the page. */
  count() {
    const all = [...this.renders.values()];
    const finished = all.filter((render) => render.state === "finished").length;
    const isUnfinished = all.some((render) => !hasEnded(render));
    need(this.root, "[data-finished]").textContent = String(finished);
    need(this.root, "[data-bar]").value = finished;
    const cancel = this.root.querySelector("[data-cancel-form]");
    if (cancel instanceof HTMLElement) cancel.hidden = !isUnfinished;
    const submit = this.root.querySelector("[data-submit-all]");
    if (submit instanceof HTMLElement) submit.hidden = isUnfinished || !this.drafts().length;
    if (!isUnfinished) announce(`${counted(finished, "picture")} finished.`);
  }
}

/** @param {HTMLElement} root */
export function mount(root) {
  return new Sheet(root, new LiveConnection({ ask: api.get }).start());
}

const page = document.querySelector('[data-page="batch"]');
if (page instanceof HTMLElement) mount(page);
