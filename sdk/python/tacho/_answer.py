"""What an answer says, read from its bytes as they pass: a stream of events, or one JSON document."""

from __future__ import annotations

import re
from typing import Any

from ._sse import Scanner, parsed
from ._usage import whole

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
        self._may_be_stream = asked_for_stream
        self._is_document = False
        self._head = b""
        self._body: list[bytes] = []
        self._body_bytes = 0

    def is_of(self, content_type: str) -> None:
        """What its head says it is, for where its bytes leave that open, too."""
        media_type = content_type.split(";")[0].strip().lower()
        self._may_be_stream = self._may_be_stream or media_type == "text/event-stream"

    def feed(self, decoded: bytes) -> None:
        """Takes the next bytes, decoded, wherever they were cut."""
        if self.scanner is not None or self._is_document:
            self._pass_on(decoded)
            return
        self._head = (self._head + decoded).lstrip(_BLANK)
        if not any(field.startswith(self._head) for field in _FIELDS):
            self._decide(bool(_STREAM.match(self._head)) or (self._may_be_stream and not _DOCUMENT.match(self._head)))

    def end(self) -> None:
        """No more bytes come: what it is, is known by now."""
        if self.scanner is None and not self._is_document:
            self._decide(self._may_be_stream)

    def _decide(self, is_stream: bool) -> None:
        self.scanner = Scanner() if is_stream else None
        self._is_document = not is_stream
        self._pass_on(self._head)

    def _pass_on(self, decoded: bytes) -> None:
        if self.scanner is not None:
            self.scanner.feed(decoded)
        elif self._body_bytes <= _LARGEST_BODY:
            self._body_bytes += len(decoded)
            self._body.append(decoded)

    def said(self) -> dict[str, Any]:
        """Model, stop_reason, error and what it tells of its usage, as far as they are known."""
        self.end()
        if self.scanner is not None:
            return self.scanner.said()
        try:
            document = parsed(b"".join(self._body)) if self._body_bytes <= _LARGEST_BODY else None
        except (RecursionError, ValueError):
            document = None  # Not whole, or none of the API's.
        document = document if isinstance(document, dict) else {}
        return {**document, "usage": whole(document.get("usage"))}
