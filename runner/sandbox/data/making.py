"""People and conversations that follow from their ids: the same id, the same record."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from runner.sandbox.data import common, times
from runner.sandbox.data.shapes import conversations, definitions, people, reference

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record

FIRST_CASE = FIRST_USER = FIRST_ENTRY = 1001
FIRST_ORGANIZATION = 101
FIRST_POST = 10_001

_BEGIN = times.moment("2022-01-03T09:00:00+00:00")
_END = times.moment("2026-06-01T09:00:00+00:00")
_STATUSES = (
    *[common.CLOSED] * 11,
    *[common.COMPLETED] * 3,
    *[common.OPEN] * 2,
    *[common.PENDING] * 2,
    common.NEW,
    common.WAITING,
)
_PARTS = (
    ("The printer on floor", "The invoice of week", "The parcel from hall", "The lamp in room"),
    ("does not answer", "was changed twice", "came without its label", "shows another number"),
    ("since this morning", "after the update", "for the second time", "although it is new"),
)
_TAGS = ("billing", "hardware", "delivery", "urgent-call")


@dataclass(frozen=True, slots=True)
class Making:
    """How people and conversations follow from their ids; see ``generate`` for the numbers."""

    count: int
    posts_each: float
    users: int
    seed: int

    def dice(self, *numbers: int) -> int:
        """A number below 2^32 that follows from the seed and the numbers alone."""
        value = self.seed + 0x9E3779B9
        for number in numbers:
            value = (value ^ number) * 0x85EBCA6B & 0xFFFFFFFF
            value = (value ^ (value >> 13)) * 0xC2B2AE35 & 0xFFFFFFFF
            value ^= value >> 16
        return value

    @property
    def stride(self) -> int:
        """So many ids of posts belong to each case; not all of them are used."""
        return math.ceil(self.posts_each)

    def posts_of(self, case: int) -> int:
        """How many posts a case has: on average ``posts_each``."""
        at = case - FIRST_CASE
        # Rounded, for 3.6 times 5 is a little less than 18.
        return math.floor(round(self.posts_each * (at + 1), 6)) - math.floor(
            round(self.posts_each * at, 6)
        )

    def opened(self, case: int) -> int:
        """When a case was opened, in seconds since 1970."""
        step = max(min((_END - _BEGIN) // max(self.count, 1), 3600), 1)
        return _BEGIN + (case - FIRST_CASE) * step

    def changed(self, case: int) -> int:
        """When a case was changed last, in seconds since 1970."""
        return self.written(case, max(self.posts_of(case) - 1, 0)) + self.dice(case, 2) % 3600

    def written(self, case: int, number: int) -> int:
        """When the post ``number`` (from 0) of a case was written."""
        return self.opened(case) + number * (600 + self.dice(case, 1) % 7200)

    def user(self, key: int) -> Record:
        """A customer."""
        member = self.dice(key, 3) % 10 < 6
        owned = FIRST_ORGANIZATION + (key - FIRST_USER) // 10
        return people.user(
            key,
            f"Customer {key}",
            created_at=times.text(_BEGIN + key),
            role=common.ROLE_CUSTOMER,
            organization=owned if member else None,
            emails=(key,),
            custom_fields=[
                definitions.field_value("user_field", 31, f"C-{key}"),
                definitions.field_value("user_field", 32, ""),
            ],
        )

    def email(self, key: int) -> Record:
        """The one mail address of a customer; it has the customer's id."""
        return people.email(key, self.address(key), created_at=times.text(_BEGIN + key))

    def organization(self, key: int) -> Record:
        """An organization; it has up to ten members."""
        values = [definitions.field_value("organization_field", 41, "")]
        title = f"Organization {key}"
        return people.organization(
            key, title, created_at=times.text(_BEGIN), custom_fields=values, is_shared=key % 2 == 0
        )

    def entry(self, key: int) -> Record:
        """A time entry; every third case has one."""
        case = FIRST_CASE + (key - FIRST_ENTRY) * 3
        kind = "WORKED" if self.dice(key, 4) % 3 else "VIEWED"
        moment = times.text(self.opened(case) + 300)
        seconds = 30 + self.dice(key, 5) % 7200
        return conversations.time_entry(
            key, case, self.agent(case), kind=kind, seconds=seconds, created_at=moment
        )

    def requester(self, case: int) -> int:
        """The customer who asks in a case."""
        return FIRST_USER + self.dice(case, 6) % self.users

    def agent(self, case: int) -> int:
        """The agent who answers in a case."""
        return common.AGENTS[self.dice(case, 7) % len(common.AGENTS)]

    def channel(self, case: int) -> str:
        """MAIL, HELPCENTER or MESSENGER."""
        roll = self.dice(case, 8) % 100
        return "MAIL" if roll < 75 else "HELPCENTER" if roll < 88 else "MESSENGER"

    def text(self, *numbers: int) -> str:
        """A sentence."""
        roll = self.dice(*numbers)
        words = " ".join(part[roll // 4**at % 4] for at, part in enumerate(_PARTS))
        return f"{words} {roll % 97}."

    def subject(self, case: int) -> str:
        """The subject of a case."""
        return f"{self.text(case, 9)[:-1]} (case {case})"

    def address(self, user: int) -> str:
        """The mail address of a customer."""
        return f"customer-{user}@customers.example"

    def case(self, key: int) -> Record:
        """A conversation."""
        requester, agent = self.requester(key), self.agent(key)
        status = _STATUSES[self.dice(key, 10) % len(_STATUSES)]
        changed = times.text(self.changed(key))
        last = times.text(self.written(key, max(self.posts_of(key) - 1, 0)))
        tags = [_TAGS[self.dice(key, 11) % 4]] if self.dice(key, 12) % 3 == 0 else []
        return conversations.case(
            key,
            self.subject(key),
            created_at=times.text(self.opened(key)),
            updated_at=changed,
            requester=requester,
            status=status,
            source_channel=channel_of(self.channel(key)),
            assigned_agent=reference("user", agent if self.dice(key, 13) % 5 else None),
            assigned_team=reference("team", 1 + self.dice(key, 14) % 3),
            priority=reference("case_priority", 1 + self.dice(key, 15) % 4),
            type=reference("case_type", (1 + self.dice(key, 16) % 4)),
            custom_fields=self.values(key),
            post_count=self.posts_of(key),
            has_notes=self.posts_of(key) > 4,
            has_attachments=any(map(self.has_file, self.post_keys(key))),
            tags=[definitions.tag(_TAGS.index(name) + 1001, name) for name in tags],
            last_replied_at=last,
            last_pending_at=changed if status == common.PENDING else None,
            last_closed_at=changed if status == common.CLOSED else None,
            last_completed_at=last if status in {common.CLOSED, common.COMPLETED} else None,
        )

    def post_keys(self, case: int) -> range:
        """Ids of the posts of a case, oldest first."""
        first = FIRST_POST + (case - FIRST_CASE) * self.stride
        return range(first, first + self.posts_of(case))

    def kind(self, post: int) -> str:
        """The channel of a post: its case's, and a note in every fifth one."""
        case, number = divmod(post - FIRST_POST, self.stride)
        return "NOTE" if number % 5 == 4 else self.channel(case + FIRST_CASE)

    def has_file(self, post: int) -> bool:
        """Whether a post brings an attachment: every tenth does, but chats have none."""
        return self.dice(post, 20) % 10 == 0 and self.kind(post) != "MESSENGER"

    def values(self, case: int) -> list[Record]:
        """The custom fields of a case."""
        filled = {8: f"{case:06d}", 11: str(111 + case % 2), 13: str(case % 9), 18: "yes"}
        keys = common.CUSTOM_FIELDS
        return [definitions.field_value("case_field", key, filled.get(key, "")) for key in keys]


@lru_cache(maxsize=8)
def channel_of(kind: str) -> Record:
    """The channel that all posts of one kind share."""
    if kind == "MAIL":
        return definitions.channel("MAIL", "mailbox", common.SUPPORT_MAILBOX)
    return definitions.channel(kind)
