"""The console script, run by Ruby over a double of the few models that it calls."""

from __future__ import annotations

import copy
import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runner import pipeline
from runner.config.model import Config, Options
from runner.engine.console_script import Made
from runner.engine.verified import Verified
from runner.sandbox.both import PASSWORD, TOKEN, Sandbox, start
from runner.sandbox.data import generate, hard_cases
from runner.sandbox.zammad.seeds import ADMIN_ID
from tests.behaviour.rails import Console, changed, needs_ruby
from tests.engine.support import Notes
from tests.pipeline.conftest import config_of

pytestmark = needs_ruby

_AUTHORS = {"created_by_id", "updated_by_id"}


@dataclass
class Moved:
    """A helpdesk that was moved, and the script for it."""

    sandbox: Sandbox
    config: Config
    made: Made

    def console(self, folder: Path) -> Console:
        return Console.of(folder, self.sandbox.zammad.tables)

    def verify(self) -> Verified:
        told: dict[str, Any] = {"progress": lambda *_: None, "stop": threading.Event()}
        return pipeline.run_verify(self.config, sample=None, seed=1, **told)

    def documents(self) -> list[dict[str, Any]]:
        with pipeline.opening.open_ledger(self.config, write=False, command="test") as ledger:
            return list(ledger.table("tickets"))

    def ticket_ids(self) -> set[int]:
        return {row["target_id"] for row in self.documents() if row["target_id"] is not None}


def move(sandbox: Sandbox, folder: Path, **options: Any) -> Moved:
    config = config_of(folder, sandbox.kayako_url, sandbox.zammad_url)
    config = replace(config, options=Options(**options))
    pipeline.run_apply(
        config,
        pipeline.Scope(),
        pull=True,
        watcher=Notes(),
        progress=lambda *_: None,
        stop=threading.Event(),
    )
    made = pipeline.make_console_script(config, None, progress=lambda *_: None)
    return Moved(sandbox, config, made)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    with start(hard_cases()) as sandbox:
        yield move(sandbox, tmp_path_factory.mktemp("moved"))


@pytest.fixture
def console(moved: Moved, tmp_path: Path) -> Console:
    return moved.console(tmp_path)


def test_the_dry_run_tells_what_it_would_change_and_writes_nothing(
    moved: Moved, console: Console
) -> None:
    before = copy.deepcopy(console.tables)
    done = console.run(moved.made.script)
    assert (done.returncode, done.stderr) == (0, "")
    assert changed(before, console.tables) == {}
    assert console.writes == 0
    assert "Would change (nothing was written):" in done.stdout
    assert f"{moved.made.tickets} tickets\n" in done.stdout


def test_it_changes_the_ledgers_records_and_nothing_else(moved: Moved, console: Console) -> None:
    before = copy.deepcopy(console.tables)
    done = console.run(moved.made.script, "apply")
    assert (done.returncode, done.stderr) == (0, "")
    found = changed(before, console.tables)
    ours = moved.ticket_ids()
    customers = {row["customer_id"] for row in before["tickets"] if row["id"] in ours}
    articles = {row["id"]: row for row in before["ticket_articles"]}
    times = {row["id"] for row in before["ticket_time_accountings"] if row["ticket_id"] in ours}
    changes = set(found)
    assert changes == {"tickets", "ticket_articles", "ticket_time_accountings", "stores", "users"}
    assert set(found["tickets"]) == ours
    assert {articles[number]["ticket_id"] for number in found["ticket_articles"]} <= ours
    assert set(found["users"]) <= customers - {1}
    assert set(found["ticket_time_accountings"]) <= times
    assert all(columns <= _AUTHORS for columns in found["tickets"].values())
    assert all(columns <= _AUTHORS for columns in found["ticket_articles"].values())
    assert all(columns == {"created_at", "updated_at"} for columns in found["stores"].values())
    assert all(columns == {"preferences"} for columns in found["users"].values())


def test_again_it_finds_nothing_to_change(moved: Moved, console: Console) -> None:
    console.run(moved.made.script, "apply")
    before = copy.deepcopy(console.tables)
    done = console.run(moved.made.script, "apply")
    assert changed(before, console.tables) == {}
    assert console.writes == 0
    assert "0 tickets" in done.stdout


def test_authors_are_those_of_kayako(moved: Moved, console: Console) -> None:
    console.run(moved.made.script, "apply")
    emails = {row["id"]: row["email"].lower() for row in console.tables["users"]}
    helpdesk = moved.sandbox.kayako.helpdesk
    users = helpdesk.table("user")
    checked = 0
    for ticket in console.tables["tickets"]:
        case = helpdesk.cases.get(int(ticket["number"]) if ticket["number"].isdigit() else 0)
        for column, key in (("created_by_id", "creator"), ("updated_by_id", "last_updated_by")):
            person = (case or {}).get(key)
            if person and person["resource_type"] == "user" and person["id"] in users:
                expected = primary(users[person["id"]], helpdesk)
                if expected:
                    assert emails[ticket[column]] == expected
                    checked += 1
    assert checked > 100
    for article in console.tables["ticket_articles"]:
        if (article["message_id"] or "").startswith("<kayako-post-"):
            assert article["created_by_id"] == article["origin_by_id"]
            assert article["updated_by_id"] == article["origin_by_id"]


