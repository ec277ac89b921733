"""The runbook's commands, typed one after the other as they stand there, on a small helpdesk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner.sandbox.both import TOKEN, Sandbox, start
from runner.sandbox.data import generate
from tests.behaviour.conftest import Stage
from tests.behaviour.support import run

CASES = 6
_ASKS = frozenset({"apply", "finish", "reset", "purge"})


@pytest.fixture
def copy() -> Iterator[Sandbox]:
    """The test Zammad of the rehearsal."""
    with start(generate(1)) as sandbox:
        yield sandbox


def test_a_whole_move_goes_by_the_runbook(
    stage: Callable[..., Stage], copy: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = stage(generate(CASES, posts_each=2, users=4))
    monkeypatch.chdir(s.place.folder)
    book = s.place.succeed("checklist", "--go-live", "2999-12-05")
    lines = [
        line.strip().removeprefix("migrate ")
        for block in re.findall(r"```sh\n(.*?)```", book, re.DOTALL)
        for line in block.splitlines()
        if line.strip().startswith("migrate ")
    ]
    assert len(lines) > 25
    for line in lines:
        words = [*line.split(), *(["--yes"] if _ASKS & set(line.split()) else [])]
        if "init" in words:
            words += ["--zammad-url", copy.zammad_url, "--kayako-url", s.sandbox.kayako_url]
        if line == "finish --check":
            switch_triggers_off(s)
        done = run(*words)
        expected = 4 if "--check" in words else 0
        assert done.returncode == expected, f"{line}: {done.returncode}\n{done.stdout}{done.stderr}"
        if "init" in words:
            set_up(s.place.folder)
        if "checklist" in words:
            times = (s.place.folder / "runbook.html").read_text().partition("Rehearse")[0]
            assert "measured" in times
        if line == "finish --accept addresses":
            assert len(s.zammad.rows("/tickets")) == CASES + 1
    assert not copy.zammad.mails_sent
    assert len(copy.zammad.tables.tickets) == 1
    assert not (s.place.folder / ".migrate").exists()


def switch_triggers_off(s: Stage) -> None:
    """Do what the runbook says in words: a new Zammad has two that answer customers."""
    for trigger in s.zammad.get("/triggers"):
        s.zammad.ask("PUT", f"/triggers/{trigger['id']}", json={"active": False})


def set_up(folder: Path) -> None:
    """Do what the runbook says in words: the token of the test Zammad goes into .env."""
    config = folder / "rehearsal.yaml"
    text = config.read_text().replace("requests_per_minute: 300", "requests_per_minute: 100000")
    config.write_text(text.replace("zammad:\n", "zammad:\n  settle_seconds: 0\n", 1))
    with (folder / ".env").open("a") as logins:
        logins.write(f"REHEARSAL_ZAMMAD_TOKEN={TOKEN}\n")
