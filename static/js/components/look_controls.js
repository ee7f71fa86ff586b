// @ts-check
/** The controls of a style, made from its parameters' JSON Schema. */

import "./lamp_dial.js";
import { whereIs } from "./lamp_dial.js";
import { element } from "../lib/dom.js";

/** @typedef {string | number | boolean} Value */
/**
 * @typedef {object} Control
 * @property {HTMLElement} root
 * @property {(value: any) => void} show puts a value into the control
 */
/** @typedef {(value: Value, isFinal: boolean) => void} OnValue */

const SEGMENTS_AT_MOST = 4;
// Of the labels side by side: a longer one would run over its neighbour.
const LETTERS_IN_A_ROW = 22;
let made = 0;

export class LookControls {
  /**
   * @param {HTMLElement} root
   * @param {(name: string, value: Value, isFinal: boolean) => void} onChange
   */
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    /** @type {Map<string, Control>} */
    this.controls = new Map();
  }

  /** @param {any} schema a style's params_schema */
  build(schema) {
    this.controls.clear();
    /** @type {Map<string, HTMLElement>} */
    const groups = new Map();
    for (const [name, property] of Object.entries(schema?.properties ?? {})) {
      // It names a thing, and there is nothing to set.
      if (property["x-control"] === "reference") continue;
      const heading = property["x-group"];
      const group = groups.get(heading) ?? makeGroup(heading);
      groups.set(heading, group);
      const build = BUILDERS[property["x-control"]] ?? makeNumber;
      const control = build(property, (value, isFinal) => this.onChange(name, value, isFinal));
      this.controls.set(name, control);
      if (property.description) control.root.title = property.description;
      group.append(control.root);
    }
    this.root.replaceChildren(...groups.values());
  }

  /** @param {Record<string, Value>} params */
  show(params) {
    for (const [name, control] of this.controls) control.show(params[name]);
  }
}

/** @type {Record<string, (property: any, onValue: OnValue) => Control>} */
const BUILDERS = {
  slider: makeNumber,
  lamp: makeLamp,
  colour: makeColour,
  choice: makeChoice,
  toggle: makeToggle,
};

/** @param {string} heading */
function makeGroup(heading) {
  const legend = element("legend", { class: "heading-small" }, heading);
  return element("fieldset", { class: "controls__group" }, legend);
}

/** @param {any} property @param {OnValue} onValue @returns {Control} */
function makeNumber(property, onValue) {
  const id = `control-${(made += 1)}`;
  const range = /** @type {HTMLInputElement} */ (
    element("input", {
      id,
      class: "range",
      type: "range",
      min: property.minimum,
      max: property.maximum,
      step: property["x-step"] ?? "any",
    })
  );
  const typed = makeTyped(property, (value, isFinal) => {
    range.value = String(value);
    onValue(value, isFinal);
  });
  range.addEventListener("input", () => {
    typed.show(Number(range.value));
    onValue(Number(range.value), false);
  });
  range.addEventListener("change", () => onValue(Number(range.value), true));
  const label = element("label", { class: "control__label", for: id }, property.title);
  return {
    root: element("div", { class: "control" }, label, range, typed.root),
    show(value) {
      if (Number(range.value) !== value) range.value = String(value);
      typed.show(value);
    },
  };
}

/**
 * A number that one can type, with its unit.
 * @param {any} property
 * @param {(value: number, isFinal: boolean) => void} onTyped final when the number is left
 */
function makeTyped(property, onTyped) {
  const unit = property["x-unit"] ?? "";
  const input = /** @type {HTMLInputElement} */ (
    element("input", {
      class: "number__input",
      type: "number",
      inputmode: "decimal",
      min: property.minimum,
      max: property.maximum,
      step: property["x-step"] ?? "any",
      "aria-label": `${property.title}${unit ? `, in ${unit}` : ""}`,
    })
  );
  input.addEventListener("input", () => {
    const number = Number(input.value);
    const isWhole = input.value !== "" && number >= property.minimum && number <= property.maximum;
    if (isWhole) onTyped(number, false);
  });
  input.addEventListener("change", () => {
    const number = Number(input.value);
    const value = Math.max(property.minimum, Math.min(property.maximum, number));
    if (input.value === "" || Number.isNaN(number)) return;
    input.value = String(value);
    onTyped(value, true);
  });
  const shownUnit = element("span", { class: "number__unit", "aria-hidden": "true" }, unit);
  return {
    root: element("span", { class: "number" }, input, shownUnit),
    /** @param {number} value */
    show(value) {
      if (document.activeElement !== input || Number(input.value) !== value) {
        input.value = String(Math.round(value * 100) / 100);
      }
    },
  };
}

