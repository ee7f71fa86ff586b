// A classic script in the head, so that the chosen colours stand before the first paint.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off: the system's colours it is.
  }
  document.documentElement.classList.add("has-js");
})();
