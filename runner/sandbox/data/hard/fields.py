"""Custom fields and posts at the edge: what made Zammad's own importer stop (§14, §17.5, §17.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.hard.drafting import no_values
from runner.sandbox.data.hard.drafts import Draft, mail
from runner.sandbox.data.helpdesk import File
from runner.sandbox.data.shapes import definitions
from runner.sandbox.data.shapes.definitions import field_value

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk
    from runner.sandbox.data.helpdesk import Helpdesk

RESERVED, ENDS_IN_ID, LARGE, TIER = 21, 22, 23, 33
"""Fields whose key Zammad needs for itself, whose key ends in ``_id``, whose numbers are large;
and a choice of users."""
GOLD, SILVER, GONE_OPTION = 331, 332, 999
"""Choices of ``TIER``: the second one's label is missing in the default language, the third is
deleted."""
ADDRESS_OF_SOMEBODY = "203.0.113.9"
"""What Kayako knows of a user's browser and nobody needs any more."""


def fill(helpdesk: Helpdesk) -> None:
    """Add the fields, and give users values of theirs."""
    for key, title, kind, name in (
        (RESERVED, "Web address", "TEXT", "url"),
        (ENDS_IN_ID, "Serial", "TEXT", "serial_id"),
        (LARGE, "Meter", "NUMERIC", "meter"),
    ):
        helpdesk.add(definitions.field("case_field", key, title, kind, name))
    labels = ((GOLD, "Gold", "en-us"), (SILVER, "Argent", "fr"))
    options = [_option(key, label, locale) for key, label, locale in labels]
    helpdesk.add(definitions.field("user_field", TIER, "Tier", "SELECT", "tier", options=options))
    for user, option in ((12, GOLD), (23, GONE_OPTION), (24, SILVER)):
        values = [field_value("user_field", TIER, str(option))]
        seen = {"last_seen_ip": ADDRESS_OF_SOMEBODY, "last_seen_user_agent": "Browser 7"}
        helpdesk.add({**helpdesk.users[user], "custom_fields": values, **seen})


def _option(key: int, label: str, locale: str) -> dict[str, object]:
    texts = [definitions.locale_field(key * 10 + 2, label, locale)]
    if locale != "en-us":
        texts.insert(0, definitions.locale_field(key * 10 + 1, None))
    return definitions.option(key, f"field-{TIER}", texts, key)


def write(desk: Desk) -> None:
    """Add the conversations of this chapter."""
    desk.case(
        "Custom fields with names of Zammad's own",
        mail("Filled in again."),
        custom_fields=[
            *no_values(),
            field_value("case_field", RESERVED, "https://shop.example/7"),
            field_value("case_field", ENDS_IN_ID, "S-7"),
            field_value("case_field", LARGE, "5000000000"),
            field_value("case_field", common.DISABLED_FIELD, "still read by somebody"),
        ],
    )
    desk.case(
        "A post that is nothing but its contents",
        mail("First.", original={"created_at": "2024-01-01T00:00:00+00:00"}),
        Draft("Only here, <somewhere>.", common.AGENTS[0], channel=None, kind=None),
    )
    gone = desk.case(
        "A file that is gone",
        mail("Both attached.", files=(_text_file("kept.txt"), _text_file("gone.txt"))),
    )
    (post,) = desk.helpdesk.posts(gone)
    path = post["attachments"][1]["resource_url"].partition("/api/v1/")[2]
    del desk.helpdesk.files[path]


def _text_file(name: str) -> File:
    return File(name, "text/plain", name.encode())
