// @ts-check
/**
 * What only the seller knows of the product: how its photo shows it, how high it is, whether it is
 * furniture or glass. Answers are saved when they are given; they order the styles and set sizes.
 */

import { api } from "../../lib/api.js";
import { need } from "../../lib/dom.js";

const HEIGHT = "height_cm";

export class ProductFacts {
  /**
   * @param {HTMLElement} root
   * @param {Studio} studio
   */
  constructor(root, studio) {
    this.root = root;
    this.studio = studio;
    this.facts = studio.photo.facts;
    this.isGlass = false;
    this.ask = need(root, "[data-facts-ask]");
    this.sheet = need(root, "[data-facts-all]");
    this.height = need(root, "[data-height]");
    this.furniture = need(root, "[data-furniture]");
    this.glass = need(root, "[data-glass]");
    this.mount();
    this.show();
  }

  mount() {
    for (const button of this.root.querySelectorAll("[data-answer]")) {
      const { answer } = /** @type {HTMLElement} */ (button).dataset;
      button.addEventListener("click", () => this.say({ posture: answer }));
    }
    for (const input of this.root.querySelectorAll("[data-posture]")) {
      const { value } = /** @type {HTMLInputElement} */ (input);
      input.addEventListener("change", () => this.say({ posture: value }));
    }
    need(this.root, "[data-facts-skip]").addEventListener("click", () => this.skip());
    this.height.addEventListener("change", () => {
      if (!this.height.reportValidity()) return;
      this.say({ height_cm: this.height.value === "" ? null : Number(this.height.value) });
    });
    this.furniture.addEventListener("change", () =>
      this.say({ is_furniture: this.furniture.checked }),
    );
    this.glass.addEventListener("change", () => this.sayGlass(this.glass.checked));
    this.sheet.addEventListener("toggle", () => this.onToggle());
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !this.root.contains(target)) this.sheet.open = false;
    });
    this.sheet.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape" || !this.sheet.open) return;
      event.stopPropagation();
      this.sheet.open = false;
      this.sheet.querySelector("summary").focus();
    });
  }

  get skipKey() {
    return `softbox:not-asked:${this.studio.photo.id}`;
  }

  skip() {
    try {
      localStorage.setItem(this.skipKey, "1");
    } catch {
      // Full or switched off: the question comes again with the next visit.
    }
    this.isSkipped = true;
    this.show();
  }

  wasSkipped() {
    try {
      return this.isSkipped || localStorage.getItem(this.skipKey) !== null;
    } catch {
      return false;
    }
  }

  show() {
    const { facts } = this;
    const isKnown = facts.posture || facts.is_posture_clear;
    const isCutOut = this.studio.cutout.state?.state === "finished";
    this.ask.hidden = Boolean(isKnown) || !isCutOut || this.wasSkipped();
    for (const input of this.root.querySelectorAll("[data-posture]")) {
      const radio = /** @type {HTMLInputElement} */ (input);
      radio.checked = radio.value === facts.posture;
    }
    this.height.value = facts.height_cm ?? "";
    this.furniture.checked = Boolean(facts.is_furniture);
    this.glass.checked = this.isGlass;
    const checked = this.root.querySelector("[data-posture]:checked");
    const said = [
      checked?.parentElement?.textContent?.trim(),
      facts.height_cm && `${facts.height_cm} cm`,
      facts.is_furniture && "furniture",
    ];
    need(this.root, "[data-facts-said]").textContent = said.filter(Boolean).join(" · ");
  }

  /** @param {Record<string, unknown>} said */
  async say(said) {
    const { studio } = this;
    const before = this.facts.height_cm ?? 0;
    try {
      const photo = await api.patch(`/photos/${studio.photo.id}/facts`, said);
      this.take(photo);
      if (HEIGHT in said) this.setHeight(before, photo.facts.height_cm ?? 0);
      await this.refit();
      // Whether it is furniture changes the order of styles, and no picture.
      if (!("posture" in said) && !(HEIGHT in said)) return;
      if (!studio.cutout.hasFailed) studio.tiles.order(studio.photo.id, true);
      studio.afterAnswer("posture" in said);
    } catch (error) {
      studio.complain(error);
      this.show();
    }
  }

  /** A photo as the API gives it. @param {any} photo */
  take(photo) {
    this.facts = photo.facts;
    this.studio.photo.facts = photo.facts;
    this.show();
  }

  /** The cut-out is there: what its outline shows need not be asked. */
  async onCutout() {
    try {
      this.take(await api.get(`/photos/${this.studio.photo.id}`));
      await this.refit();
    } catch (error) {
      this.studio.complain(error);
    }
  }

  async refit() {
    const fits = await api.get(`/photos/${this.studio.photo.id}/fit`);
    this.studio.tiles.setFit(fits);
    this.studio.hush();
  }

  /** Styles without another height take the product's. @param {number} before @param {number} now */
  setHeight(before, now) {
    const { look, data } = this.studio;
    for (const { slug, params_schema: schema } of data.styles) {
      const property = schema.properties?.[HEIGHT];
      if (!property) continue;
      const fitting = now <= property.maximum ? now : 0;
      property.default = fitting;
      const kept = look.paramsByStyle[slug];
      if (kept && (kept[HEIGHT] === before || kept[HEIGHT] === 0)) kept[HEIGHT] = fitting;
      if (look.look.style === slug) look.setParams({ [HEIGHT]: fitting }, true);
    }
  }

  async onToggle() {
    if (!this.sheet.open) return;
    try {
      const corrections = await api.get(`/photos/${this.studio.photo.id}/corrections`);
      this.isGlass = corrections.translucency === "glass";
      this.glass.checked = this.isGlass;
    } catch (error) {
      this.studio.complain(error);
    }
  }

  /** @param {boolean} isGlass */
  async sayGlass(isGlass) {
    const { studio } = this;
    try {
      const translucency = isGlass ? "glass" : "opaque";
      const state = await api.patch(`/photos/${studio.photo.id}/cutout`, { translucency });
      this.isGlass = isGlass;
      studio.afterCorrecting(state.cutout, true);
    } catch (error) {
      studio.complain(error);
      this.show();
    }
  }
}
