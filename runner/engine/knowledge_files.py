"""Attached files of an answer: added, and taken away again when Kayako no longer has them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from runner.engine.knowledge_beside import look
from runner.errors import OutcomeUnknown
from runner.zammad import articles, knowledge_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.change import Change
    from runner.engine.world import World
    from runner.zammad.client import Zammad
    from runner.zammad.knowledge_base import Row

_ATTEMPTS = 3


def wanted(world: World, payload: Mapping[str, Any]) -> list[tuple[str, str, bytes]]:
    """Return name, media type and bytes of each file of an answer.

    What stands in a text as an image and is none comes last.
    """
    found = [
        (
            file.get("name") or "attachment",
            file.get("type") or "application/octet-stream",
            world.snapshot.whole_file(file["sha256"]).read_bytes(),
        )
        for file in payload.get("attachments") or ()
        if file.get("sha256")
    ]
    for text in payload["texts"].values():
        built = articles.build({"body": text.get("body") or ""}, world.snapshot.whole_file)
        found += [
            (file["filename"], file["mime-type"], file["data"].path.read_bytes())
            for file in built.get("attachments") or ()
        ]
    return found


def sync(
    world: World,
    zammad: Zammad,
    change: Change,
    row: Row,
    ours: Mapping[str, str],
    *,
    trusted: bool,
) -> dict[str, str]:
    """Bring the files of an answer up to date.

    Args:
        world: what is known of both sides.
        zammad: where the answer is.
        change: the answer.
        row: the answer as Zammad has it.
        ours: the files that we put there: id to name and digest.
        trusted: nothing of it can be there yet.

    Returns:
        ``ours`` as it is now.
    """
    place = f"{look(world).held.place}/answers/{row['id']}/attachments"
    there = [] if trusted else list(row.get("attachments") or ())
    kept: dict[str, str] = {}
    for name, mime, content in wanted(world, change.payload):
        mark = _mark(name, content)
        same = next((file for file in there if _is_same(zammad, file, mark, ours)), None)
        if same is None:
            same = _uploaded(world, zammad, row, (name, mime, content), place)
        else:
            there.remove(same)
        kept[str(same["id"])] = mark
    for file in there:
        if str(file["id"]) in ours:
            zammad.delete(f"{place}/{file['id']}")
    return kept


def _is_same(zammad: Zammad, file: Row, mark: str, ours: Mapping[str, str]) -> bool:
    """Say whether a file is the one; of one that nobody wrote down the bytes are looked at."""
    known = ours.get(str(file["id"]))
    if known is not None or not mark.endswith(f" {file['filename']}"):
        return known == mark
    return mark == _mark(file["filename"], zammad.download(f"/attachments/{file['id']}"))


def _uploaded(
    world: World, zammad: Zammad, row: Row, file: tuple[str, str, bytes], place: str
) -> Row:
    """Upload one file and return how Zammad lists it."""
    name, mime, content = file
    held = look(world).held
    before = {item["id"] for item in row.get("attachments") or ()}
    attempt = 0
    while True:
        attempt += 1
        try:
            fresh = knowledge_base.row_of(
                held, zammad.upload(place, name, content, mime), row["id"]
            )
        except OutcomeUnknown:
            fresh = knowledge_base.answer(zammad, held, row["id"])
            if all(item["id"] in before for item in fresh["attachments"]):
                if attempt == _ATTEMPTS:
                    raise
                continue
        row["attachments"] = fresh["attachments"]
        return next(item for item in fresh["attachments"] if item["id"] not in before)


def _mark(name: str, content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()} {name}"
