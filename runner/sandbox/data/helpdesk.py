"""A helpdesk as ground truth: what the fake Kayako serves and what tests compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data import times
from runner.sandbox.data.shapes import reference
from runner.sandbox.data.shapes.basics import identifier, original_key
from runner.sandbox.data.shapes.conversations import post
from runner.sandbox.data.shapes.definitions import channel
from runner.sandbox.data.shapes.originals import attachment, case_message, note
from runner.sandbox.data.store import File, Sides, Source, Store

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record

__all__ = ["File", "Helpdesk", "Sides", "Source"]

_OPENING = "2026-10-01T08:00:00+00:00"


class Helpdesk(Store):
    """The store, and what people do in a helpdesk while somebody reads it.

    Every change happens at a later second than the one before (``tick`` seconds later: 0 lets
    several share one) and moves ``updated_at`` of what it changes, as in Kayako. All changes are
    safe while a server answers from another thread; an unknown id raises ``KeyError``.
    """

    def __init__(self, source: Source | None = None) -> None:
        super().__init__(source)
        self.moment = times.moment(_OPENING)
        self.tick = 1

    def now(self) -> str:
        """The time of the next change, as text."""
        self.moment += self.tick
        return times.text(self.moment)

    def touch(self, case_id: int, **changes: Any) -> Record:
        """Change keys of a case, or nothing but its ``updated_at``; returns the new record."""
        with self.lock:
            record = {**self.cases[case_id], "updated_at": self.now(), **changes}
            return self.add_case(record, archived=case_id in self.archived)

    def change_subject(self, case_id: int, subject: str) -> Record:
        """Give a case another subject."""
        return self.touch(case_id, subject=subject)

    def move_team(self, case_id: int, team_id: int | None) -> Record:
        """Give a case to another team, or to none."""
        return self.touch(case_id, assigned_team=reference("team", team_id))

    def set_status(self, case_id: int, status_id: int) -> Record:
        """Give a case another status."""
        return self.touch(case_id, status=reference("case_status", status_id))

    def trash(self, case_id: int) -> Record:
        """Throw a case away: it leaves the lists and is found by id or in the trash view only."""
        return self.touch(case_id, state="TRASH")

    def archive(self, case_id: int) -> Record:
        """Let a case age into the archive: nothing of the record changes, only where it is."""
        with self.lock:
            return self.add_case(self.cases[case_id], archived=True)

    def delete_case(self, case_id: int) -> None:
        """Remove a case for good."""
        with self.lock:
            self._remove_case(case_id)

    def delete_user(self, user_id: int) -> None:
        """Remove a user, or merge it into another: references to it lead nowhere from now on."""
        with self.lock:
            self.users.remove(user_id)
            self.version += 1

    def change_user(self, user_id: int, **changes: Any) -> Record:
        """Change keys of a user."""
        with self.lock:
            return self.add({**self.users[user_id], "updated_at": self.now(), **changes})

    def rename_user(self, user_id: int, full_name: str) -> Record:
        """Give a user another name; no case and no post changes by that."""
        return self.change_user(user_id, full_name=full_name)

    def add_post(
        self,
        case_id: int,
        text: str = "One more thing.",
        *,
        html: str | None = None,
        creator: int | None = None,
        kind: str = "MAIL",
        files: tuple[File, ...] = (),
    ) -> Record:
        """Append a post and move its case to the head of the list; returns the post.

        ``kind`` is MAIL or NOTE; ``creator`` is a user's id, by default the requester's.
        """
        with self.lock:
            case = self.cases[case_id]
            key, created_at = self._highest_post + 1, self.now()
            requester = (case["requester"] or {}).get("id")
            author = reference("user", requester if creator is None else creator)
            folder = "notes" if kind == "NOTE" else "messages"
            inner = original_key(key)
            attached = self.attach(f"cases/{case_id}/{folder}/{inner}", files, created_at)
            common: dict[str, Any] = {
                "text": text,
                "html": html,
                "creator": author,
                "created_at": created_at,
                "attachments": attached,
            }
            original = (
                note(inner, f"cases/{case_id}", **common)
                if kind == "NOTE"
                else case_message(inner, case_id, subject=case["subject"] or "", **common)
            )
            added = post(
                key,
                subject=text if kind == "NOTE" else case["subject"] or "",
                contents=text,
                creator=author,
                original=original,
                source_channel=channel("NOTE") if kind == "NOTE" else channel("MAIL", "mailbox", 1),
                created_at=created_at,
                is_requester=bool(author) and author == case["requester"],
                uuid=identifier("post", key),
            )
            self._append(case, added)
            return added

    def attach(
        self, parent: str, files: tuple[File, ...], created_at: str, first: int = 1
    ) -> list[Record]:
        """Store files under the path of a note or message; returns their attachment records."""
        records = []
        for number, file in enumerate(files, first):
            record = attachment(
                number,
                parent,
                name=file.name,
                size=len(file.content),
                kind=file.kind,
                created_at=created_at,
            )
            self.files[f"{parent}/attachments/{number}"] = file
            records.append(record)
        return records

    def _append(self, case: Record, added: Record) -> None:
        posts = [*self.posts(case["id"]), added]
        changes = {
            "post_count": len(posts),
            "has_notes": case["has_notes"] or added["original"]["resource_type"] == "note",
            "has_attachments": case["has_attachments"] or bool(added["attachments"]),
            "last_replier": added["creator"],
            "last_updated_by": added["creator"],
            "last_replied_at": added["created_at"],
            "last_post_preview": added["contents"][:160],
            "updated_at": added["created_at"],
        }
        self.add_case({**case, **changes}, posts, archived=case["id"] in self.archived)
