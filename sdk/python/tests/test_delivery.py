"""Tacho may be down, slow or unwilling: calls do not notice, and what is lost is counted."""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
import subprocess
import sys
from typing import Any

import pytest
from conftest import ASK, Receiver, World, setting

import tacho


def test_calls_succeed_while_tacho_refuses_connections(world: World) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        hook = tacho.hook(f"http://127.0.0.1:{unused.getsockname()[1]}", "tch_ing_key", max_queued=3)
        for _ in range(5):
            assert world.client(hook).messages.create(**ASK).type == "message"
        assert hook.dropped == 2
        assert not hook.close(0.1)


def test_calls_succeed_while_tacho_hangs(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        hook = tacho.hook(f"http://127.0.0.1:{hanging.getsockname()[1]}", "tch_ing_key", max_queued=2)
        assert world.client(hook).messages.create(**ASK).type == "message"
        assert not hook.flush(0.1)
        hanging.accept()
        for _ in range(4):
            assert list(world.client(hook).messages.create(**ASK, stream=True))
        assert hook.dropped == 3
        assert not hook.close(0)


def test_a_hook_without_an_address_lets_calls_through(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("TACHO_URL")
    hook = tacho.hook()
    assert world.client(hook).messages.create(**ASK).type == "message"
    assert hook.flush() and hook.dropped == 1
    assert "TACHO_URL" in caplog.text


def test_address_and_key_come_from_the_environment(world: World) -> None:
    hook = tacho.hook(project=world.project)
    world.client(hook).messages.create(**ASK)
    assert hook.close(10) and hook.dropped == 0
    assert world.one()["status"] == 200


def test_an_unavailable_tacho_gets_the_same_batch_again(world: World, receiver: Receiver) -> None:
    receiver.answers = [(503, {"retry-after": "0"}, {}), (429, {"retry-after": "1"}, {}), (500, {}, {})]
    hook = tacho.hook(receiver.url, "tch_ing_key")
    sent = world.client(hook).messages.create(**ASK)._request_id
    assert hook.flush(10)
    assert [[event["id"] for event in batch] for batch in receiver.batches] == [[sent]] * 4
    assert hook.dropped == 0


@pytest.mark.parametrize("status", [401, 403, 404, 413])
def test_a_refusal_is_not_repeated_and_said_once(
    world: World, receiver: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [(status, {}, {"error": {"message": "this key is unknown"}})] * 2
    hook = tacho.hook(receiver.url, "tch_ing_key")
    for _ in range(2):
        world.client(hook).messages.create(**ASK)
        assert hook.flush(10)
    assert len(receiver.batches) == 2
    assert hook.dropped == 2
    warnings = [
        record for record in caplog.records if record.name == "tacho" and record.levelno == logging.WARNING
    ]
    assert len(warnings) == 1 and "this key is unknown" in warnings[0].getMessage()


@pytest.mark.parametrize("status", [207, 422])
def test_an_answer_per_item_is_final(world: World, receiver: Receiver, status: int) -> None:
    results = [
        {"index": 0, "status": "conflict"},
        {"index": 1, "status": "duplicate"},
        {"index": 2, "status": "rejected"},
    ]
    receiver.answers = [(status, {}, {"results": results})]
    hook = tacho.hook(receiver.url, "tch_ing_key")
    world.client(hook).messages.create(**ASK)
    assert hook.flush(10)
    assert len(receiver.batches) == 1
    assert hook.dropped == 1


@pytest.mark.parametrize("code", ["implausible", "invalid_number", "item_too_large", "too_deep"])
def test_an_event_that_is_refused_for_its_usage_is_reported_once_without(
    world: World, receiver: Receiver, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    refusal: tuple[int, dict[str, str], Any] = (422, {}, {"results": [{"index": 0, "status": "rejected", "code": code, "message": "too much"}]})
    receiver.answers = [refusal]
    hook = tacho.hook(receiver.url, "tch_ing_key")
    client = world.client(hook)
    client.messages.create(**ASK)
    assert hook.flush(10)
    first, again = receiver.events
    assert again["usage"] is False and first["usage"]["input_tokens"] > 0
    given = {name: value for name, value in first.items() if name not in ("usage", "sent_at")}
    assert given == {name: value for name, value in again.items() if name not in ("usage", "sent_at")}
    assert hook.dropped == 0 and not caplog.records
    receiver.answers = [refusal] * 3
    client.messages.create(**ASK)
    assert hook.flush(10)
    assert (len(receiver.batches), hook.dropped) == (4, 1), "once, and no more"
    assert "too much" in caplog.text


def test_only_what_is_refused_for_its_usage_is_reported_again(world: World, receiver: Receiver) -> None:
    results = [
        {"index": 0, "status": "rejected", "code": "invalid_field", "message": "no"},
        {"index": 2, "status": "rejected", "code": "too_deep", "message": "no"},
        {"index": 9, "status": "rejected", "code": "too_deep"},
        {"status": "rejected", "code": "too_deep"},
    ]
    receiver.answers = [(207, {}, {"results": results})]
    hook = tacho.hook(receiver.url, "tch_ing_key")
    for _ in range(3):
        world.client(hook).messages.create(**ASK)
    assert hook.flush(10)
    (batch, again) = receiver.batches
    assert [event["id"] for event in again] == [batch[2]["id"]]
    assert hook.dropped == 3


def test_what_is_too_large_for_one_body_goes_in_several(world: World, receiver: Receiver) -> None:
    receiver.answers = [(413, {}, {})]
    hook = tacho.hook(receiver.url, "tch_ing_key")
    for _ in range(4):
        world.client(hook).messages.create(**ASK)
    assert hook.flush(10)
    assert [len(batch) for batch in receiver.batches] == [4, 2, 2]
    assert [event["id"] for event in receiver.events[4:]] == [event["id"] for event in receiver.batches[0]]
    assert hook.dropped == 0


def test_tacho_is_asked_to_take_events_whatever_they_count(world: World, receiver: Receiver) -> None:
    hook = tacho.hook(f"{receiver.url}/tacho/", "tch_ing_key")
    world.client(hook).messages.create(**ASK)
    assert hook.flush(10)
    assert receiver.paths == ["/tacho/v1/events?implausible=unknown"]


def test_a_wrong_key_loses_events_and_no_calls(world: World) -> None:
    hook = tacho.hook(setting("TACHO_URL"), "tch_ing_wrong")
    assert world.client(hook).messages.create(**ASK).type == "message"
    assert hook.flush(10)
    assert hook.dropped == 1


def test_what_waits_longest_is_dropped_first(world: World, receiver: Receiver) -> None:
    receiver.answers = [(503, {"retry-after": "3600"}, {})]
    hook = tacho.hook(receiver.url, "tch_ing_key", max_queued=4)
    client = world.client(hook)
    client.messages.create(**ASK)
    assert not hook.flush(0.5)
    assert receiver.batches != []
    for _ in range(5):
        client.messages.create(**ASK)
    assert hook.dropped == 2
    assert not hook.close(0)
    assert hook.dropped == 6


def test_many_events_go_in_large_compressed_batches(world: World) -> None:
    client = world.client()
    for _ in range(30):
        client.messages.create(**ASK)
    assert len(world.stored()) == 30
    assert world.hook.dropped == 0


PROGRAM = f"""
import os, anthropic, tacho
client = anthropic.Anthropic(base_url=os.environ["UPSTREAM_URL"], api_key="k",
                             middleware=[tacho.hook(project=os.environ["PROJECT"])])
client.messages.create(**{ASK!r})
"""


def test_what_waits_is_sent_when_the_process_ends(world: World) -> None:
    environment = {**os.environ, "PROJECT": world.project}
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True, timeout=30)
    assert world.one()["status"] == 200


def test_a_hanging_tacho_does_not_keep_a_process_from_ending(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        environment = {**os.environ, "PROJECT": world.project, "TACHO_URL": url}
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            check=True,
            timeout=30,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert "1 events could not be sent" in ended.stderr


def _call(world: World) -> None:
    world.client().messages.create(**ASK)


def test_a_worker_process_reports_its_own_calls_and_the_parent_its_own(world: World) -> None:
    world.client().messages.create(**ASK)
    worker = multiprocessing.get_context("fork").Process(target=_call, args=(world,))
    worker.start()
    worker.join(30)
    assert worker.exitcode == 0
    world.client().messages.create(**ASK)
    assert len(world.stored()) == 3


def test_an_idle_thread_ends_and_the_next_call_starts_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tacho._delivery._IDLE_S", 0.01)
    _call(world)
    assert world.hook.flush(10)
    thread = world.hook._delivery._thread
    if thread is not None:
        thread.join(10)
    assert world.hook._delivery._thread is None
    _call(world)
    assert len(world.stored()) == 2


def test_a_closed_hook_lets_calls_through(world: World) -> None:
    assert world.hook.close()
    assert world.client().messages.create(**ASK).type == "message"
    assert world.hook.dropped == 1
    assert world.stored() == []
