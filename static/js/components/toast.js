// @ts-check
/** A sentence at the page's lower edge that leaves by itself, with at most one thing to do. */

import { element, icon } from "../lib/dom.js";

const SHOWN_MS = 6000;

/**
 * @param {string} text
 * @param {{label: string, act: () => void}} [action]
 */
export function toast(text, action) {
  const region = document.querySelector("[data-toasts]");
  const words = element("span", { class: "toast__text" }, text);
  const close = element("button", {
    class: "button button--icon",
    type: "button",
    "aria-label": "Close",
  });
  close.append(icon("close"));
  const made = element("div", { class: "toast" }, words);
  const leave = () => made.remove();
  if (action) {
    const button = element("button", { class: "button", type: "button" }, action.label);
    button.addEventListener("click", () => {
      action.act();
      leave();
    });
    made.append(button);
  }
  close.addEventListener("click", leave);
  made.append(close);
  region?.append(made);
  let timer = window.setTimeout(leave, SHOWN_MS);
  made.addEventListener("pointerenter", () => window.clearTimeout(timer));
  made.addEventListener("focusin", () => window.clearTimeout(timer));
  made.addEventListener("pointerleave", () => {
    timer = window.setTimeout(leave, SHOWN_MS);
  });
}
