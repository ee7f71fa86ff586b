import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, fileSize, workSentence } from "../../static/js/lib/words.js";

test("a stage is named with its place among the stages", () => {
  const progress = { label: "Casting the shadow", index: 3, total: 5 };
  assert.equal(workSentence({ state: "running", progress }), "Casting the shadow · 3 of 5");
});

test("the only stage is named alone", () => {
  const progress = { label: "Finding the product", index: 1, total: 1 };
  assert.equal(workSentence({ state: "running", progress }), "Finding the product");
});

test("before the first stage the idle words stand", () => {
  assert.equal(workSentence({ state: "running", progress: null }, "Starting"), "Starting");
});

test("a queue says how many and how long", () => {
  const wait = (ahead, eta_s) => workSentence({ state: "queued", waiting: { ahead, eta_s } });
  assert.equal(wait(4, 6.2), "Waiting: 4 before you, about 6 s");
  assert.equal(wait(80, 300), "Waiting: 80 before you, about 5 min");
  assert.equal(wait(0, 1), "Next in line");
  assert.equal(workSentence({ state: "queued", waiting: null }), "Next in line");
});

test("sizes are written as people write them", () => {
  assert.equal(fileSize(50_000), "50 kB");
  assert.equal(fileSize(10), "1 kB");
  assert.equal(fileSize(2_450_000), "2.5 MB");
});

test("one is singular", () => {
  assert.equal(counted(1, "product"), "1 product");
  assert.equal(counted(3, "product"), "3 products");
});
