// @ts-check
/** The look that is being made: a style with its controls and the picture's shape. With undo. */

/** @typedef {Record<string, string | number | boolean>} Params */
/** @typedef {{style: string, params: Params, output: {size: number, aspect: string}}} Look */

const STEPS_KEPT = 200;

/** @param {Look} look @returns {Look} */
function copyOf(look) {
  return { style: look.style, params: { ...look.params }, output: { ...look.output } };
}

/**
 * Whether two looks make the same pixels, whatever their size.
 * @param {Look} one @param {Look} other
 */
export function isSameLook(one, other) {
  if (one.style !== other.style || one.output.aspect !== other.output.aspect) return false;
  const names = new Set([...Object.keys(one.params), ...Object.keys(other.params)]);
  return [...names].every((name) => one.params[name] === other.params[name]);
}

/**
 * The default value of every parameter.
 * @param {any} style
 * @returns {Params}
 */
export function defaultsOf(style) {
  const properties = Object.entries(style.params_schema.properties ?? {});
  return Object.fromEntries(properties.map(([name, schema]) => [name, schema.default]));
}

/** The parameters that name a thing instead of setting a control. @param {any} style @returns {string[]} */
function referencesOf(style) {
  const properties = Object.entries(style?.params_schema.properties ?? {});
  return properties.filter(([, each]) => each["x-control"] === "reference").map(([name]) => name);
}

/** The style in which sellers' own backdrops are shown, and its parameter that names one. */
export const OWN_BACKDROP = "own-backdrop";
export const PLACE = "place_id";

/**
 * The tile that a look belongs to: its style's, or its backdrop's.
 * @param {{style: string, params: Params}} look
 */
export function tileOf({ style, params }) {
  return style === OWN_BACKDROP ? `place:${params[PLACE]}` : style;
}

/**
 * Whether every control of a style stands where the style put it.
 * @param {any} style
 * @param {Params} params
 */
export function isUntouched(style, params) {
  const references = referencesOf(style);
  const defaults = Object.entries(defaultsOf(style)).filter(([name]) => !references.includes(name));
  return defaults.every(([name, value]) => params[name] === value);
}

/** Dispatches "change" after every change; its detail is `{isFinal, isStep}`. */
export class LookStore extends EventTarget {
  /**
   * @param {object} options
   * @param {any[]} options.styles
   * @param {Look | null} options.start goes before what is kept
   * @param {Look | null} [options.fallback] where nothing is kept
   * @param {{load: () => any, save: (kept: any) => void}} options.storage
   */
  constructor({ styles, start, fallback = null, storage }) {
    super();
    this.styles = new Map(styles.map((style) => [style.slug, style]));
    this.storage = storage;
    const kept = storage.load() ?? {};
    /** @type {Record<string, Params>} what was last set in each style */
    this.paramsByStyle = kept.paramsByStyle ?? {};
    const first = start ?? kept.look ?? fallback;
    this.look = this.repaired(first);
    /** @type {Look[]} */
    this.past = [];
    /** @type {Look[]} */
    this.future = [];
    this.committed = copyOf(this.look);
  }

  get style() {
    return this.styles.get(this.look.style);
  }

  /**
   * A look that this installation can render: parameters it lost are dropped, new ones are default.
   * @param {Look | null} look
   * @returns {Look}
   */
  repaired(look) {
    const slug = look && this.styles.has(look.style) ? look.style : [...this.styles.keys()][0] ?? "";
    const style = this.styles.get(slug);
    const params = style ? defaultsOf(style) : {};
    for (const name of Object.keys(params)) {
      const value = look && look.style === slug ? look.params[name] : undefined;
      if (typeof value === typeof params[name]) params[name] = /** @type {any} */ (value);
    }
    const output = { size: look?.output?.size ?? 2048, aspect: look?.output?.aspect ?? "1:1" };
    return { style: slug, params, output };
  }

  /**
   * @param {Partial<Params>} params
   * @param {boolean} isFinal false while a control is being dragged
   */
  setParams(params, isFinal) {
    this.apply({ ...this.look, params: { ...this.look.params, .../** @type {Params} */ (params) } }, isFinal);
  }

  /** @param {Partial<Look["output"]>} output */
  setOutput(output) {
    this.apply({ ...this.look, output: { ...this.look.output, ...output } }, true);
  }

  /**
   * @param {string} slug
   * @param {Params} [params] those of a saved look; else what was last set in this style
   */
  choose(slug, params) {
    const wanted = params ?? this.paramsByStyle[slug] ?? {};
    this.apply(this.repaired({ style: slug, params: wanted, output: this.look.output }), true);
  }

  reset() {
    const params = this.style ? defaultsOf(this.style) : {};
    for (const name of referencesOf(this.style)) params[name] = this.look.params[name];
    this.apply({ ...this.look, params }, true);
  }

  /** @param {Look} look */
  show(look) {
    this.apply(this.repaired(look), true);
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  /** @param {Look} look @param {boolean} isFinal */
  apply(look, isFinal) {
    this.look = copyOf(look);
    if (isFinal) this.commit();
    this.announce(isFinal, false);
  }

  commit() {
    const isSame =
      isSameLook(this.look, this.committed) && this.look.output.size === this.committed.output.size;
    if (isSame) return;
    this.past.push(this.committed);
    if (this.past.length > STEPS_KEPT) this.past.shift();
    this.future = [];
    this.committed = copyOf(this.look);
    this.keep();
  }

  /** @param {Look[]} from @param {Look[]} to */
  step(from, to) {
    const look = from.pop();
    if (!look) return;
    to.push(this.committed);
    this.look = copyOf(look);
    this.committed = copyOf(look);
    this.keep();
    this.announce(true, true);
  }

  keep() {
    this.paramsByStyle[this.look.style] = { ...this.look.params };
    this.storage.save({ look: this.look, paramsByStyle: this.paramsByStyle });
  }

  /** @param {boolean} isFinal @param {boolean} isStep */
  announce(isFinal, isStep) {
    this.dispatchEvent(new CustomEvent("change", { detail: { isFinal, isStep } }));
  }
}

/**
 * Storage that outlives the page; without it (private windows) the look lasts as long as the page.
 * @param {string} key
 */
export function localStorageOf(key) {
  return {
    load() {
      try {
        return JSON.parse(localStorage.getItem(key) ?? "null");
      } catch {
        return null;
      }
    },
    /** @param {any} kept */
    save(kept) {
      try {
        localStorage.setItem(key, JSON.stringify(kept));
      } catch {
        // Full or switched off.
      }
    },
  };
}
