"""Every call answers as without the hook, and is reported as the API counted it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any, Callable

import anthropic
import pytest
from conftest import (
    ASK,
    Event,
    World,
    assert_usage_is_what_was_sent,
    exchange,
    get_json,
    scenario,
    setting,
)

from tacho._exchange import _generates, class_of, endpoint_of

TOOL: Any = {"name": "add", "input_schema": {"type": "object", "properties": {"a": {"type": "number"}}}}


def text_of(message: Any) -> str:
    return str(message.content[0].text)


def plain(client: anthropic.Anthropic) -> str:
    return text_of(client.messages.create(**ASK))


def beta(client: anthropic.Anthropic) -> str:
    return text_of(client.beta.messages.create(**ASK, betas=["context-1m-2025-08-07"]))


def with_tools(client: anthropic.Anthropic) -> str:
    return str(client.messages.create(**ASK, tools=[TOOL], tool_choice={"type": "auto"}).type)


def streamed(client: anthropic.Anthropic) -> str:
    with client.messages.create(**ASK, stream=True) as stream:
        return "".join(
            event.delta.text
            for event in stream
            if event.type == "content_block_delta" and event.delta.type == "text_delta"
        )


def stream_helper(client: anthropic.Anthropic) -> str:
    with client.messages.stream(**ASK) as stream:
        return "".join(stream.text_stream) + str(stream.get_final_message().stop_reason)


def raw(client: anthropic.Anthropic) -> str:
    response = client.messages.with_raw_response.create(**ASK)
    return text_of(response.parse()) + response.http_response.reason_phrase


def raw_stream(client: anthropic.Anthropic) -> str:
    response = client.messages.with_raw_response.create(**ASK, stream=True)
    return ",".join(event.type for event in response.parse())


def streaming_response(client: anthropic.Anthropic) -> str:
    with client.messages.with_streaming_response.create(**ASK) as response:
        return str(response.json())


def streaming_response_lines(client: anthropic.Anthropic) -> str:
    with client.messages.with_streaming_response.create(**ASK, stream=True) as response:
        return ",".join(line for line in response.iter_lines() if line.startswith("event:"))


CALLS = [
    plain,
    beta,
    with_tools,
    streamed,
    stream_helper,
    raw,
    raw_stream,
    streaming_response,
    streaming_response_lines,
]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_answers_as_without_the_hook(world: World, call: Callable[[anthropic.Anthropic], str]) -> None:
    # The API's words depend on how many requests it has answered, so their shape is what can be compared.
    with_hook, without = call(world.client()), call(world.bare())
    assert with_hook and type(with_hook) is type(without)
    if call in (raw_stream, streaming_response_lines, with_tools):
        assert with_hook == without
    event = world.one()
    assert_usage_is_what_was_sent(event)
    assert (event["status"], event["attempt"], event["endpoint"]) == (200, 0, "messages")
    assert (event["model"], event["max_tokens"], event["stop_reason"]) == (
        "claude-sonnet-5-5",
        1024,
        "end_turn",
    )
    is_stream = call in (streamed, stream_helper, raw_stream, streaming_response_lines)
    assert event["stream"] is is_stream
    assert ("ttft_ms" in event) is is_stream
    assert event.get("ttft_ms", 0) <= event["duration_ms"]
    assert "error" not in event


def test_asynchronous_calls_are_reported_too(world: World) -> None:
    async def calls() -> None:
        async with world.async_client() as client:
            message = await client.messages.create(**ASK)
            assert message.content[0].type == "text"
            events = [event.type async for event in await client.messages.create(**ASK, stream=True)]
            assert (events[0], events[-1]) == ("message_start", "message_stop")
            async with client.messages.stream(**ASK) as stream:
                text = "".join([text async for text in stream.text_stream])
                assert text == text_of(await stream.get_final_message())
            response = await client.messages.with_raw_response.create(**ASK)
            assert response.status_code == 200
            async with client.messages.with_streaming_response.create(**ASK) as streaming:
                assert (await streaming.parse()).type == "message"

    asyncio.run(calls())
    events = world.stored()
    assert len(events) == 5
    for event in events:
        assert_usage_is_what_was_sent(event)


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate"])
def test_usage_is_read_through_any_encoding(world: World, encoding: str) -> None:
    client = world.client(default_headers={"accept-encoding": encoding})
    assert "".join(event.type for event in client.messages.create(**ASK, stream=True))
    with client.messages.with_streaming_response.create(**ASK) as response:
        assert response.parse().type == "message"
    for event in world.stored():
        assert_usage_is_what_was_sent(event)


@pytest.mark.parametrize("words", ["several_deltas", "fast"])
@pytest.mark.parametrize("stream", [False, True])
def test_usage_is_set_and_never_added(world: World, words: str, stream: bool) -> None:
    answer: Any = world.client().messages.create(**ASK, stream=stream, **scenario(words))
    if stream:
        list(answer)
    assert_usage_is_what_was_sent(world.one())


@pytest.mark.parametrize("stream", [False, True])
def test_iterations_arrive_one_by_one(world: World, stream: bool) -> None:
    answer: Any = world.client().messages.create(**ASK, stream=stream, **scenario("iterations"))
    if stream:
        list(answer)
    event = world.one()
    sent = exchange(event["id"])["usage"]["iterations"]
    kept = ("type", "input_tokens", "output_tokens")
    assert [[one[name] for name in kept] for one in event["usage"]["iterations"]] == [
        [one[name] for name in kept] for one in sent
    ]


def _calls_besides_messages(client: anthropic.Anthropic) -> None:
    asked = {name: value for name, value in ASK.items() if name != "max_tokens"}
    assert client.messages.count_tokens(**asked).input_tokens > 0
    batch = client.messages.batches.create(requests=[{"custom_id": "one", "params": ASK}])  # type: ignore[typeddict-item]
    assert client.messages.batches.retrieve(batch.id).id == batch.id
    assert client.models.list().data
    with contextlib.suppress(anthropic.APIStatusError):
        client.beta.files.list()
    # What only reads, or deletes, generates nothing.
    for call in (client.get, client.delete):
        for path in ("/v1/messages/msg_0abc", "/v1/messages", "/v1/complete"):
            with contextlib.suppress(anthropic.APIStatusError):
                call(path, cast_to=object)


def test_a_call_is_the_same_event_by_the_hook_and_through_the_proxy(world: World) -> None:
    proxied = f"{world.project}-proxied"
    _calls_besides_messages(world.client())
    _calls_besides_messages(world.bare(base_url=f"{setting('PROXY_URL')}/p/{proxied}"))

    def said(events: list[Event]) -> list[str]:
        kept = ("endpoint", "endpoint_class", "model", "status", "usage", "cost_usd", "error")
        return sorted(json.dumps([event.get(name) for name in kept]) for event in events)

    by_hook = said(world.stored())
    assert len(by_hook) == 11
    assert world.until(lambda: said(world.stored(proxied)), lambda found: len(found) == 11) == by_hook
    assert sum(event["endpoint_class"] == "other" for event in world.stored()) == 7
    for event in world.stored():
        if event["status"] == 200:
            spent = (event["usage"]["input_tokens"], event["usage"]["output_tokens"], event["cost_usd"])
            assert spent == (0, 0, 0.0), event


def test_the_results_of_a_batch_are_a_call_that_used_nothing(world: World) -> None:
    client = world.client()
    batch = client.messages.batches.create(requests=[{"custom_id": "one", "params": ASK}])  # type: ignore[typeddict-item]
    assert [line.custom_id for line in client.messages.batches.results(batch.id)] == ["one"]
    events = [event for event in world.stored() if event["endpoint"] == "messages/batches/{id}/results"]
    assert [(event["usage"]["output_tokens"], event["cost_usd"]) for event in events] == [(0, 0.0)]


def test_an_endpoint_has_the_word_that_the_proxy_has_for_it() -> None:
    for row in json.loads((Path(__file__).parents[3] / "tests/fixtures/endpoints.json").read_text()):
        assert endpoint_of(row["path"]) == row["endpoint"], row
        assert endpoint_of(f"https://gateway.example/v1/a{row['path']}") == row["endpoint"], row
        generates = row["method"] == "POST" and row["class"] in ("messages", "agents")
        assert _generates(row["method"], row["endpoint"]) == generates, row
        assert class_of(row["method"], row["endpoint"]) in (None, row["class"]), row
    assert endpoint_of("https://elsewhere.example/model/claude/invoke") is None
    assert endpoint_of("https://elsewhere.example/v1/") is None


def test_the_application_sends_the_same_request_with_the_hook(world: World) -> None:
    world.client().messages.create(**ASK, extra_headers={"x-probe": world.project})
    # Any middleware makes the SDK add a header that says so.
    other = world.bare(middleware=[lambda request, call_next: call_next(request)])
    other.messages.create(**ASK, extra_headers={"x-probe": world.project})
    sent = [
        one
        for one in get_json(setting("UPSTREAM_URL") + "/fake/exchanges")
        if ["x-probe", world.project] in one["headers"]
    ]
    assert len(sent) == 2
    assert sent[0]["request_sha256"] == sent[1]["request_sha256"]
    names = [sorted(name for name, _ in one["headers"]) for one in sent]
    assert names[0] == names[1]
