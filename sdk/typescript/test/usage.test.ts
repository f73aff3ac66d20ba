/** Recorded responses come to the usage that stands beside them, as they do through the proxy. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import * as tacho from "@tacho/hook";

import { ASK, Api, type Event, Receiver, World, bare } from "./world.js";

const { cut } = await import(new URL("../esm/names.js", import.meta.url).href);
const { ODD, Usage, merged, read } = await import(new URL("../esm/usage.js", import.meta.url).href);

const STREAMS = new URL("../../../../tests/fixtures/streams/", import.meta.url);
const RECORDED = readdirSync(STREAMS).filter((name) => /^[^.]+\.(sse|json)$/.test(name));

function counts(usage: any): object {
  return {
    input_tokens: usage.input_tokens,
    cache_write_5m_tokens: usage.cache_creation.ephemeral_5m_input_tokens,
    cache_write_1h_tokens: usage.cache_creation.ephemeral_1h_input_tokens,
    cache_read_tokens: usage.cache_read_input_tokens,
    output_tokens: usage.output_tokens,
    web_search_requests: usage.server_tool_use.web_search_requests,
  };
}

/** An event as it is listed, in the words of the recorded expectations. */
function told({ usage, ...event }: Event): Record<string, unknown> {
  return {
    usage: counts(usage),
    iterations: (usage.iterations ?? []).map((one: any) => ({
      kind: one.type,
      model: one.model,
      usage: counts(one),
    })),
    stop_reason: event.stop_reason ?? "",
    service_tier: usage.service_tier[0].toUpperCase() + usage.service_tier.slice(1),
    fast: usage.speed === "fast",
    geo_us: usage.inference_geo === "us",
    failure: event.error?.type ?? null,
    unreadable: (event.remarks ?? []).map((remark: any) => remark.field),
  };
}

/** Makes a call and reads its answer as bytes. */
async function ask(world: World, api: Api, stream: boolean): Promise<Buffer> {
  const client = world.client({ baseURL: api.url });
  const response = await client.messages.create({ ...ASK, stream }).asResponse();
  return Buffer.from(await response.arrayBuffer());
}

for (const name of RECORDED) {
  for (const stream of [true, false]) {
    test(`a recorded response says what it used: ${name}, ${stream ? "" : "not "}asked for as a stream`, async () => {
      const expected = JSON.parse(
        readFileSync(new URL(name.replace(/\..*/, ".expected.json"), STREAMS), "utf8"),
      );
      const [world, api] = [new World(), await Api.start()];
      api.body = readFileSync(new URL(name, STREAMS));
      for (const type of ["text/event-stream", "application/json", undefined]) {
        api.headers = type ? { "content-type": type } : {};
        assert.deepEqual(await ask(world, api, stream), api.body);
      }
      api.stop();
      const events = await world.stored();
      assert.equal(events.length, 3);
      for (const event of events) {
        const found = told(event);
        const wanted = Object.fromEntries(Object.keys(found).map((name) => [name, expected[name]]));
        assert.deepEqual(found, { ...wanted, failure: expected.failure?.kind ?? null });
        assert.ok(event.model === expected.model || expected.model === null);
        const isCut = expected.streamed && !expected.is_complete && !expected.failure;
        assert.equal(event.outcome, isCut ? "interrupted" : undefined);
        assert.equal(event.stream, stream || expected.streamed);
      }
    });
  }
}

test("an error is read as a stream and as a document", async () => {
  const [world, api] = [new World(), await Api.start()];
  const document = '{"type":"error","error":{"type":"overloaded_error","message":"secret words"}}';
  api.status = 529;
  for (const body of [document, `event: error\ndata: ${document}\n\n`, `data:${document}\n\n`]) {
    for (const stream of [true, false]) {
      api.body = Buffer.from(body);
      await assert.rejects(ask(world, api, stream));
    }
  }
  api.stop();
  const events = await world.stored();
  assert.deepEqual(
    events.map((event) => [event.error.type, event.status, event.outcome]),
    Array(6).fill(["overloaded_error", 529, undefined]),
  );
});

test("what is no text where text belongs loses no event", async () => {
  const [world, api] = [new World(), await Api.start()];
  for (const odd of [7, [], {}, true, null]) {
    const usage = { input_tokens: 3, output_tokens: 4 };
    const error = odd === null ? null : { type: odd, details: odd };
    api.body = Buffer.from(JSON.stringify({ model: odd, stop_reason: odd, usage, error }));
    await ask(world, api, false);
  }
  api.stop();
  const events = await world.stored();
  assert.deepEqual(
    events.map((event) => [event.model, event.usage.output_tokens]),
    Array(5).fill([ASK.model, 4]),
  );
});

