"""Every channel and every kind of author (§11.3, §17.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.hard.drafts import CUSTOMER, Draft, mail, note, said
from runner.sandbox.data.helpdesk import File
from runner.sandbox.data.images import picture
from runner.sandbox.data.shapes import originals, reference

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk

TRIGGER = {"id": 7, "resource_type": "trigger"}
MONITOR = {"id": 3, "resource_type": "monitor"}
AGENT = common.AGENTS[0]
GONE_CUSTOMER, GONE_AGENT = 90, 91
"""Users that are referenced and do not exist (any more)."""


def write(desk: Desk) -> None:
    """Add the conversations of this chapter."""
    _mails(desk)
    _others(desk)
    _authors(desk)


def _mails(desk: Desk) -> None:
    copied = {
        "recipients": [
            originals.recipient("TO", "Customer 11", identity=CUSTOMER),
            originals.recipient("CC", "Customer 15", identity=15),
            originals.recipient("CC", 'Customer, "Thirty One"', email="copy-31@customers.example"),
            originals.recipient("BCC", None, email="hidden@customers.example"),
        ]
    }
    desk.case(
        "A question about order 1001",
        mail("Hello, where is my order?\nRegards"),
        mail("It is on its way.", AGENT, original=copied),
        note("Asked the warehouse.", files=(File("label.png", "image/png", picture(1)),)),
        mail("Thank you!"),
        assigned_agent=AGENT,
        assigned_team=2,
        priority=2,
        type=1,
    )
    both = {
        "recipients": [
            originals.recipient("TO", "Support", email="support@acme.example"),
            originals.recipient("TO", None, email="sales@acme.example"),
            originals.recipient("CC", "", email="CUSTOMER-11@customers.example"),
        ],
        "mailbox": reference("mailbox", common.SALES_MAILBOX),
    }
    desk.case("A mail to two mailboxes", mail("To both of you.", original=both), assigned_team=3)
    other = {"post_status": "REJECTED", "post_status_reject_type": "BOUNCE"}
    desk.case("A reply that bounced", mail("Hello?"), mail("Here.", AGENT, post=other))


def _others(desk: Desk) -> None:
    said_here = {"source": "HELPCENTER"}
    desk.case(
        "Help center form",
        said(
            "case_message", "HELPCENTER", "I need help.", html="<p>I need help.</p>", post=said_here
        ),
        mail("We answer by mail.", AGENT),
    )
    desk.case(
        "Messenger chat",
        said("chat_message", "MESSENGER", "Hi, is <somebody> there & awake?"),
        said("chat_message", "MESSENGER", "Yes, what can I do for you?", AGENT),
        said("case_message", "MESSENGER", "A newer messenger.", html="<p>A newer messenger.</p>"),
    )
    desk.case(
        "Tweets and direct messages",
        said("twitter_tweet", "TWITTER", "@acme_support your shop is down 😱", 13),
        said("twitter_tweet", "TWITTER", "@customer_13 it is up again", AGENT),
        said(
            "twitter_message",
            "TWITTER",
            "Privately: thanks.",
            13,
            original={"recipient": {"screen_name": "acme_support"}},
        ),
        said("twitter_message", "TWITTER", "A direct message to nobody.", AGENT),
        requester=13,
    )
    page = {"recipient": {"facebook_id": common.FACEBOOK_PAGE, "full_name": "Acme"}}
    desk.case(
        "Facebook page",
        said("facebook_post", "FACEBOOK", "Your new chairs look good.", 14),
        said("facebook_post_comment", "FACEBOOK", "They do!", AGENT),
        said("facebook_message", "FACEBOOK", "Which colours are there?", 14, original=page),
        requester=14,
    )
    desk.case("Written by an agent", note("Called by telephone."), creator=AGENT, portal="API")


def _authors(desk: Desk) -> None:
    desk.case(
        "A trigger with the number of a user",
        mail("Please close this."),
        mail("This conversation was closed by rule 7.", TRIGGER),
        mail("I, user 7, closed it.", 7),
        note("A monitor watched over it.", MONITOR),
        mail("And nobody wrote this.", None),
    )
    desk.case(
        "The requester is gone",
        mail("I will delete my account.", GONE_CUSTOMER),
        mail("Good bye.", AGENT),
        requester=GONE_CUSTOMER,
    )
    desk.case(
        "The agent is gone",
        mail("Who is responsible?"),
        mail("I was.", GONE_AGENT),
        note("Leaving tomorrow.", GONE_AGENT),
        assigned_agent=GONE_AGENT,
        assigned_team=2,
    )
    desk.case("Nobody asked", note("A reminder."), requester=None, creator=AGENT)
    desk.case(
        "A post without a channel",
        mail("First."),
        Draft("", None, channel=None, kind=None),
        mail("Third.", AGENT),
    )
