"""A Help Center with every trap: three languages, drafts, pictures, equal and missing titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.helpdesk import File
from runner.sandbox.data.images import filler, picture
from runner.sandbox.data.shapes import FOREIGN_HOST, HOST, definitions, helpcenter
from runner.sandbox.data.shapes.definitions import tag

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk
    from runner.sandbox.data.helpdesk import Helpdesk
    from runner.sandbox.data.shapes.helpcenter import Texts
    from runner.sandbox.data.table import Record

AGENT, FORMER = common.AGENTS[0], 90
BASICS, BILLING, NAMELESS, TWIN, LOST = 1, 2, 3, 4, 97
"""Categories; the last one does not exist."""
STEPS, INTERNAL, INVOICES, ORPHANS, EMPTY, BLANK, LOST_SECTION = 1, 2, 3, 4, 5, 6, 98
"""Sections; the last one does not exist."""
WRITTEN = "2023-03-01T09:30:00+00:00"
CHANGED = "2024-06-15T16:45:00+00:00"


def write(desk: Desk) -> None:
    """Add the Help Center."""
    helpdesk = desk.helpdesk
    helpdesk.add(definitions.locale(4, "de", "German"))
    for record in (*_categories(), *_sections()):
        helpdesk.add(record)
    _languages(helpdesk)
    _titles(helpdesk)
    _states(helpdesk)
    _pictures(helpdesk)
    _oddities(helpdesk)


def _categories() -> list[Record]:
    names: Texts = {"en-us": "Getting started", "fr": "Premiers pas", "de": "Erste Schritte"}
    about: Texts = {"en-us": "Everything that you need on the first day.", "fr": None, "de": None}
    return [
        helpcenter.category(BASICS, names, descriptions=about),
        helpcenter.category(BILLING, {"en-us": "Billing", "fr": None}),
        helpcenter.category(NAMELESS, {"en-us": None, "fr": " "}),
        helpcenter.category(TWIN, {"en-us": "Billing"}, display_order=9),
    ]


def _sections() -> list[Record]:
    steps: Texts = {"en-us": "First steps", "fr": "Premiers réglages", "de": "Einrichten"}
    return [
        helpcenter.section(STEPS, BASICS, steps, descriptions={"en-us": "Read this first."}),
        helpcenter.section(INTERNAL, BASICS, {"en-us": "For agents"}, visibility="AGENTS"),
        helpcenter.section(INVOICES, BILLING, {"en-us": "Invoices"}, visibility="AUTHORIZED"),
        helpcenter.section(ORPHANS, LOST, {"en-us": "Without a category"}),
        helpcenter.section(EMPTY, TWIN, {"en-us": "Nothing here yet"}),
        helpcenter.section(BLANK, NAMELESS, {"en-us": ""}),
    ]


def _article(
    helpdesk: Helpdesk,
    key: int,
    section: int,
    titles: Texts,
    contents: Texts,
    *,
    files: tuple[File, ...] = (),
    author: int = AGENT,
    **more: object,
) -> None:
    attached = helpdesk.attach(f"articles/{key}", files, WRITTEN)
    article = helpcenter.article(
        key,
        section,
        titles,
        contents,
        author=author,
        created_at=WRITTEN,
        updated_at=CHANGED,
        attachments=attached,
    )
    helpdesk.add(article | more)


def _languages(helpdesk: Helpdesk) -> None:
    helpdesk.media["help-1"] = File("i.png", "image/png", picture(41))
    _article(
        helpdesk,
        1,
        STEPS,
        {
            "en-us": "Reset your password",
            "fr": "Réinitialiser le mot de passe",
            "de": "Kennwort zurücksetzen",
        },
        {
            "en-us": f'<p>Click <b>here</b>: <img src="{HOST}/media/url/help-1" alt="it"></p>',
            "fr": "<p>Cliquez <b>ici</b>.</p>",
            "de": f'<p>Bitte klicken: <img src="{HOST}/media/url/help-1"></p>',
        },
        files=(
            File("guide.pdf", "application/pdf", filler(31, 5000)),
            File("Übersicht.json", "application/json", b'{"a": 1}'),
        ),
        tags=[tag(201, "password"), tag(202, "log in")],
        published_at="2023-03-02T10:00:00+00:00",
        is_featured=True,
        keywords="password, forgotten",
        upvote_count=12,
        views=340,
    )
    _article(
        helpdesk,
        2,
        STEPS,
        {"en-us": None, "fr": "Seulement en français", "de": ""},
        {"en-us": None, "fr": "<p>Voilà.</p>", "de": ""},
    )
    _article(
        helpdesk,
        3,
        STEPS,
        {"en-us": "Two languages, one title", "de": None},
        {"en-us": "<p>Text.</p>", "de": "<p>Text ohne Titel.</p>"},
    )


def _titles(helpdesk: Helpdesk) -> None:
    """Titles that are equal in one section, in one language only, and in another section."""
    same: Texts = {"en-us": "Reset your password", "fr": "Un autre mot de passe"}
    text: Texts = {"en-us": "<p>The older way.</p>", "fr": "<p>L'ancienne façon.</p>"}
    _article(helpdesk, 4, STEPS, same, text)
    again: Texts = {"en-us": "Reset your password "}
    _article(helpdesk, 5, STEPS, again, {"en-us": "<p>A third one.</p>"})
    _article(helpdesk, 6, INTERNAL, {"en-us": "Reset your password"}, {"en-us": "<p>By us.</p>"})
    _article(helpdesk, 7, BLANK, {"en-us": None}, {"en-us": "<p>An article without a title.</p>"})
    _article(helpdesk, 8, BLANK, {"en-us": "  "}, {"en-us": "<p>Another one.</p>"})
    _article(helpdesk, 9, INVOICES, {"en-us": "x" * 300}, {"en-us": "<p>A long title.</p>"})


def _states(helpdesk: Helpdesk) -> None:
    text: Texts = {"en-us": "<p>Not ready.</p>"}
    for key, status in ((10, "DRAFT"), (11, "PENDINGAPPROVAL")):
        title: Texts = {"en-us": f"Still {status.lower()}"}
        _article(helpdesk, key, INVOICES, title, text, status=status, published_at=None)
    _article(
        helpdesk, 12, INVOICES, {"en-us": "Published at an unknown time"}, text, published_at=None
    )


def _pictures(helpdesk: Helpdesk) -> None:
    for kind in ("gif", "jpeg"):
        media = File(f"i.{kind}", f"image/{kind}", picture(42, kind))
        helpdesk.media[f"help-{kind}"] = media
    sources = (
        f"{HOST}/media/url/help-gif",
        f"{FOREIGN_HOST}/media/url/help-jpeg",
        f"{HOST}/media/url/help-gone",
        "https://elsewhere.invalid/banner.png",
        "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        f"{HOST}/api/v1/articles/13/attachments/1/url",
    )
    html = "".join(f'<p><img src="{source}"></p>' for source in sources)
    image = File("screen.png", "image/png", picture(43))
    _article(helpdesk, 13, STEPS, {"en-us": "Many pictures"}, {"en-us": html}, files=(image, image))


def _oddities(helpdesk: Helpdesk) -> None:
    links = (
        f'<p>See <a href="{HOST}/en-us/article/1-reset-your-password">this</a>, '
        f'<a href="{HOST}/agent/conversations/1">that case</a> and '
        '<a href="https://elsewhere.invalid/">a page</a>.</p><script>alert(1)</script>'
    )
    _article(helpdesk, 14, INVOICES, {"en-us": "Links 😀"}, {"en-us": links}, author=FORMER)
    _article(helpdesk, 15, INVOICES, {"en-us": "Nothing written"}, {"en-us": None})
    _article(helpdesk, 16, LOST_SECTION, {"en-us": "Of no section"}, {"en-us": "<p>Lost.</p>"})
    _article(helpdesk, 17, ORPHANS, {"en-us": "Of no category"}, {"en-us": "<p>Lost, too.</p>"})
    _article(
        helpdesk,
        18,
        INVOICES,
        {"xx": "A language that nobody knows"},
        {"xx": "<p>Text.</p>"},
        allow_comments=False,
    )
