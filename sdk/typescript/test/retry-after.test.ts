/** `Retry-After` in every form, as the proxy reads it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { retryAfterMs } = await import(new URL("../esm/retry-after.js", import.meta.url).href);
const fixture = new URL("../../../../tests/fixtures/retry-after.json", import.meta.url);

test("every form is read", () => {
  const { now_ms, cases } = JSON.parse(readFileSync(fixture, "utf8"));
  assert.ok(cases.length >= 40);
  for (const { headers, wait_ms } of cases)
    assert.equal(retryAfterMs(headers, now_ms) ?? null, wait_ms, JSON.stringify(headers));
});
