"""When a server wants to be asked again, in every form in which servers say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_LONGEST_WAIT_S = 24 * 60 * 60.0


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """How long the headers of an answer, named in small letters, ask to be left alone, in seconds.

    `retry-after-ms` goes before `Retry-After`, whose seconds may have a fraction, and which may be a date. What has
    passed is now, a day is the most, and what cannot be read says nothing.
    """
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = (headers.get(name) or "").strip()
        if _NUMBER.fullmatch(text):
            wait_s = float(text) * unit_s
            # Nobody means thirty years or more: so many seconds are since 1970, as some gateways say it.
            return _bounded(wait_s - now_s if unit_s == 1.0 and 1e9 <= wait_s < 1e11 else wait_s)
    try:
        at = parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
        return _bounded(at.timestamp() - now_s)
    except Exception:
        return None


def _bounded(wait_s: float) -> float:
    return min(_LONGEST_WAIT_S, max(0.0, wait_s))
