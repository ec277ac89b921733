"""What stands in the tables of the sandbox's Zammad, told in names instead of ids."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from email.utils import getaddresses
from typing import Any

from runner.sandbox.zammad.state import State
from runner.sandbox.zammad.store import Article
from tests.behaviour.truth import bodies

Row = dict[str, Any]


class Arrived:
    """A Zammad after a migration: read straight from its tables."""

    def __init__(self, state: State) -> None:
        self._dialect = state.dialect
        self._store = state.store
        self._tables = state.store.tables
        self._logins = {row["id"]: row["login"] for row in self._tables.users.values()}

    def groups(self) -> dict[str, Row]:
        members: dict[int, list[str]] = {number: [] for number in self._tables.groups}
        for row in self._tables.users.values():
            for number, access in (row.get("group_ids") or {}).items():
                if "full" in access:
                    members[int(number)].append(row["login"])
        return {
            row["name"]: {
                "active": row["active"],
                "created_at": _second(row["created_at"]),
                "members": sorted(members[row["id"]]),
            }
            for row in self._tables.groups.values()
        }

    def organizations(self) -> dict[str, Row]:
        return {
            row["name"].strip(): {
                **_own(row),
                **{name: row[name] for name in ("shared", "domain_assignment", "active")},
                "domain": row["domain"] or None,
                "note": shown(row["note"]),
                "created_at": _second(row["created_at"]),
            }
            for row in self._tables.organizations.values()
        }

    def users(self) -> dict[str, Row]:
        roles = {row["id"]: row["name"] for row in self._tables.roles.values()}
        return {
            row["login"]: {
                **_own(row),
                **{name: (row[name] or "").strip() for name in ("firstname", "lastname", "email")},
                "phone": row["phone"] or "",
                "roles": sorted(roles[number] for number in row["role_ids"]),
                "active": row["active"],
                "organization": self._organization(row["organization_id"]),
                "note": shown(row["note"]),
                "further": sorted(
                    self._tables.organizations[number]["name"].strip()
                    for number in row.get("organization_ids") or []
                ),
                "locale": (row["preferences"] or {}).get("locale"),
                "created_at": _second(row["created_at"]),
                "last_login": _second(row["last_login"]),
            }
            for row in self._tables.users.values()
        }

    def tickets(self) -> dict[str, Row]:
        return {row["number"]: self._ticket(row) for row in self._tables.tickets.values()}

    def time(self) -> dict[str, list[tuple[Decimal, str]]]:
        """Return minutes and moment of each accounted time, by the ticket's number."""
        found: dict[str, list[tuple[Decimal, str]]] = {}
        for row in self._tables.time_accountings.values():
            number = self._tables.tickets[row["ticket_id"]]["number"]
            moment = str(_second(row["created_at"]))
            found.setdefault(number, []).append((Decimal(row["time_unit"]), moment))
        return found

    def links(self) -> set[tuple[str, str]]:
        """Return the numbers of parents and children."""
        numbers = {row["id"]: row["number"] for row in self._tables.tickets.values()}
        return {
            (numbers[row["link_object_source_value"]], numbers[row["link_object_target_value"]])
            for row in self._tables.links.values()
        }

    def choices(self) -> dict[tuple[str, str], dict[str, str]]:
        """Return the choices of attributes by object and name: key to words."""
        return {
            (row["object"], row["name"]): row["data_option"]["options"]
            for row in self._tables.attributes.values()
            if isinstance(row.get("data_option", {}).get("options"), dict)
        }

    def _ticket(self, row: Row) -> Row:
        tables = self._tables
        ids = self._store.ticket_articles.get(row["id"], [])
        kept = [tables.articles.items_by_id[number] for number in ids]
        kept.sort(key=lambda article: (article.created_at, article.id))
        return {
            **_own(row),
            "title": row["title"],
            "group": tables.groups[row["group_id"]]["name"],
            "owner": self._logins[row["owner_id"]],
            "customer": self._logins[row["customer_id"]],
            "organization": self._organization(row["organization_id"]),
            "state": tables.ticket_states[row["state_id"]]["name"],
            "priority": tables.ticket_priorities[row["priority_id"]]["name"],
            "type": row.get("type") or None,
            "tags": sorted(tables.tags.get(row["id"], [])),
            **{
                name: _second(row[name])
                for name in (
                    "created_at",
                    "updated_at",
                    "close_at",
                    "pending_time",
                    "first_response_at",
                )
            },
            "watchers": sorted(
                self._logins[mention["user_id"]]
                for mention in tables.mentions.values()
                if mention["mentionable_id"] == row["id"]
            ),
            "articles": [self._article(article) for article in kept],
        }

    def _article(self, article: Article) -> Row:
        is_html = article.content_type == "text/html"
        page = bodies.Page(article.body) if is_html else None
        inline = {
            file.preferences["Content-ID"]: file
            for file in article.attachments
            if "Content-ID" in file.preferences
        }
        asked = [address.removeprefix("cid:") for address in page.sources] if page else []
        files = self._tables.files
        return {
            "type": self._dialect.article_types[article.type_id - 1],
            "sender": ("Agent", "Customer", "System")[article.sender_id - 1],
            "origin_by": self._logins.get(article.origin_by_id or 0, "-"),
            "internal": article.internal,
            "content_type": article.content_type,
            "text": page.words if page else article.body,
            "pictures": [
                bodies.pixels(files[inline[name].digest]) for name in asked if name in inline
            ],
            "attachments": [
                (file.filename, file.digest)
                for file in article.attachments
                if "Content-ID" not in file.preferences
            ],
            "created_at": _second(article.created_at),
            "from": _people(article.sent_from),
            "to": _people(article.to),
            "cc": _people(article.cc),
            "subject": article.subject or "",
            "message_id": article.message_id,
            "in_reply_to": article.in_reply_to,
        }

    def _organization(self, number: int | None) -> str | None:
        return self._tables.organizations[number]["name"].strip() if number else None


def shown(note: str | None) -> str:
    """Return the words of a note."""
    return html.unescape(re.sub(r"<[^>]+>", "\n", note or ""))


def _people(text: str | None) -> list[tuple[str, str]]:
    """Return names and addresses; who has no address is a name."""
    if not text:
        return []
    return getaddresses([text]) if "@" in text else [(text, "")]


def _second(moment: str | None) -> str | None:
    return moment[:19] if moment else None


def _own(row: Row) -> Row:
    """Return the custom fields of a row: where nothing is chosen, nothing is set."""
    return {
        name: None if value in ("", []) else value
        for name, value in row.items()
        if name.startswith("kayako_")
    }
