// @ts-check
/** The review page: look, compare, decide, next. */

import { Checks } from "../components/review_checks.js";
import { countInHead, describe, railLine } from "../components/review_facts.js";
import { Holds } from "../components/review_holds.js";
import { ReviewKeys } from "../components/review_keys.js";
import { RegionMarker } from "../components/review_mark.js";
import { ReviewStage } from "../components/review_stage.js";
import { toast } from "../components/toast.js";
import { announce } from "../lib/announce.js";
import { api, ApiError, csrfToken } from "../lib/api.js";
import { need, pageData } from "../lib/dom.js";
import { isTyping } from "../lib/keys.js";

// Nobody has seen a picture sooner: a key pressed earlier was meant for the one before.
const SEEN_AFTER_MS = 250;
const AHEAD = 3;
const DONE = { approve: "Approved", return: "Returned to the seller", reject: "Rejected" };
const CONFIRM = { return: "Return to the seller", reject: "Reject for good" };

/** @typedef {"approve" | "return" | "reject"} Verdict */

/** @param {HTMLElement} root */
export function mount(root) {
  const data = pageData("review-data");
  if (data.items.length > 0) new Review(root, data).begins(data.current);
  else {
    root.classList.add("review--live");
    new ReviewStage(root, () => {}, () => {}).onlyLook();
    need(root, "[data-boxes]").hidden = true;
  }
}

