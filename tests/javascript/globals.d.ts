// Types that modules name without importing them: an `import("…")` in a comment counts as an import
// when static files get their hashed names, and two modules may not import each other there.
type Studio = import("../../static/js/pages/studio/studio.js").Studio;