/** A call that is answered so. */
async function answered(client: (options: object) => ReturnType<typeof bare>, api: Api, usage: unknown): Promise<void> {
  api.headers = { "content-type": "application/json" };
  api.body = Buffer.from(JSON.stringify({ model: ASK.model, usage }));
  const response = await client({ baseURL: api.url }).messages.create(ASK).asResponse();
  await response.arrayBuffer();
}

const unreadable = (event: Event): string[] => (event.remarks ?? []).map((remark: any) => remark.field).sort();
const nested = (depth: number): unknown => (depth > 0 ? [nested(depth - 1)] : 1);

const COUNTED = { input_tokens: 3, output_tokens: 4 };
const ATTEMPT = { type: "message", ...COUNTED };
const LARGE: [unknown, string[], number | null][] = [
  [{ ...COUNTED, details: nested(90) }, [], 4],
  [{ ...COUNTED, details: "x".repeat(100_000) }, [], 4],
  [{ ...COUNTED, cache_creation: { more: nested(90) } }, [], 4],
  [{ ...COUNTED, cache_creation: nested(90) }, ["cache_creation"], 4],
  [{ ...COUNTED, server_tool_use: { web_search_requests: nested(90) } }, ["server_tool_use.web_search_requests"], 4],
  [{ ...COUNTED, input_tokens: "7".repeat(100_000) }, ["input_tokens"], 4],
  [{ ...COUNTED, input_tokens: 1e300 }, ["input_tokens"], 4],
  [{ ...COUNTED, service_tier: "x".repeat(100_000) }, ["service_tier"], 4],
  [{ ...COUNTED, speed: { x: nested(90) } }, ["speed"], 4],
  [{ ...COUNTED, iterations: [{ ...ATTEMPT, details: nested(90) }] }, [], 4],
  [
    { ...COUNTED, iterations: [{ ...ATTEMPT, model: nested(90) }, nested(90)] },
    ["iterations[]", "iterations[].model"],
    4,
  ],
  [{ ...COUNTED, iterations: Array(100).fill(ATTEMPT) }, [], 400],
  [{ ...COUNTED, iterations: Array(5_000).fill(ATTEMPT) }, ["iterations"], 4],
  [{ x: "x".repeat(100_000) }, ["usage"], null],
  [nested(90), ["usage"], null],
  ["x".repeat(100_000), ["usage"], null],
];

test("no usage is too large or too deep for its event", async () => {
  const [world, api] = [new World(), await Api.start()];
  for (const [place, [usage]] of LARGE.entries()) {
    const session = String(place).padStart(2, "0");
    await tacho.scope({ session }, () => answered((options) => world.client(options), api, usage));
  }
  api.stop();
  const events = (await world.stored()).sort((a, b) => a.session.localeCompare(b.session));
  assert.deepEqual(
    events.map((event) => [unreadable(event), event.usage.output_tokens]),
    LARGE.map(([, fields, output]) => [fields, output]),
  );
  assert.equal(world.hook.dropped, 0);
});

test("an event stays within its bounds, whatever else it says", async () => {
  const [receiver, api] = [await Receiver.start(), await Api.start()];
  const label = (_: unknown, number: number) => [`l${number}`, "é".repeat(200)];
  const labels = Object.fromEntries(Array.from({ length: 32 }, label));
  const hook = tacho.hook(receiver.url, "tch_ing_key", { labels });
  const client = (options: object) => bare({ middleware: [hook], ...options });
  for (const attempts of [10, 150, 200, 250, 300, 5_000]) {
    const iterations = Array(attempts).fill({ ...ATTEMPT, model: "m".repeat(200) });
    await answered(client, api, { ...COUNTED, iterations });
  }
  assert.ok(await hook.close(10_000));
  api.stop();
  receiver.stop();
  assert.equal(receiver.events.length, 6);
  for (const event of receiver.events) assert.ok(Buffer.byteLength(JSON.stringify(event)) <= 64 << 10);
  const kept = receiver.events.map((event) => typeof event.usage.iterations);
  assert.deepEqual([kept[0], kept.at(-1)], ["object", "boolean"]);
});

for (const odd of [false, true, "", 0, 5, 1.5, "x", [1]]) {
  test(`what is no usage is remarked: ${JSON.stringify(odd)}`, async () => {
    const [world, api] = [new World(), await Api.start()];
    await answered((options) => world.client(options), api, odd);
    const start = { type: "message_start", message: { model: ASK.model, usage: odd } };
    const good = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: COUNTED };
    for (const deltas of [[], [good]]) {
      const told = [start, ...deltas, { type: "message_stop" }];
      api.body = Buffer.from(told.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(""));
      await ask(world, api, true);
    }
    api.stop();
    const events = await world.stored();
    assert.deepEqual(events.map(unreadable), Array(3).fill(["usage"]));
    assert.deepEqual(events.map((event) => event.usage.output_tokens ?? 0).sort(), [0, 0, 4]);
  });
}

