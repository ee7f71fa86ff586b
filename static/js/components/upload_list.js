// @ts-check
/**
 * Uploads: dropped, pasted or picked files, each with its own row, two at a time. A row shows the
 * bytes that left, then the live search for the product, then the product; an error has a retry.
 */

import { api, ApiError, upload } from "../lib/api.js";
import { announce } from "../lib/announce.js";
import { need } from "../lib/dom.js";
import { frameUrl, showIn } from "../lib/pictures.js";
import { counted, fileSize, workSentence } from "../lib/words.js";

/** @typedef {import("../lib/live.js").LiveConnection} LiveConnection */
/**
 * @typedef {object} Upload
 * @property {File} file
 * @property {HTMLElement} row
 * @property {AbortController} stop
 * @property {string} photoId
 */

const AT_ONCE = 2;
const PASSING_RETRIES = 3;
const LOOKS_LIKE_A_PHOTO = /^image\/|^$/;

export class UploadList {
  /**
   * @param {object} options
   * @param {HTMLElement} options.section holds [data-uploads-list] and [data-uploads-clear]
   * @param {HTMLTemplateElement} options.template one row
   * @param {LiveConnection} options.live
   * @param {number} options.maxMegabytes
   * @param {string} options.path where the API takes the files
   * @param {(answer: any) => {photo: any, url?: string}} options.read what the API answered
   * @param {(answer: any) => void} options.onArrived
   * @param {(isEmpty: boolean) => void} [options.onRows] the list got rows, or lost its last one
   */
  constructor(options) {
    this.options = options;
    this.list = need(options.section, "[data-uploads-list]");
    this.clear = need(options.section, "[data-uploads-clear]");
    /** @type {Upload[]} */
    this.waiting = [];
    this.sending = 0;
    this.clear.addEventListener("click", () => this.clearEnded());
  }

  /** @param {Iterable<File>} files */
  add(files) {
    const added = [...files].map((file) => this.makeRow(file));
    if (!added.length) return;
    this.onRows();
    announce(`${counted(added.length, "file")} to upload`);
    for (const item of added) this.checkAndQueue(item);
    this.sendNext();
  }

  /** @param {File} file @returns {Upload} */
  makeRow(file) {
    const fragment = /** @type {DocumentFragment} */ (this.options.template.content.cloneNode(true));
    const row = need(fragment, ".upload");
    const item = { file, row, stop: new AbortController(), photoId: "" };
    need(row, "[data-name]").textContent = file.name;
    need(row, "[data-retry]").addEventListener("click", () => this.retry(item));
    need(row, "[data-cancel]").addEventListener("click", () => this.remove(item));
    this.list.append(row);
    // HEIC and TIFF do not decode in most browsers; the cut-out takes the empty place later.
    showIn(need(row, "[data-picture]"), URL.createObjectURL(file));
    return item;
  }

  /** @param {Upload} item */
  checkAndQueue(item) {
    const refusal = this.refusalOf(item.file);
    if (refusal) return this.fail(item, refusal, false);
    this.say(item, "waiting", `${fileSize(item.file.size)} · waiting for its turn`);
    this.waiting.push(item);
  }

  /** @param {File} file */
  refusalOf(file) {
    const limit = this.options.maxMegabytes;
    if (!LOOKS_LIKE_A_PHOTO.test(file.type)) return "This is not a photo. Nothing was uploaded.";
    if (file.size === 0) return "This file is empty. Nothing was uploaded.";
    if (file.size > limit * 1024 * 1024) {
      return `${fileSize(file.size)} is too large: photos may have up to ${limit} MB.`;
    }
    return "";
  }

  sendNext() {
    while (this.sending < AT_ONCE && this.waiting.length) {
      const item = this.waiting.shift();
      if (item) this.send(item);
    }
  }

  /** @param {Upload} item */
  async send(item) {
    this.sending += 1;
    try {
      const answer = await this.sendPatiently(item);
      this.arrived(item, answer);
    } catch (error) {
      if (error instanceof ApiError) this.fail(item, error.message, true);
      else if (!(error instanceof DOMException)) throw error;
    } finally {
      this.sending -= 1;
      this.sendNext();
    }
  }

