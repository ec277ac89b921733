from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest

from runner.errors import Interrupted, PreflightError, RecordError, Unreachable
from runner.kayako.client import Kayako
from runner.kayako.pull import pull_bodies, pull_headers
from runner.sandbox.data import generate, hard_cases
from runner.sandbox.kayako import Seen
from runner.snapshot import Snapshot
from tests.kayako.support import EMAIL, PASSWORD, Pulling, contents, pulling


def test_everything_is_read(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        headers, bodies = world.both()
        helpdesk = world.fake.helpdesk
        active = [case for case in helpdesk.cases.values() if case["state"] == "ACTIVE"]
        assert world.snapshot.count("users") == len(list(helpdesk.users.values()))
        assert world.snapshot.count("cases") == len(helpdesk.cases)
        assert headers.lists["archived"].seen == 3
        assert headers.notes == []
        assert headers.unavailable == {}
        assert bodies.failed == 0
        assert bodies.posts_missing == 0
        assert sorted(world.snapshot.case_ids()) == sorted(helpdesk.cases)
        assert {case["id"] for case in world.snapshot.records("cases") if case["archived"]} == set(
            helpdesk.archived
        )
        for case in active:
            posts = [
                post for post in world.snapshot.posts(case["id"]) if isinstance(post["id"], int)
            ]
            assert len(posts) == case["post_count"]
        assert world.snapshot.pulled_at
        assert world.snapshot.go_live_default
        assert world.snapshot.settings["account.default_language"] == "en-us"


@pytest.mark.parametrize(
    "switches",
    [
        {"page_cap": 7},
        {"page_cap": 7, "links": False},
        {"page_cap": 7, "links": False, "link_header": True},
        {"page_cap": 7, "links": False, "link_header": "escaped"},
    ],
)
def test_every_way_of_paging_gives_the_same(tmp_path: Path, switches: dict[str, Any]) -> None:
    with pulling(generate(30), tmp_path / "plain") as world:
        world.both()
        expected = contents(world.snapshot)
    with pulling(generate(30), tmp_path / "paged", **switches) as world:
        headers, bodies = world.both()
        assert headers.notes == []
        assert bodies.posts_missing == 0
        assert contents(world.snapshot) == expected


def test_a_second_pull_reads_bodies_of_changed_cases_only(tmp_path: Path) -> None:
    with pulling(generate(20), tmp_path) as world:
        world.both()
        before = world.snapshot.posts(1003)
        world.fake.requests.clear()
        headers, bodies = world.both()
        assert world.asked("/posts") == []
        assert bodies.read == 0
        assert headers.lists["cases"].fresh == 0
        world.fake.helpdesk.add_post(1003, "News")
        world.fake.helpdesk.touch(1005)
        headers = world.headers()
        assert headers.lists["cases"].fresh == 2
        assert world.snapshot.bodies(1003) == "changed"
        assert list(world.snapshot.cases_needing_bodies()) == [1003, 1005]
        assert world.bodies().read == 2
        after = world.snapshot.posts(1003)
        assert [post["digest"] for post in after[:-1]] == [post["digest"] for post in before]
        assert after[-1]["contents"] == "News"


def test_files_are_fetched_once(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.both()
        world.fake.requests.clear()
        world.fake.helpdesk.touch(69)
        world.both()
        assert world.asked("/cases/69/posts")
        assert world.asked("/attachments/") == []


@pytest.mark.fault(
    "a record that is no longer listed",
    does="asked for by id, and only then marked as gone; what was moved stays in Zammad",
    side="Kayako",
)
def test_what_is_no_longer_listed_is_asked_for_by_id(tmp_path: Path) -> None:
    with pulling(generate(12), tmp_path) as world:
        world.both()
        helpdesk = world.fake.helpdesk
        helpdesk.delete_case(1002)
        helpdesk.trash(1004)
        helpdesk.archive(1006)
        helpdesk.delete_user(1001)
        headers, _ = world.both()
        snapshot = world.snapshot
        assert snapshot.gone("cases") == [1002]
        assert snapshot.gone("users") == [1001]
        assert headers.lists["cases"].gone == 1
        assert 1002 not in snapshot.case_ids()
        assert [record["id"] for record in snapshot.records("cases", gone=True)] == [1002]
        trashed, archived = snapshot.record("cases", 1004), snapshot.record("cases", 1006)
        assert trashed is not None
        assert trashed["state"] == "TRASH"
        assert archived is not None
        assert archived["archived"] is True
        people = [record["requester"] for record in snapshot.records("cases")]
        assert all(person["known"] == (person["id"] != 1001) for person in people)


def test_a_deleted_author_keeps_the_name_that_answers_gave(tmp_path: Path) -> None:
    with pulling(generate(4), tmp_path) as world:
        world.both()
        requester = world.snapshot.record("cases", 1001)["requester"]  # type: ignore[index]
        world.fake.helpdesk.delete_user(requester["id"])
        world.headers()
        kept = world.snapshot.record("cases", 1001)["requester"]  # type: ignore[index]
        assert kept["known"] is False
        assert kept["name"] == requester["name"]


def test_what_comes_back_is_no_longer_gone(tmp_path: Path) -> None:
    with pulling(generate(4), tmp_path) as world:
        world.both()
        record = world.fake.helpdesk.users[1001]
        world.fake.helpdesk.delete_user(1001)
        world.headers()
        assert world.snapshot.gone("users") == [1001]
        world.fake.helpdesk.add(record)
        world.headers()
        assert world.snapshot.gone("users") == []


@pytest.mark.fault(
    "conversations that move to another page while the list is read",
    does="pages overlap in time until every one was seen",
    side="Kayako",
)
def test_cases_that_move_while_they_are_read_are_all_seen(tmp_path: Path) -> None:
    """Not yet read ones jump to the head, read ones are archived, new ones arrive."""
    with pulling(generate(60), tmp_path, page_cap=10) as world:
        helpdesk = world.fake.helpdesk
        pages = 0

        def disturb(seen: Seen) -> None:
            nonlocal pages
            if seen.path != "/api/v1/cases" or "archived" in seen.query:
                return
            pages += 1
            if pages == 2:
                helpdesk.touch(1001)
                helpdesk.add_post(1002)
            if pages == 3:
                helpdesk.archive(1060)

        world.fake.on_request = disturb
        headers = world.headers()
        world.fake.on_request = None
        assert headers.notes == []
        expected = {case["id"]: case["updated_at"] for case in helpdesk.cases.values()}
        found = {case["id"]: case["updated_at"] for case in world.snapshot.records("cases")}
        assert found.keys() == expected.keys()
        assert found[1001] == expected[1001].replace("+00:00", "Z")


@pytest.mark.fault(
    "a list that holds less than it counts",
    does="noted and shown in every plan",
    side="Kayako",
)
def test_a_list_that_stays_short_is_noted(tmp_path: Path) -> None:
    with pulling(generate(5), tmp_path) as world:
        original = world.kayako.get

        def counting_wrong(path: str, params: Any = None) -> Any:
            body = original(path, params)
            return {**body, "total_count": 9} if path == "users" else body

        world.kayako.get = counting_wrong  # type: ignore[method-assign]
        headers = world.headers()
        assert any("Kayako counts 9 users" in note for note in headers.notes)
        assert world.snapshot.gone("users") == []


@pytest.mark.parametrize("status", [403, 404, 426])
def test_an_optional_resource_is_noted_and_the_pull_goes_on(tmp_path: Path, status: int) -> None:
    refused = {"timetracking": status, "brands": status}
    with pulling(generate(3), tmp_path, unlicensed=refused) as world:
        headers, bodies = world.both()
        assert set(headers.unavailable) == {"timetracking", "brands"}
        assert set(world.snapshot.unavailable) == {"timetracking", "brands"}
        assert "not available on your plan" in headers.unavailable["brands"]
        assert bodies.read == 3


@pytest.mark.parametrize("status", [403, 404, 426])
def test_cases_are_not_optional(tmp_path: Path, status: int) -> None:
    with (
        pulling(generate(3), tmp_path, unlicensed={"cases": status}) as world,
        pytest.raises(PreflightError) as caught,
    ):
        world.headers()
    assert caught.value.exit_code == 4


def test_time_entries_that_vanish_are_gone(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        entries = world.fake.helpdesk.table("timetracking_log")
        first = next(iter(entries.keys()))
        entries.remove(first)
        world.headers()
        assert world.snapshot.gone("timetracking") == [first]


def test_a_stopped_sweep_marks_nothing_gone_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    with pulling(generate(60), tmp_path, page_cap=10) as world:
        world.both()
        world.fake.helpdesk.delete_case(1030)
        stop = threading.Event()

        def cut_off(seen: Seen) -> None:
            if seen.path == "/api/v1/cases" and seen.query.get("offset") == "30":
                stop.set()

        world.fake.on_request = cut_off
        kayako = Kayako(world.url, EMAIL, PASSWORD, stop=stop)
        with pytest.raises(Interrupted):
            pull_headers(kayako, world.snapshot, progress=lambda *_: None)
        kayako.close()
        world.fake.on_request = None
        assert world.snapshot.gone("cases") == []
        world.fake.requests.clear()
        world.headers()
        offsets = [
            int(seen.query.get("offset", 0))
            for seen in world.fake.requests
            if seen.path == "/api/v1/cases" and "archived" not in seen.query
        ]
        assert world.snapshot.gone("cases") == [1030]
        assert not [path for path in world.asked("/api/v1/users") if path.endswith("/users")]
        assert len(offsets) <= 8


@pytest.mark.fault(
    "one conversation that cannot be read",
    does="it fails with its reason, and the others are read",
    side="Kayako",
)
def test_one_failing_case_does_not_stop_the_others(tmp_path: Path) -> None:
    with pulling(generate(10), tmp_path) as world:
        world.headers()
        world.fake.unlicensed = {"cases/1004/posts": 404}
        arrived: dict[int, Any] = {}
        report = world.bodies(on_case=lambda case_id, error: arrived.update({case_id: error}))
        assert report.read == 9
        assert list(report.failures) == [1004]
        assert isinstance(arrived[1004], RecordError)
        assert [case for case, error in arrived.items() if error is None] != []
        assert list(world.snapshot.cases_needing_bodies()) == [1004]
        world.fake.unlicensed = ()
        assert world.bodies().read == 1


@pytest.mark.fault(
    "Kayako does not answer any more",
    does="the run ends; the next one goes on where it stood",
    side="Kayako",
)
def test_a_server_that_is_gone_ends_the_pass(tmp_path: Path) -> None:
    with pulling(generate(30), tmp_path) as world:
        world.headers()
        world.fake.faults.rate, world.fake.faults.kinds = 1.0, ("500_before",)
        with pytest.raises(Unreachable):
            world.bodies(workers=2)


def test_stop_ends_the_pass(tmp_path: Path) -> None:
    with pulling(generate(30), tmp_path) as world:
        world.headers()
        stop = threading.Event()
        with pytest.raises(Interrupted):
            world.bodies(stop=stop, on_case=lambda *_: stop.set())
        done = 30 - len(list(world.snapshot.cases_needing_bodies()))
        assert 1 <= done < 30
        assert world.bodies().read == 30 - done


@pytest.mark.fault(
    "messages that are counted and not delivered",
    does="noted by conversation and shown in every plan",
    side="Kayako",
)
def test_posts_that_do_not_come_are_noted(tmp_path: Path) -> None:
    with pulling(generate(5), tmp_path) as world:
        record = world.fake.helpdesk.cases[1002]
        world.fake.helpdesk.add_case({**record, "post_count": record["post_count"] + 2})
        _, bodies = world.both()
        assert bodies.posts_missing == 2
        assert world.snapshot.posts_short() == {1002: 2}
        assert world.snapshot.bodies(1002) == "complete"
        assert len(world.asked("/cases/1002/posts")) == 2


@pytest.mark.fault(
    "random faults of every kind in a few percent of all requests",
    does="the outcome is that of an undisturbed run",
    side="network",
)
def test_faults_on_the_way_change_nothing(tmp_path: Path) -> None:
    with pulling(generate(15), tmp_path / "calm") as world:
        world.both()
        expected = contents(world.snapshot)
    with pulling(generate(15), tmp_path / "rough") as world:
        world.fake.faults.rate, world.fake.faults.retry_after = 0.2, 0
        world.both()
        assert world.fake.faults.counts.faulted > 5
        assert contents(world.snapshot) == expected


CHILD = """
    import sys
    from pathlib import Path
    from runner.kayako.client import Kayako
    from runner.kayako.pull import pull_bodies, pull_headers
    from runner.snapshot import Snapshot
    folder, url, email, password = sys.argv[1:]
    snapshot = Snapshot.open(Path(folder), kayako_url=url)
    kayako = Kayako(url, email, password)
    pull_headers(kayako, snapshot, progress=lambda *_: None)
    pull_bodies(kayako, snapshot, workers=3)
"""


def killed(world: Pulling, after: int, folder: Path) -> None:
    """Pull in another process and kill it at its ``after``-th request."""
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(folder), world.url]
    child = subprocess.Popen([*command, EMAIL, PASSWORD], stderr=subprocess.DEVNULL)
    count = 0

    def watch(_: Seen) -> None:
        nonlocal count
        count += 1
        if count == after:
            os.kill(child.pid, signal.SIGKILL)

    world.fake.on_request = watch
    assert child.wait(timeout=30) == -signal.SIGKILL
    world.fake.on_request = None


@pytest.mark.fault(
    "a pull is killed at any moment",
    does="the next one goes on and ends with the same snapshot",
)
def test_a_killed_pull_goes_on_and_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path / "undisturbed") as world:
        world.both()
        expected = contents(world.snapshot)
        for after in (16, 40, 70):
            killed(world, after, tmp_path / "killed")
        snapshot = Snapshot.open(tmp_path / "killed", kayako_url=world.url)
        pull_headers(world.kayako, snapshot, progress=lambda *_: None)
        pull_bodies(world.kayako, snapshot, workers=3)
        assert contents(snapshot) == expected
        assert list((tmp_path / "killed" / "files").glob(".part-*")) == []
        snapshot.close()
