// @ts-check
/** Binary preview frames. This mirrors studio/renders/wire.py; both read tests/fixtures/wire/. */

export const WIRE_VERSION = 1;
export const HEADER_BYTES = 16;
export const TIERS = ["thumb", "preview", "final"];
const MEDIA_TYPES = ["", "image/jpeg", "image/webp", "image/png", "image/avif"];

/**
 * @typedef {object} Frame
 * @property {string} tier "thumb", "preview" or "final"
 * @property {number} index of the subject in the last `watching` message
 * @property {number} seq
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {string} mediaType
 * @property {Uint8Array} bytes the encoded picture
 */

/**
 * @param {ArrayBuffer} buffer a whole websocket message
 * @returns {Frame}
 */
export function parseFrame(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || view.getUint8(0) !== WIRE_VERSION) {
    throw new RangeError("This frame is of a version that the page does not know.");
  }
  const tier = TIERS[view.getUint8(1)];
  const mediaType = MEDIA_TYPES[view.getUint8(12)];
  if (!tier || !mediaType) throw new RangeError("This frame has an unknown tier or encoding.");
  return {
    tier,
    index: view.getUint16(2),
    seq: view.getUint32(4),
    width: view.getUint16(8),
    height: view.getUint16(10),
    mediaType,
    bytes: new Uint8Array(buffer, HEADER_BYTES),
  };
}
