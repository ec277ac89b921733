from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner.config.model import ENTITIES, Config, KayakoConfig, Secret, ZammadConfig
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, Sandbox, start
from runner.sandbox.data import generate
from tests.mapping.support import ROOT


@dataclass
class Site:
    """Two running servers and a config for them."""

    sandbox: Sandbox
    config: Config


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Return a factory of sites with few conversations of three posts."""
    started: list[Sandbox] = []

    def make(conversations: int = 6, **switches: Any) -> Site:
        sandbox = start(generate(conversations, posts_each=3, users=4), **switches)
        started.append(sandbox)
        return Site(sandbox, config_of(tmp_path, sandbox.kayako_url, sandbox.zammad_url))

    yield make
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A config of servers that nobody asks."""
    return config_of(tmp_path, "https://acme.kayako.example", "https://zammad.example")


def config_of(folder: Path, kayako_url: str, zammad_url: str) -> Config:
    return Config(
        file=folder / "config.yaml",
        kayako=KayakoConfig(kayako_url, EMAIL, Secret(PASSWORD), 100_000, 2),
        zammad=ZammadConfig(zammad_url, Secret(TOKEN), 2, 0.0, None),
        mappings=ROOT / "mappings",
        workdir=folder / "work",
        go_live=None,
        order=ENTITIES,
    )
