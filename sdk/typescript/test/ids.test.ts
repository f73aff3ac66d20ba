/** An answer is one event, also where both the proxy and the hook report it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ASK, World, bare, setting } from "./world.js";

test("a call through the proxy counts once, whatever its id", async () => {
  const world = new World();
  const baseURL = `${setting("PROXY_URL")}/p/${world.project}`;
  const client = bare({ baseURL, middleware: [world.hook] });
  const ids = ["chatcmpl-213", "chatcmpl-213", "chatcmpl-213", ""];
  for (const id of ids)
    await client.messages.create(ASK, { headers: { "x-fake-scenario": `header=request-id:${id}` } });
  let events = await world.stored();
  while (events.length < ids.length) events = await world.stored();
  // Whatever the proxy has stored since: there is nothing else to come.
  await client.messages.create(ASK);
  while (events.length < ids.length + 1) events = await world.stored();
  assert.equal(events.length, ids.length + 1);
  assert.equal(events.filter(({ id }) => id.startsWith("chatcmpl-213")).length, 3);
});
