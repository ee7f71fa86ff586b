// @ts-check
/**
 * The tiles of styles and saved looks, each a thumb of this very product, and the tabs over them.
 * Dispatches "choose" {style, params?} when one is picked and "thumb" when one has its picture.
 */

import { api } from "../lib/api.js";
import { element, icon, need } from "../lib/dom.js";
import { OWN_BACKDROP, PLACE, tileOf } from "../lib/look.js";
import { frameUrl, showIn } from "../lib/pictures.js";
import { toast } from "./toast.js";

/** @typedef {import("../lib/live.js").LiveConnection} LiveConnection */

export class StyleTiles extends EventTarget {
  /**
   * @param {HTMLElement} form
   * @param {object} options
   * @param {LiveConnection} options.live
   * @param {any[]} options.styles
   * @param {any[]} options.looks
   * @param {any[]} options.backdrops
   * @param {boolean} options.canSell
   */
  constructor(form, { live, styles, looks, backdrops, canSell }) {
    super();
    this.form = form;
    this.live = live;
    this.styles = styles;
    this.looks = looks;
    this.backdrops = backdrops;
    this.canSell = canSell;
    this.photo = "";
    /** @type {(() => void)[]} */
    this.unwatch = [];
    form.addEventListener("change", (event) => this.onPick(event));
    this.mountTabs();
    for (const look of looks) this.addForget(look);
  }

