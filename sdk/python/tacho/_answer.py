"""What an answer says, read from its bytes as they pass: a stream of events, or one JSON document."""

from __future__ import annotations

import json
import re
from typing import Any

from ._sse import Scanner

# A document beyond this is not read: what it says stays unknown.
_LARGEST_BODY = 16 << 20

_BLANK = b" \t\r\n\xef\xbb\xbf"
_DOCUMENT = re.compile(rb"[{\[]")
_STREAM = re.compile(rb":|(event|data|id|retry)[:\r\n]")
_FIELDS = (b"event", b"data", b"id", b"retry")


class Answer:
    """The body of one answer. Its first bytes say what it is; what was asked for, only where they leave it open."""

    def __init__(self, asked_for_stream: bool) -> None:
        self.scanner: Scanner | None = None
        """Reads the events, once it is known to be a stream."""
        self._asked_for_stream = asked_for_stream
        self._is_document = False
        self._head = b""
        self._body: list[bytes] = []
        self._body_bytes = 0

    def feed(self, decoded: bytes) -> None:
        """Takes the next bytes, decoded, wherever they were cut."""
        if self.scanner is None and not self._is_document:
            self._head = (self._head + decoded).lstrip(_BLANK)
            if any(field.startswith(self._head) for field in _FIELDS):
                return
            self._decide()
            decoded, self._head = self._head, b""
        if self.scanner is not None:
            self.scanner.feed(decoded)
        elif self._body_bytes <= _LARGEST_BODY:
            self._body_bytes += len(decoded)
            self._body.append(decoded)

    def said(self) -> dict[str, Any]:
        """Model, stop_reason, usage and error, as far as they are known."""
        if self.scanner is None and not self._is_document:
            self.feed(b"\n")
        if self.scanner is not None:
            return self.scanner.said()
        document = json.loads(b"".join(self._body)) if 0 < self._body_bytes <= _LARGEST_BODY else {}
        return document if isinstance(document, dict) else {}

    def _decide(self) -> None:
        is_stream = _STREAM.match(self._head) or (self._asked_for_stream and not _DOCUMENT.match(self._head))
        if is_stream:
            self.scanner = Scanner()
        else:
            self._is_document = True
