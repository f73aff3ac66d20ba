"""Looks on while a response is read. What the caller reads, and when, stays as it was."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from datetime import timedelta
from typing import Any, cast

import anyio
import httpx2

from ._exchange import Exchange

# An error that is closed unread, as those are that the SDK tries again, is read up to here to know which one
# it is. Its body is small, and has come with the head.
_LARGEST_ERROR = 64 << 10
_REST_WITHIN_S = 1.0


def tap(response: httpx2.Response, exchange: Exchange) -> None:
    """Follows the body of a response of the synchronous client, unless it is there already."""
    if not _is_told(response, exchange):
        body = cast(httpx2.SyncByteStream, response.stream)
        response.stream = SyncTap(body, _Watch(response, exchange), _timeouts(response))


def tap_async(response: httpx2.Response, exchange: Exchange) -> None:
    """Follows the body of a response of the asynchronous client, unless it is there already."""
    if not _is_told(response, exchange):
        body = cast(httpx2.AsyncByteStream, response.stream)
        response.stream = AsyncTap(body, _Watch(response, exchange))


def _is_told(response: httpx2.Response, exchange: Exchange) -> bool:
    """Tells of status and headers, and of a body that is there already; whether it was."""
    exchange.answered(response.status_code, response.headers)
    if not response.is_closed:
        return False
    try:
        exchange.chunk(response.content)
    except httpx2.ResponseNotRead:
        exchange.lose_body()
    exchange.ended()
    return True


class _Watch:
    """Tells the exchange what happens, and lets no mistake of its own through to the caller."""

    def __init__(self, response: httpx2.Response, exchange: Exchange) -> None:
        self._exchange = exchange
        self.is_error = response.status_code >= 400
        # The body passes as it came. To know what it says takes a second decoder, of the kind httpx2 has.
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        self._decoder = None
        if encoding != "identity":
            try:
                stand_in = httpx2.Response(200, headers={"content-encoding": encoding})
                self._decoder = stand_in._get_content_decoder()
            except Exception:
                exchange.damaged()

    def chunk(self, raw: bytes) -> None:
        try:
            for decoded in [raw] if self._decoder is None else self._decoder.decode(raw):
                self._exchange.chunk(decoded)
        except Exception:
            self._exchange.damaged()

    def ended(self) -> None:
        self._exchange.ended()

    def broke(self) -> None:
        self._exchange.broke()

    def closed(self) -> None:
        self._exchange.stopped_reading()


def _timeouts(response: httpx2.Response) -> dict[str, Any]:
    """The request's own, which the transport looks at before it reads."""
    try:
        found = response.request.extensions.get("timeout")
    except RuntimeError:
        found = None
    return found if isinstance(found, dict) else {}


class _Tap:
    """What both kinds of body have in common."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch

    def __del__(self) -> None:
        # A response may be dropped without being closed.
        self._watch.closed()


class SyncTap(_Tap, httpx2.SyncByteStream):
    """The body of a response, for the synchronous client."""

    def __init__(self, body: httpx2.SyncByteStream, watch: _Watch, timeouts: dict[str, Any]) -> None:
        super().__init__(watch)
        self._body = body
        self._timeouts = timeouts
        self._chunks: Iterator[bytes] | None = None

    @property
    def elapsed(self) -> timedelta | None:
        """Where `httpx2.Response.elapsed` looks for it."""
        return getattr(self._body, "elapsed", None)

    def _observed(self) -> Iterator[bytes]:
        if self._chunks is None:
            self._chunks = iter(self._body)
        try:
            for chunk in self._chunks:
                self._watch.chunk(chunk)
                yield chunk
        except Exception:
            self._watch.broke()
            raise
        self._watch.ended()

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._observed()
        finally:
            if isinstance(self._chunks, Generator):
                self._chunks.close()

    def close(self) -> None:
        """Closes the body."""
        try:
            if self._watch.is_error and self._chunks is None:
                self._read_rest()
        finally:
            self._watch.closed()
            self._body.close()

    def _read_rest(self) -> None:
        """Reads an error that nobody has read, and gives up soon: whoever closes it is about to try again."""
        self._chunks = iter(self._body)
        usual_s, until = self._timeouts.get("read"), time.monotonic() + _REST_WITHIN_S
        self._timeouts["read"] = _REST_WITHIN_S if usual_s is None else min(usual_s, _REST_WITHIN_S)
        read_bytes = 0
        try:
            for chunk in self._chunks:
                self._watch.chunk(chunk)
                read_bytes += len(chunk)
                if read_bytes > _LARGEST_ERROR or time.monotonic() > until:
                    return
            self._watch.ended()
        except httpx2.ReadTimeout:
            pass
        except Exception:
            self._watch.broke()
        finally:
            self._timeouts["read"] = usual_s
            if isinstance(self._chunks, Generator):
                self._chunks.close()


class AsyncTap(_Tap, httpx2.AsyncByteStream):
    """The body of a response, for the asynchronous client."""

    def __init__(self, body: httpx2.AsyncByteStream, watch: _Watch) -> None:
        super().__init__(watch)
        self._body = body
        self._chunks: AsyncIterator[bytes] | None = None

    @property
    def elapsed(self) -> timedelta | None:
        """Where `httpx2.Response.elapsed` looks for it."""
        return getattr(self._body, "elapsed", None)

    async def _observed(self) -> AsyncGenerator[bytes, None]:
        if self._chunks is None:
            self._chunks = self._body.__aiter__()
        try:
            async for chunk in self._chunks:
                self._watch.chunk(chunk)
                yield chunk
        except Exception:
            self._watch.broke()
            raise
        self._watch.ended()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        observed = self._observed()
        try:
            async for chunk in observed:
                yield chunk
        finally:
            # Here, in the task that reads. Left alone, they would be closed later, in a task of the loop's.
            await observed.aclose()
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()

    async def aclose(self) -> None:
        """Closes the body."""
        try:
            if self._watch.is_error and self._chunks is None:
                with anyio.move_on_after(_REST_WITHIN_S):
                    await self._read_rest()
        finally:
            self._watch.closed()
            await self._body.aclose()

    async def _read_rest(self) -> None:
        """As `SyncTap._read_rest`, within the time that the caller gives it."""
        self._chunks = self._body.__aiter__()
        read_bytes = 0
        try:
            async for chunk in self._chunks:
                self._watch.chunk(chunk)
                read_bytes += len(chunk)
                if read_bytes > _LARGEST_ERROR:
                    return
            self._watch.ended()
        except Exception:
            self._watch.broke()
        finally:
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()
