"""A plan in a file: what it was made from, and every change, a JSON line each.

The lines are, in this order: ``{"plan": FORMAT, …}`` (what the plan was made from),
``["seen", resource, [[id, stamp], …]]`` (the snapshot's records), for each step
``["step", entity]`` and its changes in the order of the walk, ``["do", {…}]`` with what is written
beside a record right after it (``["beside", table, source id]``), and ``["end", lines, sha256]``
over all bytes before. Whoever reads it goes through the file; nobody holds it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine.change import Action, plain
from runner.errors import Stale, StoreUnreadable
from runner.ledger import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from runner.engine.change import Change, Child
    from runner.snapshot.stamps import Stamp

FORMAT = "migrate plan 1"
_PAGE = 500
_AGAIN = "make it anew: migrate plan --out FILE"
_KEYS = ("login", "email", "name")
_MADE_OF_POSTS = "body"


@dataclass(frozen=True, slots=True)
class Planned:
    """One change as the file has it.

    ``digest`` is over all that is written, ``fields`` tells single fields of it apart, by a
    checksum each; ``articles`` and ``times`` are source ids of what is written inside a ticket.
    ``keys`` are what Zammad would find a new record by; ``updated_at`` when the record that the
    change relies on was last changed there, None where it relies on none.
    """

    entity: str
    source_id: str
    action: str
    digest: str
    label: str = ""
    target_id: int | None = None
    updated_at: str | None = None
    fields: dict[str, int] = field(default_factory=dict)
    articles: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``users/17``: as plans and messages name a record."""
        return f"{self.entity}/{self.source_id}"


def planned(change: Change, updated_at: str | None = None) -> Planned:
    """Return a change as it is saved."""
    whole = change.action is Action.CREATE
    written = {**change.payload, **change.deferred} if whole else _updated(change)
    values = {name: _comparable(name, plain(value)) for name, value in written.items()}
    articles = [_article(child) for child in change.children]
    times = [
        [entry.source_id, str(entry.action), plain(entry.payload)]
        for entry in change.times
        if entry.is_due
    ]
    facts = [str(change.action), change.adopted, change.resume, values, articles, times]
    return Planned(
        entity=change.entity,
        source_id=change.source_id,
        action=str(change.action),
        digest=fingerprint(facts)[:32],
        label=change.label,
        target_id=change.target_id,
        updated_at=updated_at,
        fields={name: _checksum(value) for name, value in values.items()},
        articles=[child.source_id for child in change.children],
        times=[entry[0] for entry in times],
        keys={key: str(change.payload[key]) for key in _KEYS if change.payload.get(key)}
        if whole
        else {},
    )


def _updated(change: Change) -> dict[str, Any]:
    """Return what an update writes now, and what ``finish`` has to write that is new to it."""
    later = {one.field: one.after for one in change.differences if one.field not in change.fields}
    return {**later, **change.fields}


def _article(child: Child) -> list[Any]:
    """Return an article without its text, which follows from post and mapping.

    Where a link in it leads is known only once that answer is written (``engine/links.py``).
    """
    rest = {name: plain(value) for name, value in child.payload.items() if name != _MADE_OF_POSTS}
    return [child.source_id, child.digest, rest]


def _comparable(name: str, value: Any) -> Any:
    """Leave out the texts of answers, in which links lead to ids as those of articles do."""
    if name == "texts" and isinstance(value, dict):
        return {code: text["title"] for code, text in value.items()}
    return None if name.startswith(f"{_MADE_OF_POSTS} ") else value


def _checksum(value: Any) -> int:
    return zlib.crc32(fingerprint(value).encode())


