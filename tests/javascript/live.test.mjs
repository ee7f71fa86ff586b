import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

globalThis.window = globalThis;
globalThis.addEventListener = () => {};
globalThis.navigator ??= {};
globalThis.location = { protocol: "https:", host: "studio.example" };
globalThis.document = { addEventListener() {}, hidden: false };

/** A socket that the test opens, fills and closes. */
class FakeSocket extends EventTarget {
  static OPEN = 1;
  static all = [];

  constructor(url) {
    super();
    this.url = url;
    this.readyState = 0;
    this.sent = [];
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  close(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  text(message) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }

  frame({ index, seq, tier = 1 }) {
    const view = new DataView(new ArrayBuffer(20));
    view.setUint8(0, 1);
    view.setUint8(1, tier);
    view.setUint16(2, index);
    view.setUint32(4, seq);
    view.setUint8(12, 1);
    this.dispatchEvent(new MessageEvent("message", { data: view.buffer }));
  }
}
globalThis.WebSocket = FakeSocket;
const { LiveConnection } = await import("../../static/js/lib/live.js");

const settle = () => new Promise((resolve) => setImmediate(resolve));
let asked = [];
let answers = {};
/** @type {any} */
let live;
/** @type {any[]} */
let news;

const socket = () => FakeSocket.all.at(-1);
const render = (seq, state = "running") => ({ type: "render", id: "a", seq, state });

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  FakeSocket.all = [];
  asked = [];
  answers = {};
  news = [];
  const ask = async (path) => {
    asked.push(path);
    return answers[path] ?? { renders: [] };
  };
  live = new LiveConnection({ ask }).start();
  live.watch("render", "a", (each) => news.push(each));
});

async function pass(ms) {
  mock.timers.tick(ms);
  await settle();
}

test("the socket is asked for what is watched", async () => {
  socket().open();
  assert.equal(socket().url, "wss://studio.example/ws/live");
  assert.deepEqual(socket().sent[0], { type: "watch", renders: ["a"], photos: [], enhancements: [], since: {} });
});

test("states and frames that are not newer are dropped", () => {
  socket().open();
  socket().text({ type: "watching", index: { a: 0 } });
  socket().text(render(5));
  socket().text(render(5));
  socket().text(render(4));
  socket().frame({ index: 0, seq: 6 });
  socket().frame({ index: 0, seq: 6 });
  socket().frame({ index: 3, seq: 9 });
  assert.deepEqual(news.map((each) => each.state?.seq ?? each.frame.seq), [5, 6]);
});

test("nothing follows the end", () => {
  socket().open();
  socket().text(render(9, "finished"));
  socket().text(render(10));
  assert.equal(news.length, 1);
});

test("after a break it comes back and says what it has", async () => {
  socket().open();
  socket().text({ type: "watching", index: { a: 0 } });
  socket().text(render(5));
  socket().frame({ index: 0, seq: 7 });
  socket().close();
  await pass(1100);
  assert.equal(FakeSocket.all.length, 2);
  socket().open();
  assert.deepEqual(socket().sent[0].since, { a: 7 });
});

test("with the socket refused it asks until the end", async () => {
  answers["/renders?ids=a"] = { renders: [render(1)] };
  socket().close();
  await pass(10);
  assert.deepEqual(news.map((each) => each.state.seq), [1]);
  answers["/renders?ids=a"] = { renders: [render(8, "finished")] };
  await pass(2500);
  assert.equal(news.at(-1).state.state, "finished");
  const before = asked.length;
  await pass(5000);
  assert.equal(asked.length, before);
});

test("with the socket never opening it asks after three seconds", async () => {
  await pass(2900);
  assert.equal(asked.length, 0);
  await pass(200);
  assert.deepEqual(asked, ["/renders?ids=a"]);
});

test("a socket that went silent is left", async () => {
  let now = 0;
  performance.now = () => now;
  socket().open();
  for (now of [5000, 10000, 15000]) await pass(5000);
  assert.equal(socket().readyState, 3);
  await pass(10);
  assert.ok(asked.length >= 1);
});

test("a slow link is asked for lean frames, a quick one for full ones again", () => {
  let now = 1000;
  performance.now = () => now;
  socket().open();
  socket().text({ type: "pong", t: now - 900 });
  assert.deepEqual(socket().sent.at(-1), { type: "link", quality: "lean" });
  for (let pong = 0; pong < 9; pong += 1) socket().text({ type: "pong", t: now - 50 });
  assert.deepEqual(socket().sent.at(-1), { type: "link", quality: "full" });
});

test("what is forgotten is watched anew from its start", () => {
  socket().open();
  socket().text(render(9, "failed"));
  live.forget("render", "a");
  const watches = socket().sent.filter((each) => each.type === "watch");
  assert.deepEqual(watches.at(-2).renders, []);
  assert.deepEqual(watches.at(-1), { type: "watch", renders: ["a"], photos: [], enhancements: [], since: {} });
  socket().text(render(3, "queued"));
  assert.equal(news.at(-1).state.state, "queued");
});

test("what is gone is told and no longer asked for", async () => {
  socket().open();
  socket().text({ type: "gone", id: "a" });
  assert.deepEqual(news, [{ isGone: true }]);
  socket().close();
  await pass(10);
  assert.deepEqual(asked, []);
});

test("after a sign-out it does not come back", async () => {
  let isSignedOut = false;
  live.addEventListener("signed-out", () => (isSignedOut = true));
  socket().open();
  socket().close(4401);
  await pass(60000);
  assert.ok(isSignedOut);
  assert.equal(FakeSocket.all.length, 1);
});
