/** Every call answers as without the hook, and is reported as the API counted it. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import type Anthropic from "@anthropic-ai/sdk";

import {
  ASK,
  type Event,
  World,
  assertUsageIsWhatWasSent,
  bare,
  exchange,
  exchanges,
  scenario,
  setting,
  until,
} from "./world.js";

const { classOf, endpointOf, mayGenerate } = await import(new URL("../esm/exchange.js", import.meta.url).href);

const TOOL: Anthropic.Tool = {
  name: "add",
  input_schema: { type: "object", properties: { a: { type: "number" } } },
};

type Call = (client: Anthropic) => Promise<string>;

const CALLS: Record<string, { call: Call; stream: boolean }> = {
  create: { stream: false, call: async (client) => (await client.messages.create(ASK)).content[0]!.type },
  tools: {
    stream: false,
    call: async (client) => (await client.messages.create({ ...ASK, tools: [TOOL] })).type,
  },
  withResponse: {
    stream: false,
    call: async (client) => {
      const { data, response, request_id } = await client.messages.create(ASK).withResponse();
      assert.equal(request_id, response.headers.get("request-id"));
      return [data.type, response.status, response.url, response.type, response.redirected].join();
    },
  },
  asResponse: {
    stream: false,
    call: async (client) => ((await (await client.messages.create(ASK).asResponse()).json()) as any).type,
  },
  streamed: {
    stream: true,
    call: async (client) => {
      const types = [];
      for await (const event of await client.messages.create({ ...ASK, stream: true }))
        types.push(event.type);
      return types.join();
    },
  },
  helper: {
    stream: true,
    call: async (client) => {
      const stream = client.messages.stream(ASK);
      let text = "";
      stream.on("text", (part) => (text += part));
      const message = await stream.finalMessage();
      assert.deepEqual(
        message.content.map((block) => block.type === "text" && block.text),
        [text],
      );
      return message.stop_reason!;
    },
  },
  "a stream's response": {
    stream: true,
    call: async (client) => {
      const response = await client.messages.create({ ...ASK, stream: true }).asResponse();
      const said = [
        response.status,
        response.url,
        response.type,
        response.redirected,
        response.headers.get("content-type"),
      ];
      const events = (await response.text()).match(/^event: .*$/gm);
      return [...said, ...events!].join();
    },
  },
  "a stream's bytes into memory of the caller": {
    stream: true,
    call: async (client) => {
      const response = await client.messages.create({ ...ASK, stream: true }).asResponse();
      const reader = response.body!.getReader({ mode: "byob" });
      let text = "";
      for (let buffer = new Uint8Array(64); ;) {
        const { done, value } = await reader.read(buffer);
        if (done) return String(text.match(/^event: .*$/gm));
        text += Buffer.from(value).toString("latin1");
        buffer = new Uint8Array(value.buffer);
      }
    },
  },
};

for (const [name, { call, stream }] of Object.entries(CALLS)) {
  test(`${name} answers as without the hook`, async () => {
    const world = new World();
    assert.equal(await call(world.client()), await call(bare()));
    const event = await world.one();
    await assertUsageIsWhatWasSent(event);
    assert.deepEqual([event.status, event.attempt, event.endpoint], [200, 0, "messages"]);
    assert.deepEqual(
      [event.model, event.max_tokens, event.stop_reason],
      ["claude-sonnet-5-5", 1024, "end_turn"],
    );
    assert.equal(event.stream, stream);
    assert.equal("ttft_ms" in event, stream);
    assert.ok((event.ttft_ms ?? 0) <= event.duration_ms);
    assert.ok(!("error" in event));
  });
}

for (const words of ["several_deltas", "fast"]) {
  for (const stream of [false, true]) {
    test(`usage is set and never added: ${words}, ${stream ? "stream" : "plain"}`, async () => {
      const world = new World();
      const answer: any = await world.client().messages.create({ ...ASK, stream }, scenario(words));
      if (stream) for await (const _ of answer);
      await assertUsageIsWhatWasSent(await world.one());
    });
  }
}

for (const stream of [false, true]) {
  test(`iterations arrive one by one: ${stream ? "stream" : "plain"}`, async () => {
    const world = new World();
    const answer: any = await world.client().messages.create({ ...ASK, stream }, scenario("iterations"));
    if (stream) for await (const _ of answer);
    const event = await world.one();
    const kept = (all: any[]) => all.map((one) => [one.type, one.input_tokens, one.output_tokens]);
    assert.deepEqual(kept(event.usage.iterations), kept((await exchange(event.id)).usage.iterations));
  });
}

async function callsBesidesMessages(client: Anthropic): Promise<void> {
  const { max_tokens: _, ...asked } = ASK;
  assert.ok((await client.messages.countTokens(asked)).input_tokens > 0);
  const batch = await client.messages.batches.create({ requests: [{ custom_id: "one", params: ASK }] });
  assert.equal((await client.messages.batches.retrieve(batch.id)).id, batch.id);
  assert.ok((await client.models.list()).data.length > 0);
  await client.beta.files.list().catch(() => {});
  // What only reads, or deletes, generates nothing.
  for (const path of ["/v1/messages/msg_0abc", "/v1/messages", "/v1/complete"]) {
    await client.get(path).catch(() => {});
    await client.delete(path).catch(() => {});
  }
}

test("a call is the same event by the hook and through the proxy", async () => {
  const world = new World();
  const proxied = `${world.project}-proxied`;
  await callsBesidesMessages(world.client());
  await callsBesidesMessages(bare({ baseURL: `${setting("PROXY_URL")}/p/${proxied}` }));
  const said = (events: Event[]): string[] => {
    const kept = ["endpoint", "endpoint_class", "model", "status", "usage", "cost_usd", "error"];
    return events.map((event) => JSON.stringify(kept.map((name) => event[name] ?? null))).sort();
  };
  const events = await world.stored();
  assert.equal(said(events).length, 11);
  assert.equal(events.filter((event) => event.endpoint_class === "other").length, 7);
  const passed = await until(
    async () => said(await world.stored(proxied)),
    (found) => found.length === 11,
  );
  assert.deepEqual(passed, said(events));
  for (const { status, usage, cost_usd } of events)
    if (status === 200) assert.deepEqual([usage.input_tokens, usage.output_tokens, cost_usd], [0, 0, 0]);
});

test("the results of a batch are a call that used nothing", async () => {
  const world = new World();
  const batches = world.client().messages.batches;
  const batch = await batches.create({ requests: [{ custom_id: "one", params: ASK }] });
  const lines = [];
  for await (const line of await batches.results(batch.id)) lines.push(line.custom_id);
  assert.deepEqual(lines, ["one"]);
  const called = (await world.stored()).filter((event) => event.endpoint.endsWith("/results"));
  assert.deepEqual(called.map((event) => [event.usage.output_tokens, event.cost_usd]), [[0, 0]]);
});

test("an endpoint has the word that the proxy has for it", async () => {
  const file = new URL("../../../../tests/fixtures/endpoints.json", import.meta.url);
  for (const row of JSON.parse(await readFile(file, "utf8"))) {
    assert.equal(endpointOf(`https://api.anthropic.com${row.path}`), row.endpoint, row.path);
    assert.equal(endpointOf(`https://gateway.example/v1/a${row.path}`), row.endpoint, row.path);
    const generates = row.method === "POST" && ["messages", "agents"].includes(row.class);
    assert.equal(mayGenerate(row.method, row.endpoint), generates, row.path);
    assert.ok([undefined, row.class].includes(classOf(row.method, row.endpoint)), row.path);
  }
  assert.equal(endpointOf("https://elsewhere.example/model/claude/invoke"), undefined);
  assert.equal(endpointOf("https://elsewhere.example/v1/"), undefined);
});

test("a caller who reads slowly does not find the answer in memory", async () => {
  const world = new World();
  const { headers } = scenario("bytes=20000000");
  const ask = { ...ASK, max_tokens: 10_000_000, stream: true as const };
  const options = { headers: { ...headers, "accept-encoding": "identity" } };
  const { data: stream, request_id } = await world.client().messages.create(ask, options).withResponse();
  const events = stream[Symbol.asyncIterator]();
  assert.equal((await events.next()).value.type, "message_start");
  // The API notices that nobody reads: it sends what fits into the buffers in between, and no more.
  for (let before = -1, sent = 0; sent !== before;) {
    before = sent;
    const { sent_bytes, outcome } = await exchange(request_id);
    assert.equal(outcome, "open");
    sent = sent_bytes;
  }
  await events.return!();
  assert.equal((await world.one()).usage.output_tokens, null);
});

test("the application sends the same request with and without the hook", async () => {
  const world = new World();
  for (const client of [world.client(), bare()])
    await client.messages.create(ASK, { headers: { "x-probe": world.project } });
  const sent = (await exchanges()).filter((one) =>
    one.headers.some(([name, value]: [string, string]) => name === "x-probe" && value === world.project),
  );
  assert.equal(sent.length, 2);
  assert.equal(sent[0]!.request_sha256, sent[1]!.request_sha256);
  assert.deepEqual(sent[0]!.headers, sent[1]!.headers);
});
