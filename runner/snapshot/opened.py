"""An opened snapshot: whose copy it is, when it was pulled, and what it remembers."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from runner.errors import StoreUnreadable
from runner.snapshot.beside import Beside
from runner.snapshot.database import NAME, Database, unreadable
from runner.snapshot.files import Files
from runner.snapshot.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = 500


class Opened:
    """Folder, database and files of a snapshot; ``Snapshot`` reads records out of it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.files = Files(folder / "files")
        self.lookup = Lookup(database)
        self.beside = Beside(database)

    @classmethod
    def open(cls, folder: Path, *, kayako_url: str | None = None, read_only: bool = False) -> Self:
        """Open the snapshot in ``folder``; created unless ``read_only``.

        Args:
            folder: Where it lies; nobody but the user may read it.
            kayako_url: Whose copy it is to be.
            read_only: Never write.

        Raises:
            StoreUnreadable: It is damaged, of another format, or of another Kayako.
        """
        snapshot = cls(folder, Database(folder, read_only=read_only))
        if kayako_url is not None:
            snapshot._bind(normal_url(kayako_url), read_only=read_only)
        return snapshot

    @staticmethod
    def exists(folder: Path) -> bool:
        """Tell whether a snapshot lies in ``folder``."""
        return (folder / NAME).exists()

    def _bind(self, url: str, *, read_only: bool) -> None:
        bound = self.meta("kayako_url")
        if bound is None and not read_only:
            with self.database.write():
                self.set_meta("kayako_url", url)
        elif bound is not None and bound != url:
            self.close()
            raise StoreUnreadable(
                f"The snapshot in {self.folder} is a copy of {bound}, not of {url}.",
                advice="Set kayako.url back, or give this Kayako a workdir of its own.",
            )

    @property
    def kayako_url(self) -> str:
        """Whose copy this is: scheme and host."""
        return str(self.meta("kayako_url") or "")

    @property
    def go_live_default(self) -> date | None:
        """The day (UTC) of the first pull, None before it."""
        first = self.meta("first_pull_at")
        return date.fromisoformat(first[:10]) if first else None

    @property
    def pulled_at(self) -> str | None:
        """When the headers were last read completely, as ``2026-12-05T08:00:00Z``."""
        value: str | None = self.meta("headers_at")
        return value

    @property
    def settings(self) -> dict[str, Any]:
        """Kayako's settings as ``{"account.default_language": "en-us", …}``."""
        value: dict[str, Any] = self.meta("settings") or {}
        return value

    @property
    def unavailable(self) -> dict[str, str]:
        """Resources that Kayako refused, with the reason."""
        value: dict[str, str] = self.meta("unavailable") or {}
        return value

    def file(self, sha256: str) -> Path:
        """Return where the file with this digest lies."""
        return self.files.path(sha256)

    def whole_file(self, sha256: str) -> Path:
        """Return where the file with this digest lies, its bytes compared with the digest.

        Raises:
            RecordError: it is lost or damaged.
        """
        return self.files.whole(sha256)

    def file_of(self, key: str) -> tuple[str | None, str | None]:
        """Return ``(sha256, None)`` of an attachment or image, or ``(None, why it is missing)``."""
        rows = self._rows("SELECT sha256, error FROM file WHERE key = ?", (key,))
        return (rows[0][0], rows[0][1]) if rows else (None, "not read")

    def announced(self) -> tuple[int, int]:
        """Return how many posts the lists of conversations announce, and how many files are known.

        Files become known when their conversation's posts are read.
        """
        posts = "SELECT total(post_count) FROM record WHERE resource = 'cases' AND gone = 0"
        files = "SELECT count(*) FROM file"
        (found,) = self._rows(f"SELECT ({posts}), ({files})", ())
        return int(found[0]), int(found[1])

    @property
    def generation(self) -> int:
        """A number that grows with every write to the snapshot."""
        return int(self.meta("generation") or 0)

    def meta(self, name: str) -> Any:
        """Return a remembered value, None when there is none."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else None

    def set_meta(self, name: str, value: Any) -> None:
        """Remember a JSON value."""
        with self.database.write() as connection:
            connection.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, json.dumps(value)),
            )

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _ids(self, query: str, *values: Any) -> Iterator[int]:
        last = -1
        while rows := self._rows(query, (*values, last, PAGE)):
            for (identifier,) in rows:
                last = identifier
                yield identifier

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        with self._readable():
            return self.database.reader().execute(query, values).fetchall()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise unreadable(self.database.path, error) from error


def now() -> str:
    """Return the present time as the snapshot writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def normal_url(url: str) -> str:
    """Return scheme and host of an address in lower case: what identifies a Kayako."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
