"""Files by their sha256: ``files/ab/abcdef…``; the same content is stored once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import RecordError, StoreUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Files:
    """A folder of files named by their content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the file with this digest lies, or would lie."""
        return self._folder / sha256[:2] / sha256

    def whole(self, sha256: str) -> Path:
        """Return where the file with this digest lies, once its bytes were seen to be its own.

        A disk that lost or changed some must not hand them to a customer.

        Raises:
            RecordError: it is not there, cannot be read, or holds something else.
        """
        path = self.path(sha256)
        try:
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() == sha256:
                    return path
            what = "is not what it was when it was read from Kayako"
        except OSError as error:
            what = f"cannot be read: {error.strerror or error}"
        raise RecordError(
            f"the file {path} {what}",
            advice="run migrate doctor --deep --repair: the next pull then brings it again",
        )

    def add(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store what ``chunks`` yield and return its digest and size in bytes.

        Nothing stays behind when ``chunks`` fails half-way.
        """
        with _explained(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".part-")
        temporary = Path(name)
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb", buffering=0) as stream:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    with _explained(self._folder):
                        stream.write(chunk)
            final = self.path(digest.hexdigest())
            with _explained(self._folder):
                final.parent.mkdir(mode=0o700, exist_ok=True)
                temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def sweep(self) -> None:
        """Remove what a killed run left half-written."""
        if self._folder.is_dir():
            for leftover in self._folder.glob(".part-*"):
                leftover.unlink(missing_ok=True)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Explain a full disk; what ``chunks`` raises (a lost connection, say) is not meant."""
    try:
        yield
    except OSError as error:
        raise StoreUnreadable(
            f"A file cannot be written to {folder}: {error.strerror or error}.",
            advice="Free some space or fix the permissions, then run again.",
        ) from error
