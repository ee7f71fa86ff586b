// @ts-check
/** What a returned picture can be mended with: each opens the control that does it. */

import { announce } from "../../lib/announce.js";

/** The labels of `DefectReason.Fix`. */
const LABELS = /** @type {Record<string, string>} */ ({
  recut: "Correct the cut-out",
  brush: "Brush the cut-out",
  shadow: "Set the shadow",
  crop: "Set size and place",
  size: "Make it larger",
});

/**
 * The fixes whose control this page and this style have.
 * @param {Studio} studio
 * @param {string[]} fixes
 * @returns {{label: string, act: () => void}[]}
 */
export function availableFixes(studio, fixes) {
  return fixes.flatMap((fix) => {
    const control = controlOf(studio, fix);
    return control ? [{ label: LABELS[fix], act: () => use(studio, control, LABELS[fix]) }] : [];
  });
}

/** @param {Studio} studio @param {string} fix @returns {HTMLElement | null} */
function controlOf(studio, fix) {
  const { root, controls } = studio;
  if (fix === "size") return root.querySelector("[data-size]");
  if (fix === "recut" || fix === "brush") return root.querySelector("[data-correct]");
  const name = { shadow: "shadow", crop: "scale" }[fix];
  return (name && controls.controls.get(name)?.root.querySelector("input, select, button")) || null;
}

/** @param {Studio} studio @param {HTMLElement} control @param {string} label */
function use(studio, control, label) {
  const opener = studio.root.querySelector("[data-open-sheet]");
  const isInSheet = control.closest("[data-sheet]");
  if (isInSheet && opener instanceof HTMLElement && opener.offsetParent) opener.click();
  if (control.matches("[data-correct]")) control.click();
  control.scrollIntoView({ block: "center" });
  control.focus();
  announce(`${label}, then make full quality again.`);
}
