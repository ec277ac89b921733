from __future__ import annotations

from pathlib import Path

import pytest

from runner.report.figures import certificate, outlook
from runner.report.figures.certificate import Line
from runner.report.page import render
from tests.report.support import Moved, done, stopped, verification


@pytest.fixture
def moved(tmp_path: Path) -> Moved:
    found = Moved(tmp_path)
    found.whole()
    return found


def lines(moved: Moved, found: dict[str, object] | None) -> dict[str, Line]:
    return {line.key: line for line in certificate.lines(moved.figures(found))}


def test_of_a_whole_move_nothing_does_not_hold(moved: Moved) -> None:
    moved.run("apply", day="02", created=30, updated=7)
    moved.run("finish", day="04")
    found = lines(moved, verification("03"))
    assert moved.figures(verification("03")).complete
    assert [key for key, line in found.items() if line.holds is False] == []
    assert found["adds_up"].values == {"in_kayako": 5, "moved": 4, "left_out": 1, "open": 0}
    assert found["read_back"].values == {"wanted": 4, "there": 4}
    assert found["doubled"].values == {"number": 0}
    assert (found["mails"].holds, "live" in found) == (True, True)
    assert found["delta"].values["changed"] == 37


def test_without_a_verification_it_is_not_certified(moved: Moved) -> None:
    found = lines(moved, None)
    assert found["not_verified"].holds is False
    assert {"read_back", "doubled", "compared"}.isdisjoint(found)


def test_what_failed_or_is_doubled_does_not_hold(moved: Moved) -> None:
    moved.put("tickets", stopped("2", "failed", "no"))
    spoiled = {"ok": False, "kinds": {"doubled": 1}, "differences_total": 1}
    found = lines(moved, verification("03", **spoiled))
    assert [key for key, line in found.items() if line.holds is False] == [
        *("adds_up", "doubled", "compared"),
    ]


def test_no_mails_are_claimed_before_a_record_was_written(tmp_path: Path) -> None:
    empty = Moved(tmp_path / "empty")
    empty.run("apply", outcome="failed")
    assert lines(empty, None)["mails"].holds is None


def test_what_was_said_of_a_backup_stands_there_with_when_and_by_whom(moved: Moved) -> None:
    assert {"backup", "no_backup"}.isdisjoint(lines(moved, None))
    said = {"text": "", "at": "2026-12-05T07:00:00Z", "by": "admin-7"}
    moved.ledger.note_run(moved.ledger.start_run("apply"), {"backup": said})
    assert lines(moved, None)["no_backup"].values == said
    told = {**said, "text": "<b>snapshot</b>"}
    moved.ledger.note_run(moved.ledger.start_run("apply"), {"backup": told})
    moved.ledger.note_run(moved.ledger.start_run("apply"), {"backup": said})
    line = lines(moved, None)["backup"]
    assert (line.holds, line.values) == (None, told)
    page = "".join(render.page(moved.figures(None), "en"))
    assert (
        "Backup of Zammad: &lt;b&gt;snapshot&lt;/b&gt;, said on 5 Dec 2026, 07:00 UTC by admin-7."
        in page
    )


def commands(moved: Moved, found: dict[str, object] | None = None) -> list[str]:
    return [step.key for step in outlook.steps(moved.figures(found))]


def test_what_comes_next_follows_from_the_figures(moved: Moved, tmp_path: Path) -> None:
    assert commands(Moved(tmp_path / "new")) == ["first_plan", "first_apply"]
    assert commands(moved) == ["verify", "delta", "finish"]
    assert commands(moved, verification("03")) == ["delta", "finish"]
    moved.put("tickets", stopped("2", "failed", "no"), {**done("4", 4), "status": "partial"})
    assert commands(moved, verification("03", sample=2))[:3] == ["failed", "waiting", "verify_all"]
    moved.run("apply", day="04", failed=1)
    assert "verify_again" in commands(moved, verification("03"))
    moved.run("finish", day="05")
    assert commands(moved)[-3:] == ["mail", "redirects", "purge"]


def test_the_verdict_is_the_worst_that_is_true(moved: Moved) -> None:
    assert outlook.verdict(moved.figures()) == "unverified"
    assert outlook.verdict(moved.figures(verification("03"))) == "complete"
    spoiled = verification("03", ok=False, differences_total=2, kinds={"changed": 2})
    assert outlook.verdict(moved.figures(spoiled)) == "differences"
    moved.put("tickets", stopped("2", "failed", "no"))
    assert outlook.verdict(moved.figures(spoiled)) == "problems"
