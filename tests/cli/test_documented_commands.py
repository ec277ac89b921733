"""Every command that README and docs name exists, with the options that they name."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from runner.cli.main import app, config_first

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "mappings" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_GROUP: Any = typer.main.get_command(app)
_INLINE = re.compile(r"`(migrate\s[^`]+)`")
_FENCED = re.compile(r"```(?:sh|console)?\n(.*?)```", re.DOTALL)


def commands(page: str) -> list[str]:
    """Return what stands in backquotes, or in a block, and begins with ``migrate``."""
    text = page.replace("\\\n", " ")
    blocks = [
        line.strip().removeprefix("$ ")
        for block in _FENCED.findall(text)
        for line in block.splitlines()
    ]
    inline = [" ".join(found.split()) for found in _INLINE.findall(_FENCED.sub("", text))]
    lines = (re.split(r"\s#\s", line)[0].strip() for line in (*blocks, *inline))
    return [line for line in lines if line.startswith("migrate ")]


def wrong_with(line: str) -> str:
    """Say what of a command line does not exist; "" where all of it does."""
    arguments = config_first(shlex.split(line)[1:])
    rest = arguments[2:] if arguments[0] in {"-c", "--config"} else arguments
    if rest[0] in {"…", "--help", "--version", "VERB"}:
        return ""
    verb: Any = _GROUP.commands.get(rest[0])
    if verb is None:
        return f"there is no migrate {rest[0]}"
    known = {
        option
        for parameter in verb.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    known |= {"--help", "-h"}
    named = [word.partition("=")[0] for word in rest[1:] if word.startswith("-")]
    return ", ".join(f"migrate {rest[0]} has no {word}" for word in named if word not in known)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_a_page_exists(page: Path) -> None:
    found = commands(page.read_text())
    assert [wrong for line in found if (wrong := wrong_with(line))] == []


def test_the_readme_holds_the_whole_way() -> None:
    assert len(commands((ROOT / "README.md").read_text())) > 40


def test_what_does_not_exist_is_found() -> None:
    assert wrong_with("migrate appyl") == "there is no migrate appyl"
    assert wrong_with("migrate apply --fast") == "migrate apply has no --fast"
    assert wrong_with("migrate -c rehearsal.yaml apply --yes") == ""
