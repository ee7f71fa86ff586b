// @ts-check
/** The reviewer's own keys: which key does what, and changing it in the list that `?` opens. */

import { csrfToken } from "../lib/api.js";

export class ReviewKeys {
  /**
   * @param {{keys: Record<string, string>, are_keys_on: boolean, urls: {keys: string}}} data
   */
  constructor(data) {
    this.url = data.urls.keys;
    this.keys = data.keys;
    this.areOn = data.are_keys_on;
    /** @type {HTMLButtonElement | null} */
    this.asking = null;
    const single = document.querySelector("[data-single-keys]");
    if (single instanceof HTMLInputElement) {
      single.addEventListener("change", () => this.save(this.keys, single.checked));
    }
    for (const button of document.querySelectorAll("[data-remap]")) {
      button.addEventListener("click", () => this.ask(/** @type {HTMLButtonElement} */ (button)));
    }
    document
      .querySelector("[data-reset-keys]")
      ?.addEventListener("click", () => this.save({}, this.areOn));
    document.addEventListener("keydown", (event) => this.onKey(event), true);
    this.draw();
  }

  /** @param {string} key @returns {string} the action, or "" */
  actionOf(key) {
    return Object.keys(this.keys).find((action) => this.keys[action] === key) ?? "";
  }

  /** @param {HTMLButtonElement} button */
  ask(button) {
    this.asking = button;
    const shown = button.querySelector("kbd");
    if (shown) shown.textContent = "…";
    this.refuse("");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const button = this.asking;
    if (!button || event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift") return;
    event.preventDefault();
    event.stopPropagation();
    this.asking = null;
    const action = button.dataset.remap ?? "";
    if (event.key === "Escape") this.draw();
    else this.save({ ...this.keys, [action]: event.key }, this.areOn);
  }

  /** @param {Record<string, string>} keys @param {boolean} areOn */
  async save(keys, areOn) {
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ keys, are_on: areOn }),
      });
      const answer = await response.json();
      if (!response.ok) this.refuse(answer.detail);
      else {
        this.keys = answer.keys;
        this.areOn = answer.are_on;
        this.refuse("");
      }
    } catch {
      this.refuse("The studio did not answer; the keys are as they were.");
    }
    this.draw();
  }

  draw() {
    for (const button of document.querySelectorAll("[data-remap]")) {
      const key = this.keys[/** @type {HTMLElement} */ (button).dataset.remap ?? ""] ?? "";
      const shown = button.querySelector("kbd");
      if (shown) shown.textContent = key.toUpperCase();
      const words = button.closest("dt")?.nextElementSibling?.textContent ?? "";
      button.setAttribute("aria-label", `${words}: key ${key.toUpperCase()}, change`);
    }
    for (const shown of document.querySelectorAll("[data-key]")) {
      shown.textContent = (this.keys[/** @type {HTMLElement} */ (shown).dataset.key ?? ""] ?? "").toUpperCase();
    }
  }

  /** @param {string} sentence */
  refuse(sentence) {
    const notice = document.querySelector("[data-remap-refused]");
    if (!(notice instanceof HTMLElement)) return;
    notice.hidden = !sentence;
    notice.textContent = sentence;
  }
}
