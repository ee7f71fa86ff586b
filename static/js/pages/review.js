// @ts-check
/** The review page: look, compare, decide, next. */

import { difference, findPlacement } from "../components/review_align.js";
import { PairViewer } from "../components/review_viewer.js";
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
const GROUNDS = ["checker", "white", "green", "black", "matte"];

/** @typedef {"approve" | "return" | "reject"} Verdict */

/** @param {HTMLElement} root */
export function mount(root) {
  const data = pageData("review-data");
  const review = new Review(root, data.items);
  const index = review.items.findIndex((item) => item.id === data.current);
  if (index >= 0) review.open(index);
  else review.onlyLook();
}

class Review {
  /** @param {HTMLElement} root @param {any[]} items */
  constructor(root, items) {
    this.root = root;
    this.items = items;
    this.index = -1;
    this.loadedAt = Infinity;
    this.isSending = false;
    this.isStale = false;
    this.view = "result";
    this.ground = "checker";
    /** @type {Verdict | null} */
    this.pending = null;
    this.form = need(root, "[data-verdict]");
    this.panel = root.querySelector("[data-send-back]");
    this.confirm = root.querySelector("[data-confirm]");
    this.refusal = need(root, "[data-refusal]");
    this.note = need(root, "[data-pane-note]");
    this.source = need(root, "[data-source]");
    this.result = need(root, "[data-result]");
    this.buttons = [...root.querySelectorAll('button[name="verdict"]')];
    const zooms = [...root.querySelectorAll("[data-zoom]")];
    const output = need(root, "[data-zoom-now]");
    this.viewer = new PairViewer(
      {
        source: need(root, '[data-pane="source"] .pane__frame'),
        result: need(root, '[data-pane="result"] .pane__frame'),
      },
      (percent, isFit) => {
        output.textContent = `${Math.round(percent)} %`;
        for (const button of zooms) {
          const wanted = /** @type {HTMLElement} */ (button).dataset.zoom;
          const is = wanted === "fit" ? isFit : !isFit && Math.abs(percent - Number(wanted) * 100) < 1;
          button.setAttribute("aria-pressed", String(is));
        }
      },
    );
    root.classList.add("review--live");
    need(root, "[data-tools]").hidden = false;
    this.listen(zooms);
  }

  get item() {
    return this.items[this.index];
  }

  /** @param {Element[]} zooms */
  listen(zooms) {
    for (const button of zooms) {
      const wanted = /** @type {HTMLElement} */ (button).dataset.zoom ?? "fit";
      button.addEventListener("click", () => this.zoom(wanted));
    }
    this.root.addEventListener("change", (event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      if (input.name === "view") this.showView(input.value);
      if (input.name === "ground") this.showGround(input.value);
      if (input.name === "reasons") this.prepareConfirm();
    });
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
    document.addEventListener("keyup", (event) => event.key === " " && this.flick(false));
    const single = document.querySelector("[data-single-keys]");
    if (single instanceof HTMLInputElement) {
      single.checked = localStorage.getItem(SINGLE_KEYS) !== "off";
      single.addEventListener("change", () => {
        localStorage.setItem(SINGLE_KEYS, single.checked ? "on" : "off");
      });
    }
  }

  /** A picture that is decided, or the reviewer's own: it can be looked at, no more. */
  onlyLook() {
    const size = (/** @type {HTMLImageElement} */ image) => ({
      width: Number(image.getAttribute("width")),
      height: Number(image.getAttribute("height")),
    });
    this.layOut(size(this.source), size(this.result));
    need(this.root, "[data-views]").hidden = true;
  }

  /** @param {{width: number, height: number}} source @param {{width: number, height: number}} result */
  layOut(source, result) {
    this.viewer.reset(source, result);
    this.viewer.show("source", [{ element: this.source, space: "source", size: source }]);
    this.viewer.show("result", [{ element: this.result, space: "result", size: result }]);
  }

