// @ts-check
/** The review page: look, compare, decide, next. */

import { ReviewStage } from "../components/review_stage.js";
import { toast } from "../components/toast.js";
import { announce } from "../lib/announce.js";
import { api, ApiError } from "../lib/api.js";
import { element, need, pageData } from "../lib/dom.js";
import { isTyping } from "../lib/keys.js";

// Nobody has seen a picture sooner: a key pressed earlier was meant for the one before.
const SEEN_AFTER_MS = 250;
const QUEUE_URL = "/review/";
const SINGLE_KEYS = "review-single-keys";
const DONE = { approve: "Approved", return: "Returned to the seller", reject: "Rejected" };
const CONFIRM = { return: "Return to the seller", reject: "Reject for good" };

/** @typedef {"approve" | "return" | "reject"} Verdict */

/** @param {HTMLElement} root */
export function mount(root) {
  const data = pageData("review-data");
  const review = new Review(root, data.items);
  const index = review.items.findIndex((item) => item.id === data.current);
  if (index >= 0) review.open(index);
  else review.stage.onlyLook();
}

class Review {
  /** @param {HTMLElement} root @param {any[]} items */
  constructor(root, items) {
    this.root = root;
    this.items = items;
    this.index = -1;
    this.seenAt = Infinity;
    this.isSending = false;
    this.isStale = false;
    /** @type {Verdict | null} */
    this.pending = null;
    this.form = need(root, "[data-verdict]");
    this.panel = root.querySelector("[data-send-back]");
    this.confirm = root.querySelector("[data-confirm]");
    this.refusal = need(root, "[data-refusal]");
    this.buttons = [...root.querySelectorAll('button[name="verdict"]')];
    root.classList.add("review--live");
    this.stage = new ReviewStage(root, (code, text) => this.evidence(code, text));
    this.listen();
  }

  get item() {
    return this.items[this.index];
  }

