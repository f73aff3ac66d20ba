"""What the README shows works."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import ASK, World, assert_usage_is_what_was_sent, moment, setting

from tacho._exchange import rfc3339

HERE = Path(__file__).parent.parent


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)


def few_lines(world: World, library: str, **more: str) -> Any:
    """Runs the lines; the response they had."""
    (snippet,) = [block for block in blocks() if "raise_for_status" in block]
    snippet = snippet.replace("requests", library).replace(
        "https://api.anthropic.com", setting("UPSTREAM_URL")
    )
    snippet = snippet.replace('"user": "u_42"', f'"user": "u_42", "project": "{world.project}"')
    headers = {"x-api-key": "sk-ant-api03-secret", "anthropic-version": "2026-10-21", **more}
    names: dict[str, Any] = {"request": ASK, "headers": headers}
    exec(snippet, names)
    assert names["at"]
    return names["response"]


@pytest.mark.parametrize("library", ["requests", "httpx"])
def test_the_few_lines_report_a_call(world: World, library: str) -> None:
    few_lines(world, library)
    event = world.one()
    assert event["user"] == "u_42"
    assert moment(event["at"]) <= moment(rfc3339(time.time()))
    assert_usage_is_what_was_sent(event)


@pytest.mark.parametrize("library", ["requests", "httpx"])
@pytest.mark.parametrize("words, status", [("overloaded", 529), ("bad_gateway", 502)])
def test_the_few_lines_report_an_error_and_raise_nothing(
    world: World, library: str, words: str, status: int
) -> None:
    response = few_lines(world, library, **{"x-fake-scenario": words})
    assert response.status_code == status and response.text
    event = world.one()
    assert (event["status"], event["model"]) == (status, "claude-sonnet-5-5")
    assert event.get("error", {}).get("type") == ("overloaded_error" if status == 529 else None)


def test_the_one_liner_and_the_scope_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one_line, scope = [block for block in blocks() if "raise_for_status" not in block]
    monkeypatch.setenv("ANTHROPIC_BASE_URL", setting("UPSTREAM_URL"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-secret")
    program = one_line.replace("http://127.0.0.1:8787", setting("TACHO_URL"))
    program = program.replace("key)", f"{setting('TACHO_KEY')!r}, project={world.project!r})")
    program += scope.replace("create(...)", f"create(**{ASK!r})")
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
    event = world.one()
    assert (event["user"], event["labels"]) == ("u_42", {"env": "prod"})


def test_the_types_hold() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict"], cwd=HERE, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