  /** @param {number} index */
  open(index) {
    this.index = index;
    const item = this.item;
    this.isStale = false;
    this.difference = null;
    this.placement = undefined;
    this.loadedAt = Infinity;
    this.describe(item);
    this.clearForm(item);
    this.source = picture("Source photo of " + item.title, item.source);
    this.result = picture(`${item.title}, ${item.style}`, item.result);
    this.layOut(item.source, item.result);
    this.choose("view", "result");
    this.showView("result");
    this.waitFor(item);
    history.replaceState(null, "", item.item_url);
    announce(`${item.title}, ${item.style}. ${index + 1} of ${this.items.length}.`);
  }

  /** The buttons and keys work once the very bytes in question have been on screen. */
  async waitFor(/** @type {any} */ item) {
    for (const button of this.buttons) button.setAttribute("aria-disabled", "true");
    this.say("Loading the full picture");
    try {
      await this.result.decode();
    } catch {
      if (this.item === item) this.say("The picture could not be loaded. Skip it, or reload the page.");
      return;
    }
    if (this.item !== item) return;
    this.say("");
    this.loadedAt = performance.now();
    window.setTimeout(() => {
      if (this.item !== item || this.isStale) return;
      for (const button of this.buttons) button.removeAttribute("aria-disabled");
    }, SEEN_AFTER_MS);
    this.preload(this.items[(this.index + 1) % this.items.length]);
    await this.lineUp(item);
  }

  /** @param {any} item */
  preload(item) {
    if (item === this.item) return;
    for (const url of [item.result.url, item.source.url]) new Image().src = url;
  }

