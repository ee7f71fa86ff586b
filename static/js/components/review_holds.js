// @ts-check
/** Which pictures this page has in hand: asked of the server, renewed, given back at the end. */

import { csrfToken } from "../lib/api.js";

// A third of the server's lease.
const RENEW_MS = 40_000;

export class Holds {
  /**
   * @param {{hold: string, release: string}} urls
   * @param {Record<string, string>} filter
   * @param {(items: any[], waiting: number) => void} onHeld
   */
  constructor(urls, filter, onHeld) {
    this.urls = urls;
    this.filter = filter;
    this.onHeld = onHeld;
    /** @type {string[]} */
    this.wanted = [];
    /** @type {Set<string>} */
    this.skipped = new Set();
    /** @type {Set<string>} */
    this.held = new Set();
    this.turn = 0;
    window.setInterval(() => document.hidden || this.renew(), RENEW_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.renew());
    window.addEventListener("pagehide", () => this.release());
  }

  /**
   * Have these in hand, in this order, and others after them.
   * @param {string[]} ids the picture on screen first
   */
  keep(ids) {
    this.wanted = ids;
    return this.renew();
  }

  async renew() {
    const turn = (this.turn += 1);
    let answer;
    try {
      const response = await fetch(this.urls.hold, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ keep: this.wanted, skip: [...this.skipped], filter: this.filter }),
      });
      if (!response.ok) return;
      answer = await response.json();
    } catch {
      // The next turn tries again; a lease that ran out meanwhile is refused when it is decided.
      return;
    }
    if (turn !== this.turn) return;
    this.held = new Set(answer.items.map((/** @type {any} */ item) => item.id));
    this.onHeld(answer.items, answer.waiting);
  }

  release() {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", csrfToken());
    navigator.sendBeacon(this.urls.release, form);
  }
}
