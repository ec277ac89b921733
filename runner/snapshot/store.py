"""The snapshot as the rest of the program sees it: expanded records and posts out, files by digest.

What a pull writes goes in through ``runner.snapshot.writing``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from runner.snapshot import asides, copied, expand, help_center, posts, time_entries
from runner.snapshot.beside import MEMBERSHIPS, MERGED, NOTES, ORIGINAL, PARTICIPANTS
from runner.snapshot.fields import Used, field, in_order
from runner.snapshot.opened import PAGE, Opened
from runner.snapshot.values import Json, number, unpack
from runner.snapshot.volume import Volume, answered, volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

ERASED = "ERASED"
"""State of a conversation of which nothing is kept but its number: somebody asked for that."""

HELP_CENTER = (help_center.CATEGORIES, help_center.SECTIONS, help_center.ARTICLES)
"""The Help Center's resources, from the top down."""
HIDDEN_STATES = ("TRASH", "SUSPENDED")
"""States of conversations that no list of Kayako shows; only two views do."""

_NEEDING_BODIES = (
    "FROM record LEFT JOIN thread ON thread.case_id = record.id"
    " WHERE record.resource = 'cases' AND record.gone = 0"
    " AND (thread.case_id IS NULL OR thread.updated_at IS NOT record.updated_at"
    " OR thread.post_count IS NOT record.post_count)"
)
_UNREAD_STATES = (*HIDDEN_STATES, ERASED)
_NOT_HIDDEN = f" AND (record.state IS NULL OR record.state NOT IN {_UNREAD_STATES})"
_NOT_OLD = " AND (record.updated_at IS NULL OR record.updated_at >= ?)"
Bodies = Literal["complete", "missing", "changed"]
Whereabouts = Literal["there", "gone", "unknown"]
Kind = Literal["case", "user", "organization"]


