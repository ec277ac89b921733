from __future__ import annotations

from runner.kayako.bodies import BodyReport
from runner.kayako.pull import HeaderReport
from runner.pipeline.notes import body_notes, header_notes


def test_a_pull_that_got_everything_has_nothing_to_say() -> None:
    assert header_notes(HeaderReport()) == []
    assert body_notes(BodyReport()) == []
    assert body_notes(None) == []


def test_lists_that_were_refused_are_named_before_other_notes() -> None:
    report = HeaderReport(unavailable={"slas": "403 Forbidden"}, notes=["two counts differ"])
    assert header_notes(report) == ["slas could not be read: 403 Forbidden", "two counts differ"]


def test_what_messages_and_files_lack_is_counted_and_a_few_conversations_named() -> None:
    failures = dict.fromkeys(range(1, 26), "500")
    report = BodyReport(
        posts_missing=1200, refused=3, files_missing=2, failed=25, failures=failures
    )
    notes = body_notes(report)
    assert notes[0] == "1,200 messages that Kayako counts were not delivered"
    assert notes[1].startswith("3 requests for people in copy")
    assert notes[2] == "2 files could not be read; their articles say so"
    assert notes[3] == "conversation 1 could not be read: 500"
    assert len(notes) == 3 + 20 + 1
    assert notes[-1] == "25 conversations could not be read in all"
