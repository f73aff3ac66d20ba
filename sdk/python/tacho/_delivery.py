"""Events on their way to Tacho: a bounded queue, and one thread in the background."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import random
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Sequence

from ._exchange import Event
from ._post import Address, Outcome

_log = logging.getLogger("tacho")

_BATCH_EVENTS = 500
_BATCH_AFTER_S = 1.0
_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 30.0
_AT_EXIT_S = 2.0
_IDLE_S = 10.0


class Delivery:
    """Takes events without ever blocking or failing, and posts them in batches."""

    def __init__(self, url: str | None, key: str | None, max_queued: int) -> None:
        self._max_queued = max(1, max_queued)
        self._warned: set[str] = set()
        self._address: Address | None = None
        with contextlib.suppress(ValueError):
            self._address = Address(url or "", key or "")
        self._closed = self._address is None
        if self._closed:
            self._warn(
                "address",
                "nothing is reported: tacho.hook needs an address and a key, or TACHO_URL and TACHO_KEY",
            )
        self.start_over()
        _all.add(self)

    def start_over(self) -> None:
        """Nothing waits, nobody sends: at first, and in a forked child, whose parent sends what waited."""
        # Reentrant: the garbage collector may end a dropped stream, and so report, within any line below.
        self._changed = threading.Condition(threading.RLock())
        self._queue: deque[Event] = deque()
        self._batch_events = _BATCH_EVENTS
        self.dropped = 0
        self._sending = 0
        self._flushing = 0
        self._failures = 0
        self._not_before = 0.0
        self._thread: threading.Thread | None = None

    def put(self, event: Event) -> None:
        """Takes an event. When too many wait, the oldest gives way."""
        with self._changed:
            if self._closed:
                self.dropped += 1
                return
            self._queue.append(event)
            self._make_room()
            if self._thread is None:
                self._start()
            if len(self._queue) in (1, self._batch_events):
                self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Sends what waits now. Whether nothing does any more within the time."""
        with self._changed:
            if self._failures:
                self._failures, self._not_before = 0, 0.0
            self._flushing += 1
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: not self._queue and not self._sending, timeout_s)
            finally:
                self._flushing -= 1

    def close(self, timeout_s: float) -> bool:
        """Flushes, and takes no more. What is left is dropped."""
        done = self.flush(timeout_s)
        with self._changed:
            self._closed = True
            self.dropped += len(self._queue)
            self._queue.clear()
            self._changed.notify_all()
        return done

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="tacho", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self._thread = None  # The interpreter is ending: `_flush_all` says what is lost.
            return
        process = sys.modules.get("multiprocessing.process")
        if process is not None and process.parent_process() is not None:
            # Worker processes end without `atexit`.
            from multiprocessing.util import Finalize

            Finalize(None, _flush_all, exitpriority=100)

    def _make_room(self) -> None:
        while self._queue and len(self._queue) + self._sending > self._max_queued:
            self._queue.popleft()
            self.dropped += 1
            self._warn("full", f"{self._max_queued} events wait for Tacho: the oldest are dropped")

    def _run(self) -> None:
        while True:
            batch = self._next_batch()
            if batch is None or self._address is None:
                return
            try:
                outcome = self._address.post(batch)
            except Exception as error:
                outcome = Outcome(settled=True, lost=len(batch), warning=type(error).__name__)
            self._note(batch, outcome)

    def _next_batch(self) -> list[Event] | None:
        """Waits until there is enough to send, or for long enough. `None` when there is nothing to do."""
        with self._changed:
            while not self._queue:
                # Idle threads end, so that a program that makes many hooks does not gather them.
                if self._closed or not (self._changed.wait(_IDLE_S) or self._queue):
                    self._thread = None
                    return None
            since = time.monotonic()
            while self._queue:
                now = time.monotonic()
                is_due = self._flushing or len(self._queue) >= self._batch_events or self._failures
                due = max(self._not_before, now if is_due else since + _BATCH_AFTER_S)
                if due <= now:
                    break
                self._changed.wait(due - now)
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._batch_events))]
            self._sending = len(batch)
            return batch

    def _note(self, batch: list[Event], outcome: Outcome) -> None:
        with self._changed:
            self._sending = 0
            if outcome.settled:
                self._failures, self._not_before = 0, 0.0
                self.dropped += outcome.lost
                if outcome.lost:
                    self._warn("refused", f"Tacho refused {outcome.lost} events: {outcome.warning}")
                if outcome.too_large:
                    self._batch_events = len(batch) // 2
                self._put_back(outcome.again)
            else:
                self._put_back(batch)
                self._wait_before_next(outcome.retry_after_s)
            self._changed.notify_all()

    def _put_back(self, events: Sequence[Event]) -> None:
        if self._closed:
            self.dropped += len(events)
        else:
            self._queue.extendleft(reversed(events))
            self._make_room()

    def _wait_before_next(self, retry_after_s: float | None) -> None:
        if retry_after_s is None:
            longest_s = min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0 ** min(self._failures, 10))
            self._failures += 1
            self._not_before = time.monotonic() + longest_s * random.uniform(0.5, 1.0)
        else:
            self._failures = 0  # So that no flush comes back sooner than Tacho asked for.
            # "At once" may be what it says each time.
            self._not_before = time.monotonic() + max(_FIRST_BACKOFF_S, retry_after_s)

    def waiting(self) -> int:
        """Events that are neither sent nor dropped."""
        return len(self._queue) + self._sending

    def _warn(self, what: str, message: str) -> None:
        """Says it once."""
        if what not in self._warned:
            self._warned.add(what)
            _log.warning("%s", message)


_all: weakref.WeakSet[Delivery] = weakref.WeakSet()


def _flush_all() -> None:
    """When the process ends: sends what waits, for two seconds at most."""
    deadline = time.monotonic() + _AT_EXIT_S
    for delivery in list(_all):
        if not delivery.flush(max(0.0, deadline - time.monotonic())):
            _log.warning("%d events could not be sent to Tacho before the process ended", delivery.waiting())


def _start_all_over() -> None:
    for delivery in list(_all):
        delivery.start_over()


atexit.register(_flush_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_all_over)
