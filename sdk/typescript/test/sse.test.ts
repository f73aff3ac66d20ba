/** A stream says the same wherever the network cuts it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const { Answer } = await import(new URL("../esm/answer.js", import.meta.url).href);

const USAGE = { input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 1, service_tier: "standard" };
const EVENTS: [string, object][] = [
  ["message_start", { message: { model: "claude-sonnet-5-5", stop_reason: null, usage: USAGE } }],
  ["ping", {}],
  ["content_block_delta", { delta: { text: "event: message_delta\n\ndata: {\u2028\u85cf" } }],
  ["something_new", { usage: { output_tokens: 99 } }],
  ["message_delta", { delta: { stop_reason: null }, usage: { output_tokens: 4, input_tokens: null } }],
  ["message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9, input_tokens: 7 } }],
  ["message_stop", {}],
];

function written(end: string, space = " "): Buffer {
  const event = ([type, body]: [string, object]) =>
    `event:${space}${type}${end}data:${space}${JSON.stringify({ type, ...body })}${end}${end}`;
  return Buffer.from(EVENTS.map(event).join(""));
}

function said(...chunks: (Uint8Array | string)[]): any {
  const answer = new Answer(true);
  for (const chunk of chunks) answer.feed(Buffer.from(chunk));
  return answer.scanner;
}

for (const end of ["\n", "\r\n", "\r"]) {
  for (const space of [" ", ""]) {
    test(`every cut says the same: ${JSON.stringify(end + space)}`, () => {
      const whole = written(end, space);
      const splits = [...whole.keys()].map((place) => [whole.subarray(0, place), whole.subarray(place)]);
      for (const chunks of [...splits, [...whole].map((byte) => Buffer.of(byte))]) {
        const scanner = said(...chunks);
        assert.deepEqual(scanner.usage().members, { ...USAGE, input_tokens: 7, output_tokens: 9 });
        assert.deepEqual([scanner.model, scanner.stopReason], ["claude-sonnet-5-5", "end_turn"]);
        assert.deepEqual([scanner.contentBegan, scanner.stopped, scanner.error], [true, true, undefined]);
      }
    });
  }
}

test("an event of an unknown name is what its data says", () => {
  for (const name of ["message", "x"]) {
    const scanner = said(written("\n").toString().replace(/^event:.*$/gm, `event: ${name}`));
    assert.deepEqual(scanner.usage().members, { ...USAGE, input_tokens: 7, output_tokens: 9 });
    assert.deepEqual([scanner.contentBegan, scanner.stopped], [true, true]);
  }
});

test("output is counted by a delta alone", () => {
  const start = written("\n").toString().split("\n\n")[0]!;
  const { output_tokens: _, ...input } = USAGE;
  assert.deepEqual(said(`${start}\n\n`).usage().members, input);
});

test("what the API does not send is passed over, and remarked where it may have told of usage", () => {
  for (const [nonsense, isUnreadable] of [
    ["event: message_start\ndata: {\n\n", true],
    [`event: message_start\ndata: {"usage":${" ".repeat(2 << 20)}{}}\n\n`, true],
    ["event: message_delta\ndata: hello\n\n", true],
    ["event: message_delta\ndata: [1]\n\n", false],
    ['event: message_delta\ndata: {"delta":[],"usage":7}\n\n', true],
    ["event: error\n\n", false],
    ["\xff\0\n\n\n", false],
    ["data: 1\n\n", false],
    ["data: [DONE]\n\n", false],
  ] as const) {
    const usage = said(nonsense, written("\n")).usage();
    assert.deepEqual([usage.members.output_tokens, usage.isUnreadable], [9, isUnreadable], nonsense.slice(0, 50));
  }
});

test("the last event and an error end a stream, whatever they hold", () => {
  assert.ok(said("event: message_stop\ndata:\n\n").stopped);
  assert.deepEqual(said("event: error\ndata: oh\n\n").error, {});
});

test("a line without end takes no memory", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const megabyte = "x".repeat(1 << 20);
  collect();
  const before = process.memoryUsage().heapUsed;
  const scanner = said("event: content_block_start\ndata: ");
  for (let count = 0; count < 100; count += 1) scanner.feed(megabyte);
  collect();
  assert.ok(process.memoryUsage().heapUsed - before < 10 << 20);
  scanner.feed(`\n\n${written("\n")}`);
  assert.equal(scanner.usage().members.output_tokens, 9);
});
