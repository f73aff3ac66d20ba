"""One HTTP attempt against the API, on its way to becoming an event."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Callable

from . import _names
from ._answer import Answer
from ._sse import Scanner
from ._usage import ODD, Told, count, fitted, posted_bytes

Event = dict[str, Any]

# Below these nothing is generated, and answers may be large: they are not read.
_FREE = ("messages/count_tokens", "messages/batches", "files", "models", "organizations", "skills")
_GENERATING = ("messages", "complete")
_READS = ("GET", "HEAD", "DELETE", "OPTIONS")
_LONGEST_ENDPOINT = 128
_LONGEST_HEADER = 256
_LONGEST_WORD_BYTES = 256
# Tacho takes 64 KiB. What is left is for the time it is sent at.
_LARGEST_EVENT = 64_000


def endpoint_of(url: str) -> str | None:
    """The path at the API without `/v1/`, query and ids: `messages`, `messages/batches/{id}`.

    `None` for calls to something else.
    """
    _, is_api, path = re.split(r"[?#]", url, maxsplit=1)[0].rpartition("/v1/")
    words = ["{id}" if re.search(r"[0-9]", word) else word for word in path.split("/") if word]
    return "/".join(words)[:_LONGEST_ENDPOINT] or None if is_api else None


def _generates(method: str, endpoint: str) -> bool:
    """Whether a call may have used tokens, as far as its endpoint says."""
    return method.upper() not in _READS and not _is_within(endpoint, _FREE)


def class_of(method: str, endpoint: str) -> str | None:
    """What Tacho counts a call as, where the endpoint alone would say that it generates: what only reads does not."""
    reads = method.upper() in _READS and _is_within(endpoint, _GENERATING) and not _is_within(endpoint, _FREE)
    return "other" if reads else None


def _is_within(endpoint: str, listed: tuple[str, ...]) -> bool:
    return any(endpoint == one or endpoint.startswith(one + "/") for one in listed)


def rfc3339(unix_s: float) -> str:
    """UTC, with milliseconds."""
    return datetime.fromtimestamp(unix_s, timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


class Exchange:
    """Follows one attempt: sent, answered, body read, ended. Reports exactly one event, when it ends."""

    def __init__(
        self,
        report: Callable[[Event], None],
        *,
        method: str,
        endpoint: str,
        body: object,
        stream: bool,
        attempt: int,
        dimensions: Mapping[str, Any],
    ) -> None:
        asked: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
        self._report: Callable[[Event], None] | None = report
        self._process_id = os.getpid()
        self._sent = time.monotonic()
        self._generates = _generates(method, endpoint)
        self._answer: Answer | None = Answer(stream)
        self.event: Event = {
            "at": rfc3339(time.time()),
            "model": _model_asked(asked),
            "endpoint": endpoint,
            "attempt": attempt,
            **dimensions,
        }
        if method.upper() in _READS:
            self.event["usage"] = {"input_tokens": 0, "output_tokens": 0}
        endpoint_class = class_of(method, endpoint)
        if endpoint_class is not None:
            self.event["endpoint_class"] = endpoint_class
        if self._generates:
            self.event["stream"] = stream
            if count(asked.get("max_tokens")) is not None:
                self.event["max_tokens"] = count(asked["max_tokens"])

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and headers are there; the body may follow through `chunk`."""
        self.event["status"] = status
        request_id = _request_id(headers)
        if request_id is not None:
            self.event["id"] = request_id
        kept = {name.lower(): value for name, value in headers.items() if _is_kept(name.lower(), value)}
        if kept:
            self.event["headers"] = kept
        if status < 400 and not self._generates:
            self._answer = None
        elif self._answer is not None:
            self._answer.is_of(headers.get("content-type", ""))

    def chunk(self, decoded: bytes) -> None:
        """The next bytes of the body, decoded."""
        if self._answer is not None:
            self._answer.feed(decoded)
            scanner = self._answer.scanner
            if scanner is not None and scanner.content_began and "ttft_ms" not in self.event:
                self.event["ttft_ms"] = self._elapsed_ms()

    def lose_body(self) -> None:
        """What the body says is not seen here: it stays unknown."""
        self._answer = None

    def damaged(self) -> None:
        """The body does not come out of its encoding: of a usage in it nothing can be read."""
        if self._generates and not self._failed():
            self.event["usage"] = ODD
        self._answer = None

    def ended(self) -> None:
        """The whole body was read."""
        if self._answer is not None:
            self._answer.end()
        # A stream that ends before it says so was cut where HTTP does not notice.
        self._finish(None if self._scanner() is None or self._has_come() else "interrupted")

    def stopped_reading(self) -> None:
        """The caller closed the answer, or was cancelled, perhaps after all that matters."""
        self._finish(None if self._has_come() else "client_cancelled")

    def broke(self) -> None:
        """The connection broke while the body was read."""
        self._finish("interrupted")

    def unanswered(self, outcome: str, error: str | None = None) -> None:
        """No response came: `unreachable`, or `client_cancelled` while waiting for it."""
        if error is not None:
            self.event["error"] = {"type": error}
        self._finish(outcome)

    def _scanner(self) -> Scanner | None:
        return None if self._answer is None else self._answer.scanner

    def _failed(self) -> bool:
        status: int = self.event["status"]
        return status >= 400

    def _has_come(self) -> bool:
        """Nothing more is to come that matters: behind its last event, or an error."""
        said = self._scanner()
        return self._failed() or (said is not None and (said.stopped or said.error is not None))

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._sent) * 1000)

    def _finish(self, outcome: str | None) -> None:
        """Reports, once. Whatever goes wrong here is no business of the call's."""
        report, self._report = self._report, None
        try:
            if report is None or os.getpid() != self._process_id:
                return  # After a fork the parent reports.
            self.event["duration_ms"] = self._elapsed_ms()
            if outcome is not None:
                self.event["outcome"] = outcome
            try:
                self._read_body()
            except Exception:
                pass  # What the body says stays unknown.
            self._cut_model()
            self.event.setdefault("id", _random_id())
            report(self.event)
        except Exception:
            pass

    def _read_body(self) -> None:
        event = self.event
        if self._answer is None:
            return
        said = self._answer.said()
        error = _error(said)
        if error is not None:
            event["error"] = error
        if self._generates:
            event["stream"] = event["stream"] or self._scanner() is not None
            event["model"] = _names.word(said.get("model")) or event["model"]
            stop_reason = _names.word(said.get("stop_reason"))
            if stop_reason is not None:
                event["stop_reason"] = _kept(stop_reason)
            self._cut_model()
            self._take_usage(said["usage"])

    def _take_usage(self, told: Told) -> None:
        usage = fitted(told.posted(), _LARGEST_EVENT - posted_bytes(self.event))
        if usage is not None:
            self.event["usage"] = usage
        if told.members and told.is_unreadable:
            self._remark("usage_unreadable", "usage")

    def _cut_model(self) -> None:
        """As Tacho cuts it; a second time changes nothing."""
        model = self.event["model"]
        self.event["model"] = _kept(model)
        if _names.was_cut(model, self.event["model"]):
            self._remark("cut", "model")

    def _remark(self, code: str, field: str) -> None:
        self.event["remarks"] = [*self.event.get("remarks", []), {"code": code, "field": field}]


