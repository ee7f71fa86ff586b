// @ts-check
/** The controls as a sheet that rises from the lower edge, on narrow screens. */

import { need } from "../lib/dom.js";

/** @param {HTMLElement} root */
export function mountSheet(root) {
  const sheet = need(root, "[data-sheet]");
  const open = root.querySelector("[data-open-sheet]");
  if (!(open instanceof HTMLElement)) return;
  /** @param {boolean} isOpen */
  const set = (isOpen) => {
    sheet.classList.toggle("is-open", isOpen);
    open.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) need(sheet, "[data-close-sheet]").focus({ preventScroll: true });
    else if (sheet.contains(document.activeElement)) open.focus();
  };
  open.addEventListener("click", () => set(!sheet.classList.contains("is-open")));
  need(sheet, "[data-close-sheet]").addEventListener("click", () => set(false));
  sheet.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") set(false);
  });
}
