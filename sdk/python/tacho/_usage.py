"""One usage out of the many that a stream tells, and of each only what Tacho reads.

It is read field by field, by the rule that Tacho has for it, so that nothing in an answer can cost the event: what a
field cannot hold stands as `ODD`, which Tacho remarks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from . import _names

Members = dict[str, Any]

ODD = False
"""Stands for what cannot be read: no field of a usage holds it."""

_LARGEST = (1 << 53) - 1
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_LONGEST_WORD_BYTES = 256

_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
_PARTS = {
    "cache_creation": ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    "server_tool_use": ("web_search_requests",),
}
_WORDS = ("service_tier", "speed", "inference_geo")
_ATTEMPT_WORDS = ("type", "model")
# Tacho says it of an event that it lists.
_HOLDS_ALL = "includes_iterations"
_KNOWN = {*_COUNTS, *_PARTS, *_WORDS, "iterations", _HOLDS_ALL}
# The API's own, and of no use: whoever has no more than these does not speak of something else.
_UNUSED = ("output_tokens_details", "fallback_credit")

# What the whole prompt is split into.
_PROMPT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
# What the usage at the top leaves out.
_BESIDE = ("compaction", "advisor_message")


class Told(NamedTuple):
    """What an answer tells of its usage."""

    members: Members
    is_unreadable: bool
    """Something came in place of a usage, or something that has no member of one."""

    def posted(self) -> Any:
        """The same as `usage` of an event; nothing where nothing was told."""
        return self.members or (ODD if self.is_unreadable else None)


class Usage:
    """The usage of a message stream: every event tells all there was so far, so that no count ever falls."""

    def __init__(self) -> None:
        self._said: Members = {}
        # What `message_start` says of output is a placeholder, until a `message_delta` tells one, too.
        self._start: Members = {}
        self._output_told = False
        self._iterations_told = False
        self._is_unreadable = False
        self._is_foreign = False

    def start(self, usage: object) -> None:
        """The usage in `message_start`."""
        members = self._read(usage)
        self._start = merged(self._start, members)
        self._said = merged(self._said, _unfinished(members))

    def delta(self, usage: object) -> None:
        """The usage in a `message_delta`."""
        members = self._read(usage)
        attempts = _attempts(members)
        told = [members, *attempts]
        self._output_told = self._output_told or any(_count_in(one, "output_tokens") is not None for one in told)
        self._iterations_told = self._iterations_told or bool(attempts)
        self._said = merged(self._said, members)

    def lost(self) -> None:
        """A usage came that cannot be read."""
        self._is_unreadable = True

    def told(self, ended: bool) -> Told:
        """What is known. Output is when it was counted, and generation had ended."""
        if self._output_told and ended:
            start = dict(self._start)
            if self._iterations_told:
                # Which attempts were declined is known by the end only.
                start.pop("iterations", None)
            members = merged(start, self._said)
        else:
            members = _unfinished(self._said)
        return _told(members, self._is_unreadable, self._is_foreign)

    def _read(self, usage: object) -> Members:
        members = read(usage)
        self._is_unreadable = self._is_unreadable or members is None
        self._is_foreign = self._is_foreign or _is_foreign(usage)
        return members or {}


def whole(usage: object) -> Told:
    """The usage of an answer that tells it once."""
    members = read(usage)
    return _told(members or {}, members is None, _is_foreign(usage))


def read(usage: object) -> Members | None:
    """The members of a usage that Tacho reads, each as it reads them; `None` for what is no usage at all."""
    if usage is None or usage == []:
        return {}
    if not isinstance(usage, dict):
        return None
    attempts = usage.get("iterations")
    if attempts is not None:
        attempts = [] if attempts == {} else attempts
        attempts = [_attempt(one) for one in attempts] if isinstance(attempts, list) else ODD
    holds_all = {_HOLDS_ALL: True} if usage.get(_HOLDS_ALL) is True else {}
    return {**_fields(usage, _WORDS), **_given("iterations", attempts), **holds_all}


def merged(held: Members, later: Members) -> Members:
    """`later` over `held`: counts never fall, unless a prompt is split anew; words are the last. What says nothing, or
    nothing that can be read, leaves what was.
    """
    if _splits(held, later):
        held = _without_prompt(held, later)
    both: Members = {}
    for name in (*_COUNTS, *_PARTS, *_WORDS, *_ATTEMPT_WORDS, "iterations"):
        both.update(_given(name, _joined(held.get(name), later.get(name), _RULES.get(name, _last))))
    return both


def posted_bytes(value: object) -> int:
    """What it takes in the body of a post."""
    return len(json.dumps(value, separators=(",", ":")))


def fitted(usage: Any, most_bytes: int) -> Any:
    """The same within so many bytes: what is said of attempts is unreadable where there are too many of them."""
    if isinstance(usage, dict) and usage.get("iterations") and posted_bytes(usage) > most_bytes:
        return {**usage, "iterations": ODD}
    return usage


def count(value: object) -> int | None:
    """A count, however it is written: 12, 12.0, "12"."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= _LARGEST and value == int(value) else None


