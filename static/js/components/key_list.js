// @ts-check
/** The `?` key shows the page's keys: its <template data-keys>, which holds a <dl class="keys">. */

import { isTyping } from "../lib/keys.js";

export function installKeyList() {
  const template = document.querySelector("template[data-keys]");
  if (!(template instanceof HTMLTemplateElement)) return;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-label", "Keys");
  const body = document.createElement("div");
  body.className = "dialog__body";
  const heading = document.createElement("h2");
  heading.textContent = "Keys";
  const foot = document.createElement("form");
  foot.method = "dialog";
  foot.className = "dialog__foot";
  const close = document.createElement("button");
  close.className = "button";
  close.textContent = "Close";
  foot.append(close);
  body.append(heading, template.content.cloneNode(true), foot);
  dialog.append(body);
  document.body.append(dialog);

  const show = () => dialog.open || dialog.showModal();
  for (const button of document.querySelectorAll("[data-show-keys]")) {
    button.addEventListener("click", show);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || isTyping(event)) return;
    event.preventDefault();
    show();
  });
}
