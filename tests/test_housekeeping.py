"""The workdir as files: open to others, left over, little room."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from runner import housekeeping
from runner.ailment import Ailment


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    workdir = tmp_path / "work"
    for name in (
        "ledgers/z.json",
        "snapshot/snapshot.sqlite3",
        "console-script/migrate-console.rb",
    ):
        put(workdir, name)
    (workdir / "console-script" / "migrate-console.rb").chmod(0o644)
    return workdir


def put(workdir: Path, name: str, mode: int = 0o600) -> Path:
    file = workdir / name
    for folder in (file.parent, *file.parent.parents):
        if folder == workdir.parent:
            break
        folder.mkdir(mode=0o700, exist_ok=True, parents=True)
        folder.chmod(0o700)
    file.write_text("x")
    file.chmod(mode)
    return file


def seen(workdir: Path, *, busy: bool = False) -> list[Ailment]:
    return housekeeping.examine(workdir, busy=busy)


def test_a_folder_as_it_is_made_has_nothing(workdir: Path) -> None:
    assert seen(workdir) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_what_others_may_read_is_closed(workdir: Path, mode: int) -> None:
    file = put(workdir, "ledgers/z.json", mode)
    (workdir / "snapshot").chmod(0o755)
    (ailment,) = seen(workdir)
    assert ailment.kind == "open to others"
    assert str(file) in ailment.where
    assert ailment.repair is not None
    assert "2 are yours alone" in ailment.repair()
    assert file.stat().st_mode & 0o777 == 0o600
    assert (workdir / "snapshot").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_holds_others_files_is_theirs_to_open(workdir: Path) -> None:
    workdir.chmod(0o755)
    assert [one.kind for one in seen(workdir)] == ["open to others"]
    put(workdir, "mine.txt", 0o644)
    workdir.chmod(0o755)
    assert seen(workdir) == []


@pytest.mark.parametrize(
    "name", ["snapshot/files/.part-abc", "ledgers/z.json.new", "reports/verify-z.json.new"]
)
def test_half_written_files_go_when_nothing_runs(workdir: Path, name: str) -> None:
    file = put(workdir, name)
    assert seen(workdir, busy=True) == []
    (ailment,) = seen(workdir)
    assert (ailment.kind, ailment.where) == ("left over", str(file))
    assert ailment.repair is not None
    ailment.repair()
    assert not file.exists()
    assert (workdir / "ledgers" / "z.json").exists()


def test_little_room_is_told(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil makes it
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 0, 1 << 20))
    (ailment,) = seen(workdir)
    assert ailment.kind == "little room"
    assert "1 MB are free" in ailment.what
