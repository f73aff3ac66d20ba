"""The world the tests run in: a real Tacho, and an API that answers as the real one does."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import anthropic
import pytest

import tacho

Event = dict[str, Any]
Found = TypeVar("Found")
ASK: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "a secret question"}],
}


def setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.exit(
            f"{name} is not set: these tests need TACHO_URL, TACHO_KEY, TACHO_READ_KEY, UPSTREAM_URL", 2
        )
    return value


def get_json(url: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as response:
        return json.load(response)


def scenario(words: str) -> dict[str, Any]:
    """What the API shall do, as keyword arguments of a call."""
    return {"extra_headers": {"x-fake-scenario": words}}


def exchange(request_id: object) -> dict[str, Any]:
    """What the API says it answered."""
    found = [
        one
        for one in get_json(setting("UPSTREAM_URL") + "/fake/exchanges")
        if one["request_id"] == request_id
    ]
    assert len(found) == 1, f"{len(found)} exchanges with {request_id}"
    one: dict[str, Any] = found[0]
    return one


def moment(at: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))


class World:
    """One test's view: a project of its own, so that tests do not see each other's events."""

    def __init__(self) -> None:
        self.project = f"p-{uuid.uuid4()}"
        self.hook = tacho.hook(setting("TACHO_URL"), setting("TACHO_KEY"), project=self.project)

    def client(self, hook: tacho.Hook | None = None, **options: Any) -> anthropic.Anthropic:
        options = {
            "base_url": setting("UPSTREAM_URL"),
            "api_key": "sk-ant-api03-secret",
            "max_retries": 0,
            **options,
        }
        return anthropic.Anthropic(middleware=[hook or self.hook], **options)

    def async_client(self, **options: Any) -> anthropic.AsyncAnthropic:
        options = {
            "base_url": setting("UPSTREAM_URL"),
            "api_key": "sk-ant-api03-secret",
            "max_retries": 0,
            **options,
        }
        return anthropic.AsyncAnthropic(middleware=[self.hook], **options)

    def bare(self, **options: Any) -> anthropic.Anthropic:
        """A client without the hook, to compare with."""
        options = {
            "base_url": setting("UPSTREAM_URL"),
            "api_key": "sk-ant-api03-secret",
            "max_retries": 0,
            **options,
        }
        return anthropic.Anthropic(**options)

    def stored(self, project: str = "") -> list[Event]:
        """The events of this test, oldest first, once all that was reported is on disk."""
        assert self.hook.flush(10)
        query = urllib.parse.urlencode({"project": project or self.project, "limit": 1000})
        page = get_json(
            f"{setting('TACHO_URL')}/v1/events?{query}", authorization=f"Bearer {setting('TACHO_READ_KEY')}"
        )
        events: list[Event] = page["events"]
        assert "secret" not in json.dumps(events)
        # As texts, `.07Z` would come behind `.074Z`. Two may be of the same millisecond; the ids of the API sort by time.
        return sorted(events, key=lambda event: (moment(event["at"]), event["attempt"], event["id"]))

    def until(self, ask: Callable[[], Found], is_there: Callable[[Found], bool]) -> Found:
        """What `ask` finds, once it is what is waited for."""
        end = time.monotonic() + 10
        while not is_there(found := ask()):
            assert time.monotonic() < end, found
            time.sleep(0.02)
        return found

    def one(self) -> Event:
        """The only event of this test."""
        events = self.stored()
        assert len(events) == 1, events
        return events[0]


class Receiver:
    """Stands where Tacho would: keeps what is posted, word for word, and answers what it is told to."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], Any]] = []
        self.batches: list[list[Event]] = []
        self.paths: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.paths.append(self.path)
                receiver.batches.append(json.loads(body))
                status, headers, answer = (
                    receiver.answers.pop(0) if receiver.answers else (200, {}, {"results": []})
                )
                text = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Api:
    """Stands where the API would, and answers what it is told to."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, dict[str, str](), b""
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(api.status)
                for name, value in {**api.headers, "content-length": str(len(api.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(api.body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def assert_usage_is_what_was_sent(event: Event) -> None:
    """The stored usage against the API's own word."""
    sent, stored = exchange(event["id"])["usage"], event["usage"]
    assert sent is not None
    writes = sent.get("cache_creation") or {}
    for name in ("input_tokens", "output_tokens", "cache_read_input_tokens"):
        assert stored[name] == sent[name], name
    for name in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"):
        assert (stored["cache_creation"][name] or 0) == writes.get(name, 0), name
    assert stored["service_tier"] == sent.get("service_tier", "standard")
    assert stored["speed"] == sent.get("speed", "standard")


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.hook.close(2)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.stop()
