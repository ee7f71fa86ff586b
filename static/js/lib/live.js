// @ts-check
/**
 * News of renders, cutouts and enhancements: by one websocket for the page, or by asking while there is none.
 *
 * Whatever arrives by either way is dropped unless its `seq` is newer than what its subject had, so
 * the two can overlap without harm. The socket is a courtesy: with it blocked or silent the page
 * asks every half second, then every two, and ends the same.
 */

import { parseFrame } from "./wire.js";

/** @typedef {import("./wire.js").Frame} Frame */
/** @typedef {"render" | "photo" | "enhancement"} Kind */
/**
 * @typedef {object} News
 * @property {any} [state] a render, or a cutout's state; see the API
 * @property {Frame} [frame]
 * @property {boolean} [isGone] there is no such thing any more
 */

const OPEN_WITHIN_MS = 3000;
const PING_EVERY_MS = 5000;
const SILENT_AFTER_MS = 12000;
const POLL_FIRST_MS = 500;
const POLL_LAST_MS = 2000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_LAST_MS = 15000;
// Above the first a link is slow; below the second it is well again.
const LEAN_ABOVE_MS = 700;
const FULL_BELOW_MS = 350;
const MAX_ASKED_AT_ONCE = 100;
const ENDED = new Set(["finished", "failed", "cancelled"]);
const SIGNED_OUT = 4401;
const SOCKET_OPEN = 1;

class Subject {
  /** @param {Kind} kind @param {string} id */
  constructor(kind, id) {
    this.kind = kind;
    this.id = id;
    /** @type {Set<(news: News) => void>} */
    this.listeners = new Set();
    this.stateSeq = -1;
    this.frameSeq = -1;
    this.isEnded = false;
  }

  /** @param {News} news */
  tell(news) {
    for (const listener of [...this.listeners]) listener(news);
  }
}

export class LiveConnection extends EventTarget {
  /**
   * @param {object} options
   * @param {(path: string) => Promise<any>} options.ask the API's GET
   * @param {string} [options.url]
   */
  constructor({ ask, url }) {
    super();
    this.url = url ?? `${location.protocol.replace("http", "ws")}//${location.host}/ws/live`;
    this.ask = ask;
    /** @type {Map<string, Subject>} */
    this.subjects = new Map();
    /** @type {Map<number, Subject>} */
    this.byIndex = new Map();
    /** @type {WebSocket | null} */
    this.socket = null;
    this.failures = 0;
    this.heardAt = 0;
    this.pollMs = POLL_FIRST_MS;
    this.pollTimer = 0;
    this.roundTripMs = 0;
    this.quality = "full";
    this.hasPlannedWatch = false;
    this.isClosed = false;
  }