  /** @param {Event} event */
  onPick(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.name !== "style") return;
    const look = this.looks.find((each) => `look:${each.id}` === input.value);
    const place = input.value.startsWith("place:") ? input.value.slice("place:".length) : "";
    const chosen = place ? { style: OWN_BACKDROP, params: { [PLACE]: place } } : { style: input.value };
    const detail = look ? { style: look.style, params: paramsOf(look) } : chosen;
    this.dispatchEvent(new CustomEvent("choose", { detail }));
  }

  /** @param {string} value a style's slug, or "look:" and an id */
  tile(value) {
    return this.tilesOf(value)[0] ?? null;
  }

  /** A scene that shows products in use stands under two tabs. @param {string} value */
  tilesOf(value) {
    return [...this.form.querySelectorAll(`[data-tile="${CSS.escape(value)}"]`)];
  }

  /**
   * Mark a style or backdrop as the chosen one, unless a look of that style was picked.
   * @param {import("../lib/look.js").Look} chosen
   */
  choose(chosen) {
    const picked = this.form.querySelector('input[name="style"]:checked');
    const look = this.looks.find(
      (each) => picked instanceof HTMLInputElement && `look:${each.id}` === picked.value,
    );
    if (look && tileOf({ ...chosen, ...look }) === tileOf(chosen)) return;
    if (picked instanceof HTMLInputElement && picked.value === tileOf(chosen)) return;
    const input = this.tile(tileOf(chosen))?.querySelector("input");
    if (!input) return;
    input.checked = true;
    this.openTabOf(input);
  }

  /** The neighbour of the chosen style. @param {number} step */
  chooseNeighbour(step) {
    const inputs = [...this.form.querySelectorAll('input[name="style"]')].filter(
      (input) => input.closest("[data-tiles]")?.hasAttribute("hidden") === false,
    );
    // As they are seen: those that do not suit come last.
    const isLast = (/** @type {Element} */ input) => Number(Boolean(input.closest(".tile--unfit")));
    inputs.sort((one, other) => isLast(one) - isLast(other));
    const at = inputs.findIndex((input) => /** @type {HTMLInputElement} */ (input).checked);
    const next = inputs[(at + step + inputs.length) % inputs.length];
    if (!(next instanceof HTMLInputElement)) return;
    next.checked = true;
    next.dispatchEvent(new Event("change", { bubbles: true }));
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // --- what suits -----------------------------------------------------------------------------
  /** What a tile stands for. @param {string} value */
  thing(value) {
    const isPlace = value.startsWith("place:");
    return isPlace
      ? this.backdrops.find(({ id }) => `place:${id}` === value)
      : this.styles.find(({ slug }) => slug === value);
  }

  /** Those that do not suit come last. @param {{style: string, backdrop: string | null, reason: string}[]} fits */
  setFit(fits) {
    for (const { style, backdrop, reason } of fits) {
      const value = backdrop ? `place:${backdrop}` : style;
      const known = this.thing(value);
      if (!known) continue;
      known.unfit = reason;
      for (const tile of this.tilesOf(value)) {
        if (!(tile instanceof HTMLElement)) continue;
        tile.classList.toggle("tile--unfit", Boolean(reason));
        tile.title = reason || known.description || "";
      }
    }
  }

  /** Why a tile does not suit the product; "" when it may. @param {string} value */
  unfit(value) {
    return this.thing(value)?.unfit ?? "";
  }

  // --- thumbs ---------------------------------------------------------------------------------
  /**
   * Order a thumb of every style, look and backdrop for a photo.
   * @param {string} photo
   * @param {boolean} [keepsOld] the old ones stay until the new ones come
   */
  async order(photo, keepsOld = false) {
    this.photo = photo;
    for (const stop of this.unwatch.splice(0)) stop();
    for (const picture of keepsOld ? [] : this.form.querySelectorAll("[data-picture]")) {
      for (const old of picture.querySelectorAll("img, .tile__error")) old.remove();
    }
    if (!this.canSell) return;
    try {
      const { renders } = await api.post("/tiles", { photo });
      if (this.photo !== photo) return;
      for (const render of renders) this.follow(render.style, render);
    } catch (error) {
      this.sayOnAll(error instanceof Error ? error.message : "");
    }
    for (const look of this.looks) this.orderLook(look);
    for (const { id } of this.backdrops) {
      this.orderThumb(`place:${id}`, { style: OWN_BACKDROP, params: { [PLACE]: id } });
    }
  }

  /** @param {any} look */
  orderLook(look) {
    return this.orderThumb(`look:${look.id}`, { style: look.style, params: paramsOf(look) });
  }

  /** @param {string} value @param {{style: string, params: Record<string, any>}} shown */
  async orderThumb(value, shown) {
    const { photo } = this;
    try {
      const render = await api.post("/renders", { photo, ...shown, tier: "thumb" });
      if (this.photo === photo) this.follow(value, render);
    } catch (error) {
      this.say(value, error instanceof Error ? error.message : "");
    }
  }

  /** @param {string} value @param {any} render */
  follow(value, render) {
    if (render.state === "finished") return this.show(value, render.result.display_url);
    let hasFrame = false;
    const stop = this.live.watch("render", render.id, ({ state, frame }) => {
      if (frame) {
        hasFrame = true;
        this.show(value, frameUrl(frame));
      }
      if (state?.state === "finished" && !hasFrame) this.show(value, state.result.display_url);
      if (state?.state === "failed") this.say(value, "No preview");
    });
    this.unwatch.push(stop);
  }

  /** @param {string} value @param {string} url */
  async show(value, url) {
    const pictures = this.tilesOf(value).map((tile) => tile.querySelector("[data-picture]"));
    for (const picture of pictures) {
      if (picture instanceof HTMLElement) await showIn(picture, url);
    }
    if (!pictures.length) return;
    this.dispatchEvent(new CustomEvent("thumb", { detail: { value } }));
  }

  /** The thumb that a tile shows. @param {string} value @returns {string} "" before it has come */
  thumbUrl(value) {
    return this.tile(value)?.querySelector("img")?.src ?? "";
  }

  /** @param {string} value @param {string} sentence */
  say(value, sentence) {
    for (const tile of this.tilesOf(value)) {
      tile.classList.add("tile--failed");
      const words = element("span", { class: "tile__error" }, sentence);
      tile.querySelector("[data-picture]")?.replaceChildren(words);
    }
  }

  /** @param {string} sentence */
  sayOnAll(sentence) {
    for (const style of this.styles) this.say(style.slug, "No preview");
    if (sentence) toast(sentence);
  }

  // --- saved looks ----------------------------------------------------------------------------
  /** Add a look that was saved just now. @param {any} look */
  addLook(look) {
    this.looks.push(look);
    const input = element("input", { type: "radio", name: "style", value: `look:${look.id}` });
    const tile = element(
      "label",
      { class: "tile", "data-tile": `look:${look.id}` },
      input,
      element("span", { class: "tile__picture skeleton", "data-picture": true }),
      element("span", { class: "tile__name" }, look.name),
    );
    need(this.form, "[data-look-tiles]").append(tile);
    this.addForget(look);
    const tab = this.form.querySelector("[data-looks-tab]");
    if (tab instanceof HTMLElement) tab.hidden = false;
    need(this.form, "[data-tabs]").hidden = false;
    this.orderLook(look);
  }

  /** A button that forgets a look, with a way back. @param {any} look */
  addForget(look) {
    const tile = this.tile(`look:${look.id}`);
    if (!tile || !this.canSell) return;
    const label = `Forget the look ${look.name}`;
    const attributes = { class: "button button--icon tile__forget", type: "button", title: label };
    const button = element("button", { ...attributes, "aria-label": label }, icon("close"));
    button.addEventListener("click", (event) => {
      event.preventDefault();
      this.forget(look, tile);
    });
    tile.append(button);
  }

  /** @param {any} look @param {Element} tile */
  async forget(look, tile) {
    try {
      await api.delete(`/looks/${look.id}`);
    } catch (error) {
      toast(error instanceof Error ? error.message : "");
      return;
    }
    this.looks.splice(this.looks.indexOf(look), 1);
    tile.remove();
    const { name, style, params } = look;
    const bringBack = async () => this.addLook(await api.post("/looks", { name, style, params }));
    toast(`“${name}” is forgotten. Pictures made with it stay.`, { label: "Undo", act: bringBack });
  }

  // --- tabs -----------------------------------------------------------------------------------
  mountTabs() {
    const tabs = this.tabs();
    for (const tab of tabs) tab.addEventListener("click", () => this.openTab(tab));
    this.form.querySelector("[data-tabs]")?.addEventListener("keydown", (event) => {
      const key = /** @type {KeyboardEvent} */ (event).key;
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      const shown = tabs.filter((tab) => !tab.hidden);
      const at = shown.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      if (!step || at < 0) return;
      event.preventDefault();
      this.openTab(shown[(at + step + shown.length) % shown.length]);
    });
  }

  /** @returns {HTMLElement[]} */
  tabs() {
    return [...this.form.querySelectorAll('[role="tab"]')].map(
      (tab) => /** @type {HTMLElement} */ (tab),
    );
  }

  /** What is chosen is seen: its tab opens. @param {Element} input */
  openTabOf(input) {
    const panel = input.closest("[data-tiles]");
    const tab = this.tabs().find((each) => each.getAttribute("aria-controls") === panel?.id);
    if (tab && panel instanceof HTMLElement && panel.hidden) this.openTab(tab, false);
  }

  /** @param {HTMLElement} chosen @param {boolean} [hasFocus] */
  openTab(chosen, hasFocus = true) {
    for (const tab of this.tabs()) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !isChosen;
    }
    if (hasFocus) chosen.focus();
  }
}

/** A look's controls; a height of 0 is each product's own. @param {any} look */
function paramsOf(look) {
  const { height_cm: height, ...others } = look.params;
  return height ? look.params : others;
}
