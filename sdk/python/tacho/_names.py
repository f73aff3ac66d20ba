"""Names as Tacho keeps them: what is too long would cost the event, so it is cut here as it is cut there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Any

_NAME_BYTES = 256
_LABEL_BYTES = 64
_LABELS = 32
_MARK_DIGITS = 8
# No key is as long.
_LONGEST_KEY = 1024
_TAIL_BYTES = len("…".encode()) + _MARK_DIGITS
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# Of the API, of Tacho, and other secrets of Tacho.
_KEY = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2}))sk-ant-[0-9A-Za-z_-]*"
    r"|tch_[0-9A-Za-z]{3}_[0-9A-Za-z]{8}_[0-9A-Za-z_-]{6,}"
    r"|(?:whsec_|tacho_session=|sign-in\?token=)[0-9A-Za-z_+/=%-]{16,}"
)

UNREADABLE = "(unreadable)"
"""Stands, as this very object, for a value that cannot be said in text."""


def text(value: object) -> str:
    """A value as text, as JSON has it; `UNREADABLE` if that fails, says nothing that lasts, or is of many values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Collection) and not isinstance(value, str):
        return UNREADABLE
    kind = type(value)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        return UNREADABLE  # Where it lies in memory.
    try:
        return str(value)
    except Exception:
        return UNREADABLE


def cut(name: str, most_bytes: int) -> str:
    """As much of a name as Tacho keeps. Ends in a hash of the whole, so that names that differ stay different."""
    whole = _HALF.sub(_escaped, name).encode()
    if len(whole) <= most_bytes:
        return name
    key = _KEY.search(name)
    if key is not None:
        # Tacho keeps its fingerprint in place of all of it; half of a key would have another.
        return key[0][:_LONGEST_KEY]
    mark = hashlib.sha256(whole).hexdigest()[:_MARK_DIGITS]
    return whole[: most_bytes - _TAIL_BYTES].decode("utf-8", "ignore") + "…" + mark


def was_cut(name: str, kept: str) -> bool:
    """Whether that is less than all of a name. A key in its place is not: it tells as much."""
    return kept != name and _KEY.search(name) is None


def has_halves(name: str) -> bool:
    """Whether half of a surrogate pair is in it."""
    return _HALF.search(name) is not None


def word(value: object) -> str | None:
    """A word of the API, as Tacho takes it from an answer."""
    if not isinstance(value, str) or not value or _HALF.search(value) or _CONTROL.search(value):
        return None
    return value


def _escaped(half: re.Match[str]) -> str:
    """Half of a surrogate pair, as Tacho writes it: no text holds one."""
    return "".join(f"%{byte:02X}" for byte in half[0].encode("utf-8", "surrogatepass"))


def fields(dimensions: dict[str, Any]) -> dict[str, Any]:
    """The fields of an event: dimensions that Tacho takes, and what there is to remark on them."""
    remarks: list[dict[str, str]] = []

    def note(code: str, field: str) -> None:
        remark = {"code": code, "field": field}
        if remark not in remarks:
            remarks.append(remark)

    def kept(name: str, field: str, most_bytes: int) -> str:
        if name is UNREADABLE:
            note("attribution_unreadable", field)
            return ""
        short = cut(name, most_bytes)
        if was_cut(name, short):
            note("cut", field)
        if has_halves(name):
            note("attribution_unreadable", field)  # What is sent may hold none of them any more.
        return short

    found: dict[str, Any] = {
        name: kept(value, name, _NAME_BYTES) for name, value in dimensions.items() if name != "labels"
    }
    labels = {
        kept(label, "labels", _LABEL_BYTES): (label, value)
        for label, value in dimensions.get("labels", {}).items()
    }
    if len(labels) > _LABELS:
        note("cut", "labels")
    if labels:
        found["labels"] = {
            short: kept(value, "labels", _NAME_BYTES)
            for short, (_, value) in sorted(labels.items())[:_LABELS]
        }
    if remarks:
        found["remarks"] = remarks
    return found
