// The official SDK through the proxy: every call succeeds as it does without. Prints the request ids, one a line.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.SDK_DIRECTORY}/package.json`);
const { Anthropic } = require("@anthropic-ai/sdk");

const apiKey = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";
const model = "claude-sonnet-5-5";
const ask = { model, max_tokens: 64, messages: [{ role: "user", content: "How far is it to the moon?" }] };
const proxied = new Anthropic({ baseURL: process.env.PROXY_URL, apiKey, maxRetries: 0 });
const direct = new Anthropic({ baseURL: process.env.UPSTREAM_URL, apiKey, maxRetries: 0, defaultHeaders: { "x-compared": "1" } });
const said = ({ content, stop_reason, usage }) => [content.map(({ text }) => text), stop_reason, usage.output_tokens];
const ids = [];

const plain = await proxied.messages.create(ask);
assert.deepEqual(said(plain), said(await direct.messages.create(ask)));
ids.push(plain._request_id);

const stream = async (client) => {
  const events = client.messages.stream(ask);
  let text = "";
  events.on("text", (piece) => (text += piece));
  const message = await events.finalMessage();
  assert.equal(text, message.content.map(({ text }) => text).join(""));
  return [message, events.request_id];
};
const [message, streamId] = await stream(proxied);
assert.deepEqual(said(message), said((await stream(direct))[0]));
ids.push(streamId);

const { response } = await proxied.messages.create(ask).withResponse();
assert.ok(Number(response.headers.get("anthropic-ratelimit-requests-limit")) > 0);
ids.push(response.headers.get("request-id"));

for (const [status, scenario] of [[429, "rate_limited"], [529, "overloaded"]]) {
  const call = proxied.messages.create(ask, { headers: { "x-fake-scenario": scenario } });
  await assert.rejects(call, (error) => {
    ids.push(error.headers.get("request-id"));
    return error.status === status;
  });
}

const retrying = new Anthropic({ baseURL: process.env.PROXY_URL, apiKey, maxRetries: 2 });
const headers = { "x-fake-scenario": "rate_limited; retry-after=0; attempts=2" };
ids.push((await retrying.messages.create(ask, { headers }))._request_id);

const many = await Promise.all(Array.from({ length: 8 }, () => proxied.messages.create(ask)));
const streams = await Promise.all(Array.from({ length: 8 }, () => stream(proxied)));
ids.push(...many.map(({ _request_id }) => _request_id), ...streams.map(([, id]) => id));

// A stream that is left early is over for the API, too.
const left = await proxied.messages.create({ ...ask, stream: true }, { headers: { "x-fake-scenario": "silent; after=4" } });
for await (const event of left) if (event.type === "content_block_delta") break;

assert.ok((await proxied.messages.countTokens({ model, messages: ask.messages })).input_tokens > 0);
console.log(ids.join("\n"));
