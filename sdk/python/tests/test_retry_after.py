"""`Retry-After` in every form, as the proxy reads it."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from pathlib import Path

from conftest import ASK, Receiver, World

import tacho
from tacho._retry_after import retry_after_s

FIXTURE = Path(__file__).parents[3] / "tests/fixtures/retry-after.json"


def test_every_form_is_read() -> None:
    fixture = json.loads(FIXTURE.read_text("utf-8"))
    assert len(fixture["cases"]) >= 40
    for case in fixture["cases"]:
        wait_s = retry_after_s(case["headers"], fixture["now_ms"] / 1000)
        wait_ms = None if wait_s is None else round(wait_s * 1000)
        assert wait_ms == case["wait_ms"], case


def test_a_batch_comes_again_when_tacho_wants_it(world: World, receiver: Receiver) -> None:
    at = int(time.time()) + 2
    receiver.answers = [(429, {"retry-after": formatdate(at, usegmt=True)}, {})]
    hook = tacho.hook(receiver.url, "tch_ing_key")
    world.client(hook).messages.create(**ASK)
    assert hook.flush(10)
    assert len(receiver.batches) == 2
    assert time.time() >= at
