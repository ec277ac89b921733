"""What every sample helpdesk has: vocabularies, fields, channels, three teams and their agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data.shapes import definitions, originals, people
from runner.sandbox.data.shapes.definitions import BORN

if TYPE_CHECKING:
    from runner.sandbox.data.helpdesk import Helpdesk
    from runner.sandbox.data.table import Record

ADMIN, OWNER = 1, 2
AGENTS = (3, 4, 5)
SUPPORT_MAILBOX, SALES_MAILBOX = 1, 2
ROLE_ADMIN, ROLE_AGENT, ROLE_COLLABORATOR, ROLE_CUSTOMER, ROLE_OWNER, ROLE_CUSTOM = 1, 2, 3, 4, 5, 6
NEW, OPEN, PENDING, COMPLETED, CLOSED = 1, 2, 3, 4, 5
WAITING, ESCALATED, DELETED_STATUS, UNKNOWN_STATUS = 6, 7, 8, 99
"""Statuses: two that an admin added, one deleted but readable, one that nothing defines."""
CRITICAL, DELETED_PRIORITY, UNKNOWN_PRIORITY = 5, 6, 99
FEATURE_REQUEST, DELETED_TYPE, UNKNOWN_TYPE = 5, 6, 99
TWITTER_ACCOUNT, FACEBOOK_PAGE = "90000000000000001", "800000000000001"
HOST_NAME = "acme.example"
ADMIN_EMAIL = "admin@example.com"
"""Of user 1, who is also the one that may log in by default."""

_SYSTEM_FIELDS = ("SUBJECT", "MESSAGE", "PRIORITY", "STATUS", "TYPE", "TEAM", "ASSIGNEE")
_CUSTOM_FIELDS = (
    (8, "Order number", "TEXT", "order_number"),
    (9, "Address", "TEXTAREA", "address"),
    (10, "Delivery", "RADIO", "delivery"),
    (11, "Product", "SELECT", "product"),
    (12, "Extras", "CHECKBOX", "extras"),
    (13, "Pieces", "NUMERIC", "pieces"),
    (14, "Weight", "DECIMAL", "weight"),
    (15, "Region", "CASCADINGSELECT", "region"),
    (16, "Wanted by", "DATE", "wanted_by"),
    (17, "Code", "REGEX", "code"),
    (18, "Insured", "YESNO", "insured"),
    (19, "Form", "FILE", "form_file"),
    (20, "No longer used", "TEXT", "no_longer_used"),
)
_OPTIONS = {
    10: ("Parcel", "Freight"),
    11: ("Desk", "Chair", None),
    12: ("Gift wrap", "Express", "Insurance"),
    15: ("North::Coast::Harbour", "South \\ Hills", "South \\ Plains"),
}
DISABLED_FIELD = 20
CUSTOM_FIELDS = tuple(key for key, *_ in _CUSTOM_FIELDS if key != DISABLED_FIELD)
"""Ids of the custom case fields that every case carries; the first option of field 10 is 101."""


def furnish(helpdesk: Helpdesk) -> None:
    """Put everything common into an empty helpdesk."""
    for record in (*_vocabularies(), *_surroundings(), *_fields(), *_teams()):
        helpdesk.add(record)
    helpdesk.hidden |= {
        ("case_status", DELETED_STATUS),
        ("case_priority", DELETED_PRIORITY),
        ("case_type", DELETED_TYPE),
    }
    for key, title, role, teams in (
        (ADMIN, "Admin 1", ROLE_ADMIN, (1, 2, 3)),
        (OWNER, "Owner 2", ROLE_OWNER, (1,)),
        (AGENTS[0], "Agent 3", ROLE_AGENT, (1, 2)),
        (AGENTS[1], "Agent 4", ROLE_AGENT, (2, 3)),
        (AGENTS[2], "Agent 5", ROLE_CUSTOM, (3,)),
    ):
        own = f"{title.lower().replace(' ', '-')}@{HOST_NAME}"
        address = ADMIN_EMAIL if key == ADMIN else own
        helpdesk.add(people.email(key, address, created_at=BORN))
        helpdesk.add(
            people.user(
                key,
                title,
                created_at=BORN,
                role=role,
                teams=teams,
                emails=(key,),
                signature=f"{title}, acme" if key in AGENTS else None,
                time_zone="Europe/Paris",
                time_zone_offset=7200,
                last_logged_in_at="2026-09-30T07:00:00+00:00",
            )
        )


def _vocabularies() -> list[Record]:
    kinds = ("NEW", "OPEN", "PENDING", "COMPLETED", "CLOSED")
    return [
        *(definitions.status(at, kind.title(), kind) for at, kind in enumerate(kinds, 1)),
        definitions.status(WAITING, "Waiting for vendor", "CUSTOM"),
        definitions.status(ESCALATED, "Escalated", "CUSTOM"),
        definitions.status(DELETED_STATUS, "On hold (old)", "CUSTOM", is_deleted=True),
        *(
            definitions.priority(level, label, level)
            for level, label in enumerate(("Low", "Normal", "High", "Urgent", "Critical"), 1)
        ),
        definitions.priority(DELETED_PRIORITY, "Whenever", 0),
        *(
            definitions.case_type(key, kind.title(), kind)
            for key, kind in enumerate(("QUESTION", "TASK", "PROBLEM", "INCIDENT"), 1)
        ),
        definitions.case_type(FEATURE_REQUEST, "Feature request", "CUSTOM"),
        definitions.case_type(DELETED_TYPE, "Complaint (old)", "CUSTOM"),
        definitions.role(ROLE_ADMIN, "Administrator", "ADMIN"),
        definitions.role(ROLE_AGENT, "Agent", "AGENT"),
        definitions.role(ROLE_COLLABORATOR, "Collaborator", "COLLABORATOR"),
        definitions.role(ROLE_CUSTOMER, "Customer", "CUSTOMER"),
        definitions.role(ROLE_OWNER, "Owner", "OWNER"),
        definitions.role(ROLE_CUSTOM, "Team lead", "AGENT", is_system=False),
    ]


def _surroundings() -> list[Record]:
    settings = (
        ("account", "default_language", "en-us"),
        ("account", "timezone", "UTC"),
        ("cases", "timetracking", "1"),
        ("security", "agent.session_expiry", "16"),
        ("security", "agent.login_attempt_limit", "10"),
        ("security", "agent.ip_restriction", ""),
    )
    kinds = ("INBOX", "SUSPENDED", "TRASH", "CUSTOM")
    return [
        *(definitions.setting(key, *line) for key, line in enumerate(settings, 1)),
        *(definitions.view(key, kind.title(), kind) for key, kind in enumerate(kinds, 1)),
        definitions.brand(1, "Acme"),
        definitions.locale(2, "en-us", "English"),
        definitions.locale(3, "fr", "French"),
        definitions.mailbox(SUPPORT_MAILBOX, f"support@{HOST_NAME}"),
        definitions.mailbox(SALES_MAILBOX, f"sales@{HOST_NAME}"),
        originals.channel_account("twitter_account", TWITTER_ACCOUNT, "acme_support"),
        originals.channel_account("facebook_page", FACEBOOK_PAGE, "Acme"),
    ]


def _fields() -> list[Record]:
    system = [
        definitions.field(
            "case_field",
            key,
            kind.title(),
            kind,
            kind.lower(),
            is_system=True,
            customer_titles=[definitions.locale_field(key * 10 + 1, kind.title())],
        )
        for key, kind in enumerate(_SYSTEM_FIELDS, 1)
    ]
    custom = [
        definitions.field(
            "case_field",
            key,
            title,
            kind,
            name,
            options=_options(key),
            regular_expression=r"\d\d\d" if kind == "REGEX" else None,
            is_enabled=key != DISABLED_FIELD,
        )
        for key, title, kind, name in _CUSTOM_FIELDS
    ]
    return [
        *system,
        *custom,
        definitions.field("user_field", 31, "Customer number", "TEXT", "customer_number"),
        definitions.field("user_field", 32, "Newsletter", "YESNO", "newsletter"),
        definitions.field("organization_field", 41, "Contract", "TEXT", "contract"),
    ]


def _options(field: int) -> list[Record]:
    labels = _OPTIONS.get(field, ())
    return [
        definitions.option(
            field * 10 + at,
            f"field-{field}",
            [definitions.locale_field(field * 100 + at, label)],
            at,
        )
        for at, label in enumerate(labels, 1)
    ]


def _teams() -> list[Record]:
    titles = ("General", "Support", "Sales")
    return [
        people.team(key, title, created_at=BORN, member_count=3)
        for key, title in enumerate(titles, 1)
    ]
