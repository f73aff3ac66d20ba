"""What is posted, word for word."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from typing import Any, Callable

import anthropic
import pytest
from conftest import ASK, Api, Receiver, World, scenario

import tacho

RFC3339_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def posted(
    world: World, receiver: Receiver, call: Callable[[anthropic.Anthropic], Any], **options: Any
) -> dict[str, Any]:
    """The one event of a call, whatever the call raises."""
    hook = tacho.hook(receiver.url, "tch_ing_key")
    try:
        call(world.client(hook, **options))
    except anthropic.APIError:
        pass
    except Exception as error:
        assert type(error).__module__.startswith("httpx2"), error
    assert hook.flush(10)
    assert len(receiver.events) == 1
    return receiver.events[0]


def reads(words: str, **options: Any) -> Callable[[anthropic.Anthropic], Any]:
    return lambda client: list(client.messages.create(**ASK, stream=True, **scenario(words)))


def closes(words: str, until: str) -> Callable[[anthropic.Anthropic], Any]:
    """Reads a stream until an event, and closes it."""

    def call(client: anthropic.Anthropic) -> None:
        with client.messages.create(**ASK, stream=True, **scenario(words)) as stream:
            for event in stream:
                if event.type == until:
                    return

    return call


@pytest.mark.parametrize(
    "call, outcome",
    [
        (lambda client: client.messages.create(**ASK), None),
        (reads("plain"), None),
        (reads("overloaded"), None),
        (closes("plain", "message_stop"), None),
        (closes("silent; after=5", "content_block_delta"), "client_cancelled"),
        (closes("words=5000", "message_start"), "client_cancelled"),
        (
            lambda client: client.messages.create(**ASK, stream=True, **scenario("silent; after=0")),
            "client_cancelled",
        ),
        (reads("error_mid_stream"), None),
        (reads("no_delta"), "interrupted"),
        (reads("cut; after=300"), "interrupted"),
        (reads("cut; after=300; how=reset"), "interrupted"),
    ],
)
def test_an_event_says_how_it_ended(
    world: World, receiver: Receiver, call: Callable[[anthropic.Anthropic], Any], outcome: str | None
) -> None:
    event = posted(world, receiver, call)
    assert event.get("outcome") == outcome
    if outcome is not None:
        assert "output_tokens" not in event["usage"] if "usage" in event else True


def read_as_bytes(client: anthropic.Anthropic) -> None:
    with client.messages.with_streaming_response.create(**ASK, stream=True) as response:
        response.read()


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json", None])
@pytest.mark.parametrize("status, outcome", [(200, "interrupted"), (502, None)])
@pytest.mark.parametrize("body", [b"", b" \n", b"event", b": hello\n\n", b"<html>"])
def test_a_body_that_ends_before_its_last_event_was_cut_unless_it_refuses(
    world: World, receiver: Receiver, api: Api, content_type: str | None, status: int, outcome: str | None, body: bytes
) -> None:
    api.status, api.body = status, body
    api.headers = {} if content_type is None else {"content-type": content_type}
    event = posted(world, receiver, read_as_bytes, base_url=api.url)
    assert (event["status"], event.get("outcome")) == (status, outcome)


def test_a_document_is_whole_though_a_stream_was_asked_for(world: World, receiver: Receiver, api: Api) -> None:
    api.body = b'{"model":"claude-sonnet-5-5"}'
    event = posted(world, receiver, read_as_bytes, base_url=api.url)
    assert "outcome" not in event


def test_no_response_is_unreachable(world: World, receiver: Receiver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        event = posted(world, receiver, lambda client: client.messages.create(**ASK), base_url=url)
    assert event["outcome"] == "unreachable"
    assert not {"status", "usage", "headers"} & set(event)


def test_a_cancelled_task_is_a_cancelled_call(world: World, receiver: Receiver) -> None:
    world.hook = tacho.hook(receiver.url, "tch_ing_key")

    async def call(words: str) -> None:
        async with world.async_client() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(read(client, words), 0.3)

    async def read(client: anthropic.AsyncAnthropic, words: str) -> None:
        async for _ in await client.messages.create(**ASK, stream=True, **scenario(words)):
            pass

    asyncio.run(call("silent_before_headers"))
    asyncio.run(call("silent; after=5"))
    assert world.hook.flush(10)
    assert [event["outcome"] for event in receiver.events] == ["client_cancelled"] * 2


def test_an_event_has_times_headers_and_nothing_that_is_secret(world: World, receiver: Receiver) -> None:
    event = posted(world, receiver, reads("ramp; retry-after=7"))
    assert RFC3339_MS.fullmatch(event["at"]) and RFC3339_MS.fullmatch(event["sent_at"])
    assert event["at"] <= event["sent_at"]
    assert event["headers"]["retry-after"] == "7"
    assert all(name == "retry-after" or name.startswith("anthropic-") for name in event["headers"])
    assert event["error"] == {"type": "rate_limit_error", "code": "ramp_limit_exceeded"}
    assert "secret" not in json.dumps(event)


@pytest.mark.parametrize("stream", [False, True])
def test_usage_is_posted_as_the_api_gave_it(world: World, receiver: Receiver, stream: bool) -> None:
    given: dict[str, Any] = {}

    def call(client: anthropic.Anthropic) -> None:
        if stream:
            with client.messages.stream(**ASK, **scenario("several_deltas")) as events:
                given.update(events.get_final_message().usage.to_dict())
        else:
            given.update(client.messages.create(**ASK).usage.to_dict())

    event = posted(world, receiver, call)
    assert {name: value for name, value in event["usage"].items() if value is not None} == {
        name: value for name, value in given.items() if value is not None
    }
    assert "secret" not in json.dumps(event)
