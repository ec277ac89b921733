"""Compare the texts, pictures and files of one answer with what they should be."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from runner.engine import knowledge_files, verify_files
from runner.engine.knowledge_beside import look
from runner.engine.knowledge_conflicts import shown
from runner.engine.verified import Kind
from runner.engine.verify_files import File
from runner.zammad import articles, kept, knowledge_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.change import Change
    from runner.engine.verified import Verified
    from runner.engine.world import World
    from runner.zammad.client import Zammad
    from runner.zammad.knowledge_base import Row

_DOWNLOAD = re.compile(r"/api/v1(/attachments/\d+)")

Found = tuple[str, Kind, Any, Any]
"""What differs: name, in which way, wanted, there."""


def compare(world: World, zammad: Zammad, result: Verified, change: Change) -> Iterator[Found]:
    """Yield the differences of an answer's texts and files."""
    known = world.ledger.table(change.entity).get(change.source_id) or {}
    row = knowledge_base.answer(zammad, look(world).held, int(known["target_id"]))
    written = (known.get("children") or {}).get("shown") or {}
    for code, text in change.payload["texts"].items():
        there = row["texts"].get(code)
        if there is None:
            continue
        touched = written.get(code) not in (None, shown(str(there.get("body") or "")))
        for name, kind, *pair in _body(world, zammad, result, code, (text["body"], there)):
            yield name, Kind.CHANGED if touched else kind, *pair
    yield from _files(world, zammad, result, change, row)


def _body(
    world: World, zammad: Zammad, result: Verified, code: str, pair: tuple[str, Row]
) -> Iterator[Found]:
    """Compare a text: every character that a reader sees, and every picture by its digest."""
    pictures: list[str] = []
    paths: list[str] = []

    def ours(source: str) -> str:
        found = verify_files.picture(world, source)
        if isinstance(found, File):
            return f"[{found.name}]"
        if found:
            pictures.append(found)
        return kept.PICTURE if found else ""

    def theirs(source: str) -> str:
        match = _DOWNLOAD.search(source)
        if match:
            paths.append(match[1])
        return kept.PICTURE if match else ""

    body, text = pair
    one, other = kept.visible(body, ours), kept.visible(str(text.get("body") or ""), theirs)
    if one != other:
        yield f"body {code}", Kind.DIFFERS, *kept.excerpts(one, other)
        return
    lost = _links(world, body) - set(kept.links(str(text.get("body") or "")))
    for link in sorted(lost):
        yield f"body {code}", Kind.DIFFERS, link, None
    for number, (digest, path) in enumerate(zip(pictures, paths, strict=True), start=1):
        result.look("attachments")
        there = articles.digest(zammad, path)
        if there != digest:
            yield f"body {code}: picture {number}", Kind.DIFFERS, digest, there


def _links(world: World, body: str) -> set[str]:
    """Return the links of a text that lead to Zammad; Zammad's sanitizer may take others."""
    own = None if world.zammad_url is None else f"{world.zammad_url}/#"
    return {link for link in kept.links(body) if own and link.startswith(own)}


def _files(
    world: World, zammad: Zammad, result: Verified, change: Change, row: Row
) -> Iterator[Found]:
    left: dict[str, list[Row]] = defaultdict(list)
    for file in row.get("attachments") or ():
        left[str(file["filename"])].append(file)
    for name, _, content in knowledge_files.wanted(world, change.payload):
        result.look("attachments")
        digest = hashlib.sha256(content).hexdigest()
        found = [
            file
            for file in left[name]
            if articles.digest(zammad, f"/attachments/{file['id']}") == digest
        ]
        if found:
            left[name].remove(found[0])
        else:
            kind = Kind.DIFFERS if left[name] else Kind.MISSING
            yield f"attachments: {name}", kind, digest, [file["size"] for file in left[name]]
