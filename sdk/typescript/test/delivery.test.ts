/** Tacho may be down, slow or unwilling: calls do not notice, and what is lost is counted. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, mock, test } from "node:test";
import { promisify } from "node:util";

import * as tacho from "@tacho/hook";

import { ASK, Receiver, World, bare, hanging, refusing, setting } from "./world.js";

let receiver: Receiver;
before(async () => void (receiver = await Receiver.start()));
after(() => receiver.stop());

/** A hook to a Tacho that answers so; and a call with it. */
function unwell(...answers: Receiver["answers"]) {
  receiver.batches.length = 0;
  receiver.answers.splice(0, Infinity, ...answers);
  const hook = tacho.hook(receiver.url, "tch_ing_key");
  return { hook, call: () => bare({ middleware: [hook] }).messages.create(ASK) };
}

test("calls succeed while Tacho refuses connections", async () => {
  const hook = tacho.hook(await refusing(), "tch_ing_key", { maxQueued: 3 });
  const client = bare({ middleware: [hook] });
  for (let count = 0; count < 5; count += 1)
    assert.equal((await client.messages.create(ASK)).type, "message");
  assert.equal(hook.dropped, 2);
  assert.equal(await hook.close(100), false);
});

test("calls succeed while Tacho hangs", async () => {
  const { url, stop } = await hanging();
  const hook = tacho.hook(url, "tch_ing_key", { maxQueued: 2 });
  const client = bare({ middleware: [hook] });
  await client.messages.create(ASK);
  assert.equal(await hook.flush(100), false);
  for (let count = 0; count < 4; count += 1) await client.messages.stream(ASK).done();
  assert.equal(hook.dropped, 3);
  assert.equal(await hook.close(0), false);
  stop();
});

test("a hook without an address lets calls through", async () => {
  const warn = mock.method(console, "warn", () => {});
  const { TACHO_URL } = process.env;
  delete process.env.TACHO_URL;
  const hook = tacho.hook();
  process.env.TACHO_URL = TACHO_URL;
  assert.equal((await bare({ middleware: [hook] }).messages.create(ASK)).type, "message");
  assert.equal(await hook.flush(), true);
  assert.equal(hook.dropped, 1);
  assert.match(String(warn.mock.calls[0]!.arguments[0]), /TACHO_URL/);
  warn.mock.restore();
});

test("address and key come from the environment", async () => {
  const world = new World();
  const hook = tacho.hook(undefined, undefined, { project: world.project });
  await bare({ middleware: [hook] }).messages.create(ASK);
  assert.equal(await hook.close(10_000), true);
  assert.equal((await world.one()).status, 200);
});

test("an unavailable Tacho gets the same batch again", async () => {
  const { hook, call } = unwell(
    { status: 503, headers: { "retry-after": "0" } },
    { status: 429, headers: { "retry-after": "1" } },
    { status: 500 },
  );
  const { _request_id } = await call();
  assert.equal(await hook.flush(10_000), true);
  assert.deepEqual(
    receiver.batches.map((batch) => batch.map((event) => event.id)),
    Array(4).fill([_request_id]),
  );
  assert.equal(hook.dropped, 0);
});

for (const status of [301, 401, 403, 404, 413]) {
  test(`a refusal with ${status} is not repeated, and said once`, async () => {
    const warn = mock.method(console, "warn", () => {});
    const refusal = { status, body: { error: { message: "this key is unknown" } } };
    const { hook, call } = unwell(refusal, refusal);
    for (let count = 0; count < 2; count += 1) {
      await call();
      assert.equal(await hook.flush(10_000), true);
    }
    assert.deepEqual([receiver.batches.length, hook.dropped], [2, 2]);
    assert.equal(warn.mock.callCount(), 1);
    assert.match(String(warn.mock.calls[0]!.arguments[0]), /this key is unknown/);
    warn.mock.restore();
  });
}

for (const status of [207, 422]) {
  test(`an answer per item with ${status} is final`, async () => {
    const warn = mock.method(console, "warn", () => {});
    const results = ["conflict", "duplicate", "rejected"].map((word, index) => ({ index, status: word }));
    const { hook, call } = unwell({ status, body: { results } });
    await call();
    assert.equal(await hook.flush(10_000), true);
    assert.deepEqual([receiver.batches.length, hook.dropped], [1, 1]);
    warn.mock.restore();
  });
}