def primary(user: dict[str, Any], helpdesk: Any) -> str | None:
    rows = helpdesk.table("identity_email")
    emails = [rows[part["id"]] for part in user["emails"]]
    return next((str(row["email"]).strip().lower() for row in emails if row["is_primary"]), None)


def moment(value: str | int) -> str:
    """Read a date as Kayako gives them, text or seconds."""
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).isoformat()[:19]
    return datetime.fromisoformat(value).astimezone(UTC).isoformat()[:19]


def worked(moved: Moved, console: Console) -> tuple[list[Any], list[Any]]:
    """Return ticket, moment and agent of all time entries: as in Kayako, and as in Zammad."""
    helpdesk = moved.sandbox.kayako.helpdesk
    users = helpdesk.table("user")
    numbers = {row["id"]: row["number"] for row in console.tables["tickets"]}
    emails = {row["id"]: row["email"].lower() for row in console.tables["users"]}
    wanted = [
        (
            str(log["case"]["id"]),
            moment(log["created_at"]),
            primary(users[log["agent"]["id"]], helpdesk),
        )
        for log in helpdesk.table("timetracking_log").values()
        if (log["log_type"], bool(log["time_spent"])) == ("WORKED", True)
        and str(log["case"]["id"]) in numbers.values()
        and log["agent"]["id"] in users
    ]
    there = [
        (numbers[row["ticket_id"]], row["created_at"][:19], emails[row["created_by_id"]])
        for row in console.tables["ticket_time_accountings"]
    ]
    return sorted(wanted), sorted(there)


@pytest.fixture
def moved_to_52(tmp_path: Path) -> Iterator[Moved]:
    with start(generate(18, posts_each=2, users=3), zammad_version="5.2") as sandbox:
        yield move(sandbox, tmp_path)


def test_time_entries_get_their_dates_where_rest_gives_them_none(
    moved_to_52: Moved, tmp_path: Path
) -> None:
    console = moved_to_52.console(tmp_path)
    wanted, there = worked(moved_to_52, console)
    assert len(wanted) == len(there) > 1
    assert wanted != there
    assert console.run(moved_to_52.made.script, "apply").returncode == 0
    wanted, there = worked(moved_to_52, console)
    assert wanted == there


def test_time_entries_get_their_agents(moved: Moved, console: Console) -> None:
    assert console.run(moved.made.script, "apply").returncode == 0
    wanted, there = worked(moved, console)
    assert wanted
    assert set(wanted) <= set(there)


def test_files_have_the_date_of_their_message(moved: Moved, console: Console) -> None:
    console.run(moved.made.script, "apply")
    articles = {row["id"]: row for row in console.tables["ticket_articles"]}
    dates = {row["created_at"] for row in console.tables["stores"]}
    assert len(dates) > 1
    assert all(
        row["created_at"] == articles[row["o_id"]]["created_at"] for row in console.tables["stores"]
    )


def test_customers_get_their_counters_and_keep_what_they_prefer(
    moved: Moved, console: Console
) -> None:
    ticket = console.row("tickets", min(moved.ticket_ids()))
    customer = console.row("users", ticket["customer_id"])
    customer["preferences"] = {"locale": "de-de"}
    console.run(moved.made.script, "apply")
    closed = {row["id"] for row in console.tables["ticket_states"] if row["state_type_id"] == 5}
    states = [
        row["state_id"] in closed
        for row in console.tables["tickets"]
        if row["customer_id"] == customer["id"]
    ]
    customer = console.row("users", customer["id"])
    assert customer["preferences"] == {
        "locale": "de-de",
        "tickets_open": states.count(False),
        "tickets_closed": states.count(True),
    }


@pytest.mark.parametrize("column", ["number", "message_id"])
def test_a_strangers_ticket_with_our_id_is_left_alone(
    moved: Moved, console: Console, column: str
) -> None:
    number = min(moved.ticket_ids())
    if column == "number":
        console.row("tickets", number)["number"] = "99999"
    else:
        for article in console.tables["ticket_articles"]:
            if article["ticket_id"] == number:
                article["message_id"] = "<other@example.org>"
    before = copy.deepcopy(console.tables)
    done = console.run(moved.made.script, "apply")
    found = changed(before, console.tables)
    theirs = {row["id"] for row in before["ticket_articles"] if row["ticket_id"] == number}
    assert number not in found["tickets"]
    assert not theirs & set(found["ticket_articles"])
    assert "1 tickets are not ours: number or messages differ" in done.stdout


