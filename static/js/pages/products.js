// @ts-check
/** The products page: uploads, cards that change while one looks, and one look for many products. */

import { api } from "../lib/api.js";
import { LiveConnection } from "../lib/live.js";
import { element, need, pageData, svgElement } from "../lib/dom.js";
import { isTyping } from "../lib/keys.js";
import { loadPicture, showIn } from "../lib/pictures.js";
import { counted } from "../lib/words.js";
import { acceptFiles } from "../components/drop_target.js";
import { UploadList } from "../components/upload_list.js";

const ZERO_ID = "00000000-0000-0000-0000-000000000000";

/** @param {HTMLElement} root */
export function mount(root) {
  const live = new LiveConnection({ ask: api.get }).start();
  const grid = need(root, "[data-grid]");
  for (const card of grid.querySelectorAll('[data-under-way="true"]')) followCard(live, card);
  mountSearch(root);
  if (root.dataset.canSell === "true") {
    mountUploads(root, live, grid);
    mountPicking(root, grid);
  }
}

/** @param {LiveConnection} live @param {HTMLElement} card */
function followCard(live, card) {
  live.watch("photo", card.dataset.photo ?? "", ({ state }) => {
    if (!state) return;
    if (state.state === "finished") {
      const picture = need(card, "[data-picture]");
      picture.classList.add("product__cutout");
      showCutout(picture, state.result);
      setBadge(card, "ready", "Ready");
    } else if (state.state === "failed") {
      setBadge(card, "failed", "Not cut out");
    }
  });
}

/**
 * The product alone, as large as the tile: the cut-out cropped to its box in the photo.
 * @param {HTMLElement} picture
 * @param {any} result a finished cut-out
 */
async function showCutout(picture, result) {
  const { left, top, right, bottom } = result.subject;
  await loadPicture(result.preview_url);
  const { preview_url: href, width, height } = result;
  const viewBox = `${left} ${top} ${right - left} ${bottom - top}`;
  const image = svgElement("image", { href, width, height });
  const attributes = { class: "product__crop", viewBox, "aria-hidden": "true" };
  picture.replaceChildren(svgElement("svg", attributes, image));
}

/** @param {HTMLElement} card @param {string} state @param {string} label */
function setBadge(card, state, label) {
  const badge = element("span", { class: `badge badge--${state}` }, label);
  need(card, "[data-badges]").replaceChildren(badge);
}

/** @param {HTMLElement} root @param {LiveConnection} live @param {HTMLElement} grid */
function mountUploads(root, live, grid) {
  /** @param {any} answer */
  const studioUrl = (answer) => (root.dataset.studioUrl ?? "").replace(ZERO_ID, answer.product.id);
  const uploads = new UploadList({
    section: need(root, "[data-uploads]"),
    template: need(root, "[data-upload-template]"),
    live,
    maxMegabytes: Number(root.dataset.maxUploadMb),
    path: "/uploads",
    read: (answer) => ({ photo: answer.photo, url: studioUrl(answer) }),
    onArrived: (answer) => addCard(root, live, grid, answer, studioUrl(answer)),
    onRows: (isEmpty) => showFirstVisit(root, isEmpty && grid.hidden),
  });
  /** @type {NodeListOf<HTMLInputElement>} */
  const pickers = root.querySelectorAll('input[type="file"]');
  acceptFiles({
    veil: need(root, "[data-drop-veil]"),
    pickers,
    onFiles: (files) => uploads.add(files),
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "u" && isPlain(event)) pickers[0]?.click();
  });
}

/**
 * @param {HTMLElement} root
 * @param {LiveConnection} live
 * @param {HTMLElement} grid
 * @param {any} answer
 * @param {string} url
 */
function addCard(root, live, grid, answer, url) {
  const template = need(root, "[data-card-template]");
  const card = need(template.content.cloneNode(true), ".product");
  card.dataset.product = answer.product.id;
  card.dataset.photo = answer.photo.id;
  need(card, "a").href = url;
  need(card, "[data-title]").textContent = answer.product.title;
  const box = card.querySelector("[data-pick] input");
  if (box) box.value = answer.photo.id;
  showIn(need(card, "[data-picture]"), answer.photo.thumb_url);
  grid.prepend(card);
  grid.hidden = false;
  need(card, "[data-pick]").hidden = false;
  followCard(live, card);
}

/** The big drop zone, while there is nothing else. @param {HTMLElement} root @param {boolean} isIt */
function showFirstVisit(root, isIt) {
  const first = root.querySelector("[data-first-visit]");
  if (first instanceof HTMLElement) first.hidden = !isIt;
  need(root, "[data-add]").hidden = isIt;
}

/** @param {HTMLElement} root */
function mountSearch(root) {
  const search = root.querySelector("[data-search]");
  if (!(search instanceof HTMLInputElement)) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !isPlain(event)) return;
    event.preventDefault();
    search.focus();
  });
}

/** @param {HTMLElement} root @param {HTMLElement} grid */
function mountPicking(root, grid) {
  const bar = need(root, "[data-pickbar]");
  const count = need(root, "[data-pick-count]");
  const dialog = need(root, "[data-batch-dialog]");
  for (const label of grid.querySelectorAll("[data-pick]")) {
    /** @type {HTMLElement} */ (label).hidden = false;
  }
  /** @type {() => HTMLInputElement[]} */
  const picked = () => [...grid.querySelectorAll("[data-pick] input:checked")].map(asInput);
  const update = () => {
    const many = picked().length;
    bar.hidden = many === 0;
    count.textContent = `${counted(many, "product")} picked`;
    need(root, "[data-batch-title]").textContent = `Apply a look to ${counted(many, "product")}`;
  };
  grid.addEventListener("change", update);
  need(root, "[data-pick-clear]").addEventListener("click", () => {
    for (const box of picked()) box.checked = false;
    update();
  });
  need(root, "[data-pick-apply]").addEventListener("click", () => dialog.showModal());
  need(root, "[data-batch-close]").addEventListener("click", () => dialog.close());
  need(root, "[data-batch-form]").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    orderBatch(root, picked().map((box) => box.value).filter(Boolean));
  });
  update();
}

/** @param {Element} box */
function asInput(box) {
  return /** @type {HTMLInputElement} */ (box);
}

/** @param {HTMLElement} root @param {string[]} photos */
async function orderBatch(root, photos) {
  const chosen = need(root, "[data-batch-form] select").value;
  const look = pageData("looks-data").find((/** @type {any} */ one) => one.id === chosen);
  const order = look ? { style: look.style, params: look.params } : { style: chosen };
  const sentence = need(root, "[data-batch-error]");
  try {
    const batch = await api.post("/batches", { photos, ...order });
    location.assign((root.dataset.batchUrl ?? "").replace(ZERO_ID, batch.id));
  } catch (error) {
    sentence.textContent = error instanceof Error ? error.message : String(error);
    sentence.hidden = false;
  }
}

/** @param {KeyboardEvent} event */
function isPlain(event) {
  return !isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey;
}

const page = document.querySelector('[data-page="products"]');
if (page instanceof HTMLElement) mount(page);
