"""Recorded responses come to the usage that stands beside them, as they do through the proxy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tacho
from tacho import _names
from tacho._usage import ODD, Usage, merged, read

from conftest import ASK, Api, Event, Receiver, World

STREAMS = Path(__file__).parents[3] / "tests" / "fixtures" / "streams"
RECORDED = sorted([*STREAMS.glob("*.sse"), *STREAMS.glob("*.json")])
RECORDED = [path for path in RECORDED if not path.name.endswith(".expected.json")]


def told(event: Event) -> dict[str, Any]:
    """An event as it is listed, in the words of the recorded expectations."""
    usage = event["usage"]
    return {
        "usage": _counts(usage),
        "iterations": [
            {"kind": one["type"], "model": one["model"], "usage": _counts(one)}
            for one in usage.get("iterations", [])
        ],
        "stop_reason": event.get("stop_reason", ""),
        "service_tier": usage["service_tier"].capitalize(),
        "fast": usage["speed"] == "fast",
        "geo_us": usage.get("inference_geo") == "us",
        "failure": event.get("error", {}).get("type"),
        "unreadable": [remark["field"] for remark in event.get("remarks", [])],
    }


def _counts(usage: dict[str, Any]) -> dict[str, Any]:
    return {
        "input_tokens": usage["input_tokens"],
        "cache_write_5m_tokens": usage["cache_creation"]["ephemeral_5m_input_tokens"],
        "cache_write_1h_tokens": usage["cache_creation"]["ephemeral_1h_input_tokens"],
        "cache_read_tokens": usage["cache_read_input_tokens"],
        "output_tokens": usage["output_tokens"],
        "web_search_requests": usage["server_tool_use"]["web_search_requests"],
    }


@pytest.mark.parametrize("asked_for_stream", [True, False])
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_recorded_responses_say_what_they_used(
    path: Path, asked_for_stream: bool, world: World, api: Api
) -> None:
    expected = json.loads((STREAMS / f"{path.stem}.expected.json").read_text())
    api.body = path.read_bytes()
    for content_type in ("text/event-stream", "application/json", None):
        api.headers = {} if content_type is None else {"content-type": content_type}
        messages = world.client(base_url=api.url).messages.with_streaming_response
        with messages.create(**ASK, stream=asked_for_stream) as response:
            assert b"".join(response.iter_bytes()) == api.body
    events = world.stored()
    assert len(events) == 3
    for event in events:
        found = told(event)
        assert found == {
            **{name: expected[name] for name in found},
            "failure": expected["failure"] and expected["failure"]["kind"],
        }
        assert event["model"] == expected["model"] or expected["model"] is None
        is_cut = expected["streamed"] and not (expected["is_complete"] or expected["failure"])
        assert event.get("outcome") == ("interrupted" if is_cut else None)
        assert event["stream"] == (asked_for_stream or expected["streamed"])


@pytest.mark.parametrize("asked_for_stream", [True, False])
def test_an_error_is_read_as_a_stream_and_as_a_document(
    asked_for_stream: bool, world: World, api: Api
) -> None:
    document = b'{"type":"error","error":{"type":"overloaded_error","message":"secret words"}}'
    api.status = 529
    for api.body in (document, b"event: error\ndata: " + document + b"\n\n", b"data:" + document + b"\n\n"):
        messages = world.client(base_url=api.url).messages
        with pytest.raises(Exception):
            messages.create(**ASK, stream=asked_for_stream)
    events = world.stored()
    assert [(event["error"]["type"], event["status"], event.get("outcome")) for event in events] == [
        ("overloaded_error", 529, None)
    ] * 3


def test_what_is_no_text_where_text_belongs_loses_no_event(world: World, api: Api) -> None:
    odds: list[Any] = [7, [], {}, True, None]
    for odd in odds:
        message = {"model": odd, "stop_reason": odd, "usage": {"input_tokens": 3, "output_tokens": 4}}
        error = {"type": odd, "details": odd}
        api.body = json.dumps({**message, "error": None if odd is None else error}).encode()
        with world.client(base_url=api.url).messages.with_streaming_response.create(**ASK) as response:
            response.read()
    events = world.stored()
    assert [(event["model"], event["usage"]["output_tokens"]) for event in events] == [(ASK["model"], 4)] * 5


def answered(world: World, api: Api, usage: object, hook: tacho.Hook | None = None) -> None:
    """A call that is answered so."""
    api.headers = {"content-type": "application/json"}
    api.body = json.dumps({"model": ASK["model"], "usage": usage}).encode()
    client = world.client(hook, base_url=api.url)
    with client.messages.with_streaming_response.create(**ASK) as response:
        response.read()


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 1


COUNTED: dict[str, Any] = {"input_tokens": 3, "output_tokens": 4}
ATTEMPT: dict[str, Any] = {"type": "message", **COUNTED}
LARGE: list[tuple[Any, list[str], int | None]] = [
    ({**COUNTED, "details": nested(90)}, [], 4),
    ({**COUNTED, "details": "x" * 100_000}, [], 4),
    ({**COUNTED, "cache_creation": {"more": nested(90)}}, [], 4),
    ({**COUNTED, "cache_creation": nested(90)}, ["cache_creation"], 4),
    ({**COUNTED, "server_tool_use": {"web_search_requests": nested(90)}}, ["server_tool_use.web_search_requests"], 4),
    ({**COUNTED, "input_tokens": "7" * 100_000}, ["input_tokens"], 4),
    ({**COUNTED, "input_tokens": 10**400}, ["input_tokens"], 4),
    ({**COUNTED, "service_tier": "x" * 100_000}, ["service_tier"], 4),
    ({**COUNTED, "speed": {"x": nested(90)}}, ["speed"], 4),
    ({**COUNTED, "iterations": [{**ATTEMPT, "details": nested(90)}]}, [], 4),
    ({**COUNTED, "iterations": [{**ATTEMPT, "model": nested(90)}, nested(90)]}, ["iterations[]", "iterations[].model"], 4),
    ({**COUNTED, "iterations": [ATTEMPT] * 100}, [], 400),
    ({**COUNTED, "iterations": [ATTEMPT] * 5_000}, ["iterations"], 4),
    ({"x": "x" * 100_000}, ["usage"], None),
    (nested(90), ["usage"], None),
    ("x" * 100_000, ["usage"], None),
]


def test_no_usage_is_too_large_or_too_deep_for_its_event(world: World, api: Api) -> None:
    for place, (usage, _, _) in enumerate(LARGE):
        with tacho.scope(session=f"{place:02}"):
            answered(world, api, usage)
    events = sorted(world.stored(), key=lambda event: str(event["session"]))
    assert [(unreadable(event), event["usage"]["output_tokens"]) for event in events] == [
        (fields, output) for _, fields, output in LARGE
    ]
    assert world.hook.dropped == 0


def unreadable(event: Event) -> list[str]:
    return sorted(remark["field"] for remark in event.get("remarks", []))


def test_an_event_stays_within_its_bounds_whatever_else_it_says(
    world: World, api: Api, receiver: Receiver
) -> None:
    hook = tacho.hook(receiver.url, "tch_ing_key", labels={f"l{n:02}": "é" * 200 for n in range(32)})
    for attempts in (10, 150, 200, 250, 300, 5_000):
        answered(world, api, {**COUNTED, "iterations": [{**ATTEMPT, "model": "m" * 200}] * attempts}, hook)
    assert hook.flush(10)
    assert len(receiver.events) == 6
    assert all(len(json.dumps(event)) <= 64 << 10 for event in receiver.events)
    assert [type(event["usage"]["iterations"]) for event in receiver.events[::5]] == [list, bool]


@pytest.mark.parametrize("odd", [False, True, "", 0, 5, 1.5, "x", [1]], ids=repr)
def test_what_is_no_usage_is_remarked(odd: Any, world: World, api: Api) -> None:
    answered(world, api, odd)
    start = {"type": "message_start", "message": {"model": ASK["model"], "usage": odd}}
    good = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": COUNTED}
    deltas: list[list[dict[str, Any]]] = [[], [good]]
    for told in deltas:
        told = [start, *told, {"type": "message_stop"}]
        api.body = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in told).encode()
        messages = world.client(base_url=api.url).messages
        with messages.with_streaming_response.create(**ASK, stream=True) as response:
            response.read()
    events = world.stored()
    assert [unreadable(event) for event in events] == [["usage"]] * 3
    assert sorted(event["usage"]["output_tokens"] or 0 for event in events) == [0, 0, 4]


def test_a_count_that_no_call_can_have_costs_no_event(world: World, api: Api) -> None:
    answered(world, api, {**COUNTED, "input_tokens": 4_120_000_000_000})
    answered(world, api, {**COUNTED, "iterations": [{**ATTEMPT, "input_tokens": 6_000_000}] * 2})
    answered(world, api, {**COUNTED, "server_tool_use": {"web_search_requests": 10_001}})
    events = world.stored()
    assert [event["status"] for event in events] == [200] * 3
    assert all(len(unreadable(event)) == 1 for event in events)
    assert world.hook.dropped == 0


def test_usage_in_the_words_of_another_api_is_unreadable_unless_something_is_counted() -> None:
    foreign = {"prompt_tokens": 100}
    rows: list[tuple[Any, Any, bool]] = [
        (foreign, {"service_tier": "priority"}, True),
        (foreign, COUNTED, False),
        (COUNTED, foreign, False),
        (foreign, {"iterations": [ATTEMPT]}, False),
        ({"output_tokens_details": {}}, {}, False),
    ]
    for start, delta, is_unreadable in rows:
        usage = Usage()
        usage.start(start)
        usage.delta(delta)
        assert usage.told(True).is_unreadable == is_unreadable, (start, delta)


def test_no_word_of_an_answer_costs_its_event(world: World, api: Api) -> None:
    given: list[tuple[Any, str]] = [
        ("m" * 100_000, _names.cut("m" * 100_000, 256)),
        ("m\ud800", ASK["model"]),
        ("m\x07", ASK["model"]),
        ("", ASK["model"]),
    ]
    for word, _ in given:
        error = {"type": word, "details": {"error_code": word}}
        answer = {"type": "error", "model": word, "stop_reason": word, "error": error}
        attempts = [{**ATTEMPT, "model": "m"}] * 10
        api.body = json.dumps({**answer, "usage": {**COUNTED, "iterations": attempts}}).encode()
        with world.client(base_url=api.url).messages.with_streaming_response.create(**ASK) as response:
            response.read()
    events = world.stored()
    assert sorted(event["model"] for event in events) == sorted(model for _, model in given)
    assert [event["usage"]["output_tokens"] for event in events] == [40] * 4
    remarks = [remark for event in events for remark in event.get("remarks", [])]
    assert remarks == [{"code": "cut", "field": "model"}]


def test_counts_never_fall_whatever_the_order() -> None:
    def both(before: object, after: object) -> Any:
        found = [read(usage) for usage in (before, after)]
        assert found[0] is not None and found[1] is not None
        return merged(found[0], found[1])

    odds: list[Any] = [0, "2", -1, [], {}, True, [1], {"a": 1}, "x", 2**60]
    for odd in odds:
        for pair in ((3, odd), (odd, 3), ("3", odd), (odd, 3.0)):
            assert both(*({"input_tokens": one} for one in pair)) == {"input_tokens": 3}, pair
    assert both({"speed": "fast"}, {"speed": "standard", "x": None}) == {"speed": "standard"}
    words: list[tuple[Any, Any, Any]] = [
        ("fast", None, "fast"),
        ("fast", "", "fast"),
        ("fast", 7, "fast"),
        ([1], "fast", "fast"),
        ("", {}, ODD),
        ({}, "", ODD),
        (None, 7, ODD),
    ]
    for before, after, kept in words:
        assert both({"speed": before}, {"speed": after}) == {"speed": kept}, (before, after)
    parts = {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 5}
    assert both({"cache_creation": parts}, {"cache_creation": {"ephemeral_1h_input_tokens": 2}}) == {
        "cache_creation": parts
    }
    shapes: list[tuple[str, Any, Any]] = [
        ("cache_creation", parts, [0, 0]),
        ("server_tool_use", {"web_search_requests": 4}, [0]),
        ("iterations", [ATTEMPT], {"0": 1}),
    ]
    for name, good, odd in shapes:
        others: list[Any] = [odd, [], {}, None, "x"]
        for other in others:
            assert both({name: good}, {name: other}) == both({name: other}, {name: good}) == {name: good}
        assert both({name: odd}, {name: None}) == {name: ODD}
        assert both({name: odd}, {name: {}}) != {name: ODD}
    assert read({"iterations": [7, None, {}], "x": 1}) == {"iterations": [ODD, ODD, {}]}
    assert read(7) is None and read([]) == read(None) == {}
