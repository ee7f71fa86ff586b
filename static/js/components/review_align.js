// @ts-check
/**
 * Lay the photo's product over the result's, and show where they differ.
 *
 * Size and horizontal place follow from the style's controls, as the engine places products
 * (inference/stages/place.py); how far down it stands depends on the style, so that is searched in
 * the picture itself, and the whole is checked and refined there.
 */

/** @typedef {import("./review_viewer.js").Placement} Placement */
/**
 * @typedef {{
 *   source: HTMLImageElement, alpha: HTMLImageElement, result: HTMLImageElement,
 *   size: {width: number, height: number},
 *   subject: {left: number, top: number, right: number, bottom: number}, touches: string[],
 *   framing: {fill: number, shift_x: number},
 * }} Pair `size` is the photo's, in whose pixels `subject` lies; the images may be smaller copies.
 */

// Longest sides, in pixels, at which the search is done.
const COARSE_PX = 200;
const FINE_PX = 900;
const MAX_SAMPLES = 4000;
// Mean difference, of 255, above which this is not the same product in the same place.
const MAX_ERROR = 40;
const DIFFERENCE_PX = 1400;
const AMPLIFY = 8;
// Differences up to this many of 255 are resampling noise.
const NOISE = 8;

/**
 * Where the product stands in the result; null when it cannot be found there.
 * @param {Pair} pair
 * @returns {Placement | null}
 */
export function findPlacement(pair) {
  const first = expected(pair);
  const height = (pair.subject.bottom - pair.subject.top) * first.scale;
  const whole = pair.result.naturalHeight;
  const k = COARSE_PX / Math.max(pair.result.naturalWidth, whole);
  const coarse = new Matcher(pair, k, first.scale);
  let best = { ...first, y: 0, error: Infinity };
  for (let top = -height * 0.6; top < whole - height * 0.4; top += 1 / k) {
    const y = top - pair.subject.top * first.scale;
    const error = coarse.error({ ...first, y });
    if (error < best.error) best = { ...first, y, error };
  }
  for (const side of [500, FINE_PX]) {
    const step = side / Math.max(pair.result.naturalWidth, whole);
    best = refine(new Matcher(pair, Math.min(1, step), first.scale), best, 1 / Math.min(1, step));
  }
  return best.error <= MAX_ERROR ? { scale: best.scale, x: best.x, y: best.y } : null;
}

/** @param {Pair} pair */
function expected({ result, subject, touches, framing }) {
  const [frame, size] = [result.naturalWidth, subject.right - subject.left];
  const ratios = [frame / size, result.naturalHeight / (subject.bottom - subject.top)];
  let scale = framing.fill * Math.min(...ratios);
  if (touches.includes("left") && touches.includes("right")) scale = Math.max(scale, ratios[0]);
  if (touches.includes("top") && touches.includes("bottom")) scale = Math.max(scale, ratios[1]);
  const free = frame - size * scale;
  let left = free / 2 + framing.shift_x * frame;
  if (touches.includes("left") && touches.includes("right")) {
    left = Math.min(0, Math.max(free, left));
  } else if (touches.includes("left")) left = Math.min(0, framing.shift_x * frame);
  else if (touches.includes("right")) left = Math.max(free, free + framing.shift_x * frame);
  return { scale, x: left - subject.left * scale };
}

/**
 * @param {Matcher} matcher
 * @param {Placement & {error: number}} start
 * @param {number} step in result pixels
 */
function refine(matcher, start, step) {
  let best = { ...start, error: matcher.error(start) };
  for (const reach of [2, 1, 0.5, 0.25]) {
    for (let round = 0; round < 6; round += 1) {
      const before = best.error;
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        const tried = {
          scale: best.scale,
          x: best.x + dx * reach * step,
          y: best.y + dy * reach * step,
        };
        const error = matcher.error(tried);
        if (error < best.error) best = { ...tried, error };
      }
      if (best.error === before) break;
    }
  }
  return best;
}

