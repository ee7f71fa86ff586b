import assert from "node:assert/strict";
import { test } from "node:test";
import { isSameLook, LookStore } from "../../static/js/lib/look.js";

const number = { type: "number", minimum: 0, maximum: 100 };
const styles = [
  { slug: "plain", params_schema: { properties: { shadow: { ...number, default: 50 } } } },
  {
    slug: "colour",
    params_schema: {
      properties: { shadow: { ...number, default: 20 }, colour: { type: "string", default: "#ffffff" } },
    },
  },
];

/** @param {any} [kept] */
function storeWith(kept = null, start = null) {
  const saved = [];
  const storage = { load: () => kept, save: (each) => saved.push(structuredClone(each)) };
  return { store: new LookStore({ styles, start, storage }), saved };
}

test("a new product starts with the first style and its defaults", () => {
  const { store } = storeWith();
  assert.deepEqual(store.look, {
    style: "plain",
    params: { shadow: 50 },
    output: { size: 2048, aspect: "1:1" },
  });
});

test("a drag is one step of undo, however many values it passed", () => {
  const { store, saved } = storeWith();
  for (const shadow of [51, 55, 60]) store.setParams({ shadow }, false);
  assert.equal(saved.length, 0);
  store.setParams({ shadow: 61 }, true);
  assert.equal(saved.at(-1).look.params.shadow, 61);
  store.undo();
  assert.equal(store.look.params.shadow, 50);
  store.redo();
  assert.equal(store.look.params.shadow, 61);
});

test("a change after an undo forgets what was undone", () => {
  const { store } = storeWith();
  store.setParams({ shadow: 60 }, true);
  store.undo();
  store.setParams({ shadow: 70 }, true);
  store.redo();
  assert.equal(store.look.params.shadow, 70);
});

test("nothing to undo changes nothing", () => {
  const { store } = storeWith();
  let changes = 0;
  store.addEventListener("change", () => (changes += 1));
  store.undo();
  store.redo();
  assert.equal(changes, 0);
});

test("going back to a style brings back what was set in it", () => {
  const { store } = storeWith();
  store.setParams({ shadow: 61 }, true);
  store.choose("colour");
  assert.equal(store.look.params.shadow, 20);
  store.choose("plain");
  assert.equal(store.look.params.shadow, 61);
});

test("reset gives the style's own values and can be undone", () => {
  const { store } = storeWith();
  store.setParams({ shadow: 61 }, true);
  store.reset();
  assert.equal(store.look.params.shadow, 50);
  store.undo();
  assert.equal(store.look.params.shadow, 61);
});

test("a saved look outlives changes of its style", () => {
  const look = {
    style: "colour",
    params: { shadow: 33, colour: 7, gone: 1 },
    output: { size: 1024, aspect: "4:5" },
  };
  const { store } = storeWith({ look, paramsByStyle: {} });
  assert.deepEqual(store.look.params, { shadow: 33, colour: "#ffffff" });
  assert.equal(store.look.output.aspect, "4:5");
});

test("a style that is no longer installed gives way to the first", () => {
  const look = { style: "gone", params: { shadow: 9 }, output: { size: 1024, aspect: "1:1" } };
  const { store } = storeWith({ look, paramsByStyle: {} });
  assert.equal(store.look.style, "plain");
  assert.equal(store.look.params.shadow, 50);
});

test("two looks are the same picture whatever their size", () => {
  const one = { style: "plain", params: { shadow: 1 }, output: { size: 1024, aspect: "1:1" } };
  assert.ok(isSameLook(one, { ...one, output: { size: 4096, aspect: "1:1" } }));
  assert.ok(!isSameLook(one, { ...one, output: { size: 1024, aspect: "4:5" } }));
  assert.ok(!isSameLook(one, { ...one, params: { shadow: 2 } }));
  assert.ok(!isSameLook(one, { ...one, params: { shadow: 1, colour: "#000000" } }));
});

test("a fallback is used only where nothing is kept", () => {
  const other = { style: "colour", params: { shadow: 7 }, output: { size: 512, aspect: "3:4" } };
  const storage = { load: () => null, save: () => {} };
  const fresh = new LookStore({ styles, start: null, fallback: other, storage });
  assert.equal(fresh.look.style, "colour");
  const kept = { look: { ...other, style: "plain" }, paramsByStyle: {} };
  const known = { load: () => kept, save: () => {} };
  const store = new LookStore({ styles, start: null, fallback: other, storage: known });
  assert.equal(store.look.style, "plain");
});
