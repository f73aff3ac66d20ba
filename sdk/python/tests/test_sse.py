"""A stream says the same wherever the network cuts it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tacho._sse import Scanner

USAGE = {"input_tokens": 3, "cache_read_input_tokens": 5, "output_tokens": 1, "service_tier": "standard"}
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("message_start", {"message": {"model": "claude-sonnet-5-5", "stop_reason": None, "usage": USAGE}}),
    ("ping", {}),
    ("content_block_delta", {"delta": {"text": "event: message_delta\n\ndata: {\u2028\u85cf"}}),
    ("something_new", {"usage": {"output_tokens": 99}}),
    ("message_delta", {"delta": {"stop_reason": None}, "usage": {"output_tokens": 4, "input_tokens": None}}),
    (
        "message_delta",
        {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9, "input_tokens": 7}},
    ),
    ("message_stop", {}),
]


def written(end: str, space: str = " ") -> bytes:
    lines = [
        f"event:{space}{name}{end}data:{space}{json.dumps({'type': name, **body}, ensure_ascii=False)}"
        for name, body in EVENTS
    ]
    return "".join(line + end * 2 for line in lines).encode()


def said(chunks: list[bytes]) -> Scanner:
    scanner = Scanner()
    for chunk in chunks:
        scanner.feed(chunk)
    return scanner


@pytest.mark.parametrize("space", [" ", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_cut_says_the_same(end: str, space: str) -> None:
    whole = written(end, space)
    splits = [[whole[:place], whole[place:]] for place in range(len(whole))]
    for chunks in [*splits, [bytes([byte]) for byte in whole]]:
        scanner = said(chunks)
        assert scanner.counted().members == {**USAGE, "input_tokens": 7, "output_tokens": 9}
        assert scanner.message == {"model": "claude-sonnet-5-5", "stop_reason": "end_turn"}
        assert scanner.content_began and scanner.stopped and scanner.error is None


@pytest.mark.parametrize("name", ["message", "x"])
def test_an_event_of_an_unknown_name_is_what_its_data_says(name: str) -> None:
    lines = written("\n").decode().split("\n")
    renamed = [f"event: {name}" if line.startswith("event:") else line for line in lines]
    scanner = said(["\n".join(renamed).encode()])
    assert scanner.counted().members == {**USAGE, "input_tokens": 7, "output_tokens": 9}
    assert scanner.content_began and scanner.stopped


def test_output_is_counted_by_a_delta_alone() -> None:
    (start, *_) = written("\n").split(b"\n\n")
    scanner = said([start + b"\n\n"])
    assert scanner.counted().members == {name: value for name, value in USAGE.items() if name != "output_tokens"}


def test_what_the_api_does_not_send_is_passed_over_and_remarked_where_it_may_have_told_of_usage() -> None:
    for nonsense, is_unreadable in (
        (b"event: message_start\ndata: {\n\n", True),
        (b'event: message_start\ndata: {"usage":' + b" " * (2 << 20) + b"{}}\n\n", True),
        (b"event: message_delta\ndata: hello\n\n", True),
        (b"event: message_delta\ndata: [1]\n\n", False),
        (b'event: message_delta\ndata: {"delta":[],"usage":7}\n\n', True),
        (b"event: error\n\n", False),
        (b"\xff\x00\n\n\n", False),
        (b"data: 1\n\n", False),
        (b"data: [DONE]\n\n", False),
    ):
        usage = said([nonsense, written("\n")]).counted()
        assert (usage.members["output_tokens"], usage.is_unreadable) == (9, is_unreadable), nonsense[:50]


def test_the_last_event_and_an_error_end_a_stream_whatever_they_hold() -> None:
    assert said([b"event: message_stop\ndata:\n\n"]).stopped
    assert said([b"event: error\ndata: oh\n\n"]).error == {}


def test_a_line_without_end_takes_no_memory() -> None:
    scanner = said([b"event: content_block_start\ndata: "] + [b"x" * 65_536] * 200)
    assert scanner._line_bytes < 2 << 20
    scanner.feed(b"\n\n" + written("\n"))
    assert scanner.counted().members["output_tokens"] == 9
