// @ts-check
/** "Save as look…": the style with its controls, kept under a name for the whole workspace. */

import { toast } from "../../components/toast.js";
import { api } from "../../lib/api.js";
import { need } from "../../lib/dom.js";

/**
 * @param {HTMLElement} root
 * @param {Studio} studio
 */
export function mountSavingLooks(root, studio) {
  const dialog = need(root, "[data-look-dialog]");
  const form = need(root, "[data-look-form]");
  const sentence = need(root, "[data-look-error]");
  need(root, "[data-save-look]").addEventListener("click", () => {
    sentence.hidden = true;
    form.reset();
    dialog.showModal();
  });
  need(root, "[data-look-close]").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const name = form.elements.namedItem("name").value;
    const { style } = studio.look.look;
    const params = forEveryProduct(studio);
    try {
      const look = await api.post("/looks", { name, style, params });
      dialog.close();
      studio.tiles.addLook(look);
      toast(`Saved as “${look.name}”. It is a tile for every product now.`);
    } catch (error) {
      sentence.textContent = error instanceof Error ? error.message : "";
      sentence.hidden = false;
    }
  });
}

/**
 * The controls as every product of the catalogue gets them: one camera instead of each photo's own,
 * and no height, which is each product's.
 * @param {Studio} studio
 */
function forEveryProduct({ look, cutout }) {
  const params = { ...look.look.params };
  const properties = look.style.params_schema.properties ?? {};
  const pitch = cutout.state?.result?.pitch_deg;
  if (params.camera === "auto" && pitch !== undefined) {
    const views = properties.camera.enum.filter((/** @type {string} */ view) => view !== "auto");
    const distance = (/** @type {string} */ view) => Math.abs(Number(view) - pitch);
    params.camera = views.reduce((/** @type {string} */ best, /** @type {string} */ view) =>
      distance(view) < distance(best) ? view : best,
    );
  }
  if ("height_cm" in params) params.height_cm = 0;
  return params;
}
