// @ts-check
/** Say something to people who listen to the page instead of looking at it. */

let timer = 0;

/**
 * The last of several sentences in quick succession is spoken.
 * @param {string} sentence
 */
export function announce(sentence) {
  const region = document.querySelector("[data-live-region]");
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    if (region && region.textContent !== sentence) region.textContent = sentence;
  }, 150);
}
