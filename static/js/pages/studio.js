// @ts-check
/** The studio page: one product, its photos, looks and pictures. */

import { Studio } from "./studio/studio.js";
import { mountAddingPhotos } from "../components/photo_adder.js";
import { mountKeys } from "./studio/studio_keys.js";
import { mountSavingLooks } from "./studio/saving_looks.js";
import { mountSheet } from "../components/sheet.js";
import { api } from "../lib/api.js";
import { LiveConnection } from "../lib/live.js";
import { pageData } from "../lib/dom.js";

/** @param {HTMLElement} root */
export function mount(root) {
  const data = pageData("studio-data");
  const live = new LiveConnection({ ask: api.get }).start();
  if (data.can_sell) mountAddingPhotos(root, { data, live });
  if (!data.photo || !data.styles.length) return;
  const studio = new Studio(root, { data, live });
  mountKeys(root, studio);
  mountSheet(root);
  if (data.can_sell) mountSavingLooks(root, studio);
  studio.start();
}

const page = document.querySelector('[data-page="studio"]');
if (page instanceof HTMLElement) mount(page);
