"""Looking a ledger through: does it open, is every document what it should be, is the map one?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from runner.ailment import Ailment, Grade, listed
from runner.errors import StoreUnreadable
from runner.ledger.ledger import Ledger
from runner.ledger.salvage import Salvaged, copied, rewrite, salvage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from runner.ledger.operations import Document

UNREADABLE = "ledger unreadable"
RECORDS = ("groups", "organizations", "users", "tickets")
"""Tables whose documents are records of Kayako, each with its own in Zammad."""
_STATES = {"intended", "partial", "done", "failed", "skipped"}
_OPEN = ("intended", "partial")


def examine(path: Path, *, stamp: str, busy: bool) -> list[Ailment]:
    """Return what is wrong with the ledger at ``path``.

    Args:
        path: Of its compacted file; only the journal may be there.
        stamp: Goes into the names of copies that repairs make.
        busy: A run is under way: what it has begun and not ended is no finding.
    """
    try:
        ledger = Ledger.open(path, read_only=True)
    except StoreUnreadable as error:
        return [_unreadable(path, error, stamp)]
    found = [] if not ledger.torn or busy else [_torn(path, ledger.torn, stamp)]
    for entity in RECORDS:
        documents = list(ledger.documents(entity))
        found += _malformed(path, entity, documents)
        found += _doubled(path, entity, documents)
        found += [] if busy else _unfinished(path, entity, documents)
    found += _shared_articles(path, ledger.documents("tickets"))
    found += [] if busy else _cut_off(path, ledger)
    return found


def _unreadable(path: Path, error: StoreUnreadable, stamp: str) -> Ailment:
    saved = _saved(path)
    ailment = Ailment(
        kind=UNREADABLE,
        where=str(path),
        what=str(error),
        harm="no run can go on: what was written to Zammad is not known",
        advice=error.advice,
        grade=Grade.DAMAGE,
    )
    if saved is not None:
        ailment.advice = (
            f"--repair saves {saved.documents:,} documents and keeps copies of the files; lost is"
            f" {listed(saved.lost) or 'nothing'}. A backup that is whole is better"
        )
        ailment.repair = partial(_rewritten, path, saved, stamp)
        if saved.lost:
            ailment.then = (
                "look at migrate plan before you apply: of what was lost, tickets are found again"
                " by number and message id, people by address, and count as adopted"
            )
    return ailment


def _saved(path: Path) -> Salvaged | None:
    try:
        return salvage(path)
    except OSError:
        return None


def _rewritten(path: Path, saved: Salvaged, stamp: str) -> str:
    copies = rewrite(path, saved, stamp)
    names = ", ".join(copy.name for copy in copies)
    return f"{saved.documents:,} documents saved; what was there is kept as {names}"


def _torn(path: Path, size: int, stamp: str) -> Ailment:
    journal = path.with_name(f"{path.name}.journal")

    def repair() -> str:
        copy = copied(journal, stamp)
        Ledger.open(path).close()
        return f"the line is dropped; the journal of before is kept as {copy.name}"

    return Ailment(
        kind="line torn",
        where=str(journal),
        what=f"a run died while it wrote: the last {size:,} bytes are no whole line",
        harm="none: the line never counted, and what it was about is looked up in Zammad",
        advice="run migrate apply again: it drops the line and goes on, as --repair does",
        repair=repair,
    )


def _malformed(path: Path, entity: str, documents: list[Document]) -> list[Ailment]:
    wrong = [
        f"{entity}/{document.get('source_id', '?')} ({why})"
        for document in documents
        if (why := _why_malformed(document))
    ]
    if not wrong:
        return []
    return [
        Ailment(
            kind="document malformed",
            where=str(path),
            what=f"{len(wrong):,} documents are not as this program writes them: {listed(wrong)}",
            harm="these records may be written a second time, or not be found by verify and reset",
            advice="somebody edited the file: put a backup of it back, or correct it by hand",
            grade=Grade.DAMAGE,
        )
    ]


def _why_malformed(document: Mapping[str, Any]) -> str:
    """Say what is wrong with a document; nothing where it is right."""
    target_id = document.get("target_id")
    if not isinstance(document.get("source_id"), str):
        return "source_id is no text"
    if document.get("status") not in _STATES:
        return f"status {document.get('status')!r}"
    if target_id is not None and (not isinstance(target_id, int) or isinstance(target_id, bool)):
        return f"target_id {target_id!r}"
    if document["status"] in {"done", "partial"} and target_id is None:
        return f"{document['status']} without an id in Zammad"
    children = document.get("children") or {}
    if not isinstance(children, dict) or not all(
        isinstance(kind, dict) and all(isinstance(entry, list) for entry in kind.values())
        for kind in children.values()
    ):
        return "children"
    return ""


def _doubled(path: Path, entity: str, documents: list[Document]) -> list[Ailment]:
    """Return ids that stand in two documents: on our side, and in Zammad."""
    sources: set[str] = set()
    targets: dict[int, str] = {}
    twice: list[str] = []
    shared: list[str] = []
    for document in documents:
        source, target = str(document.get("source_id")), document.get("target_id")
        if source in sources:
            twice.append(f"{entity}/{source}")
        sources.add(source)
        if isinstance(target, int) and not document.get("adopted"):
            other = targets.setdefault(target, source)
            if other != source:
                shared.append(f"{entity}/{other} and {entity}/{source} (both {target})")
    found = []
    if twice:
        found.append(_no_map(path, f"ids of Kayako stand there twice: {listed(twice)}"))
    if shared:
        found.append(_no_map(path, f"records share an id of Zammad: {listed(shared)}"))
    return found


def _shared_articles(path: Path, documents: Iterator[Document]) -> list[Ailment]:
    seen: set[int] = set()
    shared = []
    for document in documents:
        posts = (document.get("children") or {}).get("posts") or {}
        for post, entry in posts.items() if isinstance(posts, dict) else ():
            if isinstance(entry, list) and entry and entry[0] is not None:
                if entry[0] in seen:
                    shared.append(f"tickets/{document.get('source_id')}, post {post}")
                seen.add(entry[0])
    return [_no_map(path, f"posts share an article: {listed(shared)}")] if shared else []


def _no_map(path: Path, what: str) -> Ailment:
    return Ailment(
        kind="map not unique",
        where=str(path),
        what=what,
        harm="one of them is taken for written that may not be in Zammad",
        advice="run migrate verify, which finds what is missing; then put a backup of the ledger"
        " back, or correct it by hand",
        grade=Grade.DAMAGE,
    )


def _unfinished(path: Path, entity: str, documents: list[Document]) -> list[Ailment]:
    open_ones = [
        f"{entity}/{document.get('source_id')}"
        for document in documents
        if document.get("status") in _OPEN
    ]
    if not open_ones:
        return []
    return [
        Ailment(
            kind="intents without result",
            where=str(path),
            what=f"{len(open_ones):,} records were begun and not ended: {listed(open_ones)}",
            harm="they may be in Zammad, whole or in part, or not",
            advice="run migrate apply: it looks each of them up before it sends anything",
        )
    ]


def _cut_off(path: Path, ledger: Ledger) -> list[Ailment]:
    runs = ledger.runs()
    if not runs or runs[-1].get("finished_at"):
        return []
    last = runs[-1]
    return [
        Ailment(
            kind="run cut off",
            where=str(path),
            what=f"the {last.get('kind')} of {last.get('started_at')} never ended",
            harm="what it had left to do is not done; what counted is written down",
            advice=f"run migrate {last.get('kind')} again to go on",
        )
    ]