class Review {
  /** @param {HTMLElement} root @param {any} data */
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.items = data.items;
    this.index = -1;
    this.seenAt = Infinity;
    this.isStale = false;
    /** @type {Verdict | null} */
    this.pending = null;
    /** @type {number[] | null} */
    this.region = null;
    /** Decisions are sent one after another while the next picture is looked at already. */
    this.sending = Promise.resolve();
    /** @type {{item: any, id: Promise<string>}[]} */
    this.done = [];
    this.form = need(root, "[data-verdict]");
    this.panel = need(root, "[data-send-back]");
    this.confirm = need(root, "[data-confirm]");
    this.refusal = need(root, "[data-refusal]");
    this.undoButton = need(root, "[data-undo]");
    this.buttons = [...root.querySelectorAll('button[name="verdict"]')];
    root.classList.add("review--live");
    this.keys = new ReviewKeys(data);
    this.checks = new Checks(root);
    this.stage = new ReviewStage(
      root,
      (code, text) => this.evidence(code, text),
      () => this.placeBoxes(),
    );
    this.marker = new RegionMarker(
      this.checks.layer,
      (point) => this.toResult(point),
      (region, isDone) => this.setRegion(region, isDone),
    );
    this.holds = new Holds(data.urls, data.filter, (items, waiting) => this.onHeld(items, waiting));
    this.listen();
  }

  get item() {
    return this.items[this.index];
  }

  /** @param {string} id */
  begins(id) {
    need(this.root, "[data-mark-row]").hidden = false;
    this.offerUndo();
    this.open(Math.max(0, this.items.findIndex((/** @type {any} */ item) => item.id === id)));
  }

  listen() {
    for (const button of this.buttons) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        this.begin(/** @type {Verdict} */ (/** @type {HTMLButtonElement} */ (button).value));
      });
    }
    this.confirm.addEventListener("click", () => this.pending && this.send(this.pending));
    this.undoButton.addEventListener("click", () => this.undo());
    need(this.root, "[data-mark-region]").addEventListener("click", () => this.toggleMark());
    this.form.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    need(this.root, "[data-rail]").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const link = /** @type {Element} */ (event.target).closest("[data-id]");
      const id = link?.getAttribute("data-id");
      const index = this.items.findIndex((/** @type {any} */ item) => item.id === id);
      if (index < 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open(index);
    });
    need(this.root, "[data-skip]").addEventListener("click", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.skip();
    });
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("keyup", (event) => event.key === " " && this.stage.flick(false));
  }

  // --- showing ---------------------------------------------------------------------------

  /** @param {number} index */
  async open(index) {
    this.index = index;
    const item = this.item;
    this.seenAt = Infinity;
    this.isStale = false;
    describe(this.root, item);
    this.clearForm(item);
    this.allow(false);
    this.showPosition();
    history.replaceState(null, "", item.item_url + location.search);
    const found = item.inspection ? ` ${item.inspection.words}.` : " Not inspected yet.";
    announce(`${item.title}, ${item.style}.${found} ${index + 1} of ${this.items.length}.`);
    this.sending.then(() => this.item === item && this.holds.keep(this.around()));
    const isShown = await this.stage.open(item);
    if (!isShown) return;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    this.shownAt = performance.now();
    this.root.dataset.shown = item.id;
    this.seenAt = this.shownAt + SEEN_AFTER_MS;
    window.setTimeout(() => this.item === item && !this.isStale && this.allow(true), SEEN_AFTER_MS);
    this.preload();
  }

  /** The picture on screen and those after it, which are had in hand too. */
  around() {
    return this.next(AHEAD + 1).map((item) => item.id);
  }

  /** @param {number} count @returns {any[]} */
  next(count) {
    const { items, index } = this;
    return [...items.slice(index), ...items.slice(0, index)].slice(0, count);
  }

  preload() {
    this.stage.pictures.keepOnly(this.next(AHEAD + 1));
  }

  /** @param {any[]} held @param {number} waiting */
  onHeld(held, waiting) {
    this.waiting = waiting;
    for (const item of held) {
      const isKnown = this.items.some((/** @type {any} */ each) => each.id === item.id);
      if (isKnown || this.done.some((each) => each.item.id === item.id)) continue;
      this.items.push(item);
      need(this.root, "[data-rail]").append(railLine(item));
    }
    this.dropTaken();
    this.showPosition();
    this.preload();
  }

  /** What was asked for and not given is in somebody else's hands, or decided. */
  dropTaken() {
    const { item } = this;
    const isTaken = (/** @type {string} */ id) =>
      this.holds.wanted.includes(id) && !this.holds.held.has(id);
    for (const other of this.items.filter((/** @type {any} */ each) => isTaken(each.id))) {
      if (other !== item) this.drop(other);
    }
    this.index = this.items.indexOf(item);
    if (!item || !isTaken(item.id) || this.isStale) return;
    // Work that was begun is not thrown away without a word.
    if (this.pending) this.stale("Somebody else has this picture in hand now. Skip it.");
    else {
      this.say(`${item.title} is in somebody else’s hands; on to the next.`);
      this.leave(item);
    }
  }

  showPosition() {
    const more = this.waiting > this.items.length ? `, ${this.waiting} waiting` : "";
    const where = `${this.index + 1} of ${this.items.length}${more}`;
    need(this.root, "[data-position]").textContent = where;
  }

  /** @param {boolean} is whether the verdict buttons work */
  allow(is) {
    for (const button of this.buttons) button.setAttribute("aria-disabled", String(!is));
  }

  /** @param {string} code @param {string} text */
  evidence(code, text) {
    const output = this.root.querySelector(`[data-evidence="${code}"]`);
    if (output) output.textContent = text;
  }

  placeBoxes() {
    if (!this.stage) return;
    this.checks.setVisible(this.stage.view !== "cutout");
    this.checks.place(this.stage.viewer.resultView(), this.stage.resultFrame);
  }

  // --- the place that is wrong -----------------------------------------------------------

  /** @param {{x: number, y: number}} point */
  toResult(point) {
    const view = this.stage.viewer.resultView();
    const { width, height } = this.item.result;
    const { clientWidth, clientHeight } = this.stage.resultFrame;
    const x = view.x + (point.x - clientWidth / 2) / view.scale;
    const y = view.y + (point.y - clientHeight / 2) / view.scale;
    return { x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) };
  }

  toggleMark() {
    const isOn = !this.marker.isOn;
    if (isOn) this.setRegion(null, false);
    this.marker.set(isOn);
    this.tellRegion();
    if (isOn) announce("Drag a box over the place, or click two of its corners.");
  }

  /** @param {number[] | null} region @param {boolean} isDone */
  setRegion(region, isDone) {
    this.region = region;
    this.checks.showMark(region);
    this.placeBoxes();
    if (isDone || !region) window.setTimeout(() => this.tellRegion());
  }

  tellRegion() {
    need(this.root, "[data-mark-region]").setAttribute("aria-pressed", String(this.marker.isOn));
    let words = "The seller sees no box.";
    if (this.marker.isOn) words = "Drag a box, or click two corners.";
    else if (this.region) words = "The seller sees your box.";
    else if (this.checks.worstRegion(this.item)) words = "The seller sees the check’s box.";
    need(this.root, "[data-region-words]").textContent = words;
  }

  // --- deciding --------------------------------------------------------------------------

  /** @param {any} item */
  clearForm(item) {
    for (const box of this.form.querySelectorAll('input[type="checkbox"]')) box.checked = false;
    for (const output of this.root.querySelectorAll("[data-evidence]")) output.textContent = "";
    this.evidence("resolution", `${item.result.width} × ${item.result.height}`);
    if (item.cutout) this.evidence("edges", `sure ${Math.round(item.cutout.confidence * 100)} %`);
    this.checks.show(item);
    this.marker.set(false);
    this.setRegion(null, false);
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

  /** The picture cannot be decided here any more; skipping takes it off the list. @param {string} why */
  stale(why) {
    this.isStale = true;
    this.allow(false);
    this.refuse(why);
    announce(why);
  }

  /** Ask for the reasons of a verdict; null puts the question away. @param {Verdict | null} verdict */
  ask(verdict) {
    this.pending = verdict;
    this.panel.open = Boolean(verdict);
    this.confirm.hidden = !verdict;
    if (verdict === "return" || verdict === "reject") this.confirm.textContent = CONFIRM[verdict];
  }

  isReady() {
    return Boolean(this.item) && !this.isStale && performance.now() >= this.seenAt;
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
    need(this.panel, 'input[name="reasons"]').focus({ preventScroll: true });
    announce(`Choose why, then press Enter to ${verdict} it.`);
  }

  /** @param {Verdict} verdict */
  send(verdict) {
    if (!this.isReady()) return;
    const form = new FormData(this.form);
    const reasons = form.getAll("reasons");
    if (verdict !== "approve" && reasons.length === 0) {
      this.refuse("Say why, so that the seller knows what to change.");
      return;
    }
    const item = this.item;
    const ticked = form.getAll("checklist");
    const points = [...this.form.querySelectorAll('input[name="checklist"]')];
    const decision = {
      verdict,
      reasons,
      checklist: Object.fromEntries(points.map((box) => [box.value, ticked.includes(box.value)])),
      note: form.get("note"),
      seen_sha256: item.sha256,
      region: verdict === "approve" ? null : (this.region ?? this.checks.worstRegion(item)),
      looked_ms: Math.round(performance.now() - (this.shownAt ?? performance.now())),
    };
    const sent = this.sending.then(() => api.post(`/review/${item.id}/decision`, decision));
    this.sending = sent.then(
      () => this.say(`${DONE[verdict]}: ${item.title}.`),
      (error) => this.onRefused(item, error),
    );
    this.done.push({ item, id: sent.then((made) => made.id, () => "") });
    this.offerUndo();
    this.leave(item);
  }

  /** One sentence at a time: decisions come quickly. @param {string} sentence */
  say(sentence) {
    need(document, "[data-toasts]").replaceChildren();
    toast(sentence);
  }

  /** The server did not take it: the picture comes back. @param {any} item @param {unknown} error */
  onRefused(item, error) {
    this.done = this.done.filter((each) => each.item !== item);
    this.offerUndo();
    const why = error instanceof ApiError ? error.message : "The decision was not sent. Try again.";
    const isGone = error instanceof ApiError && error.status === 409;
    this.bringBack(item).then(() => (isGone ? this.stale(why) : this.refuse(why)));
    announce(`${item.title}: ${why}`);
  }

  /** Put a picture before the one on screen and show it. @param {any} item */
  bringBack(item) {
    const at = Math.max(this.index, 0);
    const rail = need(this.root, "[data-rail]");
    this.items.splice(at, 0, item);
    rail.insertBefore(railLine(item), rail.children[at] ?? null);
    countInHead(1);
    return this.open(at);
  }

  /** Take a picture off the list and go on. @param {any} item */
  leave(item) {
    const index = this.items.indexOf(item);
    this.drop(item);
    countInHead(-1);
    if (this.items.length > 0) this.open(index % this.items.length);
    else this.finish();
  }

  /** @param {any} item */
  drop(item) {
    this.items.splice(this.items.indexOf(item), 1);
    this.root.querySelector(`[data-id="${item.id}"]`)?.closest("li")?.remove();
  }

  /** Nothing is left on this page: more may wait on the server. */
  finish() {
    this.index = -1;
    this.seenAt = Infinity;
    this.allow(false);
    this.sending.then(() => this.items.length === 0 && location.assign(this.data.urls.queue));
  }

  offerUndo() {
    this.undoButton.hidden = this.done.length === 0 && !this.data.last;
  }

  async undo() {
    const last = this.done.pop();
    this.offerUndo();
    if (!last) {
      await this.undoEarlier();
      return;
    }
    const id = await last.id;
    if (!id) return;
    try {
      await api.post(`/review/decisions/${id}/undo`);
    } catch (error) {
      this.refuse(error instanceof ApiError ? error.message : "The undo was not sent. Try again.");
      return;
    }
    this.say(`Undone: ${last.item.title}.`);
    await this.bringBack(last.item);
  }

  /** The last decision before this page was opened. */
  async undoEarlier() {
    const { last } = this.data;
    if (!last) return;
    const form = new FormData();
    form.append("csrfmiddlewaretoken", csrfToken());
    form.append("decision", last.id);
    const response = await fetch("/review/undo/", { method: "POST", body: form });
    location.assign(response.url);
  }

  skip() {
    const item = this.item;
    if (!item) return;
    if (this.isStale) this.leave(item);
    else {
      this.holds.skipped.add(item.id);
      this.step(1);
    }
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
    if (event.key === "Escape" && (this.pending || this.marker.isOn)) {
      if (this.marker.isOn) this.toggleMark();
      else this.ask(null);
      return;
    }
    if (this.pending && event.key === "Enter" && (event.ctrlKey || !isTyping(event))) {
      if (target.closest("a, button, summary")) return;
      event.preventDefault();
      if (!event.repeat) this.send(this.pending);
      return;
    }
    const isOurs = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat);
    if (!isOurs || isTyping(event) || !this.keys.areOn) return;
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
    if (key.startsWith("Arrow") && target.matches('input[type="radio"], select')) return false;
    if (this.pending && /^[1-9]$/.test(key)) return this.tickReason(Number(key) - 1);
    const actions = this.actions();
    const act = actions[this.keys.actionOf(key)] ?? this.fixed()[key];
    act?.();
    return Boolean(act);
  }

  /** What can have another key. @returns {Record<string, () => void>} */
  actions() {
    const { stage } = this;
    return {
      approve: () => this.begin("approve"),
      return: () => this.begin("return"),
      reject: () => this.begin("reject"),
      skip: () => this.skip(),
      undo: () => this.undo(),
      difference: () => stage.toggle("difference"),
      cutout: () => stage.toggle("cutout"),
      ground: () => stage.nextGround(),
      boxes: () => this.checks.toggle(),
      mark: () => this.toggleMark(),
      fit: () => stage.zoom("fit"),
      zoom1: () => stage.zoom("1"),
      zoom2: () => stage.zoom("2"),
      zoom4: () => stage.zoom("4"),
    };
  }

  /** @returns {Record<string, () => void>} */
  fixed() {
    const { stage } = this;
    return {
      ArrowRight: () => this.step(1),
      ArrowDown: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowUp: () => this.step(-1),
      " ": () => stage.flick(true),
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

const root = document.querySelector(".review");
if (root instanceof HTMLElement) mount(root);
