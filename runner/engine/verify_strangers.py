"""What of ours lies in tickets that the ledger does not know: doubles, and merged articles."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING

from runner.engine.message_ids import own_id
from runner.engine.verified import Kind, Verified
from runner.errors import RecordError, Refused
from runner.snapshot.beside import ORIGINAL
from runner.zammad import articles

if TYPE_CHECKING:
    from runner.engine.world import World
    from runner.zammad.client import Zammad


class Strangers:
    """Tickets of Zammad that the ledger does not know, and which articles of ours they hold."""

    def __init__(self, world: World, zammad: Zammad, result: Verified) -> None:
        self._world = world
        self._zammad = zammad
        self._result = result
        self._ids = array("Q")
        self._found: dict[str, list[tuple[int, int]]] = {}
        self._mails: dict[str, list[tuple[int, int]]] = {}
        self._originals: dict[str, str] = {}
        host = re.escape(world.kayako_host)
        self._post = re.compile(rf"<kayako-post-([^@]+)@{host}>\Z")
        self._case = re.compile(rf"<kayako-case-(\d+)-([^@]+)@{host}>\Z")

    def add(self, ticket_id: int) -> None:
        """Remember a ticket that is not ours."""
        self._ids.append(ticket_id)

    def chosen(self, most: int | None) -> list[int]:
        """Return which of them are looked into: all, or so many spread over them."""
        if most is None or most >= len(self._ids):
            return list(self._ids)
        return [self._ids[number * len(self._ids) // most] for number in range(most)]

    def look(self, ticket_id: int) -> None:
        """Read a ticket's articles and keep those that carry a message id of ours."""
        try:
            rows = articles.of_ticket(self._zammad, ticket_id)
        except Refused:
            return  # deleted meanwhile, or closed to us: then we did not write it
        except RecordError:
            self._result.tell("tickets that are not ours and too large to be looked into")
            return
        for row in rows:
            message_id = str(row.get("message_id") or "")
            if self._post.match(message_id) or self._case.match(message_id):
                self._found.setdefault(message_id, []).append((ticket_id, row["id"]))
            elif message_id and row.get("created_by_id") == self._world.me:
                # Who else wrote it has the same mail from his own mailbox.
                self._mails.setdefault(message_id, []).append((ticket_id, row["id"]))

    def _recognise_mails(self) -> None:
        """Take articles that carry the real id of a mail for those of its post."""
        if not self._mails:
            return
        for post_id, mail in self._world.snapshot.beside.everything(ORIGINAL):
            found = self._mails.pop(mail.get("message_id"), None)
            if found is not None:
                own = own_id(self._world.kayako_host, str(post_id))
                self._found.setdefault(own, []).extend(found)
                self._originals[own] = mail["message_id"]

    def tell(self) -> None:
        """Report what was found: doubled where its own ticket has it too, else misplaced."""
        self._recognise_mails()
        doubled: set[tuple[str, int]] = set()
        for source_id, (own_ticket, message_id) in self._owners().items():
            kind = Kind.DOUBLED if self._has(own_ticket, message_id) else Kind.MISPLACED
            for ticket_id, article_id in self._found[message_id]:
                self._result.differs(
                    "articles", source_id, article_id, "article", kind, there=f"ticket {ticket_id}"
                )
                if kind is Kind.DOUBLED:
                    doubled.add((source_id.partition("/")[0], ticket_id))
        for case_id, ticket_id in doubled:
            self._result.differs(
                "tickets", case_id, ticket_id, "record", Kind.DOUBLED, there=ticket_id
            )

    def _owners(self) -> dict[str, tuple[int | None, str]]:
        """Return ``CASE/POST`` → (its ticket, message id) of what was found."""
        if not self._found:
            return {}
        wanted: dict[str, str] = {}
        owners: dict[str, tuple[int | None, str]] = {}
        for message_id in self._found:
            case = self._case.match(message_id)
            post = self._post.match(message_id)
            if case is not None:
                known = self._world.ledger.table("tickets").get(case[1])
                owners[f"{case[1]}/{case[2]}"] = ((known or {}).get("target_id"), message_id)
            elif post is not None:
                wanted[post[1]] = message_id
        for known in self._world.ledger.table("tickets"):
            posts = (known.get("children") or {}).get("posts", {})
            for post_id in wanted.keys() & posts.keys():
                place = f"{known['source_id']}/{post_id}"
                owners[place] = (known.get("target_id"), wanted.pop(post_id))
        # What was moved by a run that the ledger has forgotten, and is gone from Kayako since.
        self._result.tell("articles of an earlier move in tickets that are not ours", len(wanted))
        return owners

    def _has(self, ticket_id: int | None, message_id: str) -> bool:
        if ticket_id is None:
            return False
        try:
            rows = articles.of_ticket(self._zammad, ticket_id)
        except RecordError:
            return False
        wanted = {message_id, self._originals.get(message_id, message_id)}
        return any(row.get("message_id") in wanted for row in rows)
