"""Teams, organizations and users who are not as one expects (§17.12, §17.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.data import common
from runner.sandbox.data.hard.drafts import mail, note
from runner.sandbox.data.images import picture
from runner.sandbox.data.shapes import people, reference
from runner.sandbox.data.shapes.basics import identifier, references
from runner.sandbox.data.shapes.definitions import field_value
from runner.sandbox.data.store import File

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk
    from runner.sandbox.data.helpdesk import Helpdesk

BORN = "2023-05-01T08:00:00+00:00"
GONE_ORGANIZATION = 98
UNLISTED = 32
"""A user whom no list shows and who is found by id."""
_SAME = "customer-11@customers.example"
_ASKING = (12, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)


def fill(helpdesk: Helpdesk) -> None:
    """Add teams 4 to 6, organizations 1 to 6 and users 6 to 32."""
    for key, title in ((4, "Tier 1::Support"), (5, "Ümläute & Co"), (6, "Nobody's team")):
        helpdesk.add(people.team(key, title, created_at=BORN))
    _organizations(helpdesk)
    _staff(helpdesk)
    _reachable(helpdesk)
    _named(helpdesk)
    helpdesk.sides.memberships[26] = [1, 5]
    _pictures(helpdesk)
    named = ("unlisted-32@customers.example", True)
    _user(helpdesk, UNLISTED, "Customer 32", named, organization=2)
    helpdesk.hidden.add(("user", UNLISTED))


def _pictures(helpdesk: Helpdesk) -> None:
    """Give an agent and a customer pictures of their own; all others show initials."""
    for key, kind in ((6, "png"), (12, "gif")):
        token = f"avatar/{identifier('user', key)}"
        helpdesk.media[token] = File("avatar", f"image/{kind}", picture(key, kind))


def write(desk: Desk) -> None:
    """One conversation for each of the odd customers, so that each of them is a requester."""
    for user in _ASKING:
        desk.case(
            f"Asked by user {user}",
            mail(f"I am user {user}.", user),
            mail("Welcome.", common.AGENTS[1]),
            requester=user,
            assigned_team=1 + user % 3,
        )
    desk.case(
        "Answered by people at the edge",
        mail("Who answers?"),
        mail("A collaborator.", 21),
        mail("An agent who left.", 20),
        note("An owner.", common.OWNER),
        assigned_team=2,
        assigned_agent=common.OWNER,
    )


def _organizations(helpdesk: Helpdesk) -> None:
    domains = (
        (1, "organization-1.example", True),
        (2, "Second.Organization-1.example", False),
        (3, "twin-a.example", True),
        (4, "gmail.com", True),
        (5, "not-primary.example", False),
    )
    for key, name, primary in domains:
        helpdesk.add(people.domain(key, name, created_at=BORN, is_primary=primary))
    rows: tuple[tuple[int, str, tuple[int, ...], dict[str, Any]], ...] = (
        (1, "Organization 1", (2, 1), {"is_shared": True}),
        (2, "Twin", (3,), {"is_shared": True}),
        (3, "Twin", (), {}),
        (4, "Free mail users", (4,), {"pinned_notes_count": 1}),
        (5, "  Organization  5 ", (5,), {"phone": [{"number": "+10005", "type": "WORK"}]}),
        (6, "Organization 6 " + "long " * 60, (), {"websites": ["https://www.example.org"]}),
    )
    for key, name, owned, more in rows:
        values = [field_value("organization_field", 41, "gold" if key == 1 else "")]
        helpdesk.add(
            people.organization(
                key, name, created_at=BORN, domains=owned, custom_fields=values, **more
            )
        )


def _user(
    helpdesk: Helpdesk, key: int, name: str | None, *addresses: tuple[str, bool], **more: Any
) -> None:
    """Add a user; the first address has the user's own id, the others have 501 to 1,000.

    Those of generated people begin with 1001: an id twice would be one address of two people.
    """
    keys = [key, *(500 + key * 10 + at for at in range(1, len(addresses)))][: len(addresses)]
    for identity, (address, primary) in zip(keys, addresses, strict=True):
        helpdesk.add(people.email(identity, address, created_at=BORN, is_primary=primary))
    more.setdefault("role", common.ROLE_CUSTOMER)
    helpdesk.add(people.user(key, name, created_at=BORN, emails=tuple(keys), **more))


def _staff(helpdesk: Helpdesk) -> None:
    agent = common.ROLE_AGENT
    _user(
        helpdesk, 6, "Agent 6", ("agent-6@acme.example", True), role=agent, avatar_updated_at=BORN
    )
    _user(helpdesk, 7, "Agent 7", ("agent-7@acme.example", True), role=agent, teams=(2, 4))
    left = {"role": agent, "teams": (2,), "is_enabled": False}
    _user(helpdesk, 20, "Agent 20", ("agent-20@acme.example", True), **left)
    assisting = {"role": common.ROLE_COLLABORATOR, "teams": (1,)}
    _user(helpdesk, 21, "Collaborator 21", ("collaborator-21@acme.example", True), **assisting)


def _reachable(helpdesk: Helpdesk) -> None:
    helpdesk.add(people.phone(12, "+49 30 000012", created_at=BORN))
    helpdesk.add(people.phone(112, "+49 30 000112", created_at=BORN, is_primary=False))
    helpdesk.add(people.phone(15, "+49 30 000015", created_at=BORN, is_primary=False))
    helpdesk.add(people.twitter(13, "customer_13", "Customer 13", created_at=BORN))
    helpdesk.add(people.facebook(14, "customer.14", "Customer 14", created_at=BORN))
    known = {"field_31": "C-11"}
    values = [field_value("user_field", 31, known["field_31"]), field_value("user_field", 32, "no")]
    _user(helpdesk, 11, "Customer 11", (_SAME, True), organization=1, custom_fields=values)
    phones = references("identity_phone", [112, 12])
    _user(helpdesk, 12, "Customer 12", phones=phones, avatar_updated_at=BORN)
    _user(helpdesk, 13, "Customer 13", twitter=[reference("identity_twitter", 13)])
    _user(helpdesk, 14, "Customer 14", facebook=[reference("identity_facebook", 14)])
    several = [(f"customer-15-{word}@customers.example", word == "b") for word in "abc"]
    again = ("Customer-15-A@customers.example", False)
    phones = references("identity_phone", [15])
    _user(helpdesk, 15, "Customer 15", *several, again, organization=2, phones=phones)
    none_primary = [(f"customer-16-{word}@customers.example", False) for word in "ab"]
    _user(helpdesk, 16, "Customer 16", *none_primary, organization=3)
    _user(helpdesk, 17, "Customer 17", (_SAME.upper(), True))
    _user(helpdesk, 28, "Customer 28", (" customer-28@customers.example ", True), organization=4)
    _user(helpdesk, 29, "Customer 29")


def _named(helpdesk: Helpdesk) -> None:
    def named(key: int, name: str | None, **more: Any) -> None:
        _user(helpdesk, key, name, (f"customer-{key}@customers.example", True), **more)

    named(18, "")
    _user(helpdesk, 19, None)
    named(22, "Customer 22", is_enabled=False)
    named(23, "Single")
    named(24, "  Customer   of   Many\tSpaces ")
    named(25, "Customer 25", organization=GONE_ORGANIZATION)
    named(26, "Customer 26", organization=5)
    named(27, "Customer " + "Twentyseven " * 20)
    named(30, "Çustomer Ünïcode 🙂", locale=reference("locale", 3))
    named(31, 'Customer, "Thirty <One>"', designation="Head of <Quotes>")
