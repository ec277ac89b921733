"""A plain Help Center and what agents set up, for helpdesks of a hundred conversations and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common, times
from runner.sandbox.data.helpdesk import File
from runner.sandbox.data.images import filler
from runner.sandbox.data.shapes import HOST, helpcenter, reference, rules

if TYPE_CHECKING:
    from runner.sandbox.data.helpdesk import Helpdesk
    from runner.sandbox.data.making import Making

FIRST = 1001
"""The first id of each kind; hard ones are below."""
_CONVERSATIONS_AN_ARTICLE = 100
_ARTICLES_A_SECTION = 10
_MOST = 300
_WRITTEN = times.moment("2023-02-01T08:00:00+00:00")
_DAY = 86_400


def fill(helpdesk: Helpdesk, making: Making) -> None:
    """Add an article for every hundred conversations, at most 300, with all around them."""
    count = min(making.count // _CONVERSATIONS_AN_ARTICLE, _MOST)
    if not count:
        return
    helpdesk.add(helpcenter.category(FIRST, {"en-us": "Questions and answers"}))
    for at in range(0, count, _ARTICLES_A_SECTION):
        number = at // _ARTICLES_A_SECTION + 1
        title: helpcenter.Texts = {"en-us": f"Part {number}", "fr": f"Partie {number}"}
        helpdesk.add(helpcenter.section(FIRST + number - 1, FIRST, title))
    for at in range(count):
        _article(helpdesk, making, at)
    hours = {day: list(range(8, 17)) for day in rules.DAYS[:5]}
    closed = reference("case_status", common.CLOSED)
    for record in (
        rules.business_hour(FIRST, "Weekdays", hours),
        rules.macro(FIRST, "Solved", status=closed, add_tags=["solved"]),
        rules.macro(FIRST + 1, "Ask for the number", reply_type="REPLY", reply_contents="<p>?</p>"),
        rules.sla(FIRST, "Normal", ()),
    ):
        helpdesk.add(record)


def _article(helpdesk: Helpdesk, making: Making, at: int) -> None:
    key, written = FIRST + at, times.text(_WRITTEN + at * _DAY)
    files: tuple[File, ...] = ()
    if making.dice(key, 31) % 5 == 0:
        files = (File(f"sheet-{key}.txt", "text/plain", filler(key, 400)),)
    text = f"<p>{making.text(key, 32)}</p><p>{making.text(key, 33)}</p>"
    if making.dice(key, 34) % 4 == 0:
        text += f'<img src="{HOST}/media/url/generated-{key}" alt="">'
    helpdesk.add(
        helpcenter.article(
            key,
            FIRST + at // _ARTICLES_A_SECTION,
            {"en-us": f"{making.text(key, 35)[:-1]} (article {key})"},
            {"en-us": text},
            author=common.AGENTS[at % len(common.AGENTS)],
            created_at=written,
            updated_at=times.text(_WRITTEN + at * _DAY + 3600),
            attachments=helpdesk.attach(f"articles/{key}", files, written),
            status="PUBLISHED" if making.dice(key, 36) % 8 else "DRAFT",
        )
    )
