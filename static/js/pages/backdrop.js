// @ts-check
/** Setting a place up: lines over its photo, the light, and a product in it as it changes. */

import { LookControls } from "../components/look_controls.js";
import { PlaceCanvas } from "../components/place_canvas.js";
import { api } from "../lib/api.js";
import { need, pageData } from "../lib/dom.js";
import { LiveConnection } from "../lib/live.js";
import { frameUrl, showIn } from "../lib/pictures.js";
import { eyeLevelOf, ordered, pitchOf } from "../lib/place_geometry.js";
import { PreviewOrders } from "../lib/previews.js";

/** @typedef {import("../lib/place_geometry.js").Setup} Setup */

const DEGREES = { "x-control": "slider", "x-unit": "°", "x-step": 1 };
const PERCENT = { "x-control": "slider", "x-unit": "%", "x-step": 1, minimum: 0, maximum: 100 };
/** The controls beside the picture, as a style's parameters are described. */
const SCHEMA = {
  properties: {
    viewpoint: {
      title: "Taken",
      "x-group": "Place",
      "x-control": "choice",
      enum: ["level", "above"],
      "x-labels": ["From in front", "From above"],
    },
    pitch: {
      ...DEGREES,
      title: "Looks down",
      "x-group": "Place",
      minimum: -20,
      maximum: 60,
      description: "How far the camera looked down; it moves the eye level.",
    },
    width_cm: {
      title: "Width",
      "x-group": "Place",
      "x-control": "slider",
      "x-unit": " cm",
      "x-step": 1,
      minimum: 5,
      maximum: 600,
      description: "How much of the place the whole picture’s width shows where the product stands.",
    },
    focal: {
      ...PERCENT,
      title: "Lens",
      "x-group": "Place",
      minimum: 30,
      maximum: 300,
      description: "The focal length over the picture’s diagonal: a phone’s main camera is about 60 %.",
    },
    light_from_deg: {
      title: "Light from",
      "x-group": "Light",
      "x-control": "lamp",
      minimum: -180,
      maximum: 180,
      "x-step": 1,
      "x-unit": "°",
    },
    light_height_deg: { ...DEGREES, title: "Light height", "x-group": "Light", minimum: 10, maximum: 85 },
    light_softness: {
      ...PERCENT,
      title: "Softness",
      "x-group": "Light",
      description: "From a bare sun to an overcast sky.",
    },
  },
};

