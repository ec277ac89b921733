"""States, vocabularies, merging, archive, teams and owners (§11.2, §11.5, §13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.hard.drafting import Desk, no_values
from runner.sandbox.data.hard.drafts import mail, note
from runner.sandbox.data.shapes import conversations, originals, reference
from runner.sandbox.data.shapes.basics import url
from runner.sandbox.data.shapes.definitions import field_value, tag

if TYPE_CHECKING:
    from runner.sandbox.data.table import Record

AGENT = common.AGENTS[0]


def write(desk: Desk) -> None:
    """Add the conversations of this chapter."""
    _vocabularies(desk)
    _states(desk)
    _belongings(desk)
    _values(desk)


def _vocabularies(desk: Desk) -> None:
    desk.case(
        "Everything custom",
        mail("Waiting for a spare part."),
        status=common.WAITING,
        priority=common.CRITICAL,
        type=common.FEATURE_REQUEST,
    )
    desk.case("Escalated", mail("Twice!"), status=common.ESCALATED, priority=4, type=4)
    desk.case(
        "Everything deleted",
        mail("An old conversation."),
        status=common.DELETED_STATUS,
        priority=common.DELETED_PRIORITY,
        type=common.DELETED_TYPE,
    )
    desk.case(
        "Everything unknown",
        mail("An even older conversation."),
        status=common.UNKNOWN_STATUS,
        priority=common.UNKNOWN_PRIORITY,
        type=common.UNKNOWN_TYPE,
    )
    desk.case("New", mail("Just arrived."), status=common.NEW, priority=1, type=2)
    desk.case("Pending without a date", mail("Later."), status=common.PENDING, priority=3)
    desk.case(
        "Pending since long",
        mail("Much later."),
        status=common.PENDING,
        last_pending_at="2024-02-01T12:00:00+00:00",
    )
    desk.case(
        "Completed",
        mail("Done?"),
        mail("Done.", AGENT),
        status=common.COMPLETED,
        last_completed_at="2024-02-03T12:00:00+00:00",
        rating="GOOD",
        rating_status="RECEIVED",
    )


def _states(desk: Desk) -> None:
    closed = "2024-02-05T12:00:00+00:00"
    for number in (1, 2, 3):
        desk.case(
            f"Archived {number}",
            mail(f"Old matter {number}."),
            mail("Settled.", AGENT),
            status=common.CLOSED,
            last_closed_at=closed,
            archived=True,
        )
    desk.case("Thrown away", mail("Delete me."), state="TRASH")
    desk.case("Spam", mail("Buy!"), state="SUSPENDED")
    first = desk.case("Asked twice", mail("First mail."), mail("Second mail."), last_closed_at=None)
    copy = desk.case(
        "Asked twice, the copy",
        mail("Written before it was merged."),
        status=common.CLOSED,
        is_merged=True,
        last_closed_at=closed,
    )
    _also_shows(desk, copy, desk.helpdesk.posts(first)[-1])
    desk.helpdesk.sides.activities[copy] = [_merger(into=first, moment=closed)]
    desk.case("Nothing was ever written")


def _also_shows(desk: Desk, case: int, moved: Record) -> None:
    """Let a merged conversation show a post that moved to the survivor (§11.5, §17.14)."""
    helpdesk = desk.helpdesk
    posts = [*helpdesk.posts(case), moved]
    helpdesk.add_case({**helpdesk.cases[case], "post_count": len(posts)}, posts)


def _merger(*, into: int, moment: str) -> Record:
    """The line of history that names the survivor; no recording shows one (§11.5)."""
    original = originals.activity(
        940,
        summary="merged the conversation",
        verb="MERGED",
        created_at=moment,
        activity="merge_case",
        target={
            "name": "case",
            "title": "Asked twice",
            "url": url(f"cases/{into}"),
            "original": reference("case", into),
        },
    )
    return conversations.post(
        940,
        subject="",
        contents=original["summary"],
        creator=reference("user", AGENT),
        original=original,
        source_channel=None,
        created_at=moment,
    )


def _belongings(desk: Desk) -> None:
    desk.case("Team with colons", mail("For tier 1."), assigned_team=4, assigned_agent=AGENT)
    desk.case("Team that is gone", mail("For nobody."), assigned_team=97)
    desk.case("Owner from another team", mail("Mine."), assigned_team=3, assigned_agent=AGENT)
    desk.case("Owner without any team", mail("Mine, too."), assigned_team=2, assigned_agent=6)
    desk.case("Owner who left", mail("Not mine."), assigned_team=2, assigned_agent=20)
    desk.case("Owner who is a customer", mail("Odd."), assigned_team=2, assigned_agent=15)
    names = ("a, comma", "aster*isk", "Große Räume", "UPPER", "upper", "x" * 120, "two words", "😀")
    desk.case(
        "Tags",
        mail("Tagged."),
        tags=[tag(number, name) for number, name in enumerate(names, 1)],
    )


def _values(desk: Desk) -> None:
    desk.case(
        "All custom fields",
        mail("Filled in."),
        custom_fields=no_values(
            field_8="Order 7",
            field_9="Street 1\n\nTown 2",
            field_10="101",
            field_11="112",
            field_12="121,123",
            field_13="2",
            field_14="2.75",
            field_15="151",
            field_16="2024-10-12T00:00:00+00:00",
            field_17="123",
            field_18="yes",
            field_19="1",
        ),
    )
    desk.case(
        "Odd custom fields",
        mail("Filled in differently."),
        custom_fields=[
            *no_values(
                field_10="999",
                field_11="113",
                field_12="121,999",
                field_13="2000000000",
                field_15="152",
                field_16="2024-10-12T00:00:00+05:00",
                field_18="no",
                field_8="x" * 300,
            ),
            field_value("case_field", 88, "of a field that is gone"),
        ],
    )
    desk.case(
        "Times with another offset",
        mail("Written far east.", post={"created_at": "2024-03-09T14:00:00+05:00"}),
        created_at="2024-03-09T14:00:00+05:00",
        updated_at="2024-03-09T15:00:00+05:00",
    )
    desk.case("All at the same second", *(note(f"Line {n}") for n in range(1, 5)), gap=0)
