// @ts-check
/** The list of a workspace's own backdrops: add one by drop or picker, delete one with a way back. */

import { takePicked } from "../components/drop_target.js";
import { toast } from "../components/toast.js";
import { announce } from "../lib/announce.js";
import { api, upload } from "../lib/api.js";
import { need } from "../lib/dom.js";

/** @param {HTMLElement} root */
export function mount(root) {
  const form = root.querySelector("[data-add-backdrop]");
  if (form instanceof HTMLFormElement) mountAdding(form);
  for (const button of root.querySelectorAll("[data-delete-backdrop]")) {
    button.addEventListener("submit", (event) => {
      event.preventDefault();
      remove(/** @type {HTMLElement} */ (button.closest("[data-backdrop]")));
    });
  }
}

/** @param {HTMLFormElement} form */
function mountAdding(form) {
  takePicked(need(form, "input[type=file]"), ([file]) => add(form, file));
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    add(form, file);
  });
}

/** @param {HTMLFormElement} form @param {File} file */
async function add(form, file) {
  const sentence = need(form, "[data-add-error]");
  sentence.hidden = true;
  const title = need(form, ".drop__title");
  const before = title.textContent;
  try {
    const added = await upload("/backdrops", file, {
      onProgress: (share) => {
        title.textContent =
          share < 1 ? `Uploading ${file.name}, ${Math.round(share * 100)} %` : "Looking at the place";
      },
      signal: new AbortController().signal,
    });
    announce(`${added.name} is added.`);
    const photo = need(form, "input[name=photo]").value;
    location.assign(`/backdrops/${added.id}/${photo ? `?photo=${photo}` : ""}`);
  } catch (error) {
    title.textContent = before;
    sentence.textContent = error instanceof Error ? error.message : String(error);
    sentence.hidden = false;
  }
}

/** @param {HTMLElement} card */
async function remove(card) {
  const path = `/backdrops/${card.dataset.backdrop}`;
  const name = need(card, ".backdrop__name").textContent;
  try {
    await api.delete(path);
  } catch (error) {
    toast(error instanceof Error ? error.message : "");
    return;
  }
  card.hidden = true;
  const bringBack = async () => {
    await api.post(`${path}/restore`);
    card.hidden = false;
  };
  toast(`“${name}” is deleted. Pictures made with it stay.`, { label: "Undo", act: bringBack });
}

const page = document.querySelector('[data-page="backdrops"]');
if (page instanceof HTMLElement) mount(page);