class PlaceEditor {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.data = pageData("backdrop-data");
    const { backdrop, can_sell: canSell } = this.data;
    /** @type {Setup} */
    this.setup = backdrop.setup;
    this.unsure = backdrop.unsure;
    /** @type {Setup[]} */
    this.past = [];
    /** @type {Setup[]} */
    this.future = [];
    this.committed = { ...this.setup };
    this.saved = { ...this.setup };
    this.isSending = false;
    this.canvas = new PlaceCanvas(need(root, "[data-canvas]"), backdrop, canSell);
    this.controls = new LookControls(need(root, "[data-sliders]"), (name, value, isFinal) =>
      this.onControl(name, value, isFinal),
    );
    this.controls.build(SCHEMA);
    this.preview = need(root, "[data-preview]");
    this.error = need(root, "[data-error]");
    this.live = new LiveConnection({ ask: api.get }).start();
    this.previews = new PreviewOrders({
      order: (look, supersedes) => this.order(look, supersedes),
      watch: (id, listener) => this.live.watch("render", id, listener),
      onPicture: ({ frame, url }) => showIn(this.preview, frame ? frameUrl(frame) : (url ?? "")),
      onState: (render) => render.state === "failed" && this.complain(render.error.message),
      onError: (error) => this.complain(error),
    });
    this.canvas.addEventListener("change", (event) => {
      const { values, isFinal } = /** @type {CustomEvent} */ (event).detail;
      this.change(values, isFinal);
    });
    this.mountForm();
    this.mountUndo();
    this.show();
    this.want(true);
  }

  mountForm() {
    const form = need(this.root, "[data-setup-form]");
    form.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    const name = need(this.root, "[data-name]");
    name.addEventListener("change", async () => {
      if (!name.reportValidity()) return;
      await this.send({ name: name.value });
      need(this.root, ".place__name").textContent = name.value;
    });
  }

  mountUndo() {
    const [undo, redo] = [need(this.root, "[data-undo]"), need(this.root, "[data-redo]")];
    undo.addEventListener("click", () => this.step(this.past, this.future));
    redo.addEventListener("click", () => this.step(this.future, this.past));
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      if (event.target instanceof HTMLInputElement && event.target.type === "text") return;
      event.preventDefault();
      if (event.shiftKey) this.step(this.future, this.past);
      else this.step(this.past, this.future);
    });
  }

  /** @param {string} name @param {any} value @param {boolean} isFinal */
  onControl(name, value, isFinal) {
    const { width, height } = this.data.backdrop;
    if (name === "pitch") {
      this.change({ eye_level: eyeLevelOf(value, this.setup, width, height) }, isFinal);
    } else if (name === "focal") {
      // The same pitch through another lens.
      const pitch = pitchOf(this.setup, width, height);
      const setup = { ...this.setup, focal: value / 100 };
      this.change({ focal: value / 100, eye_level: eyeLevelOf(pitch, setup, width, height) }, isFinal);
    } else if (name === "light_softness") this.change({ [name]: value / 100 }, isFinal);
    else if (name === "viewpoint" && value === "above") {
      this.change({ viewpoint: value, stand_x: 0.5, stand_y: 0.5 }, isFinal);
    } else this.change({ [name]: value }, isFinal);
  }

  /** @param {Record<string, any>} values @param {boolean} isFinal */
  change(values, isFinal) {
    const bounded = { ...values };
    const limits = { stand_x: [0.05, 0.95], stand_y: [0.1, 0.98], ground_line: [0.02, 0.95], eye_level: [-3, 0.9] };
    for (const [name, [low, high]] of Object.entries(limits)) {
      if (name in bounded) bounded[name] = Math.max(low, Math.min(high, bounded[name]));
    }
    const moved = Object.keys(values).find((name) => name in limits) ?? "ground_line";
    this.setup = ordered({ ...this.setup, ...bounded }, moved);
    if (isFinal) this.commit(Object.keys(values));
    // While a line is dragged the picture follows as fast as the server takes it.
    else if (!this.isSending) this.save([], false);
    this.show();
  }

  /** @param {string[]} named what a person has looked at now */
  commit(named) {
    this.past.push(this.committed);
    this.future = [];
    this.committed = { ...this.setup };
    this.save(named);
  }

  /** @param {Setup[]} from @param {Setup[]} to */
  step(from, to) {
    const setup = from.pop();
    if (!setup) return;
    to.push(this.committed);
    this.committed = { ...setup };
    this.setup = { ...setup };
    this.show();
    this.save([]);
  }

  /** @param {string[]} named @param {boolean} [isFinal] */
  async save(named, isFinal = true) {
    // Only what differs is sent, and what a person has just set: it is unsure no more.
    const changed = Object.entries(this.setup).filter(
      ([name, value]) => named.includes(name) || this.saved[/** @type {keyof Setup} */ (name)] !== value,
    );
    if (!changed.length) return;
    this.saved = { ...this.setup };
    await this.send({ setup: Object.fromEntries(changed) });
    this.want(isFinal);
  }

  /** @param {Record<string, unknown>} said */
  async send(said) {
    this.isSending = true;
    try {
      const backdrop = await api.patch(`/backdrops/${this.data.backdrop.id}`, said);
      this.unsure = backdrop.unsure;
      this.error.hidden = true;
      this.show();
    } catch (error) {
      this.complain(error);
    } finally {
      this.isSending = false;
    }
  }

  /** @param {boolean} isFinal */
  want(isFinal) {
    if (!this.data.photo || !this.data.can_sell) return;
    const { slug, params } = this.data.style;
    this.previews.want({ style: slug, params, output: { size: 2048, aspect: "1:1" } }, isFinal);
  }

  /** @param {import("../lib/look.js").Look} look @param {string} supersedes */
  order(look, supersedes) {
    const order = { photo: this.data.photo, tier: "preview", ...look };
    return api.post("/renders", supersedes ? { ...order, supersedes } : order);
  }

  show() {
    const { width, height } = this.data.backdrop;
    this.canvas.show(this.setup, this.unsure);
    this.controls.show({
      ...this.setup,
      pitch: Math.round(pitchOf(this.setup, width, height)),
      focal: Math.round(this.setup.focal * 100),
      light_softness: Math.round(this.setup.light_softness * 100),
    });
    const asked = this.unsure.map((/** @type {string} */ name) => this.data.asked[name]);
    need(this.root, "[data-asked]").hidden = asked.length === 0;
    need(this.root, "[data-asked-words]").textContent = asked.join(", ");
    need(this.root, "[data-undo]").disabled = this.past.length === 0;
    need(this.root, "[data-redo]").disabled = this.future.length === 0;
  }

  /** @param {unknown} error */
  complain(error) {
    this.error.textContent = error instanceof Error ? error.message : String(error);
    this.error.hidden = false;
  }
}

const page = document.querySelector('[data-page="backdrop"]');
if (page instanceof HTMLElement) new PlaceEditor(page);
