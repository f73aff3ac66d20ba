"""Looks on while a response is read. What the caller reads, and when, stays as it was."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from datetime import timedelta
from typing import cast

import httpx2

from ._exchange import Exchange

# An error's body is small. A larger one is read when the caller reads it, if ever.
_LARGEST_ERROR = 64 << 10


def tap(response: httpx2.Response, exchange: Exchange) -> SyncTap | None:
    """Follows the body of a response of the synchronous client, unless it is there already."""
    if _is_told(response, exchange):
        return None
    tapped = SyncTap(cast(httpx2.SyncByteStream, response.stream), _Watch(response, exchange))
    response.stream = tapped
    return tapped


def tap_async(response: httpx2.Response, exchange: Exchange) -> AsyncTap | None:
    """Follows the body of a response of the asynchronous client, unless it is there already."""
    if _is_told(response, exchange):
        return None
    tapped = AsyncTap(cast(httpx2.AsyncByteStream, response.stream), _Watch(response, exchange))
    response.stream = tapped
    return tapped


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
                exchange.lose_body()

    def chunk(self, raw: bytes) -> None:
        try:
            for decoded in [raw] if self._decoder is None else self._decoder.decode(raw):
                self._exchange.chunk(decoded)
        except Exception:
            self._exchange.lose_body()

    def ended(self) -> None:
        self._exchange.ended()

    def broke(self) -> None:
        self._exchange.broke()

    def closed(self) -> None:
        self._exchange.stopped_reading()


class _Tap:
    """What both kinds of body have in common."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        self._ahead: list[bytes] = []
        self._failure: Exception | None = None

    def __del__(self) -> None:
        # A response may be dropped without being closed.
        self._watch.closed()

    def _is_enough(self) -> bool:
        return sum(map(len, self._ahead)) > _LARGEST_ERROR


class SyncTap(_Tap, httpx2.SyncByteStream):
    """The body of a response, for the synchronous client."""

    def __init__(self, body: httpx2.SyncByteStream, watch: _Watch) -> None:
        super().__init__(watch)
        self._body = body
        self._chunks: Iterator[bytes] | None = None

    @property
    def elapsed(self) -> timedelta | None:
        """Where `httpx2.Response.elapsed` looks for it."""
        return getattr(self._body, "elapsed", None)

    def read_error(self) -> None:
        """Reads the body of an error ahead, to know which one it is even if the SDK retries without looking.

        Whatever comes of it, the caller gets when it reads the body itself.
        """
        if not self._watch.is_error:
            return
        try:
            for chunk in self._observed():
                self._ahead.append(chunk)
                if self._is_enough():
                    return
        except Exception as error:
            self._failure = error

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
            yield from self._ahead
            if self._failure is not None:
                raise self._failure
            yield from self._observed()
        finally:
            if isinstance(self._chunks, Generator):
                self._chunks.close()

    def close(self) -> None:
        """Closes the body."""
        self._watch.closed()
        self._body.close()


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

    async def read_error(self) -> None:
        """As `SyncTap.read_error`."""
        if not self._watch.is_error:
            return
        observed = self._observed()
        try:
            async for chunk in observed:
                self._ahead.append(chunk)
                if self._is_enough():
                    return
        except Exception as error:
            self._failure = error
        except BaseException:
            await self.aclose()  # Cancelled, before anybody else has the response.
            raise
        finally:
            await observed.aclose()

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
            for chunk in self._ahead:
                yield chunk
            if self._failure is not None:
                raise self._failure
            async for chunk in observed:
                yield chunk
        finally:
            # Here, in the task that reads. Left alone, they would be closed later, in a task of the loop's.
            await observed.aclose()
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()

    async def aclose(self) -> None:
        """Closes the body."""
        self._watch.closed()
        await self._body.aclose()
