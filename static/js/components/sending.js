// @ts-check
/** Until when, and for which channels: what a seller says when sending pictures to review. */

import { need } from "../lib/dom.js";
import { counted } from "../lib/words.js";

/** A shop sells on the same channels tomorrow; the deadline is another one each time. */
const REMEMBERED = "softbox.channels";

export class Sending {
  /** @param {ParentNode} root */
  constructor(root) {
    this.dialog = need(root, "[data-sending-dialog]");
    this.form = need(root, "[data-sending-form]");
    this.sentence = need(root, "[data-sending-error]");
    /** @type {((said: boolean) => void) | null} */
    this.answer = null;
    this.recall();
    need(root, "[data-sending-close]").addEventListener("click", () => this.dialog.close());
    this.form.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      if (this.hasPassed()) return this.complain("Choose a time that is still to come.");
      this.remember();
      this.end(true);
    });
    this.dialog.addEventListener("close", () => this.end(false));
  }

  /** Ask; true when the seller wants to send now. @param {number} count */
  ask(count) {
    this.sentence.hidden = true;
    this.due.min = localTime(new Date());
    need(this.form, "[data-sending-send]").textContent =
      count === 1 ? "Send to review" : `Send ${counted(count, "picture")} to review`;
    this.dialog.showModal();
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  /** The body of the API's call. */
  get said() {
    const due = this.due.value ? new Date(this.due.value).toISOString() : null;
    return { due_at: due, channels: this.chosen.map((box) => box.value) };
  }

  /** In a few words, as it is now. */
  get words() {
    const names = this.chosen.map((box) => box.closest("label")?.textContent?.trim() ?? "");
    if (names.length > 3) return `For ${names.length} channels`;
    return names.length ? `For ${names.join(", ")}` : "For any channel";
  }

  /** @returns {HTMLInputElement} */
  get due() {
    return need(this.form, "[data-due]");
  }

  /** @returns {HTMLInputElement[]} */
  get chosen() {
    return [...this.form.querySelectorAll('input[name="channels"]:checked')];
  }

  hasPassed() {
    return Boolean(this.due.value) && new Date(this.due.value) <= new Date();
  }

  /** @param {string} words */
  complain(words) {
    this.sentence.textContent = words;
    this.sentence.hidden = false;
  }

  /** The deadline was for what has been sent. */
  forgetTime() {
    this.due.value = "";
  }

  /** @param {boolean} isSent */
  end(isSent) {
    const { answer } = this;
    this.answer = null;
    if (isSent) this.dialog.close();
    answer?.(isSent);
  }

  remember() {
    localStorage.setItem(REMEMBERED, JSON.stringify(this.said.channels));
  }

  recall() {
    let codes = [];
    try {
      codes = JSON.parse(localStorage.getItem(REMEMBERED) ?? "[]");
    } catch {
      // Somebody else wrote there: nothing is ticked.
    }
    for (const box of this.form.querySelectorAll('input[name="channels"]')) {
      box.checked = Array.isArray(codes) && codes.includes(box.value);
    }
  }
}

/** As `datetime-local` wants it. @param {Date} date */
function localTime(date) {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
