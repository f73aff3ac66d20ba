"""Who and what for."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from conftest import ASK, World, setting

import tacho


def test_scope_and_defaults_arrive_and_the_inner_scope_wins(world: World) -> None:
    hook = tacho.hook(
        setting("TACHO_URL"),
        setting("TACHO_KEY"),
        project=world.project,
        feature="chat",
        labels={"env": "prod", "zone": "a"},
    )
    client = world.client(hook)
    with tacho.scope(user="u1", session="s1", labels={"env": "dev"}):
        with tacho.scope(user="u2", labels={"rank": 3}):
            client.messages.create(**ASK)
        client.messages.create(**ASK)
    client.messages.create(**ASK)
    assert hook.close(10)
    said = [
        [event.get(name) for name in ("user", "session", "feature", "labels")] for event in world.stored()
    ]
    assert said == [
        ["u2", "s1", "chat", {"env": "dev", "zone": "a", "rank": "3"}],
        ["u1", "s1", "chat", {"env": "dev", "zone": "a"}],
        [None, None, "chat", {"env": "prod", "zone": "a"}],
    ]


def test_a_scope_ends_with_an_error(world: World) -> None:
    try:
        with tacho.scope(user="u1"):
            raise KeyError
    except KeyError:
        pass
    world.client().messages.create(**ASK)
    assert "user" not in world.one()


def test_concurrent_scopes_do_not_mix(world: World) -> None:
    def of_thread(place: int) -> Any:
        with tacho.scope(user=f"thread-{place}", labels={"id": f"thread-{place}"}):
            return world.client().messages.create(**ASK)._request_id

    with ThreadPoolExecutor(8) as pool:
        said = {
            request_id: f"thread-{place}" for place, request_id in enumerate(pool.map(of_thread, range(16)))
        }

    async def of_task(client: Any, place: int) -> None:
        with tacho.scope(user=f"task-{place}", labels={"id": f"task-{place}"}):
            async with client.messages.stream(**ASK) as stream:
                said[stream.request_id] = f"task-{place}"
                await asyncio.sleep(0)
                await stream.until_done()

    async def all_tasks() -> None:
        async with world.async_client() as client:
            await asyncio.gather(*(of_task(client, place) for place in range(16)))

    asyncio.run(all_tasks())
    events = world.stored()
    assert len(events) == 32
    for event in events:
        assert event["user"] == event["labels"]["id"] == said[event["id"]]


def test_one_scope_may_be_entered_by_several_tasks_at_once(world: World) -> None:
    shared = tacho.scope(user="shared")

    async def of_task(client: Any, place: int, entered: asyncio.Event, leave: asyncio.Event) -> None:
        with tacho.scope(feature=f"task-{place}"):
            with shared:
                entered.set()
                await leave.wait()
                await client.messages.create(**ASK, metadata={"user_id": "inside"})
            await client.messages.create(**ASK, metadata={"user_id": "outside"})

    async def all_tasks() -> None:
        async with world.async_client() as client:
            entered, leave = [asyncio.Event(), asyncio.Event()], [asyncio.Event(), asyncio.Event()]
            tasks = [asyncio.ensure_future(of_task(client, n, entered[n], leave[n])) for n in range(2)]
            await asyncio.gather(*(event.wait() for event in entered))
            # The one that entered first leaves first.
            for task, event in zip(tasks, leave):
                event.set()
                await task

    asyncio.run(all_tasks())
    said = {(event["feature"], event.get("user")) for event in world.stored()}
    assert said == {(f"task-{n}", user) for n in range(2) for user in ("shared", None)}


def test_a_scope_may_be_left_in_another_context() -> None:
    import contextvars

    scope = tacho.scope(user="u1")
    contextvars.copy_context().run(scope.__enter__)
    contextvars.copy_context().run(scope.__exit__, None, None, None)