test("a count that no call can have costs no event", async () => {
  const [world, api] = [new World(), await Api.start()];
  for (const odd of [
    { input_tokens: 4_120_000_000_000 },
    { iterations: Array(2).fill({ ...ATTEMPT, input_tokens: 6_000_000 }) },
    { server_tool_use: { web_search_requests: 10_001 } },
  ]) {
    await answered((options) => world.client(options), api, { ...COUNTED, ...odd });
  }
  api.stop();
  const events = await world.stored();
  assert.deepEqual(
    events.map((event) => [event.status, unreadable(event).length]),
    Array(3).fill([200, 1]),
  );
  assert.equal(world.hook.dropped, 0);
});

test("usage in the words of another API is unreadable, unless something is counted", () => {
  const foreign = { prompt_tokens: 100 };
  for (const [start, delta, isUnreadable] of [
    [foreign, { service_tier: "priority" }, true],
    [foreign, COUNTED, false],
    [COUNTED, foreign, false],
    [foreign, { iterations: [ATTEMPT] }, false],
    [{ output_tokens_details: {} }, {}, false],
  ]) {
    const usage = new Usage();
    usage.start(start);
    usage.delta(delta);
    assert.equal(usage.told(true).isUnreadable, isUnreadable, JSON.stringify([start, delta]));
  }
});

test("no word of an answer costs its event", async () => {
  const [world, api] = [new World(), await Api.start()];
  const given = [
    ["m".repeat(100_000), cut("m".repeat(100_000), 256)],
    ["m\ud800", ASK.model],
    ["m\x07", ASK.model],
    ["", ASK.model],
  ];
  for (const [word] of given) {
    const error = { type: word, details: { error_code: word } };
    const usage = { ...COUNTED, iterations: Array(10).fill({ ...ATTEMPT, model: "m" }) };
    api.body = Buffer.from(JSON.stringify({ type: "error", model: word, stop_reason: word, error, usage }));
    await ask(world, api, false);
  }
  api.stop();
  const events = await world.stored();
  assert.deepEqual(events.map((event) => event.model).sort(), given.map(([, model]) => model).sort());
  assert.deepEqual(events.map((event) => event.usage.output_tokens), [40, 40, 40, 40]);
  assert.deepEqual(events.flatMap((event) => event.remarks ?? []), [{ code: "cut", field: "model" }]);
});

test("counts never fall, whatever the order", () => {
  const both = (before: unknown, after: unknown) => merged(read(before), read(after));
  for (const odd of [0, "2", -1, [], {}, true, [1], { a: 1 }, "x", 2 ** 60]) {
    for (const [before, after] of [[3, odd], [odd, 3], ["3", odd], [odd, 3.0]]) {
      const found = both({ input_tokens: before }, { input_tokens: after });
      assert.deepEqual(found, { input_tokens: 3 }, JSON.stringify([before, after]));
    }
  }
  assert.deepEqual(both({ speed: "fast" }, { speed: "standard", x: null }), { speed: "standard" });
  for (const [before, after, kept] of [
    ["fast", null, "fast"],
    ["fast", "", "fast"],
    ["fast", 7, "fast"],
    [[1], "fast", "fast"],
    ["", {}, ODD],
    [{}, "", ODD],
    [null, 7, ODD],
  ]) {
    assert.deepEqual(both({ speed: before }, { speed: after }), { speed: kept }, JSON.stringify([before, after]));
  }
  const parts = { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 5 };
  const later = { cache_creation: { ephemeral_1h_input_tokens: 2 } };
  assert.deepEqual(both({ cache_creation: parts }, later), { cache_creation: parts });
  for (const [name, good, odd] of [
    ["cache_creation", parts, [0, 0]],
    ["server_tool_use", { web_search_requests: 4 }, [0]],
    ["iterations", [ATTEMPT], { "0": 1 }],
  ] as [string, unknown, unknown][]) {
    for (const other of [odd, [], {}, null, "x"]) {
      assert.deepEqual(both({ [name]: good }, { [name]: other }), { [name]: good });
      assert.deepEqual(both({ [name]: other }, { [name]: good }), { [name]: good });
    }
    assert.deepEqual(both({ [name]: odd }, { [name]: null }), { [name]: ODD });
    assert.notDeepEqual(both({ [name]: odd }, { [name]: {} }), { [name]: ODD });
  }
  assert.deepEqual(read({ iterations: [7, null, {}], x: 1 }), { iterations: [ODD, ODD, {}] });
  assert.equal(read(7), undefined);
  assert.deepEqual([read([]), read(null)], [{}, {}]);
});