/** @param {any} property @param {OnValue} onValue @returns {Control} */
function makeLamp(property, onValue) {
  const dial = /** @type {import("./lamp_dial.js").LampDial} */ (
    element("lamp-dial", {
      min: property.minimum,
      max: property.maximum,
      step: property["x-step"] ?? 1,
      value: property.default,
      label: property.title,
    })
  );
  const where = element("span", { class: "muted" });
  const typed = makeTyped(property, (value, isFinal) => {
    dial.value = value;
    say(value);
    onValue(value, isFinal);
  });
  /** @param {number} value */
  const say = (value) => {
    typed.show(value);
    where.textContent = whereIs(value);
  };
  for (const name of ["input", "change"]) {
    dial.addEventListener(name, (event) => {
      // The typed number's own events bubble no further than its place beside the dial.
      if (event.target !== dial) return;
      say(dial.value);
      onValue(dial.value, name === "change");
    });
  }
  const title = element("span", { class: "control__label" }, property.title);
  const side = element("div", { class: "lamp__side" }, title, where, typed.root);
  return {
    root: element("div", { class: "lamp" }, dial, side),
    show(value) {
      dial.value = value;
      say(value);
    },
  };
}

/** @param {any} property @param {OnValue} onValue @returns {Control} */
function makeColour(property, onValue) {
  const id = `control-${(made += 1)}`;
  const well = /** @type {HTMLInputElement} */ (
    element("input", { id, class: "colour__well", type: "color" })
  );
  const text = /** @type {HTMLInputElement} */ (
    element("input", {
      class: "input input--small colour__text",
      type: "text",
      maxlength: 7,
      spellcheck: "false",
      autocomplete: "off",
      "aria-label": `${property.title}, as #rrggbb`,
    })
  );
  well.addEventListener("input", () => {
    text.value = well.value;
    onValue(well.value, false);
  });
  well.addEventListener("change", () => onValue(well.value, true));
  text.addEventListener("change", () => {
    const colour = readColour(text.value);
    text.setAttribute("aria-invalid", String(!colour));
    if (!colour) return;
    well.value = text.value = colour;
    onValue(colour, true);
  });
  const label = element("label", { class: "control__label", for: id }, property.title);
  const both = element("div", { class: "colour" }, well, text);
  return {
    root: element("div", { class: "control" }, label, both),
    show(value) {
      well.value = value;
      if (document.activeElement !== text) text.value = value;
      text.removeAttribute("aria-invalid");
    },
  };
}

/**
 * "#C9AE9C", "c9ae9c" and "#ca9" are colours; anything else is "".
 * @param {string} text
 */
export function readColour(text) {
  const digits = text.trim().replace(/^#/, "").toLowerCase();
  if (/^[0-9a-f]{6}$/.test(digits)) return `#${digits}`;
  if (!/^[0-9a-f]{3}$/.test(digits)) return "";
  return `#${[...digits].map((digit) => digit + digit).join("")}`;
}

/** @param {any} property @param {OnValue} onValue @returns {Control} */
function makeChoice(property, onValue) {
  const labels = property["x-labels"] ?? property.enum;
  const count = property.enum.length;
  const longest = Math.max(...labels.map((/** @type {string} */ label) => label.length));
  const fits = count <= SEGMENTS_AT_MOST && longest * count <= LETTERS_IN_A_ROW;
  return fits
    ? makeSegments(property, labels, onValue)
    : makeSelect(property, labels, onValue);
}

/** @param {any} property @param {string[]} labels @param {OnValue} onValue @returns {Control} */
function makeSegments(property, labels, onValue) {
  const name = `control-${(made += 1)}`;
  const inputs = property.enum.map((/** @type {string} */ value) =>
    element("input", { type: "radio", name, value }),
  );
  const segments = inputs.map((/** @type {HTMLInputElement} */ input, /** @type {number} */ index) => {
    input.addEventListener("change", () => onValue(input.value, true));
    return element("label", {}, input, labels[index]);
  });
  const attributes = {
    class: "segmented segmented--wide",
    role: "radiogroup",
    "aria-label": property.title,
  };
  const title = element("span", { class: "control__label" }, property.title);
  return {
    root: element("div", { class: "control" }, title, element("div", attributes, ...segments)),
    show(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}

/** @param {any} property @param {string[]} labels @param {OnValue} onValue @returns {Control} */
function makeSelect(property, labels, onValue) {
  const options = property.enum.map((/** @type {string} */ value, /** @type {number} */ index) =>
    element("option", { value }, labels[index]),
  );
  const select = /** @type {HTMLSelectElement} */ (
    element("select", { class: "input input--small" }, ...options)
  );
  select.addEventListener("change", () => onValue(select.value, true));
  const title = element("span", { class: "control__label" }, property.title);
  return {
    root: element("label", { class: "control" }, title, select),
    show(value) {
      select.value = value;
    },
  };
}

/** @param {any} property @param {OnValue} onValue @returns {Control} */
function makeToggle(property, onValue) {
  const box = /** @type {HTMLInputElement} */ (
    element("input", { class: "switch", type: "checkbox", role: "switch" })
  );
  box.addEventListener("change", () => onValue(box.checked, true));
  const title = element("span", { class: "control__label" }, property.title);
  return {
    root: element("label", { class: "control" }, title, box),
    show(value) {
      box.checked = value;
    },
  };
}
