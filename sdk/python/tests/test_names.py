"""A name means the same whichever way it comes, and never costs its event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conftest import ASK, World

import tacho
from tacho import _names

FIXTURE = Path(__file__).parents[3] / "tests/fixtures/names.json"


def test_a_long_name_is_cut_as_tacho_cuts_it() -> None:
    cases = json.loads(FIXTURE.read_text("utf-8"))["cut"]
    assert len(cases) >= 9
    for case in cases:
        assert _names.cut(case["repeat"] * case["times"], case["most"]) == case["kept"]


def test_names_that_differ_stay_different_and_hold_no_half_a_key() -> None:
    names = [f"{'x' * 300}{end}" for end in ("", "1", "2", "\ud800", "\ud801", "김")]
    kept = {_names.cut(name, 256) for name in names}
    assert len(kept) == len(names)
    assert all(len(name.encode()) <= 256 for name in kept)
    for key in (
        "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ",
        "tch_adm_0a1b2c3d_abcdefghijklmnopqrstuvwxyzABCDEF_0a1b2c",
        "whsec_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ=",
        "tacho_session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
    ):
        for before in (0, 230, 250, 300):
            name = f"{'-' * before}{key} {'x' * 300}"
            assert _names.cut(name, 256) == key
            assert "remarks" not in _names.fields({"user": name}), "a key stands for all of it"
    assert len(_names.cut("sk-ant-" + "x" * 100_000, 256)) < 2_000


ODD: list[tuple[Any, str | None, set[str]]] = [
    ("\ud800" * 120, _names.cut("\ud800" * 120, 256), {"attribution_unreadable", "cut"}),
    (["a"], None, {"attribution_unreadable"}),
    ([], None, {"attribution_unreadable"}),
    ({"a": 1}, None, {"attribution_unreadable"}),
    (("a", "b"), None, {"attribution_unreadable"}),
    ({"a"}, None, {"attribution_unreadable"}),
    (b"a", None, {"attribution_unreadable"}),
]


def test_an_odd_name_is_kept_and_remarked_as_one_that_is_posted(world: World) -> None:
    for place, (value, _, _) in enumerate(ODD):
        with tacho.scope(user=value, session=str(place), labels={"env": value}):
            world.client().messages.create(**ASK)
    events = sorted(world.stored(), key=lambda event: int(event["session"]))
    for event, (_, kept, codes) in zip(events, ODD):
        assert (event.get("user"), event.get("labels", {}).get("env")) == (kept, kept)
        for field in ("user", "labels"):
            assert {remark["code"] for remark in event["remarks"] if remark["field"] == field} == codes


def test_labels_that_are_none_are_remarked_and_break_nothing(world: World) -> None:
    odds: list[Any] = [["a"], "ab", 7]
    for odd in odds:
        with tacho.scope(user="u_42", labels=odd):
            world.client().messages.create(**ASK)
    remarks = [{"code": "attribution_unreadable", "field": "labels"}]
    said = [(event["user"], event.get("labels"), event["remarks"]) for event in world.stored()]
    assert said == [("u_42", None, remarks)] * 3


def test_any_name_arrives_and_what_cannot_be_said_is_remarked(world: World) -> None:
    class Nameless:
        pass

    class Unspeakable:
        def __str__(self) -> str:
            raise RuntimeError

    client = world.client()
    given: list[Any] = ["김민수", 42, True, "a\ud800", "é" * 200, Nameless(), Unspeakable(), "x" * 100_000]
    for place, value in enumerate(given):
        with tacho.scope(user=value, session=str(place), labels={"env": value}):
            client.messages.create(**ASK)
    many = {f"l{number:03}": "v" * 10_000 for number in reversed(range(100))}
    with tacho.scope(session=str(len(given)), labels=many):
        client.messages.create(**ASK)
    events = sorted(world.stored(), key=lambda event: int(event["session"]))
    assert len(events) == len(given) + 1, "no name costs its event"
    said = [
        (event.get("user"), {remark["code"] for remark in event.get("remarks", [])}) for event in events
    ]
    assert said[:4] == [
        ("김민수", set()),
        ("42", set()),
        ("true", set()),
        ("a%ED%A0%80", {"attribution_unreadable"}),
    ]
    assert said[4] == (_names.cut("é" * 200, 256), {"cut"})
    assert said[5] == said[6] == (None, {"attribution_unreadable"})
    assert said[7] == (_names.cut("x" * 100_000, 256), {"cut"})
    assert list(events[8]["labels"]) == [f"l{number:03}" for number in range(32)]
    fields = [remark["field"] for remark in events[4]["remarks"]]
    assert sorted(fields) == ["labels", "user"]
