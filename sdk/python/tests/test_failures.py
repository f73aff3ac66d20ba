"""What goes wrong between application and API raises as without the hook, and is reported as it was."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import anthropic
import pytest
from conftest import ASK, World, exchange, scenario

STREAMS = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])


def raised(client: anthropic.Anthropic, **options: Any) -> tuple[type[BaseException], Any, Any]:
    """What a call raises: the kind, the status and the type in the body."""
    with pytest.raises(Exception) as error:
        answer: Any = client.messages.create(**{**ASK, **options})
        if options.get("stream"):
            list(answer)
    body = getattr(error.value, "body", None)
    return (
        type(error.value),
        getattr(error.value, "status_code", None),
        body["error"]["type"] if body else None,
    )


@STREAMS
@pytest.mark.parametrize(
    "words, status, kind, code",
    [
        ("overloaded", 529, "overloaded_error", ""),
        ("rate_limited", 429, "rate_limit_error", ""),
        ("ramp", 429, "rate_limit_error", "ramp_limit_exceeded"),
        ("spend_cap", 429, "rate_limit_error", "enforced_spend_limit_reached"),
        ("server_error", 500, "api_error", ""),
    ],
)
def test_an_error_raises_the_same_and_is_reported(
    world: World, words: str, status: int, kind: str, code: str, stream: bool
) -> None:
    options = {"stream": stream, **scenario(words)}
    assert raised(world.client(), **options) == raised(world.bare(), **options)
    event = world.one()
    assert (event["status"], event["error"]) == (status, {"type": kind, "code": code})
    assert event["model"] == "claude-sonnet-5-5"


def test_a_request_that_the_api_refuses_raises_the_same(world: World) -> None:
    assert raised(world.client(), model="no-such-model") == raised(world.bare(), model="no-such-model")
    event = world.one()
    assert (event["status"], event["model"]) == (404, "no-such-model")


@STREAMS
def test_each_attempt_is_an_event_with_its_number_and_error(world: World, stream: bool) -> None:
    client, words = world.client(max_retries=2), scenario("ramp; attempts=2; retry-after=0")
    # The API tells calls apart by what they say.
    answer: Any = client.messages.create(**ASK, metadata={"user_id": world.project}, stream=stream, **words)
    if stream:
        assert list(answer)
    events = world.stored()
    assert [(event["attempt"], event["status"]) for event in events] == [(0, 429), (1, 429), (2, 200)]
    assert [event.get("error", {}).get("code") for event in events] == ["ramp_limit_exceeded"] * 2 + [None]
    assert len({event["id"] for event in events}) == 3


def test_an_error_whose_body_never_ends_does_not_hold_up_the_retry(world: World) -> None:
    words = scenario("stalled_error; attempts=1; retry-after=0")
    # Without a stream, the SDK reads all of an answer before anybody sees it.
    asked: Any = {**ASK, "metadata": {"user_id": world.project}, "stream": True, **words}
    assert list(world.client(max_retries=1, timeout=20).messages.create(**asked))

    async def call() -> int:
        async with world.async_client(max_retries=1, timeout=20) as client:
            stream = await client.messages.create(**{**asked, "max_tokens": 512})
            return len([event async for event in stream])

    assert asyncio.run(call()) > 0
    events = world.stored()
    assert sorted((event["attempt"], event["status"]) for event in events) == [(0, 529)] * 2 + [(1, 200)] * 2
    assert all(event["duration_ms"] < 10_000 and "outcome" not in event for event in events), events


def test_an_error_whose_body_never_ends_raises_the_same(world: World) -> None:
    words = scenario("stalled_error")
    client, bare = world.client(timeout=2), world.bare(timeout=2)
    assert raised(client, stream=True, **words) == raised(bare, stream=True, **words)
    assert world.one()["status"] == 529


def test_each_attempt_of_an_asynchronous_stream_is_an_event(world: World) -> None:
    async def call() -> int:
        async with world.async_client(max_retries=2) as client:
            words = scenario("overloaded; attempts=1; retry-after=0")
            asked: Any = {**ASK, "metadata": {"user_id": world.project}, "stream": True, **words}
            return len([event async for event in await client.messages.create(**asked)])

    assert asyncio.run(call()) > 0
    events = world.stored()
    assert [(event["attempt"], event["status"]) for event in events] == [(0, 529), (1, 200)]
    assert events[0]["error"]["type"] == "overloaded_error"


def test_an_error_amid_a_stream_raises_the_same_and_is_reported(world: World) -> None:
    options = {"stream": True, **scenario("error_mid_stream")}
    assert raised(world.client(), **options) == raised(world.bare(), **options)
    event = world.one()
    assert (event["status"], event["error"]["type"]) == (200, "overloaded_error")
    assert event["usage"]["output_tokens"] is None
    assert event["usage"]["input_tokens"] is not None


@STREAMS
def test_a_connection_that_breaks_raises_the_same(world: World, stream: bool) -> None:
    options = {"stream": stream, **scenario("cut; after=100")}
    assert raised(world.client(), **options) == raised(world.bare(), **options)
    event = world.one()
    assert event["usage"]["output_tokens"] is None


def test_a_stream_without_its_end_has_no_output_count(world: World) -> None:
    assert list(world.client().messages.create(**ASK, stream=True, **scenario("no_delta")))
    event = world.one()
    assert event["usage"]["output_tokens"] is None
    assert event["usage"]["input_tokens"] is not None


def test_a_stream_that_is_closed_early_is_closed_and_reported(world: World) -> None:
    with world.client().messages.create(**ASK, stream=True, **scenario("silent; after=5")) as stream:
        assert next(iter(stream)).type == "message_start"
    event = world.one()
    assert event["usage"]["output_tokens"] is None
    assert exchange(event["id"])["outcome"] in ("client_closed", "open")


def test_a_stream_that_is_dropped_is_reported(world: World) -> None:
    stream = world.client().messages.create(**ASK, stream=True, **scenario("silent; after=5"))
    assert next(stream).type == "message_start"
    del stream
    assert world.one()["status"] == 200


def test_a_task_that_is_cancelled_amid_a_stream_is_reported(world: World) -> None:
    async def call() -> None:
        async with world.async_client() as client:
            begun = asyncio.Event()

            async def read() -> None:
                async for _ in await client.messages.create(
                    **ASK, stream=True, **scenario("silent; after=5")
                ):
                    begun.set()

            task = asyncio.ensure_future(read())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(call())
    assert world.one()["usage"]["output_tokens"] is None


def test_a_task_that_is_cancelled_while_it_waits_is_reported(world: World) -> None:
    async def call() -> None:
        async with world.async_client() as client:
            waiting = client.messages.create(**ASK, **scenario("silent_before_headers"))
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(waiting, 0.2)

    asyncio.run(call())
    assert "status" not in world.one()


def test_an_api_that_cannot_be_reached_is_an_event_for_each_attempt(world: World) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(anthropic.APIConnectionError):
            world.client(base_url=url, max_retries=1).messages.create(**ASK)
    events = world.stored()
    assert [event["attempt"] for event in events] == [0, 1]
    assert all("status" not in event and event["error"]["type"] == "connection_error" for event in events)
    assert all(event["id"].count("-") == 4 for event in events)


def test_an_api_that_does_not_answer_is_an_event(world: World) -> None:
    with pytest.raises(anthropic.APITimeoutError):
        world.client(timeout=0.2).messages.create(**ASK, **scenario("silent_before_headers"))
    assert world.one()["error"]["type"] == "client_timeout_error"


def test_a_call_that_is_never_sent_is_no_event(world: World) -> None:
    with pytest.raises(TypeError):
        world.client().messages.create(model="claude-sonnet-5-5")  # type: ignore[call-overload]
    assert world.stored() == []
