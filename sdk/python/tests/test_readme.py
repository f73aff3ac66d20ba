"""What the README shows works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ASK, World, assert_usage_is_what_was_sent, setting

HERE = Path(__file__).parent.parent


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("library", ["requests", "httpx"])
def test_the_ten_lines_report_a_call(world: World, library: str) -> None:
    (snippet,) = [block for block in blocks() if "raise_for_status" in block]
    snippet = snippet.replace("requests", library).replace(
        "https://api.anthropic.com", setting("UPSTREAM_URL")
    )
    snippet = snippet.replace('"user": "u_42"', f'"user": "u_42", "project": "{world.project}"')
    headers = {"x-api-key": "sk-ant-api03-secret", "anthropic-version": "2026-10-21"}
    names: dict[str, Any] = {"request": ASK, "headers": headers}
    exec(snippet, names)
    event = world.one()
    assert event["user"] == "u_42"
    assert_usage_is_what_was_sent(event)


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
