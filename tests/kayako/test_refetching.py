"""Files that the disk lost or damaged: the next pull brings them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.sandbox.data import hard_cases
from runner.snapshot.refetching import refetch
from tests.kayako.support import Pulling, pulling

STAMP = "20261123-190000"


def bodies(world: Pulling) -> dict[str, bytes]:
    folder = world.snapshot.folder / "files"
    return {path.name: path.read_bytes() for path in folder.glob("??/" + "?" * 64)}


@pytest.mark.fault(
    "attachments are lost or damaged on the disk",
    does="their record fails, nothing damaged is sent; `migrate doctor --repair` has the next "
    "pull read them again",
)
def test_what_was_lost_or_damaged_is_there_after_the_next_pull(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.both()
        before = bodies(world)
        assert before
        for number, sha256 in enumerate(before):
            if number % 2:
                world.snapshot.file(sha256).write_bytes(b"damaged")
            else:
                world.snapshot.file(sha256).unlink()
        refetch(world.snapshot.folder, frozenset(before), STAMP)
        world.fake.requests.clear()
        world.both()
        assert bodies(world) == before
        world.fake.requests.clear()
        world.both()
        assert world.asked("/posts") == []
