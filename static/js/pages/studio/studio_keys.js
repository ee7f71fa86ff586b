// @ts-check
/** The studio's keys; the list of them is templates/renders/_keys.html. */

import { isTyping } from "../../lib/keys.js";

/**
 * @param {HTMLElement} root
 * @param {Studio} studio
 */
export function mountKeys(root, studio) {
  const { stage, look } = studio;
  /** @type {Record<string, () => void>} */
  const plain = {
    c: () => stage.setView(stage.view === "cutout" ? "result" : "cutout"),
    b: () => stage.toggleSplit(),
    e: () => studio.editor?.open(),
    z: () => stage.setZoomed(!stage.isZoomed),
    "[": () => studio.tiles.chooseNeighbour(-1),
    "]": () => studio.tiles.chooseNeighbour(1),
  };
  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") run(event, () => (event.shiftKey ? look.redo() : look.undo()));
      else if (key === "y") run(event, () => look.redo());
    } else if (key === " " && !isPressable(event.target)) {
      event.preventDefault();
      if (!event.repeat) stage.peek(true);
    } else if (plain[key] && !event.repeat) run(event, plain[key]);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " ") stage.peek(false);
  });
  window.addEventListener("blur", () => stage.peek(false));
  mountFrameKeys(studio);
}

/** @param {KeyboardEvent} event @param {() => void} act */
function run(event, act) {
  event.preventDefault();
  act();
}

/** Space presses these; it must go on doing so. @param {EventTarget | null} target */
function isPressable(target) {
  return target instanceof Element && target.closest("button, a, summary, input, select") !== null;
}

/** With the picture in focus, arrows move the product. @param {Studio} studio */
function mountFrameKeys(studio) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  studio.stage.frame.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== studio.stage.frame || event.ctrlKey || event.metaKey) return;
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    const share = event.shiftKey ? 0.05 : 0.01;
    if (move) run(event, () => studio.nudge(move[0] * share, move[1] * share));
    else if (event.key === "+" || event.key === "=") run(event, () => studio.resize(1.03));
    else if (event.key === "-") run(event, () => studio.resize(1 / 1.03));
    else if (event.key === "Enter") run(event, () => studio.full.make());
  });
}
