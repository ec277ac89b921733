"""The workdir as files: who may read them, what a killed run left over, how much room there is."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from runner.ailment import Ailment, listed
from runner.workdir import inventory

if TYPE_CHECKING:
    from pathlib import Path

_LEFT_OVER = re.compile(
    r"snapshot/files/\.part-.*|(?:ledgers|reports|plans)/.*\.new|console-script/.*\.part"
)
_FOR_OTHERS = "console-script"
"""The folder whose files Zammad's user has to read, too."""
_LITTLE_ROOM = 1 << 30
_ROOM_FOR_A_LEDGER = 3


def examine(workdir: Path, *, busy: bool) -> list[Ailment]:
    """Return what is wrong with the files of a workdir as files.

    Args:
        workdir: The folder.
        busy: A run is under way: half-written files are its work.
    """
    found = inventory(workdir)
    paths = [path for path in (*found.folders, *found.files) if not path.startswith(_FOR_OTHERS)]
    whole = [] if found.strangers else [workdir]
    ailments = _open_to_others([*whole, *(workdir / path for path in paths)])
    if not busy:
        ailments += _left_over([workdir / p for p in found.files if _LEFT_OVER.fullmatch(p)])
    return ailments + _room(workdir)


def _open_to_others(paths: list[Path]) -> list[Ailment]:
    wide = [path for path in paths if path.exists() and path.stat().st_mode & 0o077]
    if not wide:
        return []

    def repair() -> str:
        for path in wide:
            if path.exists():  # SQLite takes its side files away itself
                path.chmod(0o700 if path.is_dir() else 0o600)
        return f"{len(wide):,} are yours alone now (0700, 0600)"

    return [
        Ailment(
            kind="open to others",
            where=listed([str(path) for path in wide]),
            what="other users of this computer may read, or even write, it",
            harm="the copy and the ledger hold personal data",
            advice="--repair makes it yours alone",
            repair=repair,
        )
    ]


def _left_over(paths: list[Path]) -> list[Ailment]:
    if not paths:
        return []

    def repair() -> str:
        for path in paths:
            path.unlink(missing_ok=True)
        return f"{len(paths):,} removed"

    return [
        Ailment(
            kind="left over",
            where=listed([str(path) for path in paths]),
            what="half-written files of a run that died",
            harm="they take room; nothing reads them",
            advice="--repair removes them",
            repair=repair,
        )
    ]


def _room(workdir: Path) -> list[Ailment]:
    free = shutil.disk_usage(workdir).free
    largest = max((file.stat().st_size for file in workdir.glob("ledgers/*.json*")), default=0)
    # Closing a ledger writes it anew beside the old one.
    needed = max(_LITTLE_ROOM, _ROOM_FOR_A_LEDGER * largest)
    if free >= needed:
        return []
    return [
        Ailment(
            kind="little room",
            where=str(workdir),
            what=f"{free / 1e6:,.0f} MB are free on its disk; {needed / 1e6:,.0f} would be safe",
            harm="a full disk stops a run; what counted is kept",
            advice="free some space, or move the workdir to another disk and name it in the config",
        )
    ]
