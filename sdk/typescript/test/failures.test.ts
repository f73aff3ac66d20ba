/** What goes wrong between application and API raises as without the hook, and is reported as it was. */

import assert from "node:assert/strict";
import { test } from "node:test";

import Anthropic from "@anthropic-ai/sdk";

import { ASK, World, bare, refusing, rejection, scenario } from "./world.js";

/** Makes a call and reads all of its answer. */
async function call(client: Anthropic, stream: boolean, words: string, ask: object = {}): Promise<number> {
  const answer: any = await client.messages.create({ ...ASK, ...ask, stream }, scenario(words));
  let events = 0;
  if (stream) for await (const _ of answer) events += 1;
  return events;
}

/** What a call is rejected with: the kind, the status and the type in the body. */
async function rejected(
  client: Anthropic,
  stream: boolean,
  words: string,
  ask: object = {},
): Promise<unknown[]> {
  const error = await rejection(call(client, stream, words, ask));
  return [error.constructor.name, error.status, error.type, error.error?.error?.type];
}

const FAILURES: [string, number, string, string][] = [
  ["overloaded", 529, "overloaded_error", ""],
  ["rate_limited", 429, "rate_limit_error", ""],
  ["ramp", 429, "rate_limit_error", "ramp_limit_exceeded"],
  ["spend_cap", 429, "rate_limit_error", "enforced_spend_limit_reached"],
  ["server_error", 500, "api_error", ""],
];

for (const [words, status, type, code] of FAILURES) {
  for (const stream of [false, true]) {
    test(`${words} rejects with the same and is reported: ${stream ? "stream" : "plain"}`, async () => {
      const world = new World();
      assert.deepEqual(await rejected(world.client(), stream, words), await rejected(bare(), stream, words));
      const event = await world.one();
      assert.deepEqual(
        [event.status, event.error, event.model],
        [status, { type, code }, "claude-sonnet-5-5"],
      );
    });
  }
}

test("a request that the API refuses rejects with the same", async () => {
  const world = new World();
  const wrong = { model: "no-such-model" };
  assert.deepEqual(
    await rejected(world.client(), false, "", wrong),
    await rejected(bare(), false, "", wrong),
  );
  const event = await world.one();
  assert.deepEqual([event.status, event.model], [404, "no-such-model"]);
});

for (const stream of [false, true]) {
  test(`each attempt is an event with its number and error: ${stream ? "stream" : "plain"}`, async () => {
    const world = new World();
    // The API tells calls apart by what they say.
    const ask = { metadata: { user_id: world.project } };
    await call(world.client({ maxRetries: 2 }), stream, "ramp; attempts=2; retry-after=0", ask);
    const events = await world.stored();
    assert.deepEqual(
      events.map((event) => [event.attempt, event.status, event.error?.code]),
      [
        [0, 429, "ramp_limit_exceeded"],
        [1, 429, "ramp_limit_exceeded"],
        [2, 200, undefined],
      ],
    );
    assert.equal(new Set(events.map((event) => event.id)).size, 3);
  });
}

test("an error whose body never ends does not hold up the retry", async () => {
  const world = new World();
  const words = "stalled_error; attempts=1; retry-after=0";
  const ask = { metadata: { user_id: world.project } };
  await call(world.client({ maxRetries: 1, timeout: 20_000 }), false, words, ask);
  let events = await world.stored();
  // What is left of the error is waited for aside, for a moment.
  while (events.length < 2) events = await world.stored();
  assert.deepEqual(
    events.map((event) => [event.attempt, event.status, event.outcome]),
    [
      [0, 529, undefined],
      [1, 200, undefined],
    ],
  );
  assert.ok(events.every((event) => event.duration_ms < 10_000));
});

test("an error whose body never ends rejects with the same", async () => {
  const world = new World();
  const ask = async (client: Anthropic) => {
    const options = { ...scenario("stalled_error"), signal: AbortSignal.timeout(500) };
    const error = await rejection(client.messages.create(ASK, options));
    return [error.constructor.name, error.status, error.message];
  };
  assert.deepEqual(await ask(world.client()), await ask(bare()));
  assert.equal((await world.one()).status, 529);
});

test("an error amid a stream rejects with the same and is reported", async () => {
  const world = new World();
  const words = "error_mid_stream";
  assert.deepEqual(await rejected(world.client(), true, words), await rejected(bare(), true, words));
  const event = await world.one();
  assert.deepEqual(
    [event.status, event.error.type, event.usage.output_tokens],
    [200, "overloaded_error", null],
  );
  assert.ok(event.usage.input_tokens > 0);
});

for (const stream of [false, true]) {
  for (const how of ["close", "reset"]) {
    test(`a connection that breaks rejects with the same: ${stream ? "stream" : "plain"}, ${how}`, async () => {
      const world = new World();
      const words = `cut; after=100; how=${how}`;
      assert.deepEqual(await rejected(world.client(), stream, words), await rejected(bare(), stream, words));
      assert.equal((await world.one()).usage.output_tokens, null);
    });
  }
}

test("a stream without its end has no output count", async () => {
  const world = new World();
  assert.ok((await call(world.client(), true, "no_delta")) > 0);
  const { usage } = await world.one();
  assert.equal(usage.output_tokens, null);
  assert.ok(usage.input_tokens > 0);
});

test("an API that cannot be reached is an event for each attempt", async () => {
  const world = new World();
  const error = await rejection(call(world.client({ baseURL: await refusing(), maxRetries: 1 }), false, ""));
  assert.ok(error instanceof Anthropic.APIConnectionError);
  const events = await world.stored();
  assert.deepEqual(
    events.map((event) => [event.attempt, event.status, event.error.type]),
    [
      [0, undefined, "connection_error"],
      [1, undefined, "connection_error"],
    ],
  );
});

test("an API that does not answer is an event", async () => {
  const world = new World();
  const error = await rejection(call(world.client({ timeout: 200 }), false, "silent_before_headers"));
  assert.ok(error instanceof Anthropic.APIConnectionTimeoutError);
  assert.equal((await world.one()).error.type, "client_timeout_error");
});

test("a call that is never sent is no event", async () => {
  const world = new World();
  const signal = AbortSignal.abort();
  const error = await rejection(world.client().messages.create(ASK, { signal }) as Promise<unknown>);
  assert.ok(error instanceof Anthropic.APIUserAbortError);
  assert.deepEqual(await world.stored(), []);
});