  /** Find the product in the result; the zoom then follows it, and its colours can be compared. */
  async lineUp(/** @type {any} */ item) {
    if (!item.cutout) return;
    const alpha = picture("", { ...item.cutout, url: item.cutout.alpha_url });
    const { source, result } = this;
    try {
      await Promise.all([alpha.decode(), source.decode()]);
    } catch {
      return;
    }
    if (this.item !== item) return;
    if (!item.framing) {
      this.placement = null;
    } else {
      const { subject, touches } = item.cutout;
      const { framing, source: size } = item;
      const pair = { source, alpha, result, size, subject, touches: touches ?? [], framing };
      this.placement = findPlacement(pair);
      if (this.placement) {
        this.viewer.placement = this.placement;
        this.difference = difference(pair, this.placement);
        this.evidence("details", `Δ ${this.difference.mean.toFixed(1)}`);
      }
    }
    this.viewer.draw();
    if (this.view === "difference") this.showView("difference");
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
    const changes = need(this.root, "[data-changes]");
    changes.hidden = item.changes.length === 0;
    need(changes, "dl").replaceChildren(
      ...item.changes.flatMap((/** @type {{label: string, value: string}} */ change) => [
        element("dt", {}, change.label),
        element("dd", {}, change.value),
      ]),
    );
    for (const link of this.root.querySelectorAll("[data-id]")) {
      const isShown = link.getAttribute("data-id") === item.id;
      link.toggleAttribute("aria-current", isShown);
      if (isShown) link.setAttribute("aria-current", "true");
      if (isShown) link.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    document.title = `${item.title} · Review · Softbox`;
  }

  /** @param {string} code @param {string} text */
  evidence(code, text) {
    const output = this.root.querySelector(`[data-evidence="${code}"]`);
    if (output) output.textContent = text;
  }

  /** @param {any} item */
  clearForm(item) {
    this.form.reset();
    for (const box of this.form.querySelectorAll('input[type="checkbox"]')) box.checked = false;
    this.form.elements.note.value = "";
    this.form.elements.seen_sha256.value = item.sha256;
    this.form.action = item.decide_url;
    this.refuse("");
    this.pending = null;
    this.panel.open = false;
    this.prepareConfirm();
  }

  /** @param {string} sentence */
  refuse(sentence) {
    this.refusal.hidden = !sentence;
    need(this.refusal, ".notice__text").textContent = sentence;
    for (const old of this.form.querySelectorAll('.notice--error:not([data-refusal])')) old.remove();
    if (sentence) this.refusal.scrollIntoView({ block: "nearest" });
  }

  /** A sentence on the result's pane. @param {string} sentence */
  say(sentence) {
    this.note.hidden = !sentence;
    this.note.textContent = sentence;
  }

  // --- views -----------------------------------------------------------------------------

  /** @param {string} name @param {string} value */
  choose(name, value) {
    const input = this.root.querySelector(`input[name="${name}"][value="${value}"]`);
    if (input instanceof HTMLInputElement) input.checked = true;
  }

  /** @param {string} view */
  showView(view) {
    this.view = view;
    const names = { result: "Result", difference: "Difference, 8 times", cutout: "Cut-out" };
    need(this.root, "[data-result-name]").textContent = names[/** @type {"result"} */ (view)];
    need(this.root, "[data-grounds]").hidden = view !== "cutout";
    const frame = need(this.root, '[data-pane="result"] .pane__frame');
    for (const ground of GROUNDS) frame.classList.remove(`pane__frame--${ground}`);
    if (this.loadedAt !== Infinity) this.say("");
    if (view === "cutout") this.showCutout();
    else if (view === "difference") this.showDifference();
    else this.viewer.show("result", [this.resultLayer()]);
  }

  resultLayer() {
    return { element: this.result, space: /** @type {const} */ ("result"), size: this.item.result };
  }

  showDifference() {
    if (this.placement === undefined) {
      this.say("Laying the product over its photo");
      this.viewer.show("result", [this.resultLayer()]);
      return;
    }
    if (!this.placement || !this.difference) {
      this.say("In this look the product cannot be laid over its photo; compare by eye.");
      this.viewer.show("result", [this.resultLayer()]);
      return;
    }
    const { canvas, mean, share } = this.difference;
    const size = { width: canvas.width, height: canvas.height };
    canvas.className = "pane__picture";
    this.viewer.show("result", [{ element: canvas, space: "result", size }]);
    const percent = (share * 100).toFixed(share < 0.01 ? 2 : 0);
    this.say(`The product differs by ${mean.toFixed(1)} of 255 on average; ${percent} % of it by more than 8.`);
  }

  showCutout() {
    const item = this.item;
    if (!item.cutout) {
      this.say("There is no cut-out to show.");
      return;
    }
    const isMatte = this.ground === "matte";
    const url = isMatte ? item.cutout.alpha_url : item.cutout.preview_url;
    const shown = picture(isMatte ? "The cut-out’s matte" : "The cut-out", { ...item.source, url });
    need(this.root, '[data-pane="result"] .pane__frame').classList.add(`pane__frame--${this.ground}`);
    const layer = { element: shown, space: /** @type {const} */ ("source"), size: item.source };
    this.viewer.show("result", [layer]);
  }

  /** @param {string} ground */
  showGround(ground) {
    this.ground = ground;
    if (this.view === "cutout") this.showView("cutout");
  }

  /** Hold to see the source where the result is. @param {boolean} isHeld */
  flick(isHeld) {
    if (!this.item || !this.placement || isHeld === Boolean(this.flicked)) return;
    if (!isHeld) {
      this.flicked = null;
      this.showView(this.view);
      return;
    }
    this.flicked = picture("Source photo", this.item.source);
    const size = this.item.source;
    this.viewer.show("result", [
      this.resultLayer(),
      { element: this.flicked, space: "source", size, isLinked: true },
    ]);
  }

  /** @param {string} wanted */
  zoom(wanted) {
    if (wanted === "fit") this.viewer.fit();
    else this.viewer.zoomTo(Number(wanted));
  }

  // --- deciding --------------------------------------------------------------------------

  isReady() {
    if (this.isSending || this.isStale || !this.item) return false;
    return performance.now() - this.loadedAt >= SEEN_AFTER_MS;
  }

  /** @param {Verdict} verdict */
  begin(verdict) {
    if (!this.isReady()) return;
    if (verdict === "approve") {
      this.send(verdict);
      return;
    }
    this.pending = verdict;
    this.panel.open = true;
    this.prepareConfirm();
    this.panel.scrollIntoView({ block: "nearest" });
    this.panel.querySelector('input[name="reasons"]')?.focus({ preventScroll: true });
    announce(`Choose why, then press Enter to ${verdict}.`);
  }

  prepareConfirm() {
    if (!this.confirm) return;
    const verdict = this.pending;
    this.confirm.hidden = !verdict;
    if (verdict === "return" || verdict === "reject") this.confirm.textContent = CONFIRM[verdict];
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
      this.refuse(error.message);
      announce(error.message);
      this.isStale = error.status === 409;
      if (this.isStale) for (const b of this.buttons) b.setAttribute("aria-disabled", "true");
      return;
    } finally {
      this.isSending = false;
      this.root.removeAttribute("aria-busy");
    }
    toast(`${DONE[verdict]}: ${item.title}.`);
    this.leave(item);
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
    if (!number) return;
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
    if (this.items.length < 2) {
      announce("This is the only picture that waits.");
      return;
    }
    this.open((this.index + by + this.items.length) % this.items.length);
  }

