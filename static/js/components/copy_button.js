// @ts-check
/**
 * <copy-button> holds a [data-copy-source] (or has data-copy="text") and a hidden <button>; the
 * button copies the text and says so in place. Without scripts the text can still be selected.
 */

import { announce } from "../lib/announce.js";

const SAID_MS = 2000;

class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => this.copy(button));
  }

  /** @param {HTMLButtonElement} button */
  async copy(button) {
    const source = this.querySelector("[data-copy-source]");
    const text = this.dataset.copy ?? source?.textContent?.trim() ?? "";
    const said = (await write(text)) ? "Copied" : "Select and copy by hand";
    const label = button.querySelector("[data-copy-label]") ?? button;
    this.label ??= label.textContent;
    label.textContent = said;
    announce(said);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (label.textContent = this.label ?? "Copy"), SAID_MS);
    if (said !== "Copied" && source) window.getSelection()?.selectAllChildren(source);
  }
}

/**
 * Browsers offer the clipboard only on https and localhost, so there is the older way as well.
 * @param {string} text
 */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

customElements.define("copy-button", CopyButton);
