"""The official SDK through the proxy: every call succeeds as it does without. Prints the request ids, one a line."""

import asyncio
import os

from anthropic import Anthropic, AsyncAnthropic, OverloadedError, RateLimitError

PROXY, DIRECT, MODEL = os.environ["PROXY_URL"], os.environ["UPSTREAM_URL"], "claude-sonnet-5-5"
KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ"
ASK = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": "How far is it to the moon?"}]}


def said(message):
    """What must be the same with and without the proxy."""
    return [block.text for block in message.content], message.stop_reason, message.usage.output_tokens


def stream(client):
    with client.messages.stream(**ASK) as events:
        text = "".join(events.text_stream)
        message = events.get_final_message()
    assert text == "".join(block.text for block in message.content)
    return message, events.response.headers["request-id"]


async def concurrently(client):
    async def one():
        return await client.messages.create(**ASK)

    async def streamed():
        async with client.messages.stream(**ASK) as events:
            message = await events.get_final_message()
        return message, events.response.headers["request-id"]

    plain = await asyncio.gather(*[one() for _ in range(8)])
    streams = await asyncio.gather(*[streamed() for _ in range(8)])
    return plain, streams


proxied = Anthropic(base_url=PROXY, api_key=KEY, max_retries=0)
direct = Anthropic(base_url=DIRECT, api_key=KEY, max_retries=0, default_headers={"x-compared": "1"})
ids = []

expected = said(direct.messages.create(**ASK))
message = proxied.messages.create(**ASK)
assert said(message) == expected, (said(message), expected)
ids.append(message._request_id)

expected = said(stream(direct)[0])
message, request_id = stream(proxied)
assert said(message) == expected, (said(message), expected)
ids.append(request_id)

raw = proxied.messages.with_raw_response.create(**ASK)
assert int(raw.headers["anthropic-ratelimit-requests-limit"]) > 0
ids.append(raw.headers["request-id"])

for error, scenario in [(RateLimitError, "rate_limited"), (OverloadedError, "overloaded")]:
    try:
        proxied.messages.create(**ASK, extra_headers={"x-fake-scenario": scenario})
        raise SystemExit(f"{scenario} raised nothing")
    except error as caught:
        ids.append(caught.response.headers["request-id"])

retrying = Anthropic(base_url=PROXY, api_key=KEY, max_retries=2)
message = retrying.messages.create(**ASK, extra_headers={"x-fake-scenario": "rate_limited; retry-after=0; attempts=2"})
ids.append(message._request_id)

plain, streams = asyncio.run(concurrently(AsyncAnthropic(base_url=PROXY, api_key=KEY)))
ids += [message._request_id for message in plain] + [request_id for _, request_id in streams]

assert proxied.messages.count_tokens(model=MODEL, messages=ASK["messages"]).input_tokens > 0
assert len(list(proxied.models.list())) > 0
print("\n".join(ids))
