"""Reads usage out of a stream of server-sent events, as its bytes pass by."""

from __future__ import annotations

import json
from typing import Any

# Longer lines are cut: no event that is read here comes near it, and memory stays bounded.
_LONGEST_LINE = 1 << 20

_READ = (b"message_start", b"message_delta", b"message_stop", b"error")


class Scanner:
    """What a message stream has said so far. Content is skipped without looking at it."""

    def __init__(self) -> None:
        self.message: dict[str, Any] = {}
        """Of the message: model, stop_reason."""
        self.usage: dict[str, Any] = {}
        """The usage of `message_start`, overlaid with the last of each field in `message_delta`."""
        self.error: dict[str, Any] | None = None
        """The API's error, if it sent one within the stream."""
        self.content_began = False
        self.stopped = False
        self._output_counted = False
        self._event = b""
        self._data: list[bytes] = []
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

    def counted(self) -> dict[str, Any]:
        """The usage as far as it can be trusted: what `message_start` says about output is a placeholder."""
        if self._output_counted:
            return self.usage
        untold = ("output_tokens", "output_tokens_details", "iterations")
        return {name: value for name, value in self.usage.items() if name not in untold}

    def _take(self, line: bytes) -> None:
        if not line:
            event, data = self._event, b"\n".join(self._data)
            self._event = b""
            self._data.clear()
            if event in _READ and data:
                try:
                    self._read(json.loads(data))
                except (AttributeError, TypeError, ValueError):
                    pass  # Not what the API sends: what it would have said stays unknown.
            return
        name, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if name == b"event":
            self._event = value
            self.content_began = self.content_began or value == b"content_block_delta"
        elif name == b"data" and self._event in _READ:
            self._data.append(value)

    def _read(self, event: Any) -> None:
        kind = event.get("type")
        if kind == "message_start":
            message = event.get("message") or {}
            self.message = {name: message.get(name) for name in ("model", "stop_reason")}
            self.usage = dict(message.get("usage") or {})
        elif kind == "message_delta":
            stop_reason = (event.get("delta") or {}).get("stop_reason")
            if stop_reason is not None:
                self.message["stop_reason"] = stop_reason
            said = {name: value for name, value in (event.get("usage") or {}).items() if value is not None}
            self.usage.update(said)
            self._output_counted = self._output_counted or "output_tokens" in said
        elif kind == "message_stop":
            self.stopped = True
        elif kind == "error":
            self.error = event.get("error") or {}