def _error(said: Mapping[str, Any]) -> dict[str, str] | None:
    """The API's error, without what it says in words."""
    given = said.get("error")
    error: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    kind, details = _names.word(error.get("type")), error.get("details")
    if kind is None and said.get("type") != "error":
        return None
    code = _names.word(details.get("error_code")) if isinstance(details, Mapping) else None
    return {"type": _kept(kind or ""), **({} if code is None else {"code": _kept(code)})}


def _kept(word: str) -> str:
    return _names.cut(word, _LONGEST_WORD_BYTES)


def _request_id(headers: Mapping[str, str]) -> str | None:
    """What the proxy calls it, if the call went through it: so it counts once. Otherwise what the API does."""
    for name in ("x-tacho-request-id", "request-id"):
        request_id = headers.get(name)
        if request_id and len(request_id) <= 128 and request_id.isascii() and request_id.isprintable():
            return request_id
    return None


def _is_kept(name: str, value: str) -> bool:
    return (name == "retry-after" or name.startswith("anthropic-")) and len(value) <= _LONGEST_HEADER


def _model_asked(body: Mapping[str, Any]) -> str:
    """The model of the request, or the word for none that the proxy has."""
    return _names.word(body.get("model")) or "(none)"


def _random_id() -> str:
    """A UUID of version 7 (RFC 9562): begins with its time, so that Tacho finds it fast."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
