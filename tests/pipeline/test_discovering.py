"""Discover on the hard cases: what is particular is added once, and every byte stays."""

from __future__ import annotations

import difflib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.config.load import load as load_config
from runner.config.model import Config
from runner.mapping.advice import doubts
from runner.mapping.load import load_mappings
from runner.pipeline import run_discover
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, start
from runner.sandbox.data import hard_cases
from tests.mapping.support import ROOT


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    folder = tmp_path_factory.mktemp("discover")
    with start(hard_cases()) as sandbox:
        (folder / "config.yaml").write_text(
            f"kayako:\n  url: {sandbox.kayako_url}\n  email: {EMAIL}\n  password: {PASSWORD}\n"
            "  requests_per_minute: 100000\n"
            f"zammad:\n  url: {sandbox.zammad_url}\n  token: {TOKEN}\n"
        )
        yield load_config(folder / "config.yaml")


def discover(config: Config, *, write: bool = True) -> list[tuple[str, str]]:
    shown = run_discover(config, write=write, progress=lambda *_: None, stop=threading.Event())
    return [(addition.file, addition.key) for addition in shown]


def texts(config: Config) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in sorted(config.mappings.rglob("*.yaml"))}


def test_what_is_particular_is_added_once_and_nothing_else_is_touched(config: Config) -> None:
    shutil.copytree(ROOT / "mappings", config.mappings)
    before = texts(config)
    shown = discover(config, write=False)
    assert texts(config) == before
    assert discover(config) == shown
    after = texts(config)
    assert discover(config) == []
    assert texts(config) == after
    for path, text in after.items():
        changes = list(difflib.ndiff(before[path].splitlines(), text.splitlines()))
        assert not [line for line in changes if line.startswith("-")], path
    expected = {
        ("vocabularies/states.yaml", "Waiting for vendor"),
        ("vocabularies/priorities.yaml", "Critical"),
        ("vocabularies/types.yaml", "Feature request"),
        ("vocabularies/teams.yaml", "Ümläute & Co"),
        ("vocabularies/people.yaml", "agent-20@acme.example"),
        ("custom_fields.yaml", "contract"),
    }
    assert expected <= {*shown}


def test_what_was_added_decides_as_before(config: Config) -> None:
    added, shipped = load_mappings(config.mappings), load_mappings(ROOT / "mappings")
    assert doubts(added, config.mappings) == []
    states, before = added.vocabularies["states"], shipped.vocabularies["states"]
    assert states.custom["Waiting for vendor"] == states.anything_else == before.anything_else
    assert added.vocabularies["people"].entries == shipped.vocabularies["people"].entries == {}
    assert all(entry.value == name for name, entry in added.vocabularies["teams"].entries.items())
