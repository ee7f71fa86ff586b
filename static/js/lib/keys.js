// @ts-check
/** Keys. */

const TEXT_TYPES = new Set(["text", "search", "email", "password", "number", "url", "tel"]);

/**
 * Whether a key belongs to a text field, so that one-key shortcuts must leave it alone.
 * @param {KeyboardEvent} event
 */
export function isTyping(event) {
  const target = event.target;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return TEXT_TYPES.has(target.type);
  return target instanceof HTMLElement && target.isContentEditable;
}
