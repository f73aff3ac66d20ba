/** What is posted, word for word. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type Anthropic from "@anthropic-ai/sdk";
import * as tacho from "@tacho/hook";

import { ASK, Api, type Event, Receiver, bare, exchange, refusing, scenario } from "./world.js";

let receiver: Receiver;
before(async () => void (receiver = await Receiver.start()));
after(() => receiver.stop());

type Call = (client: Anthropic) => Promise<unknown>;

/** The one event of a call, whatever the call rejects with. */
async function posted(call: Call, options: object = {}): Promise<Event> {
  receiver.batches.length = 0;
  const hook = tacho.hook(receiver.url, "tch_ing_key");
  await call(bare({ middleware: [hook], ...options })).catch(() => {});
  while (receiver.events.length === 0) assert.ok(await hook.flush(10_000));
  assert.equal(receiver.events.length, 1);
  return receiver.events[0]!;
}

const open = (client: Anthropic, words: string) =>
  client.messages.create({ ...ASK, stream: true }, scenario(words));

const reads =
  (words: string): Call =>
  async (client) => {
    for await (const _ of await open(client, words));
  };

/** Reads a stream until an event, and leaves it. */
const leaves =
  (words: string, at: string): Call =>
  async (client) => {
    for await (const event of await open(client, words)) if (event.type === at) break;
  };

const aborts: Call = async (client) => {
  const stream = await open(client, "silent; after=5");
  for await (const _ of stream) stream.controller.abort();
};

const abortsUnread: Call = async (client) => (await open(client, "silent; after=5")).controller.abort();

const cancels: Call = async (client) => {
  const response = await client.messages
    .create({ ...ASK, stream: true }, scenario("silent; after=5"))
    .asResponse();
  await response.body!.cancel();
};

const abortsWaiting: Call = async (client) => {
  const signal = AbortSignal.timeout(200);
  await client.messages.create(ASK, { ...scenario("silent_before_headers"), signal });
};

const ENDS: [string, Call, string | undefined][] = [
  ["a message", (client) => client.messages.create(ASK), undefined],
  ["a stream", reads(""), undefined],
  ["an error", reads("overloaded"), undefined],
  ["a stream left at its last event", leaves("", "message_stop"), undefined],
  ["a stream left amid its content", leaves("silent; after=5", "content_block_delta"), "client_cancelled"],
  ["a long stream left at once", leaves("words=5000", "message_start"), "client_cancelled"],
  ["a stream that is aborted", aborts, "client_cancelled"],
  ["a stream that is aborted unread", abortsUnread, "client_cancelled"],
  ["a body that is cancelled", cancels, "client_cancelled"],
  ["a call that is aborted while it waits", abortsWaiting, "client_cancelled"],
  ["an error amid a stream", reads("error_mid_stream"), undefined],
  ["a stream without its end", reads("no_delta"), "interrupted"],
  ["a stream that is cut", reads("cut; after=300"), "interrupted"],
  ["a stream that is reset", reads("cut; after=300; how=reset"), "interrupted"],
];

for (const [name, call, outcome] of ENDS) {
  test(`${name} ends as ${outcome ?? "complete"}`, async () => {
    const event = await posted(call);
    assert.equal(event.outcome, outcome);
    if (outcome) assert.ok(!("output_tokens" in (event.usage ?? {})));
  });
}

const readsAsBytes: Call = async (client) => {
  await (await client.messages.create({ ...ASK, stream: true }).asResponse()).arrayBuffer();
};

for (const type of ["text/event-stream", "application/json", undefined]) {
  for (const [status, outcome] of [[200, "interrupted"], [502, undefined]] as const) {
    for (const body of ["", " \n", "event", ": hello\n\n", "<html>"]) {
      const name = `${JSON.stringify(body)} as ${type} with ${status}`;
      test(`a body that ends before its last event was cut, unless it refuses: ${name}`, async () => {
        const api = await Api.start();
        Object.assign(api, { status, body: Buffer.from(body), headers: type ? { "content-type": type } : {} });
        const event = await posted(readsAsBytes, { baseURL: api.url });
        api.stop();
        assert.deepEqual([event.status, event.outcome], [status, outcome]);
      });
    }
  }
}

test("a document is whole though a stream was asked for", async () => {
  const api = await Api.start();
  api.body = Buffer.from('{"model":"claude-sonnet-5-5"}');
  const event = await posted(readsAsBytes, { baseURL: api.url });
  api.stop();
  assert.ok(!("outcome" in event));
});

test("no response is unreachable", async () => {
  const event = await posted((client) => client.messages.create(ASK), { baseURL: await refusing() });
  assert.equal(event.outcome, "unreachable");
  assert.match(event.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(!("status" in event) && !("usage" in event) && !("headers" in event));
});

test("a stream that is dropped is reported once it is collected", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  receiver.batches.length = 0;
  const hook = tacho.hook(receiver.url, "tch_ing_key");
  await open(bare({ middleware: [hook] }), "silent; after=5").then(() => undefined);
  while (receiver.events.length === 0) {
    collect();
    await new Promise((turn) => setImmediate(turn));
    await hook.flush(10_000);
  }
  assert.equal(receiver.events[0]!.outcome, "client_cancelled");
});

test("leaving a stream closes the connection", async () => {
  const event = await posted(leaves("silent; after=3", "message_start"));
  for (let outcome = "open"; outcome === "open";) {
    outcome = (await exchange(event.id)).outcome;
    assert.notEqual(outcome, "complete");
  }
});

test("an event has times, headers and nothing that is secret", async () => {
  const event = await posted(reads("ramp; retry-after=7"));
  for (const time of [event.at, event.sent_at])
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(event.at <= event.sent_at);
  assert.equal(event.headers["retry-after"], "7");
  for (const name of Object.keys(event.headers)) assert.match(name, /^(anthropic-.*|retry-after)$/);
  assert.deepEqual(event.error, { type: "rate_limit_error", code: "ramp_limit_exceeded" });
  assert.ok(!JSON.stringify(event).includes("secret"));
});

for (const stream of [false, true]) {
  test(`usage is posted as the API gave it: ${stream ? "stream" : "plain"}`, async () => {
    const given: Event = {};
    const event = await posted(async (client) => {
      const message = stream
        ? await client.messages.stream(ASK, scenario("several_deltas")).finalMessage()
        : await client.messages.create(ASK);
      Object.assign(given, message.usage);
    });
    const said = (usage: Event) =>
      Object.fromEntries(Object.entries(usage).filter(([, value]) => value != null));
    assert.deepEqual(said(event.usage), said(given));
    assert.ok(!JSON.stringify(event).includes("secret"));
  });
}
