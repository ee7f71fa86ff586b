// @ts-check
/** What is being done, over the stage: the stage's name, how far it is, and a way to stop it. */

import { announce } from "../lib/announce.js";
import { need } from "../lib/dom.js";
import { workSentence } from "../lib/words.js";

// What is over sooner than this would only flicker.
const SHOW_AFTER_MS = 350;

export class ProgressPill {
  /** @param {HTMLElement} root @param {() => void} onCancel */
  constructor(root, onCancel) {
    this.root = root;
    this.text = need(root, "[data-pill-text]");
    this.bar = need(root, "[data-pill-bar]");
    this.button = need(root, "[data-pill-cancel]");
    this.timer = 0;
    this.button.addEventListener("click", onCancel);
  }

  /**
   * @param {any} work a queued or running render or cutout
   * @param {{idle: string, canCancel: boolean, isLoud?: boolean}} options isLoud: tell listeners too
   */
  show(work, { idle, canCancel, isLoud = false }) {
    const sentence = workSentence(work, idle);
    const share = work.progress?.share;
    this.text.textContent = sentence;
    this.bar.hidden = share === undefined;
    this.bar.value = share ?? 0;
    this.button.hidden = !canCancel;
    if (isLoud) announce(sentence);
    if (!this.root.hidden || this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.root.hidden = false;
    }, SHOW_AFTER_MS);
  }

  hide() {
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.root.hidden = true;
  }
}
