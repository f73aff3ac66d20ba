"""One usage out of the many that a stream tells. What is odd in it is passed on: Tacho reads field by field."""

from __future__ import annotations

import re
from typing import Any

_LARGEST = (1 << 53) - 1
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
# Of these the last counts; of everything else that counts, the largest.
_WORDS = ("service_tier", "speed", "inference_geo", "type", "model")
# What the whole prompt is split into.
_PROMPT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_PARTS = ("ephemeral_1h_input_tokens", "ephemeral_5m_input_tokens")
# What the usage at the top leaves out.
_BESIDE = ("compaction", "advisor_message")


class Usage:
    """The usage of a message stream: every event tells all there was so far, so that no count ever falls."""

    def __init__(self) -> None:
        self._said: Any = None
        # What `message_start` says of output is a placeholder, until a `message_delta` tells one, too.
        self._start: Any = None
        self._output_told = False
        self._iterations_told = False

    def start(self, usage: object) -> None:
        """The usage in `message_start`."""
        self._start = merged(self._start, usage)
        self._said = merged(self._said, _unfinished(usage))

    def delta(self, usage: object) -> None:
        """The usage in a `message_delta`."""
        attempts = _attempts(usage)
        told = [usage, *attempts]
        self._output_told = self._output_told or any(_count_in(one, "output_tokens") is not None for one in told)
        self._iterations_told = self._iterations_told or bool(attempts)
        self._said = merged(self._said, usage)

    def told(self, ended: bool) -> Any:
        """What is known. Output is when it was counted, and generation had ended."""
        if not (self._output_told and ended):
            return _unfinished(self._said)
        start = self._start
        if self._iterations_told and isinstance(start, dict):
            # Which attempts were declined is known by the end only.
            start = {name: value for name, value in start.items() if name != "iterations"}
        return merged(start, self._said)


def count(value: object) -> int | None:
    """A count, however it is written: 12, 12.0, "12"."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= _LARGEST and value == int(value) else None


def merged(held: Any, later: Any, name: str = "") -> Any:
    """`later` over `held`: counts never fall, unless a prompt is split anew; words are the last, and what says nothing
    leaves what was.

    `[]` and `{}` are both empty, as PHP writes them.
    """
    if later in (None, [], {}):
        return later if held is None else held
    if held in (None, [], {}):
        return later
    if isinstance(held, dict) and isinstance(later, dict):
        if _splits(held, later):
            held = _without_prompt(held, later)
        return {**held, **{name: merged(held.get(name), value, name) for name, value in later.items()}}
    if isinstance(held, list) and isinstance(later, list):
        return _merged_attempts(held, later)
    if isinstance(held, (dict, list)) or isinstance(later, (dict, list)):
        return held if isinstance(held, (dict, list)) else later
    if name in _WORDS:
        return later if (isinstance(later, str) and later) or not isinstance(held, str) else held
    before, now = count(held), count(later)
    return held if now is None or (before is not None and before >= now) else later


def postable(value: Any) -> Any:
    """The same, with numbers that count nothing as text.

    For such a number Tacho refuses an event, which its sender could put right; this one only passes it on.
    """
    if isinstance(value, dict):
        return {name: postable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [postable(member) for member in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and count(value) is None:
        return str(value)
    return value


def _splits(held: dict[str, Any], later: dict[str, Any]) -> bool:
    """Whether the same prompt is told as all input first, and then with more of it from the cache."""
    whole, rest = _count_in(held, "input_tokens") or 0, _count_in(later, "input_tokens") or 0
    return 0 < rest < whole and _cached(later) > _cached(held) and rest + _cached(later) >= whole


def _cached(usage: dict[str, Any]) -> int:
    hour, five_minutes = (_count_in(usage.get("cache_creation"), part) or 0 for part in _PARTS)
    total = _count_in(usage, "cache_creation_input_tokens") or 0
    return hour + max(total - hour, five_minutes) + (_count_in(usage, "cache_read_input_tokens") or 0)


def _without_prompt(held: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Without what is told anew of the prompt."""
    rest = {name: value for name, value in held.items() if name not in _PROMPT or _count_in(later, name) is None}
    parts, anew = held.get("cache_creation"), later.get("cache_creation")
    if isinstance(parts, dict):
        rest["cache_creation"] = {name: value for name, value in parts.items() if _count_in(anew, name) is None}
    return rest


def _merged_attempts(held: list[Any], later: list[Any]) -> list[Any]:
    """Where both list the same attempts, one by one; otherwise the longer list, or the later of two as long."""
    if any(_kind(one) != _kind(other) for one, other in zip(held, later)):
        return later if len(later) >= len(held) else held
    both = [merged(one, other) for one, other in zip(held, later)]
    return both + held[len(both) :] + later[len(both) :]


def _unfinished(usage: Any) -> Any:
    """Without the output that is still generated: at the top, and of the attempt that produces the message."""
    if not isinstance(usage, dict):
        return usage
    rest = _without_output(usage)
    attempts = list(_attempts(usage))
    for place in reversed(range(len(attempts))):
        if _kind(attempts[place]) not in _BESIDE:
            if isinstance(attempts[place], dict):
                attempts[place] = _without_output(attempts[place])
            break
    return {**rest, "iterations": attempts} if attempts else rest


def _without_output(usage: dict[str, Any]) -> dict[str, Any]:
    """But for what is no count: Tacho is told that it was odd."""
    output = usage.get("output_tokens")
    odd = {} if output is None or count(output) is not None else {"output_tokens": output}
    gone = ("output_tokens", "output_tokens_details")
    return {**{name: value for name, value in usage.items() if name not in gone}, **odd}


def _attempts(usage: object) -> list[Any]:
    listed = usage.get("iterations") if isinstance(usage, dict) else None
    return listed if isinstance(listed, list) else []


def _kind(attempt: object) -> object:
    return attempt.get("type") if isinstance(attempt, dict) else None


def _count_in(usage: object, name: str) -> int | None:
    return count(usage.get(name)) if isinstance(usage, dict) else None
