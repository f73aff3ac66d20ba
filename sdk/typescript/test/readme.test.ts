/** What the README shows works. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";

import { ASK, World, assertUsageIsWhatWasSent, setting } from "./world.js";

const HOME = new URL("../../", import.meta.url);
const README = readFileSync(new URL("README.md", HOME), "utf8");

function block(language: string, containing: string): string {
  const blocks = [...README.matchAll(new RegExp("```" + language + "\n(.*?)```", "gs"))].map(
    ([, text]) => text!,
  );
  const found = blocks.filter((text) => text.includes(containing));
  assert.equal(found.length, 1);
  return found[0]!;
}

async function run(program: string): Promise<void> {
  const env = {
    ...process.env,
    ANTHROPIC_BASE_URL: setting("UPSTREAM_URL"),
    ANTHROPIC_API_KEY: "sk-ant-api03-secret",
  };
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    env,
    cwd: HOME,
    timeout: 30_000,
  });
}

async function fewLines(world: World, more: Record<string, string> = {}): Promise<void> {
  const headers = {
    "x-api-key": "sk-ant-api03-secret",
    "anthropic-version": "2026-10-21",
    "content-type": "application/json",
    ...more,
  };
  const snippet = block("js", "/v1/events")
    .replace("https://api.anthropic.com", setting("UPSTREAM_URL"))
    .replace('user: "u_42",', `user: "u_42", project: "${world.project}",`);
  const given = `const request = ${JSON.stringify(ASK)}, headers = ${JSON.stringify(headers)};`;
  // The answer is the application's to read.
  await run(`${given}\n${snippet}\nawait response.text();`);
}

test("the few lines report a call", async () => {
  const world = new World();
  const before = new Date().toISOString();
  await fewLines(world);
  const event = await world.one();
  assert.equal(event.user, "u_42");
  assert.ok(Date.parse(before) <= Date.parse(event.at) && Date.parse(event.at) <= Date.now());
  await assertUsageIsWhatWasSent(event);
});

for (const [words, status, error] of [
  ["overloaded", 529, "overloaded_error"],
  ["bad_gateway", 502, undefined],
] as const) {
  test(`the few lines report an error and throw nothing: ${words}`, async () => {
    const world = new World();
    await fewLines(world, { "x-fake-scenario": words });
    const event = await world.one();
    assert.deepEqual(
      [event.status, event.model, event.error?.type],
      [status, "claude-sonnet-5-5", error],
    );
  });
}

test("the types fit any copy of the SDK", () => {
  const types = ["hook", "exchange", "index"].map((name) =>
    readFileSync(new URL(`dist/esm/${name}.d.ts`, HOME), "utf8"),
  );
  assert.ok(!types.join().includes("@anthropic-ai"));
});

test("the one line and the scope work", async () => {
  const world = new World();
  const oneLine = block("ts", "new Anthropic")
    .replace("http://127.0.0.1:8787", setting("TACHO_URL"))
    .replace("key)", `"${setting("TACHO_KEY")}", { project: "${world.project}" })`);
  await run(`${oneLine}\nconst ask = ${JSON.stringify(ASK)};\n${block("ts", "tacho.scope")}`);
  const event = await world.one();
  assert.deepEqual([event.user, event.labels], ["u_42", { env: "prod" }]);
});
