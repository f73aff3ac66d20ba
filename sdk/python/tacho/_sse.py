"""Reads usage out of a stream of server-sent events, as its bytes pass by."""

from __future__ import annotations

import json
from typing import Any

from . import _names
from ._usage import Told, Usage

# Longer lines are cut: no event that is read here comes near it, and memory stays bounded.
_LONGEST_LINE = 1 << 20

_READ = (b"message_start", b"message_delta", b"message_stop", b"error")
_TELL_USAGE = (b"message_start", b"message_delta")
_CONTENT = b"content_block_delta"
_SKIPPED = (_CONTENT, b"content_block_start", b"content_block_stop", b"ping")
# An event without a name, or of one that the API has not, may be any: it is looked into if it holds one of these.
_TYPES = tuple(b'"%s"' % name for name in _READ)


class Scanner:
    """What a message stream has said so far. Content is skipped without looking at it."""

    def __init__(self) -> None:
        self.message: dict[str, Any] = {}
        """Of the message: model, stop_reason."""
        self.error: dict[str, Any] | None = None
        """The API's error, if it sent one within the stream: then that is how it ended."""
        self.content_began = False
        self.stopped = False
        self._usage = Usage()
        self._event = b""
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._line: list[bytes] = []
        self._line_bytes = 0
        self._after_cr = False

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes, wherever they were cut."""
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        for line in chunk.splitlines(keepends=True):
            text = line.rstrip(b"\r\n")
            if self._line_bytes < _LONGEST_LINE:
                self._line.append(text)
                self._line_bytes += len(text)
            if len(text) < len(line):
                self._take(b"".join(self._line))
                self._line.clear()
                self._line_bytes = 0

    def counted(self) -> Told:
        """The usage as far as it can be trusted."""
        return self._usage.told(self.stopped or "stop_reason" in self.message)

    def said(self) -> dict[str, Any]:
        """All of it, as a message that is no stream says it."""
        error = {} if self.error is None else {"type": "error", "error": self.error}
        return {**self.message, **error, "usage": self.counted()}

    def _take(self, line: bytes) -> None:
        if not line:
            event, data, has_data = self._event, b"\n".join(self._data), bool(self._data or self._data_bytes)
            self._event = b""
            self._data.clear()
            self._data_bytes = 0
            if event in _READ and has_data:
                self._read(self._parsed(event, data), event.decode())
            elif event not in _SKIPPED and self._may_tell(data):
                self._read(self._parsed(event, data), "")
            return
        name, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if name == b"event":
            self._event = value
            self.content_began = self.content_began or value == _CONTENT
        elif name == b"data" and self._event not in _SKIPPED:
            self._data_bytes += len(value)
            if self._data_bytes <= _LONGEST_LINE:
                self._data.append(value)

    def _parsed(self, event: bytes, data: bytes) -> dict[str, Any]:
        """Nothing, if it is not what the API sends: what it would have said stays unknown."""
        try:
            return _object(parsed(data))
        except (RecursionError, ValueError):
            if event in _TELL_USAGE:
                self._usage.lost()
            return {}

    def _may_tell(self, data: bytes) -> bool:
        return any(name in data for name in _TYPES) or (not self.content_began and _CONTENT in data)

    def _read(self, event: dict[str, Any], name: str) -> None:
        kind = name or event.get("type")
        if kind == "message_start":
            message = _object(event.get("message"))
            self._take_words(message, "model", "stop_reason")
            self._usage.start(message.get("usage"))
        elif kind == "message_delta":
            self._take_words(_object(event.get("delta")), "stop_reason")
            self._usage.delta(event.get("usage"))
        elif kind == "content_block_delta":
            self.content_began = True
        elif kind == "message_stop":
            self.stopped = True
        elif kind == "error":
            self.error = _object(event.get("error"))

    def _take_words(self, said: dict[str, Any], *names: str) -> None:
        for name in names:
            word = _names.word(said.get(name))
            if word is not None:
                self.message[name] = word


def parsed(text: bytes) -> Any:
    """What JSON says. A number too long for an integer is not what anybody counts."""
    return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 64 else float("inf"))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
