/** Recorded responses come to the usage that stands beside them, as they do through the proxy. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { ASK, Api, type Event, World } from "./world.js";

const { merged, postable } = await import(new URL("../esm/usage.js", import.meta.url).href);

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
        const isCut = expected.streamed && !expected.is_complete;
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

test("counts never fall, whatever the order", () => {
  const pairs = [[3, 0], [0, 3], ["3", 0], [3.0, "2"], [3, -1], [-1, 3], [[], 3], [3, {}], [true, 3]];
  for (const [before, after] of pairs) {
    assert.equal(Number(merged({ n: before }, { n: after }).n), 3, JSON.stringify([before, after]));
  }
  assert.deepEqual(merged({ speed: "fast" }, { speed: "standard", x: null }), { speed: "standard", x: null });
  assert.deepEqual(merged({ speed: "fast" }, { speed: null }), { speed: "fast" });
  assert.deepEqual(merged({ speed: "fast" }, { speed: "" }), { speed: "fast" });
  assert.deepEqual(merged({ c: { a: 1, b: 5 } }, { c: { b: 2 } }), { c: { a: 1, b: 5 } });
  for (const [before, after] of [[{ a: 1 }, []], [[], { a: 1 }]]) {
    assert.deepEqual(merged({ c: before }, { c: after }), { c: { a: 1 } });
  }
  assert.deepEqual(postable({ a: [-1, 1.5, 2 ** 60, 12, true, null, "x"] }), {
    a: ["-1", "1.5", String(2 ** 60), 12, true, null, "x"],
  });
});
