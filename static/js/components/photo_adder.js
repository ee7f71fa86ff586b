// @ts-check
/** More photos of the product that is open: each arrives in the strip. */

import { acceptFiles } from "./drop_target.js";
import { UploadList } from "./upload_list.js";
import { element, need } from "../lib/dom.js";

/**
 * @param {HTMLElement} root
 * @param {{data: any, live: import("../lib/live.js").LiveConnection}} page
 */
export function mountAddingPhotos(root, { data, live }) {
  /** @param {any} photo */
  const urlOf = (photo) => `${data.urls.studio}?photo=${photo.id}`;
  const uploads = new UploadList({
    section: need(root, "[data-uploads]"),
    template: need(root, "[data-upload-template]"),
    live,
    maxMegabytes: data.max_upload_mb,
    path: `/products/${data.product.id}/photos`,
    read: (photo) => ({ photo, url: urlOf(photo) }),
    onArrived: (photo) => addToStrip(root, photo, urlOf(photo)),
  });
  acceptFiles({
    veil: need(root, "[data-drop-veil]"),
    pickers: root.querySelectorAll('input[type="file"]'),
    onFiles: (files) => uploads.add(files),
  });
}

/** @param {HTMLElement} root @param {any} photo @param {string} url */
function addToStrip(root, photo, url) {
  const strip = root.querySelector("[data-photos]");
  if (!strip) {
    location.assign(url);
    return;
  }
  if (strip.querySelector(`[data-photo="${photo.id}"]`)) return;
  const image = element("img", { src: photo.thumb_url, alt: photo.file_name, width: 56, height: 56 });
  const link = element("a", { class: "photo", href: url, "data-photo": photo.id }, image);
  strip.lastElementChild?.before(element("li", {}, link));
}