  // --- keys ------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!this.item || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && this.pending && (event.ctrlKey || !isTyping(event))) {
      if (/** @type {HTMLElement} */ (event.target).closest("a, button, summary")) return;
      event.preventDefault();
      this.send(this.pending);
      return;
    }
    if (event.key === "Escape" && this.panel.open) {
      this.pending = null;
      this.panel.open = false;
      this.prepareConfirm();
      return;
    }
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (localStorage.getItem(SINGLE_KEYS) === "off") return;
    if (this.byKey(event)) event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  byKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === " " && target.closest("input, button, a, summary")) return false;
    if (key.startsWith("Arrow") && target.matches('input[type="radio"]')) return false;
    if (this.pending && /^[1-9]$/.test(key)) return this.tickReason(Number(key) - 1);
    const act = this.actions()[key];
    act?.();
    return Boolean(act);
  }

  /** @returns {Record<string, () => void>} */
  actions() {
    const toggle = (/** @type {string} */ view) => {
      const wanted = this.view === view ? "result" : view;
      this.choose("view", wanted);
      this.showView(wanted);
    };
    return {
      a: () => this.begin("approve"),
      r: () => this.begin("return"),
      x: () => this.begin("reject"),
      s: () => this.skip(),
      ArrowRight: () => this.step(1),
      ArrowDown: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowUp: () => this.step(-1),
      d: () => toggle("difference"),
      c: () => toggle("cutout"),
      g: () => {
        const next = GROUNDS[(GROUNDS.indexOf(this.ground) + 1) % GROUNDS.length];
        this.choose("ground", next);
        this.showGround(next);
      },
      " ": () => this.flick(true),
      0: () => this.zoom("fit"),
      1: () => this.zoom("1"),
      2: () => this.zoom("2"),
      4: () => this.zoom("4"),
      "+": () => this.viewer.zoomBy(1.25),
      "-": () => this.viewer.zoomBy(0.8),
    };
  }

  /** @param {number} index */
  tickReason(index) {
    const box = this.panel.querySelectorAll('input[name="reasons"]')[index];
    if (!box) return false;
    box.checked = !box.checked;
    box.focus({ preventScroll: true });
    this.prepareConfirm();
    return true;
  }
}

/**
 * @param {string} alt
 * @param {{url: string, width: number, height: number}} what
 * @returns {HTMLImageElement}
 */
function picture(alt, { url, width, height }) {
  const image = new Image(width, height);
  image.className = "pane__picture";
  image.alt = alt;
  image.decoding = "async";
  image.draggable = false;
  image.src = url;
  return image;
}

const root = document.querySelector(".review");
if (root instanceof HTMLElement) mount(root);