class Snapshot(Opened):
    """One Kayako's local copy. Safe for any number of threads; writers take turns.

    Made by ``Snapshot.open``.
    """

    def records(self, resource: str, *, gone: bool = False) -> Iterator[Json]:
        """Yield expanded records by ascending id, those that are gone only when ``gone``.

        Args:
            resource: ``teams``, ``organizations``, ``users``, ``cases``, ``timetracking``,
                ``categories``, ``sections``, ``articles`` (of the Help Center), ``macros``,
                ``business_hours``, ``slas``, ``triggers``, ``monitors``, ``views``, ``ratings``.
            gone: Yield those that no longer exist in Kayako, instead of those that do.
        """
        last = -1
        while True:
            rows = self._rows(
                "SELECT id, archived, body FROM record"
                " WHERE resource = ? AND id > ? AND gone = ? ORDER BY id LIMIT ?",
                (resource, last, int(gone), PAGE),
            )
            for identifier, archived, body in rows:
                last = identifier
                yield self._expanded(resource, unpack(body), archived=bool(archived))
            if len(rows) < PAGE:
                return

    def record(self, resource: str, record_id: int | str) -> Json | None:
        """Return one expanded record, also one that is gone; None when it was never seen."""
        rows = self._rows(
            "SELECT archived, body FROM record WHERE resource = ? AND id = ?",
            (resource, int(record_id)),
        )
        if not rows:
            return None
        return self._expanded(resource, unpack(rows[0][1]), archived=bool(rows[0][0]))

    def came_in(self, case_id: int | str) -> tuple[str, str] | None:
        """Return the mailbox that a conversation came in through and its team's title.

        None for one that came another way. Far quicker than expanding the conversation.
        """
        rows = self._rows(
            "SELECT body FROM record WHERE resource = 'cases' AND id = ?", (int(case_id),)
        )
        stored = unpack(rows[0][0]) if rows else {}
        source = expand.channel(stored.get("source_channel"), self.lookup)
        team = self.lookup.titled(stored.get("assigned_team"), "title")
        return expand.came_in(source, team)

    def definitions(self, kind: str) -> list[Json]:
        """Return all definitions of a ``resource_type`` (``case_status``, ``case_field``…).

        Deleted ones that records still name are among them.
        """
        rows = self._rows("SELECT body FROM definition WHERE type = ? ORDER BY id", (kind,))
        found = [json.loads(row[0]) for row in rows]
        return sorted(found, key=lambda item: (item.get("sort_order") or 0, str(item.get("id"))))

    def custom_values(self, resource: str) -> Iterator[tuple[str, Any]]:
        """Yield field id and value, as Kayako sent it, of every custom field of every record.

        Far quicker than expanding the records: nothing else of them is looked at.
        """
        last = -1
        query = (
            "SELECT id, body FROM record WHERE resource = ? AND id > ? AND gone = 0"
            " ORDER BY id LIMIT ?"
        )
        while rows := self._rows(query, (resource, last, PAGE)):
            last = rows[-1][0]
            for _, body in rows:
                for item in unpack(body).get("custom_fields") or []:
                    if isinstance(item, dict) and isinstance(item.get("field"), dict):
                        yield str(item["field"].get("id")), item.get("value")

    def fields(self, kind: Kind) -> list[Json]:
        """Return the fields of ``case``, ``user`` or ``organization`` by their ``sort_order``.

        Each has ``id, key, type, title, label, description, is_system, is_enabled,
        is_required_for_agents, is_required_on_resolution, is_required_for_customers,
        is_visible_to_customers, is_customer_editable, regular_expression, sort_order, options``,
        and ``longest`` (characters of the longest value) and ``largest`` (the largest magnitude
        of whole numbers), both None while no record has a value. Labels are in the helpdesk's
        default language, else in the first that has one. Options are ``{id, label, sort_order,
        known}`` and ``key`` where Kayako has one; those that records use and Kayako deleted come
        last, ``known`` false and without a label.
        """
        used = self._used(f"{kind}_field")
        language = self.settings.get("account.default_language")
        return in_order(
            field(body, used.get(str(body.get("id")), Used()), language)
            for body in self.definitions(f"{kind}_field")
            if body.get("key")
        )

    def _used(self, kind: str) -> dict[str, Used]:
        found: dict[str, Used] = {}
        rows = self._rows(
            "SELECT id, option, longest, largest FROM field_use WHERE type = ?", (kind,)
        )
        for identifier, option, longest, largest in rows:
            known = found.get(identifier, Used())
            found[identifier] = (
                known._replace(options=(*known.options, option))
                if option
                else known._replace(longest=longest, largest=largest)
            )
        return found

    def posts(self, case_id: int | str, *, case: Json | None = None) -> list[Json]:
        """Return a conversation's expanded posts, oldest first; [] while they are not read.

        Args:
            case_id: Which conversation.
            case: Its expanded record, where the caller has read it already.
        """
        stored = self.stored_posts(case_id)
        stored += self._beside(int(case_id)) if stored else []
        if stored and case is None:
            case = self.record("cases", case_id)
        if case is None:
            return []
        mails = self.beside.many(ORIGINAL, (number(post.get("id")) or 0 for post in stored))
        found = [
            posts.expand(
                post, case, self.lookup, self.file_of, mails.get(number(post.get("id")) or 0)
            )
            for post in posts.in_order(stored)
        ]
        copied.fill(case, found)
        return found

    def _beside(self, case_id: int) -> list[Json]:
        """Return what hangs beside a conversation in the shape of stored posts."""
        rows = self._rows(
            "SELECT body FROM record WHERE resource = 'ratings' AND case_id = ? AND gone = 0"
            " ORDER BY id",
            (case_id,),
        )
        ratings = [unpack(body) for (body,) in rows]
        return list(asides.as_posts(case_id, self.beside, ratings, self.lookup))

    def stored(self, resource: str, record_id: int) -> Json | None:
        """Return a record as it is stored, also one that is gone; None when it was never seen."""
        rows = self._rows(
            "SELECT body FROM record WHERE resource = ? AND id = ?", (resource, record_id)
        )
        found: Json | None = unpack(rows[0][0]) if rows else None
        return found

    def stored_posts(self, case_id: int | str) -> list[Json]:
        """Return a conversation's posts as they are stored, in Kayako's order."""
        rows = self._rows("SELECT body FROM thread WHERE case_id = ?", (int(case_id),))
        found: list[Json] = unpack(rows[0][0]) if rows else []
        return found

    def time_entries(self, case_id: int | str) -> list[Json]:
        """Return a conversation's time entries, oldest first: ``schemas/records/time_entry.json``.

        VIEWED ones are among them.
        """
        rows = self._rows(
            "SELECT body FROM record WHERE resource = 'timetracking' AND case_id = ?"
            " AND gone = 0 ORDER BY id",
            (int(case_id),),
        )
        found = [time_entries.expand(unpack(body), self.lookup) for (body,) in rows]
        return sorted(found, key=lambda entry: (entry["created_at"] or "", entry["id"]))

    def dangling_time_entries(self) -> int:
        """Return how many time entries belong to no conversation that exists."""
        query = (
            "SELECT count(*) FROM record AS entry WHERE entry.resource = 'timetracking'"
            " AND entry.gone = 0 AND NOT EXISTS (SELECT 1 FROM record"
            " WHERE record.resource = 'cases' AND record.id = entry.case_id AND record.gone = 0)"
        )
        return int(self._rows(query, ())[0][0])

    def bodies(self, case_id: int | str) -> Bodies:
        """Tell whether a conversation's posts are read: ``changed`` means read too early."""
        rows = self._rows(
            "SELECT thread.updated_at IS record.updated_at"
            " AND thread.post_count IS record.post_count"
            " FROM thread JOIN record ON record.resource = 'cases' AND record.id = thread.case_id"
            " WHERE thread.case_id = ?",
            (int(case_id),),
        )
        if not rows:
            return "missing"
        return "complete" if rows[0][0] else "changed"

    def cases_needing_bodies(
        self,
        hidden: Callable[[Json], bool] | None = None,
        since: date | None = None,
        wanted: Callable[[Json], bool] | None = None,
    ) -> Iterator[int]:
        """Yield the ids of conversations whose posts are missing or changed, ascending.

        Args:
            hidden: Says of an expanded conversation in trash, or suspended, whether it is wanted
                as well; none is when it is left out.
            since: Leave out those that were last changed before that day (UTC).
            wanted: Says of an expanded conversation whether it is; all are when it is left out.
        """
        only = _NOT_HIDDEN if hidden is None else ""
        query = f"SELECT record.id {_NEEDING_BODIES}{only}{_NOT_OLD} AND record.id > ?"
        for case_id in self._ids(f"{query} ORDER BY record.id LIMIT ?", str(since or "")):
            asked = [hidden] if hidden is not None and self.is_hidden(case_id) else []
            asked += [] if wanted is None else [wanted]
            record = self.record("cases", case_id) if asked else None
            if record is None or all(is_wanted(record) for is_wanted in asked):
                yield case_id

    def count_needing_bodies(self, since: date | None = None) -> int:
        """Return how many conversations ``cases_needing_bodies`` would yield now."""
        query = f"SELECT count(*) {_NEEDING_BODIES}{_NOT_HIDDEN}{_NOT_OLD}"
        return int(self._rows(query, (str(since or ""),))[0][0])

    def is_hidden(self, case_id: int | str) -> bool:
        """Tell whether a conversation is in the trash, suspended or erased."""
        rows = self._rows(
            "SELECT state FROM record WHERE resource = 'cases' AND id = ?", (int(case_id),)
        )
        return bool(rows) and rows[0][0] in _UNREAD_STATES

    def case_ids(self, since: str | None = None) -> Iterator[int]:
        """Yield the ids of all conversations that exist in Kayako, ascending.

        Those in trash and suspended ones are among them: their state tells. With ``since`` those
        are left out that were last changed before that moment (``2026-12-01T00:00:00``, UTC).
        """
        yield from self._ids(
            "SELECT id FROM record WHERE resource = 'cases' AND gone = 0"
            " AND (updated_at IS NULL OR updated_at >= ?) AND id > ? ORDER BY id LIMIT ?",
            since or "",
        )

    def count(self, resource: str) -> int:
        """Return how many records of ``resource`` exist in Kayako as far as we know."""
        return int(
            self._rows("SELECT count(*) FROM record WHERE resource = ? AND gone = 0", (resource,))[
                0
            ][0]
        )

    def gone(self, resource: str, *, erased: bool = True) -> list[int]:
        """Return the ids of records that are in the snapshot but no longer in Kayako.

        Without ``erased`` those are left out that were erased on request.
        """
        rows = self._rows(
            "SELECT id FROM record WHERE resource = ? AND gone = 1"
            " AND (? OR state IS NOT 'ERASED') ORDER BY id",
            (resource, erased),
        )
        return [row[0] for row in rows]

    def is_gone(self, resource: str, record_id: int | str) -> bool:
        """Tell whether a record is in the snapshot but no longer in Kayako."""
        return self.whereabouts(resource, record_id) == "gone"

    def whereabouts(self, resource: str, record_id: int | str) -> Whereabouts:
        """Tell whether Kayako has a record, had it, or never did as far as we know."""
        query = "SELECT gone FROM record WHERE resource = ? AND id = ?"
        rows = self._rows(query, (resource, int(record_id)))
        if not rows:
            return "unknown"
        return "gone" if rows[0][0] else "there"

    def volume(self, since: date | None = None) -> Volume:
        """Return how much is here and how much is not; ``since`` leaves out what is older."""
        return volume(self._rows, since)

    def answered(self, kind: str) -> int:
        """Return for how many records something beside them was asked for and answered."""
        return answered(self._rows, kind)

    def posts_short(self) -> dict[int, int]:
        """Return how many posts Kayako announced and did not deliver, by conversation."""
        return dict(self._rows("SELECT case_id, missing FROM thread WHERE missing > 0", ()))

    def _expanded(self, resource: str, stored: Json, *, archived: bool) -> Json:
        if resource in HELP_CENTER:
            language = self.settings.get("account.default_language")
            return help_center.expand(resource, stored, self.lookup, self.file_of, language)
        record = expand.EXPANDERS.get(resource, expand.plain)(stored, self.lookup)
        if resource == "business_hours":
            return record | {"time_zone": self.settings.get("account.timezone") or None}
        if resource == "cases":
            return record | self._of_case(stored, archived=archived)
        if resource in NOTES:
            found = self.beside.get(NOTES[resource], stored["id"])
            record["notes"] = expand.notes(found, resource, self.lookup)
        if resource == "users":
            further = self.beside.get(MEMBERSHIPS, stored["id"])
            record |= expand.organizations(stored, further or [], self.lookup)
        return record

    def _of_case(self, stored: Json, *, archived: bool) -> Json:
        people = self.beside.get(PARTICIPANTS, stored["id"])
        merged = self.beside.get(MERGED, stored["id"]) if stored.get("is_merged") else None
        return {
            "participants": expand.participants(people, stored.get("requester"), self.lookup),
            "merged_into": merged,
            "archived": archived,
            # Whoever has the posts at hand fills it in: not every reader of a case wants them read.
            "first_agent_reply_at": None,
            "url": f"{self.kayako_url}/agent/conversations/{stored['id']}",
        }
