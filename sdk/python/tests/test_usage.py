"""Recorded responses come to the usage that stands beside them, as they do through the proxy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tacho._usage import merged, postable

from conftest import ASK, Api, Event, World

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
        is_cut = expected["streamed"] and not expected["is_complete"]
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


def test_counts_never_fall_whatever_the_order() -> None:
    for before, after in ((3, 0), (0, 3), ("3", 0), (3.0, "2"), (3, -1), (-1, 3), ([], 3), (3, {}), (True, 3)):
        assert float(merged({"n": before}, {"n": after})["n"]) == 3
    assert merged({"speed": "fast"}, {"speed": "standard", "x": None}) == {"speed": "standard", "x": None}
    assert merged({"speed": "fast"}, {"speed": None}) == {"speed": "fast"}
    assert merged({"speed": "fast"}, {"speed": ""}) == {"speed": "fast"}
    assert merged({"c": {"a": 1, "b": 5}}, {"c": {"b": 2}}) == {"c": {"a": 1, "b": 5}}
    assert merged({"c": {"a": 1}}, {"c": []}) == merged({"c": []}, {"c": {"a": 1}}) == {"c": {"a": 1}}
    assert postable({"a": [-1, 1.5, 2**60, 12.0, True, None, "x"]}) == {
        "a": ["-1", "1.5", str(2**60), 12.0, True, None, "x"]
    }
