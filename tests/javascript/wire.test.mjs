import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFrame } from "../../static/js/lib/wire.js";

const folder = new URL("../fixtures/wire/", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("golden.json", folder), "utf8"));
const TIERS = ["thumb", "preview", "final"];

/** @param {Buffer} file */
const bufferOf = (file) => file.buffer.slice(file.byteOffset, file.byteOffset + file.length);

test("there are golden frames", () => assert.ok(Object.keys(golden).length >= 4));

for (const [name, said] of Object.entries(golden)) {
  test(`the golden frame ${name} is read as it was written`, () => {
    const frame = parseFrame(bufferOf(readFileSync(new URL(`${name}.bin`, folder))));
    assert.equal(frame.tier, TIERS[said.tier]);
    assert.equal(frame.index, said.index);
    assert.equal(frame.seq, said.seq);
    assert.deepEqual([frame.width, frame.height], [said.width, said.height]);
    assert.equal(frame.mediaType, said.media_type);
    assert.equal(Buffer.from(frame.bytes).toString("hex"), said.data_hex);
  });
}

test("a frame of another version is refused", () => {
  const bytes = new Uint8Array(20);
  bytes[0] = 2;
  assert.throws(() => parseFrame(bytes.buffer), RangeError);
});

test("a frame with an unknown tier or encoding is refused", () => {
  for (const [at, value] of [[1, 7], [12, 9], [12, 0]]) {
    const bytes = new Uint8Array(20);
    bytes[0] = 1;
    bytes[12] = 1;
    bytes[at] = value;
    assert.throws(() => parseFrame(bytes.buffer), RangeError);
  }
});

test("a frame shorter than its header is refused", () => {
  assert.throws(() => parseFrame(new Uint8Array([1, 0, 0]).buffer));
});
