"""Files that a run leaves for people: readable for their owner only, whole or not at all."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from runner.errors import MigrateError, StoreUnreadable
from runner.ledger.files import make_folder, replacing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.config.model import Config
    from runner.engine.verified import Verified

REPORTS = "reports"
"""The folder of the workdir that holds them."""


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file (mode 0600) that takes the place of ``path`` when the block ends well.

    Raises:
        MigrateError: it cannot be written; what was there before still is.
    """
    try:
        make_folder(path.parent)
        with replacing(path) as file:
            yield file
    except OSError as error:
        raise MigrateError(
            f"{path} cannot be written: {error.strerror or error}",
            advice="look whether the disk is full and the folder yours, then run again",
        ) from error


def verification_file(config: Config) -> Path:
    """Return where the last verification of the configured target is kept."""
    return config.workdir / REPORTS / f"verify-{config.zammad.key}.json"


def keep_verification(config: Config, verified: Verified) -> None:
    """Keep what verify found, for the report; the one before it is replaced.

    Raises:
        MigrateError: it cannot be written.
    """
    finished_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {
        "started_at": verified.started_at,
        "finished_at": finished_at,
        **verified.as_json(),
    }
    with private_file(verification_file(config)) as file:
        # Halves of surrogate pairs are no UTF-8: escapes hold whatever a record holds.
        file.write(json.dumps(document).encode("ascii"))


def kept_verification(config: Config) -> dict[str, Any] | None:
    """Return the last verification, ``Verified.as_json`` with its times; None before the first.

    Raises:
        StoreUnreadable: the file is damaged.
    """
    path = verification_file(config)
    return _verification(path) if path.exists() else None


def any_verification(config: Config) -> dict[str, Any] | None:
    """Return the last verification; before the first of this Zammad, the newest of another one.

    Raises:
        StoreUnreadable: the file is damaged.
    """
    own = verification_file(config)
    others = sorted(own.parent.glob("verify-*.json"), key=lambda path: path.stat().st_mtime)
    path = own if own.exists() else next(reversed(others), None)
    return _verification(path) if path is not None else None


def _verification(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        document = None
    if not isinstance(document, dict) or "started_at" not in document:
        raise StoreUnreadable(
            f"{path}: this is no result of a verification that can be read",
            advice="run migrate verify again, which writes it anew",
        )
    return document