/** Compares the product's solid pixels with the result's, both shrunk by the same factor. */
class Matcher {
  /** @param {Pair} pair @param {number} k @param {number} scale of the placement */
  constructor({ source, alpha, result, size, subject }, k, scale) {
    this.k = k;
    this.width = Math.max(1, Math.round(result.naturalWidth * k));
    this.height = Math.max(1, Math.round(result.naturalHeight * k));
    this.pixels = drawn(result, this.width, this.height, 0, 0, this.width, this.height);
    const box = {
      width: Math.max(1, Math.round((subject.right - subject.left) * scale * k)),
      height: Math.max(1, Math.round((subject.bottom - subject.top) * scale * k)),
    };
    const place = /** @type {const} */ ([
      (-subject.left * box.width) / (subject.right - subject.left),
      (-subject.top * box.height) / (subject.bottom - subject.top),
      (size.width * box.width) / (subject.right - subject.left),
      (size.height * box.height) / (subject.bottom - subject.top),
    ]);
    const colours = drawn(source, box.width, box.height, ...place);
    const solid = drawn(alpha, box.width, box.height, ...place);
    const stride = Math.max(1, Math.floor((box.width * box.height) / MAX_SAMPLES));
    /** @type {number[]} x and y in source pixels, then red, green, blue */
    this.samples = [];
    for (let i = 0; i < box.width * box.height; i += stride) {
      if (solid[i * 4] < 250) continue;
      const x = subject.left + ((i % box.width) + 0.5) / (scale * k);
      const y = subject.top + (Math.floor(i / box.width) + 0.5) / (scale * k);
      this.samples.push(x, y, colours[i * 4], colours[i * 4 + 1], colours[i * 4 + 2]);
    }
  }

  /** @param {Placement} placement */
  error({ scale, x, y }) {
    const { samples, pixels, width, height, k } = this;
    let sum = 0;
    let count = 0;
    for (let i = 0; i < samples.length; i += 5) {
      const u = (samples[i] * scale + x) * k - 0.5;
      const v = (samples[i + 1] * scale + y) * k - 0.5;
      const column = Math.floor(u);
      const row = Math.floor(v);
      if (column < 0 || row < 0 || column >= width - 1 || row >= height - 1) continue;
      const [right, down] = [u - column, v - row];
      const at = (row * width + column) * 4;
      const below = at + width * 4;
      for (let c = 0; c < 3; c += 1) {
        const upper = pixels[at + c] * (1 - right) + pixels[at + 4 + c] * right;
        const lower = pixels[below + c] * (1 - right) + pixels[below + 4 + c] * right;
        sum += Math.abs(upper * (1 - down) + lower * down - samples[i + 2 + c]);
      }
      count += 3;
    }
    return count < samples.length * 0.2 ? Infinity : sum / count;
  }
}

/**
 * @param {HTMLImageElement} image
 * @param {number} width of the canvas
 * @param {number} height of the canvas
 * @param {number} x where the image is drawn
 * @param {number} y
 * @param {number} w how large
 * @param {number} h
 */
function drawn(image, width, height, x, y, w, h) {
  const context = canvasOf(width, height);
  context.drawImage(image, x, y, w, h);
  return context.getImageData(0, 0, width, height).data;
}

/** @param {number} width @param {number} height */
function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  context.imageSmoothingQuality = "high";
  return context;
}

/**
 * A picture of the differences within the product, and what they come to.
 * @param {Pair} pair
 * @param {Placement} placement
 * @returns {{canvas: HTMLCanvasElement, mean: number, share: number}} mean of 255; share of the
 *   product's pixels that differ by more than noise, 0..1
 */
export function difference({ source, alpha, result, size }, placement) {
  const k = Math.min(1, DIFFERENCE_PX / Math.max(result.naturalWidth, result.naturalHeight));
  const width = Math.round(result.naturalWidth * k);
  const height = Math.round(result.naturalHeight * k);
  const place = /** @type {const} */ ([
    placement.x * k,
    placement.y * k,
    size.width * placement.scale * k,
    size.height * placement.scale * k,
  ]);
  const made = drawn(result, width, height, 0, 0, width, height);
  const wanted = drawn(source, width, height, ...place);
  const solid = drawn(alpha, width, height, ...place);
  const context = canvasOf(width, height);
  const picture = context.createImageData(width, height);
  let sum = 0;
  let over = 0;
  let count = 0;
  for (let i = 0; i < made.length; i += 4) {
    picture.data[i + 3] = 255;
    if (solid[i] < 254) {
      // Around the product: the result, faint, to know where one is.
      const grey = (made[i] * 3 + made[i + 1] * 6 + made[i + 2]) / 10;
      picture.data.fill(150 + grey * 0.25, i, i + 3);
      continue;
    }
    const gap = Math.max(
      Math.abs(made[i] - wanted[i]),
      Math.abs(made[i + 1] - wanted[i + 1]),
      Math.abs(made[i + 2] - wanted[i + 2]),
    );
    sum += gap;
    over += gap > NOISE ? 1 : 0;
    count += 1;
    // From black over amber to white.
    const heat = gap * AMPLIFY;
    picture.data[i] = 18 + heat;
    picture.data[i + 1] = 18 + heat * 0.68;
    picture.data[i + 2] = 18 + Math.max(0, heat - 200);
  }
  context.putImageData(picture, 0, 0);
  return { canvas: context.canvas, mean: sum / Math.max(1, count), share: over / Math.max(1, count) };
}