  start() {
    this.connect();
    this.pingTimer = window.setInterval(() => this.ping(), PING_EVERY_MS);
    window.addEventListener("online", () => this.reconnectNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.reconnectNow();
    });
    window.addEventListener("pagehide", () => this.socket?.close());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.reconnectNow();
    });
    networkInformation()?.addEventListener?.("change", () => this.chooseQuality());
    return this;
  }

  get isOpen() {
    return this.socket?.readyState === SOCKET_OPEN;
  }

  /**
   * Hear of one render, photo or enhancement until the returned function is called.
   * @param {Kind} kind
   * @param {string} id
   * @param {(news: News) => void} listener
   * @returns {() => void}
   */
  watch(kind, id, listener) {
    const key = `${kind}:${id}`;
    const subject = this.subjects.get(key) ?? new Subject(kind, id);
    this.subjects.set(key, subject);
    subject.listeners.add(listener);
    this.planWatch();
    return () => {
      subject.listeners.delete(listener);
      if (subject.listeners.size || this.subjects.get(key) !== subject) return;
      this.subjects.delete(key);
      this.planWatch();
    };
  }

  /**
   * Begin anew with a subject that was started again after it had ended.
   * @param {Kind} kind
   * @param {string} id
   */
  forget(kind, id) {
    const subject = this.subjects.get(`${kind}:${id}`);
    if (!subject) return;
    this.subjects.delete(`${kind}:${id}`);
    this.sendWatch();
    subject.stateSeq = subject.frameSeq = -1;
    subject.isEnded = false;
    this.subjects.set(`${kind}:${id}`, subject);
    this.sendWatch();
  }

  // --- the socket -----------------------------------------------------------------------------
  connect() {
    if (this.isClosed || this.socket) return;
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    const slow = window.setTimeout(() => this.schedulePoll(0), OPEN_WITHIN_MS);
    socket.addEventListener("open", () => {
      window.clearTimeout(slow);
      this.heardAt = performance.now();
      this.quality = "full";
      this.sendWatch();
      this.chooseQuality();
      this.ping();
    });
    socket.addEventListener("message", (event) => {
      this.failures = 0;
      this.heardAt = performance.now();
      if (typeof event.data === "string") this.onText(JSON.parse(event.data));
      else this.onBinary(event.data);
    });
    socket.addEventListener("close", (event) => {
      window.clearTimeout(slow);
      if (this.socket !== socket) return;
      this.socket = null;
      if (event.code === SIGNED_OUT) {
        this.isClosed = true;
        this.dispatchEvent(new Event("signed-out"));
        return;
      }
      this.onLost();
    });
  }

  onLost() {
    this.schedulePoll(0);
    this.failures += 1;
    const ceiling = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** this.failures);
    // Jitter, so that a restarted server is not met by all pages at once.
    window.clearTimeout(this.reconnectTimer);
    this.reconnectTimer = window.setTimeout(() => this.connect(), ceiling * (0.5 + Math.random() / 2));
  }

  reconnectNow() {
    if (this.socket || this.isClosed) return;
    window.clearTimeout(this.reconnectTimer);
    this.connect();
  }

  ping() {
    if (!this.isOpen) return;
    if (performance.now() - this.heardAt > SILENT_AFTER_MS) {
      // A dead connection may take minutes to close by itself: leave it now.
      const dead = this.socket;
      this.socket = null;
      dead?.close();
      this.onLost();
      return;
    }
    this.send({ type: "ping", t: performance.now() });
  }

  /** @param {object} message */
  send(message) {
    if (this.isOpen) this.socket?.send(JSON.stringify(message));
  }

  planWatch() {
    if (this.hasPlannedWatch) return;
    this.hasPlannedWatch = true;
    queueMicrotask(() => {
      this.hasPlannedWatch = false;
      this.pollMs = POLL_FIRST_MS;
      if (this.isOpen) this.sendWatch();
      else if (this.failures) this.schedulePoll(0);
    });
  }

  sendWatch() {
    /** @type {Record<string, number>} */
    const since = {};
    /** @type {Record<Kind, string[]>} */
    const wanted = { render: [], photo: [], enhancement: [] };
    for (const subject of this.subjects.values()) {
      wanted[subject.kind].push(subject.id);
      const seq = Math.max(subject.stateSeq, subject.frameSeq);
      if (seq >= 0) since[subject.id] = seq;
    }
    this.byIndex.clear();
    const { render: renders, photo: photos, enhancement: enhancements } = wanted;
    this.send({ type: "watch", renders, photos, enhancements, since });
  }

  /** @param {any} message */
  onText(message) {
    if (message.type === "watching") this.onWatching(message.index);
    else if (message.type === "pong") this.onPong(message.t);
    else if (message.type === "gone") this.onGone(message.id);
    else if (message.type === "render") this.onState("render", message, message);
    else if (message.type === "cutout") this.onState("photo", message, message);
    else if (message.type === "enhancement") this.onState("enhancement", message, message);
  }

  /** @param {Record<string, number>} indexes */
  onWatching(indexes) {
    this.byIndex.clear();
    for (const subject of this.subjects.values()) {
      if (subject.id in indexes) this.byIndex.set(indexes[subject.id], subject);
    }
  }

  /** @param {string} id */
  onGone(id) {
    for (const [key, subject] of this.subjects) {
      if (subject.id !== id) continue;
      this.subjects.delete(key);
      subject.tell({ isGone: true });
    }
  }

  /** @param {ArrayBuffer} data */
  onBinary(data) {
    const frame = parseFrame(data);
    const subject = this.byIndex.get(frame.index);
    if (!subject || frame.seq <= subject.frameSeq) return;
    subject.frameSeq = frame.seq;
    subject.tell({ frame });
  }

  /**
   * @param {Kind} kind
   * @param {{id: string}} named
   * @param {any} state
   * @param {boolean} [isAsked] polled states may repeat a seq: only the wait before them changed
   */
  onState(kind, named, state, isAsked = false) {
    const subject = this.subjects.get(`${kind}:${named.id}`);
    if (!subject || subject.isEnded) return;
    const isNews = state.seq > subject.stateSeq;
    if (!isNews && !(isAsked && state.seq === subject.stateSeq)) return;
    subject.stateSeq = state.seq;
    subject.isEnded = ENDED.has(state.state);
    subject.tell({ state });
  }

  // --- how good the link is -------------------------------------------------------------------
  /** @param {number} sentAt */
  onPong(sentAt) {
    const measured = performance.now() - sentAt;
    this.roundTripMs = this.roundTripMs ? this.roundTripMs * 0.7 + measured * 0.3 : measured;
    this.chooseQuality();
    this.dispatchEvent(new CustomEvent("round-trip", { detail: this.roundTripMs }));
  }

  chooseQuality() {
    const information = networkInformation();
    const isThrifty =
      information?.saveData === true ||
      ["slow-2g", "2g", "3g"].includes(information?.effectiveType ?? "");
    const limit = this.quality === "lean" ? FULL_BELOW_MS : LEAN_ABOVE_MS;
    const quality = isThrifty || this.roundTripMs > limit ? "lean" : "full";
    if (quality === this.quality) return;
    this.quality = quality;
    this.send({ type: "link", quality });
  }

  // --- asking, while there is no socket -------------------------------------------------------
  /** @param {number} delayMs */
  schedulePoll(delayMs) {
    window.clearTimeout(this.pollTimer);
    this.pollTimer = window.setTimeout(() => this.poll(), delayMs);
  }

  async poll() {
    if (this.isOpen || this.isClosed) return;
    const open = [...this.subjects.values()].filter((subject) => !subject.isEnded);
    const renders = open.filter((s) => s.kind === "render").slice(0, MAX_ASKED_AT_ONCE);
    const photos = open.filter((s) => s.kind === "photo").slice(0, MAX_ASKED_AT_ONCE);
    const enhancements = open.filter((s) => s.kind === "enhancement");
    try {
      await Promise.all([
        this.askRenders(renders),
        ...photos.map((s) => this.askPhoto(s)),
        ...enhancements.map((s) => this.askEnhancement(s)),
      ]);
    } catch {
      // The server is away; the next round asks again.
    }
    this.pollMs = Math.min(POLL_LAST_MS, this.pollMs * 1.3);
    if (!this.isOpen) this.schedulePoll(this.pollMs);
  }

  /** @param {Subject[]} subjects */
  async askRenders(subjects) {
    if (!subjects.length) return;
    const ids = subjects.map((subject) => subject.id).join(",");
    const { renders } = await this.ask(`/renders?ids=${ids}`);
    for (const render of renders) this.onState("render", render, render, true);
  }

  /** @param {Subject} subject */
  async askPhoto(subject) {
    const photo = await this.ask(`/photos/${subject.id}`);
    if (photo.cutout) this.onState("photo", photo, photo.cutout, true);
  }

  /** @param {Subject} subject */
  async askEnhancement(subject) {
    const enhancement = await this.ask(`/enhancements/${subject.id}`);
    this.onState("enhancement", enhancement, enhancement, true);
  }
}

/** @returns {any} Chromium's Network Information, where there is one */
function networkInformation() {
  return /** @type {any} */ (navigator).connection;
}
