// @ts-check
/** What is said about the picture on the review page: title, sender, due, changes, history, rail. */

import { element, need } from "../lib/dom.js";

/**
 * @param {HTMLElement} root
 * @param {any} item
 */
export function describe(root, item) {
  const set = (/** @type {string} */ selector, /** @type {string} */ text) => {
    need(root, selector).textContent = text;
  };
  set("[data-title]", item.title);
  set("[data-look]", item.style);
  set("[data-sku]", item.sku ? ` · ${item.sku}` : "");
  set("[data-sender]", `Sent by ${item.sender}, ${item.sent}`);
  set("[data-due]", `${item.is_overdue ? "Overdue since" : "Due"} ${item.due} · ${item.priority}`);
  need(root, "[data-due]").classList.toggle("verdict__due--late", item.is_overdue);
  set("[data-channels]", `For ${item.channels.join(", ")}`);
  need(root, "[data-channels]").hidden = item.channels.length === 0;
  for (const name of ["source", "result"]) {
    const link = need(root, `[data-${name}-link]`);
    link.href = item[name].url;
    link.textContent = `${item[name].width} × ${item[name].height}`;
  }
  describeList(need(root, "[data-history]"), item.history);
  describeChanges(need(root, "[data-changes]"), item.changes);
  for (const link of root.querySelectorAll("[data-id]")) {
    const isShown = link.getAttribute("data-id") === item.id;
    if (isShown) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (isShown) link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.title = `${item.title} · Review · Softbox`;
}

/** @param {HTMLElement} section @param {string[]} lines */
function describeList(section, lines) {
  section.hidden = lines.length === 0;
  need(section, "ul").replaceChildren(...lines.map((line) => element("li", {}, line)));
}

/** @param {HTMLElement} section @param {{label: string, value: string}[]} changes */
function describeChanges(section, changes) {
  section.hidden = changes.length === 0;
  need(section, "dl").replaceChildren(
    ...changes.flatMap(({ label, value }) => [element("dt", {}, label), element("dd", {}, value)]),
  );
}

/** A picture of the rail. @param {any} item */
export function railLine(item) {
  const image = element("img", {
    src: item.result.display_url,
    alt: `${item.title}, ${item.style}${item.inspection ? `: ${item.inspection.words}` : ""}`,
    width: 64,
    height: 64,
    loading: "lazy",
    decoding: "async",
  });
  const link = element(
    "a",
    {
      class: "rail__item",
      href: item.item_url,
      "data-id": item.id,
      "data-outcome": item.inspection?.outcome,
      title: `${item.title} · ${item.style}`,
    },
    image,
  );
  return element("li", {}, link);
}

/** The number beside “Review” in the page's head. @param {number} by */
export function countInHead(by) {
  const badge = document.querySelector(".nav .badge--count");
  const number = badge?.lastChild;
  if (!badge || !number) return;
  const left = Number(number.textContent) + by;
  number.textContent = String(left);
  badge.toggleAttribute("hidden", left < 1);
}
