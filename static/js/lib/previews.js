// @ts-check
/**
 * Ordering previews while controls move: at most eight a second, one under way, the last always.
 *
 * A preview under way is let finish while a control is dragged, so that the picture keeps moving;
 * it is superseded when the control is let go or when it takes too long. A picture is shown only if
 * nothing newer was shown, so what one sees never goes back.
 */

/** @typedef {import("./look.js").Look} Look */
/** @typedef {import("./live.js").News} News */

const SPACING_MS = 125;
const PATIENCE_MS = 700;

export class PreviewOrders {
  /**
   * @param {object} options
   * @param {(look: Look, supersedes: string) => Promise<any>} options.order
   * @param {(id: string, listener: (news: News) => void) => () => void} options.watch
   * @param {(news: News & {look: Look, url?: string}) => void} options.onPicture
   * @param {(render: any) => void} options.onState
   * @param {(error: unknown) => void} options.onError
   */
  constructor(options) {
    this.options = options;
    /** @type {{look: Look, isFinal: boolean} | null} */
    this.wanted = null;
    /** @type {{id: string, turn: number, stop: () => void, since: number} | null} */
    this.running = null;
    this.isSending = false;
    this.turn = 0;
    this.shownTurn = 0;
    this.clearedTurn = 0;
    this.sentAt = -Infinity;
    this.timer = 0;
  }

  /** @param {Look} look @param {boolean} isFinal */
  want(look, isFinal) {
    this.wanted = { look: structuredClone(look), isFinal };
    this.plan();
  }

  /** Forget what was wanted; what is under way is no longer shown. */
  clear() {
    this.wanted = null;
    window.clearTimeout(this.timer);
    this.clearedTurn = this.turn;
    this.running?.stop();
    this.running = null;
  }

  /** The id of the preview under way, to cancel it. */
  get runningId() {
    return this.running?.id ?? "";
  }

  plan() {
    window.clearTimeout(this.timer);
    if (!this.wanted || this.isSending) return;
    const now = performance.now();
    let waitMs = this.sentAt + SPACING_MS - now;
    if (this.running && !this.wanted.isFinal) {
      waitMs = Math.max(waitMs, this.running.since + PATIENCE_MS - now);
    }
    if (waitMs <= 0) this.send();
    else this.timer = window.setTimeout(() => this.plan(), waitMs);
  }

  async send() {
    const { look } = /** @type {{look: Look}} */ (this.wanted);
    this.wanted = null;
    this.isSending = true;
    this.sentAt = performance.now();
    this.turn += 1;
    const turn = this.turn;
    try {
      const render = await this.options.order(look, this.runningId);
      // Cleared meanwhile: nobody waits for it any more.
      if (turn > this.clearedTurn) this.follow(render, look, turn);
    } catch (error) {
      if (turn > this.clearedTurn) this.options.onError(error);
    } finally {
      this.isSending = false;
      this.plan();
    }
  }

  /** @param {any} render @param {Look} look @param {number} turn */
  follow(render, look, turn) {
    this.running?.stop();
    this.running = null;
    if (render.state === "finished") {
      this.show(turn, { look, url: render.result.display_url, state: render });
      this.options.onState(render);
      return;
    }
    const running = { id: render.id, turn, stop: () => {}, since: performance.now() };
    this.running = running;
    this.options.onState(render);
    let hasFrame = false;
    running.stop = this.options.watch(render.id, ({ frame, state, isGone }) => {
      if (frame) {
        hasFrame ||= frame.tier === "preview";
        this.show(turn, { look, frame });
      }
      if (state?.state === "finished" && !hasFrame) {
        this.show(turn, { look, url: state.result.display_url, state });
      }
      if (state) this.options.onState(state);
      if (isGone || ["finished", "failed", "cancelled"].includes(state?.state)) this.ended(running);
    });
  }

  /** @param {{id: string, stop: () => void}} running */
  ended(running) {
    running.stop();
    if (this.running === running) this.running = null;
    this.plan();
  }

  /** @param {number} turn @param {News & {look: Look, url?: string}} picture */
  show(turn, picture) {
    if (turn < this.shownTurn || turn <= this.clearedTurn) return;
    this.shownTurn = turn;
    this.options.onPicture(picture);
  }
}
