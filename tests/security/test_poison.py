"""Records that cannot be moved, or are of no known shape: each fails alone, and tells why."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, Sandbox, start
from runner.sandbox.data import hard_cases
from runner.sandbox.serving import serve
from tests.behaviour.support import Place
from tests.security.support import changing, refusing

BASIC = base64.b64encode(f"{EMAIL}:{PASSWORD}".encode()).decode()
REFUSED, BROKEN, LARGE = "1", "2", "3"
"""Cases that Zammad refuses, fails on, and finds too large."""


class Poison:
    """Refuses single tickets as long as it is armed."""

    def __init__(self) -> None:
        self.armed = True

    def __call__(self, method: str, path: str, body: Any) -> tuple[int, bytes] | None:
        if not self.armed or method != "POST" or not path.endswith("/api/v1/tickets"):
            return None
        said = {
            REFUSED: (422, json.dumps({"error": f"no \x1b[31m {TOKEN} <script>"}).encode()),
            BROKEN: (500, b'{"error": "undefined method for nil"}'),
            LARGE: (413, b"<html>Request Entity Too Large</html>"),
        }
        return said.get(str(body["number"]))


def spoiled(path: str, answer: Any) -> Any:
    """Give some records of Kayako's shapes that they should not have."""
    data = answer.get("data")
    found = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    for row in found:
        if row.get("resource_type") == "case":
            row.update(ODD_CASES.get(row.get("id"), {}))
    for row in found[:1]:
        row.update(ODD_POSTS.get(path.rpartition("/api/v1/")[2], {}))
    return answer


ODD_POSTS: dict[str, dict[str, Any]] = {
    "cases/12/posts": {"creator": 17, "identity": "x", "original": [None], "attachments": {"a": 1}},
    "cases/13/posts": {"contents": "long " * 1_000_000},
    "cases/14/posts": {"id": {"odd": []}},
}
ODD_CASES: dict[Any, dict[str, Any]] = {
    4: {"requester": None},
    5: {"source_channel": {"id": 99, "type": "PIGEON", "resource_type": "channel"}},
    6: {"subject": {"not": "text"}, "tags": "none", "custom_fields": 17},
    7: {"created_at": "9999-99-99T99:99:99Z", "updated_at": "tomorrow"},
    8: {"subject": "a link \x1b]8;;https://evil.example\x07 and \u202e turned"},
    9: {"priority": 10**30, "status": [[[]]], "assigned_team": "x"},
    10: {"merged_case_id": 11, "state": ["x"]},
    11: {"merged_case_id": 10},
}


@pytest.fixture(scope="module")
def poison() -> Poison:
    return Poison()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, poison: Poison) -> Iterator[Place]:
    """Return a place where apply has run once between two poisoned servers."""
    folder = tmp_path_factory.mktemp("poison")
    with _started() as sandbox:
        kayako = serve(changing(sandbox.kayako.app, spoiled))
        zammad = serve(refusing(sandbox.zammad.app, poison))
        try:
            made = Place.make(folder / "place", kayako.url, zammad.url)
            done = made.migrate("apply", "--yes")
            logs = [log.read_text() for log in made.folder.glob(".migrate/logs/*")]
            assert done.returncode == 5, "\n".join([done.stdout, done.stderr, *logs])
            assert "Traceback" not in done.stdout + done.stderr
            yield made
        finally:
            kayako.stop()
            zammad.stop()


def _started() -> Sandbox:
    return start(hard_cases())


def rows(place: Place) -> dict[str, Any]:
    return {
        row["source_id"]: row
        for row in place.ask("status", "--failed")["failed"]
        if row["entity"] == "tickets"
    }


def test_all_others_are_moved(place: Place) -> None:
    counts = place.ask("status")["result"]["Tickets"]
    assert set(rows(place)) == {REFUSED, BROKEN, LARGE}
    assert counts["failed"] == 3
    assert counts["created"] + counts["skipped"] == counts["total"] - 3


@pytest.mark.parametrize(
    ("case_id", "status", "answer", "advice"),
    [
        (REFUSED, 422, "no ", ""),
        (BROKEN, None, "", "looked up before anything is sent"),
        (LARGE, 413, "Request Entity Too Large", "client_max_body_size"),
    ],
)
def test_each_keeps_what_was_sent_the_answer_how_often_and_what_to_do(
    place: Place, case_id: str, status: int | None, answer: str, advice: str
) -> None:
    kept = rows(place)[case_id]["failure"]
    assert kept["attempts"] == 1
    assert kept["request"]["status"] == status
    assert answer in kept["request"]["answer"]
    assert advice in kept["advice"]
    sent = json.loads(kept["request"]["body"])
    assert (kept["request"]["method"], kept["request"]["path"]) == ("POST", "/tickets")
    assert sent["number"] == case_id
    assert len(kept["request"]["body"]) < 5_000


@pytest.mark.parametrize("command", [("status", "--failed"), ("explain", "case", REFUSED)])
def test_people_are_told_without_secrets_and_nothing_acts(
    place: Place, command: tuple[str, ...]
) -> None:
    said = place.succeed(*command)
    assert "tried once at 20" in said
    assert "sent: POST /tickets" in said
    assert "answer: 422" in said
    assert "\x1b" not in said
    assert "*** <script>" in said
    assert not any(secret in said for secret in (BASIC, TOKEN))


def test_nothing_in_the_workdir_holds_a_secret_or_is_open_to_others(place: Place) -> None:
    place.succeed("report")
    workdir = place.folder / ".migrate"
    for path in workdir.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
        if path.is_file():
            content = path.read_bytes()
            assert TOKEN.encode() not in content, path
            assert b"\x1b[31m" not in content, path


def test_the_report_tells_the_request_but_not_what_was_in_it(place: Place) -> None:
    place.succeed("report")
    (page,) = (place.folder / ".migrate" / "reports").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "POST /tickets → 422" in text
    assert "<script>" not in text


def test_attempts_are_counted_and_forgotten_once_it_works(place: Place, poison: Poison) -> None:
    assert place.migrate("apply", "--yes", "--no-pull").returncode == 5
    assert {row["failure"]["attempts"] for row in rows(place).values()} == {2}
    poison.armed = False
    place.succeed("apply", "--yes", "--no-pull")
    assert rows(place) == {}
    ledger = (place.folder / ".migrate" / "ledgers").glob("*.json")
    assert all('"failure"' not in file.read_text(encoding="utf-8") for file in ledger)
