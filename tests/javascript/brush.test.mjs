import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, isFarther, PhotoView, radiusOf, rounded } from "../../static/js/lib/brush.js";

const stroke = (points) => ({ kind: "keep", radius_px: 12.3456, points, is_exact: false });

test("the brush grows with every step, from a hair to a broad one", () => {
  const radii = [0, 25, 50, 75, 100, 140].map((step) => radiusOf(step, 4000));
  assert.equal(radii[0], 6);
  assert.equal(radii[4], 480);
  assert.equal(radii[5], 480, "and never further");
  for (let at = 1; at < 5; at += 1) assert.ok(radii[at] > radii[at - 1] * 2);
});

test("a point is kept only where it changes the stroke", () => {
  assert.ok(isFarther(undefined, { x: 1, y: 1 }, 20));
  assert.ok(!isFarther([0, 0], { x: 3, y: 3 }, 20));
  assert.ok(isFarther([0, 0], { x: 3, y: 4 }, 20));
  assert.ok(!isFarther([0, 0], { x: 0.3, y: 0 }, 0.5));
});

test("a stroke is sent with tenths of pixels and not too many points", () => {
  const long = rounded(stroke(Array.from({ length: 9001 }, (_, at) => [at + 0.123, 1])));
  assert.equal(long.radius_px, 12.3);
  assert.ok(long.points.length <= 4001);
  assert.deepEqual(long.points[0], [0.1, 1]);
  assert.deepEqual(long.points.at(-1), [9000.1, 1], "its end is kept");
});

test("a box may be drawn from any corner", () => {
  const box = { left: 10, top: 20, right: 31, bottom: 41 };
  assert.deepEqual(boxOf({ x: 30.5, y: 20.2 }, { x: 10.4, y: 40.1 }), box);
});

test("a view fits the photo, and points survive the way there and back", () => {
  const view = new PhotoView(3000, 4000);
  view.resize(600, 400);
  assert.ok(Math.abs(view.scale - 0.094) < 1e-9);
  const point = { x: 1234, y: 3456 };
  const { x, y } = view.toPhoto(view.toStage(point));
  assert.ok(Math.hypot(x - point.x, y - point.y) < 1e-6);
  const centre = view.toStage({ x: 1500, y: 2000 });
  assert.ok(Math.hypot(centre.x - 300, centre.y - 200) < 1e-9);
});

test("zooming keeps what lies under the pointer, and ends at the whole photo", () => {
  const view = new PhotoView(3000, 4000);
  view.resize(600, 400);
  const at = { x: 320, y: 210 };
  view.zoom(12, at);
  const under = view.toPhoto(at);
  view.zoom(1.5, at);
  const still = view.toPhoto(at);
  assert.ok(Math.hypot(still.x - under.x, still.y - under.y) < 1e-6);
  view.zoom(0.0001, at);
  assert.ok(view.isFitted);
  assert.equal(view.scale, view.fitScale);
});

test("some of the photo always stays in sight", () => {
  const view = new PhotoView(3000, 4000);
  view.resize(600, 400);
  view.zoom(20);
  view.pan(1e6, -1e6);
  const corner = view.toStage({ x: 0, y: 4000 });
  assert.ok(corner.x <= 150 && corner.y >= 300);
});

test("a fitted view stays fitted when the window changes, a zoomed one keeps its scale", () => {
  const view = new PhotoView(1000, 1000);
  view.resize(500, 500);
  view.resize(250, 500);
  assert.ok(Math.abs(view.scale - 0.235) < 1e-9);
  view.zoom(4);
  view.resize(800, 800);
  assert.ok(Math.abs(view.scale - 0.94) < 1e-9);
});
