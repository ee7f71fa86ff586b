// @ts-check
/** Pictures that arrive as bytes: `blob:` URLs, revoked when they are replaced. */

/** @typedef {import("./wire.js").Frame} Frame */

/** @param {Frame} frame */
export function frameUrl(frame) {
  return URL.createObjectURL(
    new Blob([/** @type {BlobPart} */ (frame.bytes)], { type: frame.mediaType }),
  );
}

/** @param {string} url */
export function release(url) {
  if (url.startsWith("blob:")) URL.revokeObjectURL(url);
}

/**
 * Decode a picture before it is shown, so that nothing flashes.
 * @param {string} url
 * @returns {Promise<HTMLImageElement>}
 */
export async function loadPicture(url) {
  const image = new Image();
  image.decoding = "async";
  image.src = url;
  await image.decode();
  return image;
}

/**
 * Put a picture into a box in place of the one that is there. The newest call wins.
 * @param {HTMLElement} box
 * @param {string} url
 * @param {string} alt
 */
export async function showIn(box, url, alt = "") {
  const turn = String(Number(box.dataset.turn ?? 0) + 1);
  box.dataset.turn = turn;
  let image;
  try {
    image = await loadPicture(url);
  } catch {
    release(url);
    return;
  }
  if (box.dataset.turn !== turn) {
    release(url);
    return;
  }
  image.alt = alt;
  for (const old of box.querySelectorAll("img")) {
    release(old.src);
    old.remove();
  }
  box.append(image);
}
