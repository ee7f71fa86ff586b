// @ts-check
/** What is happening, in the seller's words. */

/**
 * The sentence for a queued or running piece of work.
 * @param {any} work a render or a cutout state
 */
export function workSentence(work, idle = "Starting") {
  if (work.state === "queued") return waitingSentence(work.waiting);
  const progress = work.progress;
  if (!progress) return idle;
  return progress.total > 1
    ? `${progress.label} · ${progress.index} of ${progress.total}`
    : progress.label;
}

/** @param {{ahead: number, eta_s: number} | null} waiting */
function waitingSentence(waiting) {
  if (!waiting || waiting.ahead === 0) return "Next in line";
  const seconds = Math.max(1, Math.round(waiting.eta_s));
  const time = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `Waiting: ${waiting.ahead} before you, about ${time}`;
}

/**
 * A size in bytes as people write it.
 * @param {number} bytes
 */
export function fileSize(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * @param {number} count
 * @param {string} one
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** @param {{state: string}} work a render or a cutout state */
export function hasEnded(work) {
  return ["finished", "failed", "cancelled"].includes(work.state);
}

export const REVIEW_WORDS = {
  draft: "Not sent",
  submitted: "In review",
  approved: "Approved",
  returned: "Returned",
  rejected: "Rejected",
};
