"""An answer is one event, also where both the proxy and the hook report it."""

from __future__ import annotations

from typing import Any

import anthropic
from conftest import ASK, World, scenario, setting

import tacho


def test_a_call_through_the_proxy_counts_once_whatever_its_id(world: World) -> None:
    hook = tacho.hook(setting("TACHO_URL"), setting("TACHO_KEY"), project=world.project)
    client = anthropic.Anthropic(
        base_url=f"{setting('PROXY_URL')}/p/{world.project}",
        api_key="sk-ant-api03-secret",
        max_retries=0,
        middleware=[hook],
    )
    def stored(count: int) -> list[Any]:
        for _ in range(1_000):
            events = world.stored()
            if len(events) >= count:
                return events
        raise AssertionError(events)

    ids = ["chatcmpl-213", "chatcmpl-213", "chatcmpl-213", ""]
    for request_id in ids:
        client.messages.create(**ASK, **scenario(f"header=request-id:{request_id}"))
    assert hook.close(10) and hook.dropped == 0
    stored(len(ids))
    # Whatever the proxy has stored since: there is nothing else to come.
    client.messages.create(**ASK)
    events = stored(len(ids) + 1)
    assert len(events) == len(ids) + 1
    assert sum(event["id"].startswith("chatcmpl-213") for event in events) == 3
