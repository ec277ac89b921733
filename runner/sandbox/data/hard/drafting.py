"""Write conversations down shortly: who said what, through which channel, with which files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data import common, times
from runner.sandbox.data.hard.drafts import CUSTOMER, Draft, Placed, original
from runner.sandbox.data.shapes import conversations, definitions, reference

if TYPE_CHECKING:
    from runner.sandbox.data.helpdesk import Helpdesk
    from runner.sandbox.data.table import Record

HOUR = 3600
_BEGIN = times.moment("2024-01-08T09:00:00+00:00")
_REFERENCES = {
    "assigned_agent": "user",
    "assigned_team": "team",
    "creator": "user",
    "priority": "case_priority",
    "type": "case_type",
}
_ACCOUNTS: dict[str, tuple[str, int | str]] = {
    "MAIL": ("mailbox", common.SUPPORT_MAILBOX),
    "TWITTER": ("twitter_account", common.TWITTER_ACCOUNT),
    "FACEBOOK": ("facebook_page", common.FACEBOOK_PAGE),
}


class Desk:
    """Numbers conversations from 1 and their posts from 101, a day apart, an hour between posts."""

    def __init__(self, helpdesk: Helpdesk) -> None:
        self.helpdesk = helpdesk
        self._next_case = 1
        self._next_post = 101

    def case(
        self,
        subject: str | None,
        *drafts: Draft,
        requester: int | None = CUSTOMER,
        status: int = common.OPEN,
        gap: int = HOUR,
        archived: bool = False,
        **more: Any,
    ) -> int:
        """Add a conversation; ``more`` are keys of its record, people and teams as ids."""
        key = self._next_case
        self._next_case += 1
        opened = _BEGIN + key * 24 * HOUR
        posts = [
            self._post(key, subject, requester, draft, times.text(opened + at * gap))
            for at, draft in enumerate(drafts)
        ]
        changed = times.text(opened + max(len(drafts) - 1, 0) * gap + 60)
        first = drafts[0].channel if drafts else None
        more = {
            name: reference(_REFERENCES[name], value)
            if name in _REFERENCES and isinstance(value, int)
            else value
            for name, value in more.items()
        }
        values = {
            "source_channel": _channel(first),
            "custom_fields": no_values(),
            "created_at": times.text(opened),
            "updated_at": changed,
            **_summary(posts),
            **more,
        }
        creator = values.pop("creator", reference("user", requester))
        record = conversations.case(key, subject, requester=requester, status=status, **values)
        record |= {"creator": creator, "identity": self.identity(requester)}
        self.helpdesk.add_case(record, posts, archived=archived)
        return key

    def _post(
        self, case: int, subject: str | None, requester: int | None, draft: Draft, moment: str
    ) -> Record:
        key = self._next_post
        self._next_post += 1
        creator = reference("user", draft.by) if isinstance(draft.by, int) else draft.by
        asks = creator is not None and creator == reference("user", requester)
        titled = draft.kind == "case_message"
        record = conversations.post(
            key,
            subject=(subject or "") if titled else draft.text,
            contents=draft.text,
            creator=creator,
            original=original(self, Placed(case, key, subject or "", draft, creator, moment, asks)),
            source_channel=_channel(draft.channel),
            created_at=moment,
            is_requester=asks,
        )
        return {**record, "identity": self.identity(creator), **draft.post}

    def identity(self, person: Record | int | None) -> Record | None:
        """A reference to the first mail address of a user, or None."""
        key = person.get("id") if isinstance(person, dict) else person
        if isinstance(person, dict) and person["resource_type"] != "user":
            return None
        user = self.helpdesk.users.get(key) if key is not None else None
        return user["emails"][0] if user and user["emails"] else None

    def address(self, person: Record | None) -> str | None:
        """The first mail address of a user who exists."""
        found = self.identity(person)
        record = found and self.helpdesk.find("identity_email", found["id"])
        return record["email"] if record else None

    def name(self, person: Record | None) -> str:
        """The name of a user who exists, or nothing."""
        known = person and person["resource_type"] == "user"
        user = self.helpdesk.users.get(person["id"]) if person and known else None
        return (user["full_name"] if user else None) or ""


def no_values(**filled: str) -> list[Record]:
    """The custom fields of a case, all empty but ``field_ID`` ones."""
    return [
        definitions.field_value("case_field", key, filled.get(f"field_{key}", ""))
        for key in common.CUSTOM_FIELDS
    ]


def _channel(kind: str | None) -> Record | None:
    if kind is None:
        return None
    account = _ACCOUNTS.get(kind)
    return definitions.channel(kind, *account) if account else definitions.channel(kind)


def _summary(posts: list[Record]) -> dict[str, Any]:
    """What a case says about its posts."""
    if not posts:
        return {"post_count": 0}
    last = posts[-1]
    return {
        "post_count": len(posts),
        "has_notes": any(map(_is_note, posts)),
        "has_attachments": any(post["attachments"] for post in posts),
        "last_replier": last["creator"],
        "last_updated_by": last["creator"],
        "last_replied_at": last["created_at"],
        "last_post_preview": last["contents"][:160],
        "last_post_type": "NOTE" if _is_note(last) else "PUBLIC",
    }


def _is_note(post: Record) -> bool:
    return (post["original"] or {}).get("resource_type") == "note"