  /**
   * Too many at once is nobody's fault: wait as long as the studio says.
   * @param {Upload} item
   */
  async sendPatiently(item) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await upload(this.options.path, item.file, {
          onProgress: (share) => this.progress(item, share),
          signal: item.stop.signal,
        });
      } catch (error) {
        const mayWait = error instanceof ApiError && error.status === 429;
        if (!mayWait || attempt > PASSING_RETRIES) throw error;
        this.say(item, "waiting", `Going on in ${error.retryAfterS} s: many photos at once`);
        await new Promise((resolve) => window.setTimeout(resolve, error.retryAfterS * 1000));
      }
    }
  }

  /** @param {Upload} item @param {number} share */
  progress(item, share) {
    const bar = need(item.row, "[data-bar]");
    bar.value = share;
    const size = fileSize(item.file.size);
    const note =
      share < 1
        ? `${fileSize(item.file.size * share)} of ${size}`
        : `${size} sent · checking the photo`;
    this.say(item, "sending", note);
  }

  /** @param {Upload} item @param {any} answer */
  arrived(item, answer) {
    const { photo, url } = this.options.read(answer);
    item.photoId = photo.id;
    const open = need(item.row, "[data-open]");
    if (url) {
      open.href = url;
      open.hidden = false;
    }
    need(item.row, "[data-cancel]").hidden = true;
    this.clear.hidden = false;
    this.say(item, "finding", "Finding the product");
    this.options.onArrived(answer);
    this.follow(item, photo);
  }

  /** @param {Upload} item @param {any} photo */
  follow(item, photo) {
    const picture = need(item.row, "[data-picture]");
    showIn(picture, photo.thumb_url);
    /** @param {any} cutout */
    const onState = (cutout) => {
      if (cutout.state === "failed") return this.fail(item, cutout.error.message, true);
      if (cutout.state !== "finished") {
        return this.say(item, "finding", workSentence(cutout, "Finding the product"));
      }
      picture.classList.add("upload__picture--cutout");
      showIn(picture, cutout.result.preview_url);
      const notice = cutout.result.is_low_confidence ? cutout.result.notice : "";
      this.say(item, "finished", notice || "Product found");
      announce(`${item.file.name}: ${notice || "product found"}`);
    };
    if (photo.cutout?.state === "finished") return onState(photo.cutout);
    this.options.live.watch("photo", photo.id, ({ state, frame }) => {
      if (frame) showIn(picture, frameUrl(frame));
      if (state) onState(state);
    });
  }

  /** @param {Upload} item */
  async retry(item) {
    need(item.row, "[data-retry]").hidden = true;
    if (!item.photoId) {
      item.stop = new AbortController();
      this.checkAndQueue(item);
      return this.sendNext();
    }
    try {
      this.say(item, "finding", "Finding the product once more");
      await api.post(`/photos/${item.photoId}/cutout`);
      this.options.live.forget("photo", item.photoId);
    } catch (error) {
      this.fail(item, error instanceof Error ? error.message : "", true);
    }
  }

  /** @param {Upload} item @param {string} sentence @param {boolean} canRetry */
  fail(item, sentence, canRetry) {
    this.say(item, "failed", sentence);
    need(item.row, "[data-retry]").hidden = !canRetry;
    const cancel = need(item.row, "[data-cancel]");
    cancel.hidden = Boolean(item.photoId);
    cancel.textContent = "Remove";
    announce(`${item.file.name}: ${sentence}`);
  }

  /** @param {Upload} item */
  remove(item) {
    item.stop.abort();
    this.waiting = this.waiting.filter((other) => other !== item);
    item.row.remove();
    this.onRows();
  }

  clearEnded() {
    for (const row of this.list.querySelectorAll('[data-state="finished"], [data-state="failed"]')) {
      row.remove();
    }
    this.clear.hidden = true;
    this.onRows();
  }

  onRows() {
    const isEmpty = this.list.children.length === 0;
    this.options.section.hidden = isEmpty;
    this.options.onRows?.(isEmpty);
  }

  /** @param {Upload} item @param {string} state @param {string} note */
  say(item, state, note) {
    item.row.dataset.state = state;
    need(item.row, "[data-note]").textContent = note;
  }
}
