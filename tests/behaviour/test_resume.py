"""What happens between a run that was cut off and the next one must not cost or double a record."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.behaviour.conftest import Stage
from tests.behaviour.test_delta import ordinary_cases

Make = Callable[..., Stage]


@pytest.fixture
def half(stage: Make) -> tuple[Stage, int]:
    """Return a stage whose Zammad has one ticket with its first article only, and its case."""
    s = stage()
    s.place.edit("config.yaml", "  workers: 4", "  workers: 1")
    case_id = ordinary_cases(s.helpdesk, 1)[0]
    s.place.succeed("apply", "--yes", "--only", "groups,organizations,users")
    for number in range(1, 5):
        s.sandbox.zammad.faults.fail("POST", "/ticket_articles$", "500_before", nth=number)
    done = s.place.migrate("apply", "--yes", "--limit", str(case_id))
    assert done.returncode == 5, done.stderr
    assert len(s.zammad.ticket(str(case_id))["articles"]) == 1
    return s, case_id


@pytest.mark.fault(
    "a mapping is edited while tickets are half written",
    does="the ticket that is there is completed",
    side="people",
)
def test_an_edited_number_does_not_double_a_half_written_ticket(half: tuple[Stage, int]) -> None:
    s, case_id = half
    before = len(s.zammad.rows("/tickets"))
    s.place.edit("mappings/tickets.yaml", "    from: id\n", "    template: '9{{ id }}'\n")
    s.place.succeed("apply", "--yes", "--limit", str(case_id))
    assert len(s.zammad.rows("/tickets")) == before
    assert len(s.zammad.ticket(str(case_id))["articles"]) > 1


@pytest.mark.fault(
    "a conversation changes while its ticket is half written",
    does="the ticket is completed with what is new",
    side="Kayako",
)
def test_what_changed_at_the_source_meanwhile_is_written(half: tuple[Stage, int]) -> None:
    s, case_id = half
    s.helpdesk.change_subject(case_id, "Changed meanwhile")
    s.place.succeed("apply", "--yes", "--limit", str(case_id))
    assert s.zammad.ticket(str(case_id))["title"] == "Changed meanwhile"
    assert not s.place.ask("apply", "--yes", "--limit", str(case_id))["wrote"]


@pytest.mark.fault(
    "a conversation is put into trash while its ticket is half written",
    does="the next run leaves it as it is, and reset removes it",
    side="Kayako",
)
def test_reset_takes_a_half_written_ticket_of_a_case_that_was_trashed(
    half: tuple[Stage, int],
) -> None:
    s, case_id = half
    s.helpdesk.trash(case_id)
    s.place.migrate("apply", "--yes", "--limit", str(case_id))
    assert s.place.ask("reset", "--yes")["remains"] == []
    assert len(s.zammad.rows("/tickets")) == 1


@pytest.mark.fault(
    "somebody writes in a half written ticket",
    does="reset keeps it and says so",
    side="people",
)
def test_reset_keeps_a_half_written_ticket_in_which_somebody_wrote(
    half: tuple[Stage, int],
) -> None:
    s, case_id = half
    row = next(row for row in s.zammad.rows("/tickets") if row["number"] == str(case_id))
    note = {"ticket_id": row["id"], "type": "note", "body": "mine", "internal": True}
    s.zammad.ask("POST", "/ticket_articles", json=note)
    assert s.place.migrate("reset", "--yes").returncode == 5
    assert row["id"] in s.sandbox.zammad.tables.tickets


@pytest.mark.fault(
    "a conversation is deleted while its ticket is half written",
    does="the ticket is completed from the snapshot",
    side="Kayako",
)
def test_a_gone_case_that_was_half_written_is_completed(half: tuple[Stage, int]) -> None:
    s, case_id = half
    posts = len(s.helpdesk.posts(case_id))
    s.helpdesk.delete_case(case_id)
    s.place.succeed("apply", "--yes", "--limit", "1")
    assert len(s.zammad.ticket(str(case_id))["articles"]) == posts


@pytest.mark.fault(
    "somebody switches import mode off in the middle",
    does=(
        "the next answer shows it, and the run ends before any further message; the ticket "
        "that got today's date is made anew"
    ),
    side="people",
)
def test_a_ticket_written_without_import_mode_stops_the_run_and_is_made_anew(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--only", "groups,organizations,users")
    case_id = ordinary_cases(s.helpdesk, 1)[0]
    s.sandbox.zammad.requests.clear()
    s.sandbox.zammad.faults.latency = 0.02
    process = s.place.start("apply", "--yes", "--limit", str(case_id))
    # Somebody switches import mode off right after the run has proven it.
    probes = 0
    while probes < 20 and process.poll() is None:
        probes = sum(1 for each in [*s.sandbox.zammad.requests] if each.method == "DELETE")
        time.sleep(0.005)
    s.sandbox.zammad.state.settings.write("import_mode", value=False)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 4, errors
    assert "import mode is off" in errors
    s.sandbox.zammad.state.settings.write("import_mode", value=True)
    s.sandbox.zammad.faults.latency = 0.0
    s.place.succeed("apply", "--yes", "--limit", str(case_id))
    wanted = s.helpdesk.cases[case_id]["created_at"][:19]
    assert s.zammad.ticket(str(case_id))["created_at"][:19] == wanted
    assert s.place.ask("reset", "--yes")["remains"] == []
    assert len(s.zammad.rows("/tickets")) == 1


@pytest.mark.fault("an attachment that is missing, shorter or longer than announced")
def test_an_attachment_that_kayako_does_not_hand_out_is_said_everywhere(stage: Make) -> None:
    s = stage()
    path, file = next(
        (path, file) for path, file in s.helpdesk.files.items() if path.startswith("cases/")
    )
    s.sandbox.kayako.damages[path] = "missing"
    case_id = path.split("/")[1]
    text = s.place.succeed("apply", "--yes")
    assert "could not be read; their articles say so" in text
    bodies = [article["body"] for article in s.zammad.ticket(case_id)["articles"]]
    assert any("could not be read from Kayako" in body for body in bodies), file.name
    notes = s.place.ask("plan")["notes"]
    assert any(note["kind"] == "missing" for note in notes)


@pytest.mark.fault("messages that are counted and not delivered")
def test_messages_that_kayako_counts_and_does_not_deliver_are_named_in_every_plan(
    stage: Make,
) -> None:
    s = stage()
    case_id = ordinary_cases(s.helpdesk, 1)[0]
    s.helpdesk.touch(case_id, post_count=s.helpdesk.cases[case_id]["post_count"] + 3)
    assert "3 messages that Kayako counts were not delivered" in s.place.succeed("pull")
    assert s.place.ask("plan")["posts_short"] == {str(case_id): 3}
    assert f"were not delivered, in conversations {case_id}" in s.place.succeed("plan")


@pytest.mark.fault(
    "record after record fails",
    does="the run ends by --max-errors; the next one tries the failed ones again",
    side="Zammad",
)
def test_a_run_that_fails_too_often_stops_and_goes_on_later(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--only", "groups,organizations,users")
    for number in range(1, 200):
        s.sandbox.zammad.faults.fail("POST", "/tickets$", "500_before", nth=number)
    stopped = s.place.migrate("apply", "--yes", "--max-errors", "3")
    assert stopped.returncode == 6, stopped.stderr
    assert "more than --max-errors 3" in stopped.stderr
    there = s.place.ask("status")
    assert there["outcome"] == "too many errors"
    assert 3 < len(there["failed"]) < 15
    s.sandbox.zammad.faults.one_shot.clear()
    s.place.succeed("apply", "--yes", "--max-errors", "0", "--max-duration", "1h")
    assert s.place.ask("status")["failed"] == []


def test_a_run_whose_time_is_over_is_interrupted(stage: Make) -> None:
    s = stage()
    ended = s.place.migrate("apply", "--yes", "--max-duration", "0s")
    assert ended.returncode == 130
    assert "--max-duration is over" in ended.stderr
    s.place.succeed("apply", "--yes")
