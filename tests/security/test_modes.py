"""Who may read what a run leaves: its owner alone, whatever the umask and what was there before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.sandbox.both import start
from runner.sandbox.data import generate
from runner.workdir import tighten
from tests.behaviour.support import Place


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_whole_run_leaves_nothing_that_others_may_read(tmp_path: Path) -> None:
    with start(generate(2, posts_each=1, users=2)) as sandbox:
        place = Place.make(tmp_path / "place", sandbox.kayako_url, sandbox.zammad_url)
        workdir = place.folder / ".migrate"
        for folder in (workdir, workdir / "reports", workdir / "snapshot", workdir / "logs"):
            folder.mkdir(mode=0o755, exist_ok=True)
        place.succeed("pull")
        place.succeed("plan", "--out", str(workdir / "plans" / "saved.json"))
        for words in (("apply", "--sample", "2", "--yes"), ("apply", "--yes"), ("verify",)):
            place.succeed(*words)
        place.succeed("report")
        place.migrate("doctor")
    found = {path.relative_to(workdir).as_posix(): path for path in workdir.rglob("*")}
    assert {"ledgers", "plans", "plans/saved.json", "reports", "snapshot", "cache"} <= found.keys()
    assert mode(workdir) == 0o700
    wrong = {
        name: oct(mode(path))
        for name, path in found.items()
        if mode(path) != (0o700 if path.is_dir() else 0o600)
    }
    assert wrong == {}


def test_what_is_not_ours_stays_as_it_is(tmp_path: Path) -> None:
    for name in ("ledgers", "console-script", "photos"):
        (tmp_path / name).mkdir(mode=0o755)
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "reports").symlink_to(tmp_path / "elsewhere")
    tmp_path.chmod(0o755)
    tighten(tmp_path)
    names = ("ledgers", "console-script", "photos", "elsewhere", ".")
    assert [mode(tmp_path / name) for name in names] == [0o700, *[0o755] * 4]


def test_folders_above_a_new_workdir_are_its_owners_alone_too(tmp_path: Path) -> None:
    with start(generate(1)) as sandbox:
        place = Place.make(tmp_path / "place", sandbox.kayako_url, sandbox.zammad_url)
        place.edit("config.yaml", "workdir: .migrate", "workdir: far/below")
        place.succeed("pull")
    assert [mode(place.folder / name) for name in ("far", "far/below")] == [0o700, 0o700]