for (const code of ["implausible", "invalid_number", "item_too_large", "too_deep"]) {
  test(`an event that is refused for its usage is reported once without: ${code}`, async () => {
    const warn = mock.method(console, "warn", () => {});
    const results = [{ index: 0, status: "rejected", code, message: "too much" }];
    const refusal = { status: 422, body: { results } };
    const { hook, call } = unwell(refusal);
    await call();
    assert.equal(await hook.flush(10_000), true);
    const [{ usage, sent_at: _, ...first }, { usage: without, sent_at: __, ...again }] = receiver.events as any;
    assert.ok(usage.input_tokens > 0);
    assert.equal(without, false);
    assert.deepEqual(again, first);
    assert.deepEqual([hook.dropped, warn.mock.callCount()], [0, 0]);
    receiver.answers.push(refusal, refusal, refusal);
    await call();
    assert.equal(await hook.flush(10_000), true);
    assert.deepEqual([receiver.batches.length, hook.dropped], [4, 1], "once, and no more");
    assert.match(String(warn.mock.calls[0]!.arguments[0]), /too much/);
    warn.mock.restore();
  });
}

test("only what is refused for its usage is reported again", async () => {
  const warn = mock.method(console, "warn", () => {});
  const results = [
    { index: 0, status: "rejected", code: "invalid_field", message: "no" },
    { index: 2, status: "rejected", code: "too_deep", message: "no" },
    { index: 9, status: "rejected", code: "too_deep" },
    { status: "rejected", code: "too_deep" },
  ];
  const { hook, call } = unwell({ status: 207, body: { results } });
  for (let count = 0; count < 3; count += 1) await call();
  assert.equal(await hook.flush(10_000), true);
  const [batch, again] = receiver.batches;
  assert.deepEqual(again!.map((event) => event.id), [batch![2]!.id]);
  assert.equal(hook.dropped, 3);
  warn.mock.restore();
});

test("what is too large for one body goes in several", async () => {
  const { hook, call } = unwell({ status: 413 });
  for (let count = 0; count < 4; count += 1) await call();
  assert.equal(await hook.flush(10_000), true);
  assert.deepEqual(receiver.batches.map((batch) => batch.length), [4, 2, 2]);
  const ids = receiver.events.map((event) => event.id);
  assert.deepEqual(ids.slice(4), ids.slice(0, 4));
  assert.equal(hook.dropped, 0);
});

test("Tacho is asked to take events, whatever they count", async () => {
  const hook = tacho.hook(`${receiver.url}/tacho/`, "tch_ing_key");
  unwell();
  await bare({ middleware: [hook] }).messages.create(ASK);
  assert.equal(await hook.flush(10_000), true);
  assert.equal(receiver.paths.at(-1), "/tacho/v1/events?implausible=unknown");
});

test("a wrong key loses events and no calls", async () => {
  const warn = mock.method(console, "warn", () => {});
  const hook = tacho.hook(setting("TACHO_URL"), "tch_ing_wrong");
  assert.equal((await bare({ middleware: [hook] }).messages.create(ASK)).type, "message");
  assert.equal(await hook.flush(10_000), true);
  assert.equal(hook.dropped, 1);
  warn.mock.restore();
});

test("what waits longest is dropped first", async () => {
  unwell({ status: 503, headers: { "retry-after": "3600" } });
  const hook = tacho.hook(receiver.url, "tch_ing_key", { maxQueued: 4 });
  const client = bare({ middleware: [hook] });
  await client.messages.create(ASK);
  assert.equal(await hook.flush(500), false);
  assert.equal(receiver.batches.length, 1);
  for (let count = 0; count < 5; count += 1) await client.messages.create(ASK);
  assert.equal(hook.dropped, 2);
  assert.equal(await hook.close(0), false);
  assert.equal(hook.dropped, 6);
});

test("many events go in few, compressed batches", async () => {
  const world = new World();
  const client = world.client();
  await Promise.all(Array.from({ length: 30 }, () => client.messages.create(ASK)));
  assert.equal((await world.stored()).length, 30);
  assert.equal(world.hook.dropped, 0);
});

const PROGRAM = `
  import Anthropic from "@anthropic-ai/sdk";
  import * as tacho from "@tacho/hook";
  const middleware = [tacho.hook(undefined, undefined, { project: process.env.PROJECT })];
  const client = new Anthropic({ baseURL: process.env.UPSTREAM_URL, apiKey: "k", middleware });
  await client.messages.create(${JSON.stringify(ASK)});
`;

async function run(environment: Record<string, string>): Promise<string> {
  const options = {
    env: { ...process.env, ...environment },
    cwd: new URL("../..", import.meta.url),
    timeout: 30_000,
  };
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", PROGRAM],
    options,
  );
  return stderr;
}

test("what waits is sent when the process ends", async () => {
  const world = new World();
  assert.equal(await run({ PROJECT: world.project }), "");
  assert.equal((await world.one()).status, 200);
});

test("a hanging Tacho does not keep a process from ending", async () => {
  const { url, stop } = await hanging();
  assert.match(await run({ TACHO_URL: url }), /1 events could not be sent/);
  stop();
});

test("a closed hook lets calls through", async () => {
  const world = new World();
  assert.equal(await world.hook.close(), true);
  assert.equal((await world.client().messages.create(ASK)).type, "message");
  assert.equal(world.hook.dropped, 1);
  assert.deepEqual(await world.stored(), []);
});
