"""Posting a batch of events to Tacho, and what its answer means."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ._exchange import Event, rfc3339
from ._retry_after import retry_after_s
from ._usage import ODD

_GZIP_FROM_BYTES = 8 << 10
_ANSWER_WITHIN_S = 5.0
# A count that no call can have is the API's mistake or a gateway's: it is unknown, and the call counts. What does not
# know the word passes over it.
_PATH = "/v1/events?implausible=unknown"
# Refusals that may be for what the event says of its usage.
_ABOUT_USAGE = ("implausible", "invalid_number", "item_too_large", "too_deep")


class Outcome(NamedTuple):
    """What became of a batch."""

    settled: bool
    """Sending it again would not help, or is not needed."""
    retry_after_s: float | None = None
    """When Tacho wants it again, if it says so."""
    lost: int = 0
    """Events that were refused for good."""
    warning: str | None = None
    """Why, in the words of Tacho."""
    again: Sequence[Event] = ()
    """Events to send once more, as they are here."""
    too_large: bool = False
    """They were too many for one body."""


class Address:
    """Where events go, and the key that lets them in."""

    def __init__(self, url: str, key: str) -> None:
        """Raises `ValueError` for anything but an http or https address and a key of one line."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an http or https address")
        self._connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._path = parts.path.rstrip("/") + _PATH
        self._key = key.strip()
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            raise ValueError("not a key")

    def post(self, batch: list[Event]) -> Outcome:
        """Posts a batch, on a connection of its own: a kept one may have been closed meanwhile."""
        sent_at = rfc3339(time.time())
        body = json.dumps([{**event, "sent_at": sent_at} for event in batch], separators=(",", ":")).encode()
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        if len(body) >= _GZIP_FROM_BYTES:
            body = gzip.compress(body, 5)
            headers["Content-Encoding"] = "gzip"
        connection = self._connect(self._host, self._port, timeout=_ANSWER_WITHIN_S)
        try:
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            said = {name.lower(): value for name, value in response.headers.items()}
            wait_s = retry_after_s(said, time.time())
            answer = _json_object(response.read(1 << 20))
        except (OSError, HTTPException):
            return Outcome(settled=False)
        finally:
            connection.close()
        if response.status in (408, 429) or response.status >= 500:
            return Outcome(settled=False, retry_after_s=wait_s)
        return _settled(response.status, answer, batch)


def _settled(status: int, answer: dict[str, Any], sent: list[Event]) -> Outcome:
    if status == 200:
        return Outcome(settled=True)
    if status in (207, 422) and isinstance(answer.get("results"), list):
        # What is in conflict was stored before, from another source; the first one stays.
        refused = [result for result in answer["results"] if result.get("status") == "rejected"]
        tries = [(result, _without_usage(result, sent)) for result in refused]
        lost = [result.get("message") for result, event in tries if event is None]
        again = [event for _, event in tries if event is not None]
        return Outcome(settled=True, lost=len(lost), warning=lost[0] if lost else None, again=again)
    if status == 413 and len(sent) > 1:
        return Outcome(settled=True, again=sent, too_large=True)
    error = answer.get("error")
    message = error.get("message") if isinstance(error, dict) else "is this the address of a Tacho?"
    return Outcome(settled=True, lost=len(sent), warning=f"status {status}: {message}")


def _without_usage(refused: dict[str, Any], sent: list[Event]) -> Event | None:
    """The event that was refused, with usage unreadable, so that its call counts; `None` if it went like that already."""
    place = refused.get("index")
    if refused.get("code") not in _ABOUT_USAGE or not isinstance(place, int) or not 0 <= place < len(sent):
        return None
    usage = sent[place].get("usage")
    return None if usage is None or usage is ODD else {**sent[place], "usage": ODD}


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
