// @ts-check
/** Over the stage: views, undo and zoom. Beside it: the picture's shape and size. */

import { need } from "../../lib/dom.js";



/** @param {HTMLElement} root @param {Studio} studio */
export function mountToolbar(root, studio) {
  mountViews(root, studio);
  mountZoom(root, studio);
  mountUndo(root, studio);
  mountOutput(root, studio);
  mountCorrecting(root, studio);
}

/** @param {HTMLElement} root @param {Studio} studio */
function mountViews(root, { stage }) {
  const buttons = [...need(root, "[data-views]").querySelectorAll("[data-view]")];
  const mark = () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.view === stage.view));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => stage.setView(button.dataset.view));
  }
  stage.addEventListener("view", mark);
  mark();
}

/** @param {HTMLElement} root @param {Studio} studio */
function mountZoom(root, studio) {
  const { stage } = studio;
  const buttons = [...need(root, "[data-zooms]").querySelectorAll("[data-zoom]")];
  for (const button of buttons) {
    button.addEventListener("click", () => stage.setZoomed(button.dataset.zoom === "full"));
  }
  stage.addEventListener("zoom", () => {
    for (const button of buttons) {
      const isOn = (button.dataset.zoom === "full") === stage.isZoomed;
      button.setAttribute("aria-pressed", String(isOn));
    }
    studio.onZoom();
  });
}

/** @param {HTMLElement} root @param {Studio} studio */
function mountCorrecting(root, { editor }) {
  root.querySelector("[data-correct]")?.addEventListener("click", () => editor?.open());
  for (const button of root.querySelectorAll("[data-hint]")) {
    button.addEventListener("click", () => editor?.open(button.dataset.hint));
  }
}

/** @param {HTMLElement} root @param {Studio} studio */
function mountUndo(root, { look }) {
  const [undo, redo] = [need(root, "[data-undo]"), need(root, "[data-redo]")];
  undo.addEventListener("click", () => look.undo());
  redo.addEventListener("click", () => look.redo());
  look.addEventListener("change", () => {
    undo.disabled = look.past.length === 0;
    redo.disabled = look.future.length === 0;
  });
  need(root, "[data-reset]").addEventListener("click", () => look.reset());
}

/** @param {HTMLElement} root @param {Studio} studio */
function mountOutput(root, { look, full }) {
  const size = need(root, "[data-size]");
  /** @type {NodeListOf<HTMLInputElement>} */
  const shapes = root.querySelectorAll('input[name="aspect"]');
  size.addEventListener("change", () => look.setOutput({ size: Number(size.value) }));
  for (const input of shapes) {
    input.addEventListener("change", () => look.setOutput({ aspect: input.value }));
  }
  const show = () => {
    const { output } = look.look;
    for (const input of shapes) input.checked = input.value === output.aspect;
    const sizes = [...size.options].map((option) => Number(option.value));
    if (!sizes.includes(output.size)) {
      size.add(new Option(`${output.size} px`, String(output.size)));
    }
    size.value = String(output.size);
  };
  look.addEventListener("change", show);
  show();
  need(root, "[data-order]").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    full.make();
  });
}
