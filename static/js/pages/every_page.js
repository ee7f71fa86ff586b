// @ts-check
/** What every page has: the theme switch, menus that close, the list of keys. */

import { installKeyList } from "../components/key_list.js";

/** @param {HTMLElement} group */
function mountThemeSwitch(group) {
  group.hidden = false;
  const chosen = document.documentElement.dataset.theme ?? "system";
  for (const input of group.querySelectorAll("input")) input.checked = input.value === chosen;
  group.addEventListener("change", (event) => {
    const theme = /** @type {HTMLInputElement} */ (event.target).value;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage is switched off: the choice lasts until the next page.
    }
  });
}

/** @param {HTMLDetailsElement} menu */
function mountMenu(menu) {
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}

for (const group of document.querySelectorAll("[data-theme-switch]")) {
  mountThemeSwitch(/** @type {HTMLElement} */ (group));
}
for (const menu of document.querySelectorAll("details[data-menu]")) {
  mountMenu(/** @type {HTMLDetailsElement} */ (menu));
}
installKeyList();