class Writer:
    """Writes a plan line by line."""

    def __init__(self, file: BinaryIO, made_from: dict[str, Any]) -> None:
        """Write what the plan was made from."""
        self._file = file
        self._sha256 = hashlib.sha256()
        self._lines = 0
        self._write({"plan": FORMAT, **made_from})

    def seen(self, stamps: Iterable[Stamp]) -> None:
        """Write which records the snapshot has."""
        page: list[list[int]] = []
        resource = ""
        for name, identifier, stamp in stamps:
            if page and (name != resource or len(page) == _PAGE):
                self._write(["seen", resource, page])
                page = []
            resource = name
            page.append([identifier, stamp])
        if page:
            self._write(["seen", resource, page])

    def step(self, entity: str) -> None:
        """Begin a step."""
        self._write(["step", entity])

    def change(self, one: Planned) -> None:
        """Write a change."""
        kept = {name: value for name, value in asdict(one).items() if value not in ("", None)}
        self._write(["do", {name: value for name, value in kept.items() if value not in ([], {})}])

    def beside(self, table: str, source_id: str) -> None:
        """Write that something is written beside the last record: a link, a picture."""
        self._write(["beside", table, source_id])

    def end(self) -> None:
        """Write the digest, without which the file is not whole."""
        self._write(["end", self._lines, self._sha256.hexdigest()])

    def _write(self, line: Any) -> None:
        # Halves of surrogate pairs are no UTF-8: escapes hold whatever a record holds.
        data = json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"
        self._file.write(data)
        self._sha256.update(data)
        self._lines += 1


class SavedPlan:
    """A plan in a file that is whole: as it was written, to its last byte."""

    def __init__(self, path: Path) -> None:
        """Read the file through once, to see that it is whole.

        Raises:
            StoreUnreadable: it is no plan, or not the one that was saved.
            Stale: it is of another format.
        """
        self.path = path
        self.sha256 = _whole(path)
        with path.open("rb") as file:
            self.made_from: dict[str, Any] = json.loads(file.readline())

    @property
    def made_at(self) -> str:
        """When it was saved: ``2026-12-05T08:00:00Z``."""
        return str(self.made_from["made_at"])

    def seen(self) -> Iterator[Stamp]:
        """Yield the stamps of the snapshot's records."""
        for line in self._lines():
            if line[0] == "seen":
                for identifier, stamp in line[2]:
                    yield line[1], identifier, stamp
            elif line[0] == "step":
                return

    def changes(self) -> Iterator[Planned]:
        """Yield every change, whichever step it belongs to."""
        for line in self._lines():
            if line[0] == "do":
                yield Planned(**line[1])

    def steps(self) -> Iterator[tuple[str, Any]]:
        """Yield ``("step", entity)``, ``("do", Planned)``, ``("beside", (table, source id))``."""
        for line in self._lines():
            if line[0] == "do":
                yield "do", Planned(**line[1])
            elif line[0] == "step":
                yield "step", line[1]
            elif line[0] == "beside":
                yield "beside", (line[1], line[2])

    def _lines(self) -> Iterator[Any]:
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                yield json.loads(line)


def is_plan(path: Path) -> bool:
    """Say whether a file begins as saved plans do, of whichever format."""
    try:
        with path.open("rb") as file:
            return file.read(len(_BEGINNING)) == _BEGINNING
    except OSError:
        return False


_BEGINNING = b'{"plan":"migrate plan '


def _whole(path: Path) -> str:
    """Return the digest of a file whose last line has the one of all lines before it."""
    try:
        with path.open("rb") as file:
            first = file.readline()
            if not first.startswith(_BEGINNING):
                raise StoreUnreadable(
                    f"{path} is no saved plan", advice="migrate plan --out FILE makes one"
                )
            if not first.startswith(f'{{"plan":"{FORMAT}"'.encode()):
                raise Stale(f"{path} was saved by another version of this program", advice=_AGAIN)
            return _checked(path, first, file)
    except OSError as error:
        raise StoreUnreadable(
            f"{path} cannot be read: {error.strerror or error}",
            advice="migrate plan --out FILE makes a plan that can be applied",
        ) from error


def _checked(path: Path, first: bytes, rest: BinaryIO) -> str:
    sha256 = hashlib.sha256()
    number, last = 0, first
    for line in rest:
        sha256.update(last)
        last = line
        number += 1
    if last != f'["end",{number},"{sha256.hexdigest()}"]\n'.encode():
        raise StoreUnreadable(
            f"{path} is not the plan that was saved: it is cut off or was edited", advice=_AGAIN
        )
    return sha256.hexdigest()
