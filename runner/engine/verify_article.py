"""Compare the articles of one ticket with what they should be: text, files, author, order."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from runner.engine import merged, verify_files, verify_people
from runner.engine.change import Change, Child, plain
from runner.engine.time_entries import LATE
from runner.engine.verified import Kind, Verified
from runner.engine.verify_files import File
from runner.errors import RecordError
from runner.mapping.limits import targets
from runner.mapping.model import Reference
from runner.zammad import articles, kept

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.zammad.client import Zammad

_APART = {"attachments", "body", "message_id"}
_OF_THE_MAIL = ("to", "cc", "in_reply_to")
"""What the headers of the mail itself tell, beside its id."""


class Articles:
    """The articles of one ticket on both sides."""

    def __init__(
        self, world: World, zammad: Zammad, result: Verified, change: Change, known: dict[str, Any]
    ) -> None:
        self._world = world
        self._zammad = zammad
        self._result = result
        self._change = change
        self._posts: dict[str, list[Any]] = (known.get("children") or {}).get("posts", {})
        self._post_of = {entry[0]: post for post, entry in self._posts.items() if entry[0]}
        self._originals = known.get("originals") or {}
        self._known = known
        self._ours = re.compile(
            rf"<kayako-(?:post-|case-\d+-)([^@]+)@{re.escape(world.kayako_host)}>\Z"
        )

    def compare(self, rows: list[dict[str, Any]]) -> int:
        """Compare all of them; return how many articles were written in Zammad."""
        by_message_id: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_message_id[str(row.get("message_id") or "")].append(row)
        placed: list[tuple[Child, dict[str, Any]]] = []
        for child in self._change.children:
            found = [
                row for name in sorted(child.message_ids) for row in by_message_id.pop(name, [])
            ]
            one = self._one_of(child, found)
            if one is not None:
                placed.append((child, one))
                self._article(child, one)
        self._order(placed)
        return sum(self._leftover(rows) for rows in by_message_id.values())

    def _one_of(self, child: Child, found: list[dict[str, Any]]) -> dict[str, Any] | None:
        """Return the article of a post: among doubles the one of the ledger."""
        known = self._posts.get(child.source_id, [None])[0]
        if not found:
            self._differs(child.source_id, known, "article", Kind.MISSING, wanted=_gist(child))
            return None
        first = next((row for row in found if row["id"] == known), found[0])
        for row in found:
            if row is not first:
                self._differs(child.source_id, row["id"], "article", Kind.DOUBLED, there=len(found))
        return first

    def _leftover(self, rows: list[dict[str, Any]]) -> int:
        """Judge articles that are none of this ticket's; return how many are not ours at all."""
        foreign = 0
        reasons = dict(self._change.articles_skipped)
        for row in rows:
            match = self._ours.match(str(row.get("message_id") or ""))
            post = match[1] if match is not None else self._post_of.get(row["id"])
            if post is None:
                foreign += 1
            elif post in self._posts and reasons.get(post) == merged.MOVED:
                self._result.tell("articles whose message moved on when Kayako merged it")
            elif post in reasons:
                self._differs(post, row["id"], "article", Kind.EXTRA, there=row["id"])
            elif post in self._posts and post.startswith(LATE):
                continue  # it carries time, which is compared as such
            elif post in self._posts:
                self._result.tell("articles whose message is gone from Kayako")
            else:
                place = f"ticket {row['ticket_id']}"
                self._differs(post, row["id"], "article", Kind.MISPLACED, there=place)
        return foreign

    def _article(self, child: Child, row: dict[str, Any]) -> None:
        self._result.look("articles")
        known = self._posts.get(child.source_id)
        if known is not None and known[1] != child.digest:
            # Articles cannot be changed: what they say is what was written at the time.
            self._differs(child.source_id, row["id"], "article", Kind.OUTDATED)
            return
        fields = self._fields(child, row)
        self._forgive_what_came_late(child, fields)
        if "internal" in fields:
            fields.pop("updated_at", None)  # switching it moves the article
        for name, (wanted, there) in fields.items():
            self._differs(
                child.source_id, row["id"], name, Kind.DIFFERS, wanted=wanted, there=there
            )
        self._body_and_files(child, row)

    def _fields(self, child: Child, row: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Return the fields that differ, as (wanted, there)."""
        kinds = targets("ticket_article")
        found: dict[str, tuple[Any, Any]] = {}
        for name, value in child.payload.items():
            if name in _APART:
                continue
            if isinstance(value, Reference):
                self._reference(name, value, row, found)
                continue
            kind = kinds[name].type if name in kinds else ""
            if not kept.same(kind, value, row.get(name)):
                found[name] = (value, row.get(name))
        return found

    def _forgive_what_came_late(self, child: Child, fields: dict[str, tuple[Any, Any]]) -> None:
        """Leave out what was not known yet, or not chosen, when the article was written."""
        if (child.source_id in self._originals) != child.is_original:
            self._result.tell("articles that keep the message id they were written with")
        if child.original_id and child.source_id not in self._originals:
            for name in _OF_THE_MAIL:
                fields.pop(name, None)
        verify_people.forgive(
            self._world, self._result, self._change, child, known=self._known, fields=fields
        )

    def _reference(
        self, name: str, value: Reference, row: dict[str, Any], found: dict[str, tuple[Any, Any]]
    ) -> None:
        there = {"id": row.get(f"{name}_id"), "name": row.get(name)}
        try:
            wanted = self._world.resolved({name: value})
        except RecordError:
            found[name] = (plain(value), there)
            return
        if wanted and wanted[f"{name}_id"] != there["id"]:
            found[name] = ({**plain(value), "id": wanted[f"{name}_id"]}, there)

    def _body_and_files(self, child: Child, row: dict[str, Any]) -> None:
        files = verify_files.wanted(self._world, child)
        there = verify_files.there(row)
        wanted_body, body = str(child.payload.get("body") or ""), str(row.get("body") or "")
        if child.payload.get("content_type") == "text/html":
            pictures, shown = self._pictures(child, row, wanted_body, body, files)
            there = [file for file in there if file.path not in shown]
            self._compare_pictures(child, row, pictures, shown)
        elif wanted_body.replace("\0", "") != body.replace("\0", ""):
            self._body(child, row, wanted_body, body)
        self._compare_files(child, row, files, there)

    def _pictures(
        self, child: Child, row: dict[str, Any], wanted: str, there: str, files: list[File]
    ) -> tuple[list[str], list[str]]:
        """Compare HTML; return the digests of the pictures in it, and Zammad's paths of them.

        A file that is no picture stands in the text by its name and is one more attachment.
        """
        pictures: list[str] = []
        shown: list[str] = []

        def ours(source: str) -> str:
            found = verify_files.picture(self._world, source)
            if isinstance(found, File):
                files.append(found)
                return f"[{found.name}]"
            if found:
                pictures.append(found)
            return kept.PICTURE if found else ""

        def theirs(source: str) -> str:
            path = verify_files.path_in(source)
            if path:
                shown.append(path)
            return kept.PICTURE if path else ""

        one, other = kept.visible(wanted, ours), kept.visible(there, theirs)
        if one != other:
            self._body(child, row, one, other)
        return pictures, shown

    def _body(self, child: Child, row: dict[str, Any], wanted: str, there: str) -> None:
        one, other = kept.excerpts(wanted, there)
        self._differs(child.source_id, row["id"], "body", Kind.DIFFERS, wanted=one, there=other)

    def _compare_pictures(
        self, child: Child, row: dict[str, Any], wanted: list[str], paths: list[str]
    ) -> None:
        if len(wanted) != len(paths):
            return  # their number is part of the text, whose difference is told
        for number, (digest, path) in enumerate(zip(wanted, paths, strict=True), start=1):
            self._result.look("attachments")
            there = articles.digest(self._zammad, path)
            if digest != there:
                name = f"body: picture {number}"
                self._differs(
                    child.source_id, row["id"], name, Kind.DIFFERS, wanted=digest, there=there
                )

    def _compare_files(
        self, child: Child, row: dict[str, Any], wanted: list[File], there: list[File]
    ) -> None:
        """Pair files of the same name in their order, and compare size and bytes."""
        left: dict[str, list[File]] = defaultdict(list)
        for file in there:
            left[file.name].append(file)
        names = {file.name for file in wanted}
        for file in wanted:
            field = f"attachments: {file.name}"
            self._result.look("attachments")
            if not left[file.name]:
                self._differs(
                    child.source_id, row["id"], field, Kind.MISSING, wanted=file.as_json()
                )
                continue
            found = left[file.name].pop(0)
            if found.size == file.size:
                found = File(found.name, found.size, articles.digest(self._zammad, found.path))
            if (found.size, found.sha256) != (file.size, file.sha256):
                pair = {"wanted": file.as_json(), "there": found.as_json()}
                self._differs(child.source_id, row["id"], field, Kind.DIFFERS, **pair)
        for file in (file for files in left.values() for file in files):
            kind = Kind.DOUBLED if file.name in names else Kind.EXTRA
            field = f"attachments: {file.name}"
            self._differs(child.source_id, row["id"], field, kind, there=file.as_json())

    def _order(self, placed: list[tuple[Child, dict[str, Any]]]) -> None:
        """Compare the order: by time, and by place among those of the same second."""
        times = [
            (kept.moment(str(child.payload.get("created_at"))), kept.moment(str(row["created_at"])))
            for child, row in placed
        ]
        if any(wanted != there for wanted, there in times):
            return  # a wrong time is told of its article
        wanted = sorted(range(len(placed)), key=lambda at: times[at][0])
        there = sorted(range(len(placed)), key=lambda at: (times[at][1], placed[at][1]["id"]))
        for at, found in zip(wanted, there, strict=True):
            if at != found:
                child, row = placed[at]
                other = placed[found][0].source_id
                self._differs(child.source_id, row["id"], "place", Kind.ORDER, there=other)
                return

    def _differs(
        self,
        post: str,
        article_id: int | None,
        field: str,
        kind: Kind,
        *,
        wanted: Any = None,
        there: Any = None,
    ) -> None:
        source_id = f"{self._change.source_id}/{post}"
        self._result.differs(
            "articles", source_id, article_id, field, kind, wanted=wanted, there=there
        )


def _gist(child: Child) -> str:
    """Say in a few words which article it is."""
    words = kept.visible if child.payload.get("content_type") == "text/html" else str
    text = words(str(child.payload.get("body") or ""))
    return f"{child.payload.get('created_at')} {child.payload.get('type')} {text[:40]}"