def _told(members: Members, is_unreadable: bool, is_foreign: bool) -> Told:
    counts = [name for name in members if name in _COUNTS or name in _PARTS]
    says_nothing = not counts and not _attempts(members)
    return Told(members, is_unreadable or (is_foreign and says_nothing))


def _is_foreign(usage: object) -> bool:
    """It has members, and none that the API has."""
    return isinstance(usage, dict) and _KNOWN.isdisjoint(usage) and any(name not in _UNUSED for name in usage)


def _attempt(attempt: object) -> Members | bool:
    if attempt == []:
        return {}
    return _fields(attempt, _ATTEMPT_WORDS) if isinstance(attempt, dict) else ODD


def _fields(said: dict[str, Any], words: tuple[str, ...]) -> Members:
    """Counts, the objects around some of them, and words."""
    found: Members = {}
    for name in _COUNTS:
        found.update(_given(name, _count_or_odd(said.get(name))))
    for name, parts in _PARTS.items():
        inner = {} if said.get(name) == [] else said.get(name)
        if isinstance(inner, dict):
            counts = {part: _count_or_odd(inner.get(part)) for part in parts}
            found[name] = {part: count for part, count in counts.items() if count is not None}
        elif inner is not None:
            found[name] = ODD
    for name in words:
        found.update(_given(name, _word_or_odd(said.get(name))))
    return found


def _given(name: str, value: Any) -> Members:
    return {} if value is None else {name: value}


def _count_or_odd(value: object) -> int | None:
    number = count(value)
    return ODD if number is None and value is not None else number


def _word_or_odd(value: object) -> str | bool | None:
    """A word of the API. An empty one says nothing."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or _names.has_halves(value) or len(value.encode()) > _LONGEST_WORD_BYTES:
        return ODD
    return value


def _joined(held: Any, later: Any, rule: Callable[[Any, Any], Any]) -> Any:
    """Both by a rule, where both can be read; otherwise the one that can, or that says anything."""
    if held is None or later is None or held is ODD or later is ODD:
        return held if later is None or (later is ODD and held is not None) else later
    return rule(held, later)


def _last(_: object, later: Any) -> Any:
    return later


def _merged_parts(held: Members, later: Members) -> Members:
    return {**held, **{part: _joined(held.get(part), count, max) for part, count in later.items()}}


def _splits(held: Members, later: Members) -> bool:
    """Whether the same prompt is told as all input first, and then with more of it from the cache."""
    whole, rest = _count_in(held, "input_tokens") or 0, _count_in(later, "input_tokens") or 0
    return 0 < rest < whole and _cached(later) > _cached(held) and rest + _cached(later) >= whole


def _cached(usage: Members) -> int:
    five_minutes, hour = (_count_in(usage.get("cache_creation"), part) or 0 for part in _PARTS["cache_creation"])
    total = _count_in(usage, "cache_creation_input_tokens") or 0
    return hour + max(total - hour, five_minutes) + (_count_in(usage, "cache_read_input_tokens") or 0)


def _without_prompt(held: Members, later: Members) -> Members:
    """Without what is told anew of the prompt."""
    rest = {name: value for name, value in held.items() if name not in _PROMPT or _count_in(later, name) is None}
    parts, anew = held.get("cache_creation"), later.get("cache_creation")
    if isinstance(parts, dict):
        rest["cache_creation"] = {name: value for name, value in parts.items() if _count_in(anew, name) is None}
    return rest


def _merged_attempts(held: list[Any], later: list[Any]) -> list[Any]:
    """Where both list the same attempts, one by one; otherwise the longer list, or the later of two as long."""
    longer, shorter = (later, held) if len(later) >= len(held) else (held, later)
    if any(_kind(one) != _kind(other) for one, other in zip(held, later)):
        return longer
    # One that is no object in the longer list stays none.
    both = [
        ODD if place is ODD else merged(one or {}, other or {}) for place, one, other in zip(longer, held, later)
    ]
    return both + longer[len(shorter) :]


def _unfinished(usage: Members) -> Members:
    """Without the output that is still generated: at the top, and of the attempt that produces the message."""
    rest = _without_output(usage)
    attempts = list(_attempts(usage))
    for place in reversed(range(len(attempts))):
        if _kind(attempts[place]) not in _BESIDE:
            if attempts[place] is not ODD:
                attempts[place] = _without_output(attempts[place])
            break
    return {**rest, "iterations": attempts} if attempts else rest


def _without_output(usage: Members) -> Members:
    """But for what is no count: Tacho is told that it was odd."""
    return {name: value for name, value in usage.items() if name != "output_tokens" or value is ODD}


def _attempts(usage: Members) -> list[Any]:
    return usage.get("iterations") or []


def _kind(attempt: object) -> object:
    return attempt.get("type") if isinstance(attempt, dict) else None


def _count_in(usage: object, name: str) -> int | None:
    found = usage.get(name) if isinstance(usage, dict) else None
    return None if found is ODD else found


_RULES: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(_COUNTS, max),
    **dict.fromkeys(_PARTS, _merged_parts),
    "iterations": _merged_attempts,
}
