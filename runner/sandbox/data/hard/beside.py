"""What is not in a case: activities, notes on people, time, copies, mails apart (§11.4, §17.17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.hard.channels import GONE_AGENT
from runner.sandbox.data.hard.drafts import CUSTOMER, mail, note
from runner.sandbox.data.hard.people import UNLISTED
from runner.sandbox.data.helpdesk import File
from runner.sandbox.data.shapes import aside, conversations, originals, reference

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk
    from runner.sandbox.data.helpdesk import Helpdesk
    from runner.sandbox.data.table import Record

AGENT = common.AGENTS[0]
_MOMENT = "2024-05-02T10:00:00+00:00"


def write(desk: Desk) -> None:
    """Add the conversations of this chapter, and what hangs beside them."""
    helpdesk = desk.helpdesk
    about = originals.note(
        901,
        f"users/{CUSTOMER}",
        text="Prefers mail.",
        html="Prefers mail.",
        creator=reference("user", AGENT),
        created_at=_MOMENT,
        is_pinned=True,
    )
    of_all = originals.note(
        902,
        "organizations/1",
        text="Pays late.",
        html=None,
        creator=reference("user", AGENT),
        created_at=_MOMENT,
        is_pinned=True,
    )
    helpdesk.sides.user_notes[CUSTOMER] = [about]
    helpdesk.sides.organization_notes[1] = [of_all]
    helpdesk.add({**helpdesk.users[CUSTOMER], "pinned_notes_count": 1})
    helpdesk.add({**helpdesk.organizations[1], "pinned_notes_count": 1})
    shown = note(about["body_text"], original={"resource_url": about["resource_url"], "id": 901})
    case = desk.case(
        "Much beside it",
        mail("Ask the others, please."),
        shown,
        mail("We did.", AGENT),
        rating="BAD",
        rating_status="RECEIVED",
    )
    helpdesk.sides.participants[case] = [15, 26, AGENT]
    helpdesk.sides.activities[case] = [_activity(950 + at) for at in range(3)]
    _side_conversation(helpdesk, case)
    _rating(helpdesk, case)
    _time(helpdesk, case)
    asked = desk.case(
        "Asked by somebody whom no list has",
        mail("I am still here.", UNLISTED),
        mail("Welcome back.", AGENT),
        requester=UNLISTED,
    )
    _mail(helpdesk, asked)


def _mail(helpdesk: Helpdesk, case: int) -> None:
    """Keep the mail that a conversation began with: folded, encoded and with people in copy."""
    post = helpdesk.posts(case)[0]
    source = (
        "Message-ID: <CAF-1.32@customers.example>\r\n"
        "In-Reply-To: <earlier@acme.example>\r\n"
        "References: <first@acme.example>\r\n <earlier@acme.example>\r\n"
        "From: Customer 32 <unlisted-32@customers.example>\r\n"
        "To: =?utf-8?q?Support=2C_gro=C3=9F?= <support@acme.example>,\r\n"
        ' "B, A" <b@vendors.example>\r\n'
        "Cc: copy-32@customers.example\r\n\r\nI am still here.\r\n"
    )
    helpdesk.sides.mails[post["id"]] = originals.email_original(
        post, sender="unlisted-32@customers.example", to="support@acme.example", source=source
    )


def _activity(key: int) -> Record:
    original = originals.activity(
        key, summary="changed the status", verb="UPDATED", created_at=_MOMENT
    )
    return conversations.post(
        key,
        subject="",
        contents=original["summary"],
        creator=reference("user", AGENT),
        original=original,
        source_channel=None,
        created_at=_MOMENT,
    )


def _side_conversation(helpdesk: Helpdesk, case: int) -> None:
    """Ask a vendor, who answers with a file; a second exchange was never begun."""
    subject = "To the vendor"
    first, second = (
        originals.side_conversation(key, case, subject=title, creator=AGENT, created_at=_MOMENT)
        for key, title in ((1, subject), (2, "Never sent"))
    )
    vendor = [originals.recipient("TO", None, email="vendor@vendors.example")]
    answered = "2024-05-03T08:00:00+00:00"
    sheet = helpdesk.attach(
        "side-conversations/1/messages/3", (File("sheet.txt", "text/plain", b"part 7"),), answered
    )
    asked, waited, answer = (
        aside.side_message(
            key, 1, subject=subject, text=text, creator=by, recipients=to, created_at=moment
        )
        for key, text, by, to, moment in (
            (1, "Do you have the part?", AGENT, vendor, _MOMENT),
            (2, "Still waiting.", AGENT, vendor, "2024-05-02T15:00:00+00:00"),
            (3, "Here it is.", None, [], answered),
        )
    )
    answer |= {"fullname": "Vendor", "email": "vendor@vendors.example", "attachments": sheet}
    helpdesk.sides.side_messages |= {1: [asked, waited, answer], 2: []}
    helpdesk.sides.side_conversations[case] = [{**first, "message_count": 3}, second]


def _rating(helpdesk: Helpdesk, case: int) -> None:
    """Two ratings of one conversation: the customer thought again."""
    for key, score, comment in ((1, "GOOD", None), (2, "BAD", "It broke again.")):
        helpdesk.add(
            aside.rating(
                key,
                case,
                score,
                creator=CUSTOMER,
                created_at=f"2024-05-04T0{key}:00:00+00:00",
                comment=comment,
            )
        )


def _time(helpdesk: Helpdesk, case: int) -> None:
    rows: tuple[tuple[int, int, str, int, str | int], ...] = (
        (case, AGENT, "VIEWED", 90, _MOMENT),
        (case, AGENT, "WORKED", 3780, _MOMENT),
        (case, AGENT, "WORKED", 59, 1_714_644_000),
        (9999, AGENT, "WORKED", 600, _MOMENT),
        (1, GONE_AGENT, "WORKED", 1200, _MOMENT),
        (1, AGENT, "BILLED", 1800, _MOMENT),
        (1, AGENT, "WORKED", 0, _MOMENT),
    )
    for key, (about, agent, kind, seconds, moment) in enumerate(rows, 1):
        entry = conversations.time_entry(
            key, about, agent, kind=kind, seconds=seconds, created_at=moment
        )
        helpdesk.add(entry)