def test_what_is_gone_or_written_by_others_is_left_alone(moved: Moved, console: Console) -> None:
    ids = sorted(moved.ticket_ids())
    gone = ids[0]
    console.tables["tickets"] = [row for row in console.tables["tickets"] if row["id"] != gone]
    mine = next(row for row in console.tables["ticket_articles"] if row["ticket_id"] == ids[1])
    own = {**mine, "id": 99_999, "message_id": "<answer@zammad.example>"}
    console.tables["ticket_articles"].append(own)
    console.tables["stores"].append(
        {"id": 99_999, "store_object_id": 7, "o_id": 99_999, "created_at": own["created_at"]}
    )
    done = console.run(moved.made.script, "apply")
    assert done.returncode == 0
    assert console.row("ticket_articles", 99_999) == own
    assert "1 tickets are not there any more" in done.stdout


@pytest.mark.parametrize("by", ["an agent", "the migration user himself"])
def test_who_changed_a_ticket_in_zammad_since_stays(
    moved: Moved, console: Console, by: str
) -> None:
    number = min(moved.ticket_ids())
    ticket = console.row("tickets", number)
    if by == "an agent":
        ticket["updated_by_id"] = 2
    else:
        console.tables["histories"].append(
            {"history_object_id": 4, "o_id": number, "created_by_id": ADMIN_ID}
        )
    stays = ticket["updated_by_id"]
    done = console.run(moved.made.script, "apply")
    after = console.row("tickets", number)
    assert after["updated_by_id"] == stays
    assert after["created_by_id"] != ADMIN_ID
    assert "1 tickets were changed in Zammad since" in done.stdout


def _another_zammad(console: Console, _folder: Path) -> None:
    next(r for r in console.tables["settings"] if r["name"] == "fqdn")["created_at"] = (
        "2020-01-01T00:00:00.000Z"
    )


def _other_data(_console: Console, folder: Path) -> None:
    (folder / "migrate-console.jsonl.gz").write_bytes(gzip.compress(b"{}\n"))


def _no_data(_console: Console, folder: Path) -> None:
    (folder / "migrate-console.jsonl.gz").unlink()


@pytest.mark.parametrize("happens", [_another_zammad, _other_data, _no_data])
def test_it_refuses_what_it_was_not_made_for(
    moved: Moved, console: Console, happens: Callable[[Console, Path], None], tmp_path: Path
) -> None:
    copied = tmp_path / "copied"
    copied.mkdir()
    for file in (moved.made.script, moved.made.data):
        (copied / file.name).write_bytes(file.read_bytes())
    happens(console, copied)
    before = copy.deepcopy(console.tables)
    done = console.run(copied / moved.made.script.name, "apply")
    assert done.returncode == 1
    assert done.stderr.startswith("refused: ")
    assert changed(before, console.tables) == {}


def test_neither_file_holds_a_secret_or_a_name(moved: Moved) -> None:
    text = moved.made.script.read_text() + gzip.decompress(moved.made.data.read_bytes()).decode()
    for secret in (PASSWORD, TOKEN, "@example.org", "@acme"):
        assert secret not in text


def test_making_it_again_gives_the_same_files(
    moved: Moved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    again = pipeline.make_console_script(moved.config, Path("made"), progress=lambda *_: None)
    assert again.script == tmp_path / "made" / "migrate-console.rb"
    assert again.script.read_text() == moved.made.script.read_text()
    assert again.data.read_bytes() == moved.made.data.read_bytes()


@pytest.fixture
def dated_by_console(tmp_path: Path) -> Iterator[Moved]:
    with start(generate(6, posts_each=3, users=4)) as sandbox:
        yield move(sandbox, tmp_path, exact_updated_at="console")


def test_last_changes_are_dated_by_the_console_where_that_is_wanted(
    dated_by_console: Moved, tmp_path: Path
) -> None:
    moved = dated_by_console
    asked = {(request.method, request.path) for request in moved.sandbox.zammad.requests}
    assert not asked & {("PUT", f"/api/v1/tickets/{number}") for number in moved.ticket_ids()}
    waiting = "tickets whose last change the console script has yet to date"
    verified = moved.verify()
    assert (verified.ok, verified.told[waiting]) == (True, 6)
    console = moved.console(tmp_path)
    console.run(moved.made.script, "apply")
    cases = moved.sandbox.kayako.helpdesk.cases
    tables = moved.sandbox.zammad.tables
    for row in console.tables["tickets"]:
        if row["id"] in moved.ticket_ids():
            assert row["updated_at"][:19] == str(cases[int(row["number"])]["updated_at"])[:19]
            tables.tickets[row["id"]].update(row)
    verified = moved.verify()
    assert (verified.ok, verified.told[waiting]) == (True, 0)
    tables.tickets[min(moved.ticket_ids())]["updated_at"] = "2026-01-01T00:00:00.000Z"
    assert {difference.field for difference in moved.verify().deviations} == {"updated_at"}
