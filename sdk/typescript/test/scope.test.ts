/** Who and what for. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import * as tacho from "@tacho/hook";

import { ASK, World, bare, setting } from "./world.js";

test("scope and defaults arrive, and the inner scope wins", async () => {
  const world = new World();
  const labels = { env: "prod", zone: "a" };
  const hook = tacho.hook(setting("TACHO_URL"), setting("TACHO_KEY"), {
    project: world.project,
    feature: "chat",
    labels,
  });
  const client = bare({ middleware: [hook] });
  await tacho.scope({ user: "u1", session: "s1", labels: { env: "dev" } }, async () => {
    await tacho.scope({ user: "u2", labels: { rank: 3 } }, () => client.messages.create(ASK));
    await client.messages.stream(ASK).done();
  });
  await client.messages.create(ASK);
  assert.ok(await hook.close(10_000));
  assert.deepEqual(
    (await world.stored()).map(({ user, session, feature, labels }) => [user, session, feature, labels]),
    [
      ["u2", "s1", "chat", { env: "dev", zone: "a", rank: "3" }],
      ["u1", "s1", "chat", { env: "dev", zone: "a" }],
      [undefined, undefined, "chat", { env: "prod", zone: "a" }],
    ],
  );
});

test("concurrent scopes do not mix", async () => {
  const world = new World();
  const client = world.client();
  const said = new Map<unknown, string>();
  await Promise.all(
    Array.from({ length: 32 }, (_, place) =>
      tacho.scope({ user: `u${place}`, labels: { id: `u${place}` } }, async () => {
        await Promise.resolve();
        if (place % 2) return said.set((await client.messages.create(ASK))._request_id, `u${place}`);
        const stream = client.messages.stream(ASK);
        await stream.done();
        return said.set(stream.request_id, `u${place}`);
      }),
    ),
  );
  const events = await world.stored();
  assert.equal(events.length, 32);
  for (const event of events)
    assert.deepEqual([event.user, event.labels.id], [said.get(event.id), said.get(event.id)]);
});

test("a scope gives back what its function returns, and throws what it throws", () => {
  assert.equal(
    tacho.scope({}, () => 42),
    42,
  );
  assert.throws(() => tacho.scope({}, () => assert.fail("so it is")), /so it is/);
});

test("a scope of the one build reaches the hook of the other", async () => {
  const world = new World();
  const required = createRequire(import.meta.url)("@tacho/hook") as typeof tacho;
  assert.notEqual(required.scope, tacho.scope);
  await required.scope({ user: "u1" }, () => world.client().messages.create(ASK));
  assert.equal((await world.one()).user, "u1");
});
