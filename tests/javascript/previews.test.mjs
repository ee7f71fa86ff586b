import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

globalThis.window = globalThis;
const { PreviewOrders } = await import("../../static/js/lib/previews.js");

const look = (shadow) => ({ style: "plain", params: { shadow }, output: { size: 2048, aspect: "1:1" } });
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A studio that queues every order and tells news when the test says so. */
class Studio {
  constructor() {
    this.orders = [];
    this.listeners = new Map();
    this.shown = [];
    this.errors = [];
    this.answer = (id) => ({ id, state: "queued" });
    this.previews = new PreviewOrders({
      order: async (wanted, supersedes) => {
        this.orders.push({ shadow: wanted.params.shadow, supersedes });
        return this.answer(`r${this.orders.length}`);
      },
      watch: (id, listener) => {
        this.listeners.set(id, listener);
        return () => this.listeners.delete(id);
      },
      onPicture: ({ look: of }) => this.shown.push(of.params.shadow),
      onState: () => {},
      onError: (error) => this.errors.push(error.message),
    });
  }

  finish(id) {
    const frame = { tier: "preview" };
    this.listeners.get(id)?.({ frame });
    this.listeners.get(id)?.({ state: { state: "finished", result: { display_url: "/x" } } });
  }
}

/** @type {Studio} */
let studio;
let now = 1000;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  now = 1000;
  performance.now = () => now;
  studio = new Studio();
});

async function pass(ms) {
  now += ms;
  mock.timers.tick(ms);
  await settle();
}

test("while a control is dragged one preview is under way and the newest value waits", async () => {
  studio.previews.want(look(1), false);
  await settle();
  for (const shadow of [2, 3, 4]) {
    studio.previews.want(look(shadow), false);
    await pass(20);
  }
  assert.deepEqual(studio.orders.map((each) => each.shadow), [1]);
  await pass(200);
  studio.finish("r1");
  await settle();
  assert.deepEqual(studio.orders.map((each) => each.shadow), [1, 4]);
  studio.finish("r2");
  assert.deepEqual(studio.shown, [1, 4]);
});

test("letting go supersedes what is under way, and its late picture is dropped", async () => {
  studio.previews.want(look(1), false);
  await pass(200);
  const late = studio.listeners.get("r1");
  studio.previews.want(look(2), true);
  await settle();
  assert.deepEqual(studio.orders[1], { shadow: 2, supersedes: "r1" });
  studio.finish("r2");
  late({ frame: { tier: "preview" } });
  assert.deepEqual(studio.shown, [2]);
});

test("no more than eight orders leave in a second", async () => {
  for (let step = 0; step < 100; step += 1) {
    studio.previews.want(look(step), true);
    await pass(10);
  }
  assert.ok(studio.orders.length <= 9, `${studio.orders.length} orders`);
  await pass(200);
  assert.equal(studio.orders.at(-1).shadow, 99);
});

test("a preview that takes too long gives way to a newer value", async () => {
  studio.previews.want(look(1), false);
  await settle();
  studio.previews.want(look(2), false);
  await pass(600);
  assert.equal(studio.orders.length, 1);
  await pass(200);
  assert.deepEqual(studio.orders[1], { shadow: 2, supersedes: "r1" });
});

test("a picture that exists is shown at once", async () => {
  studio.answer = (id) => ({ id, state: "finished", result: { display_url: "/cached" } });
  studio.previews.want(look(5), true);
  await settle();
  assert.deepEqual(studio.shown, [5]);
});

test("without frames the finished state's picture is shown", async () => {
  studio.previews.want(look(6), true);
  await settle();
  studio.listeners.get("r1")({ state: { state: "finished", result: { display_url: "/x" } } });
  assert.deepEqual(studio.shown, [6]);
});

test("after clear nothing that was ordered before is shown", async () => {
  studio.previews.want(look(1), true);
  await settle();
  const late = studio.listeners.get("r1");
  studio.previews.clear();
  late({ frame: { tier: "preview" } });
  assert.deepEqual(studio.shown, []);
});

test("a refusal is told, and the next value is still ordered", async () => {
  const queue = studio.answer;
  studio.answer = () => {
    throw new Error("No such style.");
  };
  studio.previews.want(look(1), true);
  await settle();
  assert.deepEqual(studio.errors, ["No such style."]);
  studio.answer = queue;
  studio.previews.want(look(2), true);
  await pass(200);
  assert.equal(studio.orders.at(-1).shadow, 2);
});
