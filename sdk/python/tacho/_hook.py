"""The middleware: one event per HTTP attempt, and nothing changed for the caller."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import Any

import httpx2
from anthropic import (
    APIConnectionError,
    APIRequest,
    APIResponse,
    APITimeoutError,
    AsyncAPIResponse,
    AsyncCallNext,
    CallNext,
    Middleware,
)

from . import _names, _scope
from ._delivery import Delivery
from ._exchange import Exchange, endpoint_of
from ._tap import tap, tap_async

_log = logging.getLogger("tacho")


def hook(
    url: str | None = None,
    key: str | None = None,
    *,
    project: str | None = None,
    feature: str | None = None,
    labels: Mapping[str, object] | None = None,
    max_queued: int = 10_000,
) -> Hook:
    """Makes a hook for `Anthropic(middleware=[...])` and `AsyncAnthropic(middleware=[...])`; one serves both.

    `url` and `key` default to the environment's `TACHO_URL` and `TACHO_KEY`. `project`, `feature` and
    `labels` are what calls are for unless a `tacho.scope` says otherwise. `max_queued` bounds the events that
    wait to be sent; beyond it the oldest are dropped, and counted.
    """
    url, key = url or os.environ.get("TACHO_URL"), key or os.environ.get("TACHO_KEY")
    return Hook(Delivery(url, key, max_queued), _scope.dimensions(labels, project=project, feature=feature))


class Hook(Middleware):
    """Reports calls in the background. Made by `tacho.hook`."""

    def __init__(self, delivery: Delivery, defaults: _scope.Dimensions) -> None:
        self._delivery = delivery
        self._defaults = defaults

    @property
    def dropped(self) -> int:
        """Events that did not reach Tacho and never will."""
        return self._delivery.dropped

    def flush(self, timeout_s: float = 2.0) -> bool:
        """Sends what waits, for `timeout_s` at most. Whether nothing waits any more."""
        return self._delivery.flush(timeout_s)

    def close(self, timeout_s: float = 2.0) -> bool:
        """As `flush`, and reports no more. Calls go on as they did."""
        return self._delivery.close(timeout_s)

    def handle(self, request: APIRequest, call_next: CallNext) -> APIResponse[Any]:
        """The SDK's synchronous client calls this for every attempt."""
        exchange = self._begin(request)
        try:
            response = call_next(request)
        except BaseException as error:
            _unanswered(exchange, error)
            raise
        http = _http(response)
        if exchange is not None and http is not None:
            try:
                tap(http, exchange)
            except Exception as error:
                _not_followed(exchange, error)
        return response

    async def handle_async(self, request: APIRequest, call_next: AsyncCallNext) -> AsyncAPIResponse[Any]:
        """The SDK's asynchronous client calls this for every attempt."""
        exchange = self._begin(request)
        try:
            response = await call_next(request)
        except BaseException as error:
            _unanswered(exchange, error)
            raise
        http = _http(response)
        if exchange is not None and http is not None:
            try:
                tap_async(http, exchange)
            except Exception as error:
                _not_followed(exchange, error)
        return response

    def _begin(self, request: APIRequest) -> Exchange | None:
        try:
            endpoint = endpoint_of(request.url)
            if endpoint is None:
                return None
            return Exchange(
                self._delivery.put,
                method=request.method,
                endpoint=endpoint,
                body=request.json,
                stream=request.stream,
                attempt=request.retries_taken,
                dimensions=_names.fields(_scope.merged(self._defaults, _scope.current())),
            )
        except Exception as error:
            _log.debug("a call was not followed: %s", type(error).__name__)
            return None


def _http(response: object) -> httpx2.Response | None:
    """The response of httpx2, which callers may ask for in place of the SDK's wrapper.

    `None` if a middleware made up the answer: then there was no attempt.
    """
    http = getattr(response, "http_response", response)
    return http if isinstance(http, httpx2.Response) else None


def _not_followed(exchange: Exchange, error: Exception) -> None:
    """Something is not as this file expects it. The attempt counts all the same, with usage unknown."""
    _log.debug("an answer was not followed: %s", type(error).__name__)
    exchange.lose_body()
    exchange.ended()


def _unanswered(exchange: Exchange | None, error: BaseException) -> None:
    """No response came. What failed before anything was sent is no attempt, and is not reported."""
    if exchange is None:
        return
    # The words that the SDK's own tracing has for them.
    if isinstance(error, APITimeoutError):
        exchange.unanswered("unreachable", "client_timeout_error")
    elif isinstance(error, APIConnectionError):
        exchange.unanswered("unreachable", "connection_error")
    elif isinstance(error, (asyncio.CancelledError, KeyboardInterrupt)):
        exchange.unanswered("client_cancelled")
