// @ts-check
/** Pictures loaded and decoded ahead, so that the next item is on screen at once. */

export class PictureStore {
  constructor() {
    /** @type {Map<string, {image: HTMLImageElement, ready: Promise<void>}>} */
    this.kept = new Map();
  }

  /**
   * The picture, begun to load if it was not asked for before.
   * @param {{url: string, width: number, height: number}} what
   */
  get({ url, width, height }) {
    const found = this.kept.get(url);
    if (found) return found;
    const image = new Image(width, height);
    image.decoding = "sync";
    image.draggable = false;
    image.src = url;
    const made = { image, ready: image.decode() };
    // Whoever shows the picture says so; ahead of time nobody needs to know.
    made.ready.catch(() => this.kept.delete(url));
    this.kept.set(url, made);
    return made;
  }

  /**
   * Keep what these items show and let go of the rest: a picture of 2048 px takes 16 MB decoded.
   * @param {any[]} items
   */
  keepOnly(items) {
    const wanted = new Set(items.flatMap((item) => [item.result.url, item.source.url]));
    for (const url of this.kept.keys()) if (!wanted.has(url)) this.kept.delete(url);
    for (const item of items) {
      this.get(item.result);
      this.get(item.source);
    }
  }
}