  listen() {
    for (const button of this.buttons) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        this.begin(/** @type {Verdict} */ (/** @type {HTMLButtonElement} */ (button).value));
      });
    }
    this.confirm?.addEventListener("click", () => this.pending && this.send(this.pending));
    this.form.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    need(this.root, "[data-rail]").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const link = /** @type {Element} */ (event.target).closest("[data-id]");
      const index = this.items.findIndex((item) => item.id === link?.getAttribute("data-id"));
      if (index < 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open(index);
    });
    this.root.querySelector("[data-skip]")?.addEventListener("click", (event) => {
      if (!this.item) return;
      event.preventDefault();
      this.skip();
    });
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("keyup", (event) => event.key === " " && this.stage.flick(false));
    const single = document.querySelector("[data-single-keys]");
    if (single instanceof HTMLInputElement) {
      single.checked = hasSingleKeys();
      single.addEventListener("change", () => keepSingleKeys(single.checked));
    }
  }

  // --- showing ---------------------------------------------------------------------------

  /** @param {number} index */
  async open(index) {
    this.index = index;
    const item = this.item;
    this.seenAt = Infinity;
    this.isStale = false;
    this.describe(item);
    this.clearForm(item);
    this.allow(false);
    history.replaceState(null, "", item.item_url);
    announce(`${item.title}, ${item.style}. ${index + 1} of ${this.items.length}.`);
    if (!(await this.stage.open(item))) return;
    this.seenAt = performance.now() + SEEN_AFTER_MS;
    window.setTimeout(() => this.item === item && !this.isStale && this.allow(true), SEEN_AFTER_MS);
    this.preload(this.items[(index + 1) % this.items.length]);
  }

  /** @param {any} item */
  preload(item) {
    if (!item || item === this.item) return;
    for (const url of [item.result.url, item.source.url]) new Image().src = url;
  }

  /** @param {boolean} is whether the verdict buttons work */
  allow(is) {
    for (const button of this.buttons) button.setAttribute("aria-disabled", String(!is));
  }

  /** @param {any} item */
  describe(item) {
    const set = (/** @type {string} */ selector, /** @type {string} */ text) => {
      need(this.root, selector).textContent = text;
    };
    set("[data-title]", item.title);
    set("[data-look]", item.style);
    set("[data-sku]", item.sku ? ` · ${item.sku}` : "");
    set("[data-sender]", `Sent by ${item.sender}, ${item.sent}`);
    set("[data-position]", `${this.index + 1} of ${this.items.length}`);
    for (const name of ["source", "result"]) {
      const link = need(this.root, `[data-${name}-link]`);
      link.href = item[name].url;
      link.textContent = `${item[name].width} × ${item[name].height}`;
    }
    for (const output of this.root.querySelectorAll("[data-evidence]")) output.textContent = "";
    this.evidence("resolution", `${item.result.width} × ${item.result.height}`);
    if (item.cutout) this.evidence("edges", `sure ${Math.round(item.cutout.confidence * 100)} %`);
    this.describeChanges(item.changes);
    for (const link of this.root.querySelectorAll("[data-id]")) {
      const isShown = link.getAttribute("data-id") === item.id;
      if (isShown) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      if (isShown) link.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    document.title = `${item.title} · Review · Softbox`;
  }

  /** @param {{label: string, value: string}[]} changes */
  describeChanges(changes) {
    const section = need(this.root, "[data-changes]");
    section.hidden = changes.length === 0;
    need(section, "dl").replaceChildren(
      ...changes.flatMap(({ label, value }) => [
        element("dt", {}, label),
        element("dd", {}, value),
      ]),
    );
  }

  /** @param {string} code @param {string} text */
  evidence(code, text) {
    const output = this.root.querySelector(`[data-evidence="${code}"]`);
    if (output) output.textContent = text;
  }

  // --- deciding --------------------------------------------------------------------------

  /** @param {any} item */
  clearForm(item) {
    for (const box of this.form.querySelectorAll('input[type="checkbox"]')) box.checked = false;
    this.form.elements.note.value = "";
    this.form.elements.seen_sha256.value = item.sha256;
    this.form.action = item.decide_url;
    this.refuse("");
    this.ask(null);
  }

  /** @param {string} sentence */
  refuse(sentence) {
    for (const old of this.form.querySelectorAll(".notice:not([data-refusal])")) old.remove();
    this.refusal.hidden = !sentence;
    need(this.refusal, ".notice__text").textContent = sentence;
    if (sentence) this.refusal.scrollIntoView({ block: "nearest" });
  }

  /** Ask for the reasons of a verdict; null puts the question away. @param {Verdict | null} verdict */
  ask(verdict) {
    this.pending = verdict;
    if (!this.panel || !this.confirm) return;
    this.panel.open = Boolean(verdict);
    this.confirm.hidden = !verdict;
    if (verdict === "return" || verdict === "reject") this.confirm.textContent = CONFIRM[verdict];
  }

  isReady() {
    return Boolean(this.item) && !this.isSending && !this.isStale && performance.now() >= this.seenAt;
  }

  /** @param {Verdict} verdict */
  begin(verdict) {
    if (!this.isReady()) return;
    const hasReasons = Boolean(this.panel.querySelector('input[name="reasons"]:checked'));
    if (verdict === "approve" || (verdict === this.pending && hasReasons)) {
      this.send(verdict);
      return;
    }
    this.ask(verdict);
    this.confirm.scrollIntoView({ block: "nearest" });
    this.panel.scrollIntoView({ block: "start" });
    this.panel.querySelector('input[name="reasons"]')?.focus({ preventScroll: true });
    announce(`Choose why, then press Enter to ${verdict} it.`);
  }

  /** @param {Verdict} verdict */
  async send(verdict) {
    if (!this.isReady()) return;
    const item = this.item;
    const form = new FormData(this.form);
    const ticked = form.getAll("checklist");
    const points = [...this.form.querySelectorAll('input[name="checklist"]')];
    this.isSending = true;
    this.root.setAttribute("aria-busy", "true");
    try {
      await api.post(`/review/${item.id}/decision`, {
        verdict,
        reasons: form.getAll("reasons"),
        checklist: Object.fromEntries(points.map((box) => [box.value, ticked.includes(box.value)])),
        note: form.get("note"),
        seen_sha256: item.sha256,
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.onRefused(error);
      return;
    } finally {
      this.isSending = false;
      this.root.removeAttribute("aria-busy");
    }
    toast(`${DONE[verdict]}: ${item.title}.`);
    this.leave(item);
  }

  /** @param {ApiError} error */
  onRefused(error) {
    this.refuse(error.message);
    announce(error.message);
    // Decided by somebody else, or not the picture that was shown: skipping takes it off the list.
    this.isStale = error.status === 409;
    if (this.isStale) this.allow(false);
  }

  /** Take a picture off the list and go on. @param {any} item */
  leave(item) {
    const index = this.items.indexOf(item);
    this.items.splice(index, 1);
    this.root.querySelector(`[data-id="${item.id}"]`)?.closest("li")?.remove();
    this.countDown();
    if (this.items.length === 0) location.assign(QUEUE_URL);
    else this.open(index % this.items.length);
  }

  countDown() {
    const badge = document.querySelector(".nav .badge--count");
    const number = badge?.lastChild;
    if (!badge || !number) return;
    const left = Number(number.textContent) - 1;
    if (left > 0) number.textContent = String(left);
    else badge.remove();
  }

  skip() {
    if (this.isStale) this.leave(this.item);
    else this.step(1);
  }

  /** @param {number} by */
  step(by) {
    if (this.items.length < 2) announce("This is the only picture that waits.");
    else this.open((this.index + by + this.items.length) % this.items.length);
  }

  // --- keys ------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!this.item || document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (this.pending && event.key === "Escape") {
      this.ask(null);
      return;
    }
    if (this.pending && event.key === "Enter" && (event.ctrlKey || !isTyping(event))) {
      if (target.closest("a, button, summary")) return;
      event.preventDefault();
      if (!event.repeat) this.send(this.pending);
      return;
    }
    const isOurs = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat);
    if (!isOurs || isTyping(event) || !hasSingleKeys()) return;
    if (this.byKey(event.key.length === 1 ? event.key.toLowerCase() : event.key, target)) {
      event.preventDefault();
    }
  }

  /**
   * @param {string} key
   * @param {HTMLElement} target
   * @returns {boolean} whether the key meant something
   */
  byKey(key, target) {
    if (key === " " && target.closest("input, button, a, summary")) return false;
    if (key.startsWith("Arrow") && target.matches('input[type="radio"]')) return false;
    if (this.pending && /^[1-9]$/.test(key)) return this.tickReason(Number(key) - 1);
    const act = this.actions()[key];
    act?.();
    return Boolean(act);
  }

  /** @returns {Record<string, () => void>} */
  actions() {
    const { stage } = this;
    return {
      a: () => this.begin("approve"),
      r: () => this.begin("return"),
      x: () => this.begin("reject"),
      s: () => this.skip(),
      ArrowRight: () => this.step(1),
      ArrowDown: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowUp: () => this.step(-1),
      d: () => stage.toggle("difference"),
      c: () => stage.toggle("cutout"),
      g: () => stage.nextGround(),
      " ": () => stage.flick(true),
      0: () => stage.zoom("fit"),
      1: () => stage.zoom("1"),
      2: () => stage.zoom("2"),
      4: () => stage.zoom("4"),
      "+": () => stage.viewer.zoomBy(1.25),
      "-": () => stage.viewer.zoomBy(0.8),
    };
  }

  /** @param {number} index */
  tickReason(index) {
    const box = this.panel.querySelectorAll('input[name="reasons"]')[index];
    if (!box) return false;
    box.checked = !box.checked;
    box.focus({ preventScroll: true });
    return true;
  }
}

/** One-key shortcuts can be switched off, for people whose hands or voices press keys by accident. */
function hasSingleKeys() {
  try {
    return localStorage.getItem(SINGLE_KEYS) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} is */
function keepSingleKeys(is) {
  try {
    localStorage.setItem(SINGLE_KEYS, is ? "on" : "off");
  } catch {
    // Storage is switched off: the shortcuts stay on.
  }
}

const root = document.querySelector(".review");
if (root instanceof HTMLElement) mount(root);
