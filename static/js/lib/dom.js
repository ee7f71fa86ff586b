// @ts-check
/** Building elements. Text always goes in by `textContent`. */

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes] false and undefined
 *   are left out; true is an attribute without a value.
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} children
 */
export function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * One of the icons of icons.svg.
 * @param {string} name
 */
export function icon(name, small = true) {
  const sprite = document.documentElement.dataset.icons;
  const use = svgElement("use", { href: `${sprite}#${name}` });
  return svgElement(
    "svg",
    { class: small ? "icon icon--small" : "icon", "aria-hidden": "true" },
    use,
  );
}

/**
 * The element that must be there: the template promises it.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {any}
 */
export function need(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

/**
 * The data of a json_script element.
 * @param {string} id
 * @returns {any}
 */
export function pageData(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}
