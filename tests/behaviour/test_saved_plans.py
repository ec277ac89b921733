"""A plan that is saved is applied exactly, or refused saying what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runner.errors import Unreachable
from runner.sandbox.both import start
from runner.sandbox.data import Helpdesk, generate
from tests.behaviour.conftest import Stage
from tests.behaviour.support import Place

Make = Callable[..., Stage]
FIRST = 1001


def small() -> Helpdesk:
    return generate(6, posts_each=3, users=4)


def saved(s: Stage, *options: str) -> str:
    file = str(s.place.folder / "friday.plan")
    done = s.place.migrate("plan", "--out", file, *options)
    assert done.returncode == 0, done.stderr
    assert f"migrate apply {file}" in " ".join(done.stderr.split())
    return file


def refused(s: Stage, file: str, *words: str) -> str:
    """Apply a plan that is stale: nothing is written, and each of ``words`` is said."""
    before = s.writes
    done = s.place.migrate("apply", file, "--yes")
    assert done.returncode == 9, done.stdout + done.stderr
    assert s.writes == before
    told = " ".join(done.stderr.split())
    for word in words:
        assert word in told
    return told


def ticket_id(s: Stage, number: int = FIRST) -> int:
    return next(row["id"] for row in s.zammad.rows("/tickets") if row["number"] == str(number))


def test_what_was_saved_is_written_without_asking_kayako(stage: Make) -> None:
    s = stage(small())
    file = saved(s)
    assert Path(file).stat().st_mode & 0o777 == 0o600
    s.place.succeed("pull")  # brings nothing, so the plan still holds
    asked = len(s.sandbox.kayako.requests)
    s.place.succeed("apply", file, "--yes")
    assert len(s.sandbox.kayako.requests) == asked
    assert len(s.zammad.everything()["tickets"]) == 7
    assert s.place.ask("apply", "--yes")["wrote"] is False


def test_a_saved_plan_keeps_its_scope_and_holds_no_secret(stage: Make) -> None:
    s = stage(small())
    file = saved(s, "--limit", "2")
    assert "sandbox-token" not in Path(file).read_text()
    assert '"sandbox"' not in Path(file).read_text()
    s.place.succeed("apply", file, "--yes")
    assert {str(FIRST), str(FIRST + 1)} < s.zammad.everything()["tickets"].keys()
    assert len(s.zammad.everything()["tickets"]) == 3


@pytest.fixture(scope="module")
def unwritten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, str]]:
    """A stage with a saved plan, to which nothing is ever written; edits are taken back."""
    with start(small()) as sandbox:
        folder = tmp_path_factory.mktemp("unwritten") / "place"
        s = Stage(sandbox, Place.make(folder, sandbox.kayako_url, sandbox.zammad_url))
        yield s, saved(s)
        assert s.writes == 0


@contextmanager
def edited(s: Stage, name: str, before: str, after: str) -> Iterator[None]:
    s.place.edit(name, before, after)
    yield
    s.place.edit(name, after, before)


def test_an_edit_of_a_mapping_makes_it_stale(unwritten: tuple[Stage, str]) -> None:
    s, file = unwritten
    with (
        edited(s, "mappings/tickets.yaml", "(no subject)", "(none)"),
        edited(s, "mappings/vocabularies/states.yaml", "becomes: open", "becomes: new"),
        edited(s, "mappings/users.yaml", "entity: users", "entity: users  # people"),
    ):
        told = refused(s, file, "tickets.yaml was changed", "vocabularies/states.yaml was changed")
    assert "users.yaml" not in told


def test_an_edit_of_the_config_makes_it_stale(unwritten: tuple[Stage, str]) -> None:
    s, file = unwritten
    with (
        edited(s, "config.yaml", "  workers: 4\n", "  workers: 3\n\noptions:\n  links: keep\n"),
    ):
        told = refused(s, file, "config: options.links was rewrite, now it is keep")
    assert "workers" not in told


def test_a_plan_of_another_folder_or_host_is_refused(unwritten: tuple[Stage, str]) -> None:
    s, file = unwritten
    with edited(s, "config.yaml", "workdir: .migrate", "workdir: elsewhere"):
        refused(s, file, "for the workdir", "elsewhere")
    here = s.sandbox.zammad_url
    with edited(s, "config.yaml", here, "http://127.0.0.1:9"):
        refused(s, file, f"for the zammad {here}")


def test_a_file_that_is_cut_off_or_edited_or_none_is_refused(
    unwritten: tuple[Stage, str],
) -> None:
    s, saved_there = unwritten
    whole = Path(saved_there).read_bytes()
    file = s.place.folder / "damaged.plan"
    for damaged in (whole[:-40], whole.replace(b'"create"', b'"update"', 1), b"", None):
        if damaged is None:
            file.unlink()
        else:
            file.write_bytes(damaged)
        assert s.place.migrate("apply", str(file), "--yes").returncode == 12
    file.write_bytes(whole.replace(b"migrate plan 1", b"migrate plan 0", 1))
    refused(s, str(file), "another version")
    file.unlink()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("plan", "--out", "FILE", "--id", "case/1001"), "--id"),
        (("plan", "--out", "FILE", "--watch"), "--watch"),
        (("apply", "FILE", "--limit", "1", "--yes"), "--limit"),
        (("apply", "FILE", "--pull", "--yes"), "--pull"),
        (("plan", "--out", "CONFIG"), "something else"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    unwritten: tuple[Stage, str], arguments: tuple[str, ...], word: str
) -> None:
    s, file = unwritten
    files = {"FILE": file, "CONFIG": str(s.place.folder / "config.yaml")}
    done = s.place.migrate(*(files.get(one, one) for one in arguments))
    assert done.returncode == 2
    assert word in done.stderr
    assert "kayako:" in Path(files["CONFIG"]).read_text()


def test_a_plan_cannot_be_saved_while_zammad_is_out_of_reach(
    unwritten: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    s, _ = unwritten

    def nobody(*_: object) -> None:
        raise Unreachable("no answer")

    monkeypatch.setattr("runner.engine.target.look", nobody)
    file = s.place.folder / "x.plan"
    assert s.place.migrate("plan", "--out", str(file)).returncode == 4
    assert not file.exists()


def test_what_a_pull_brought_makes_it_stale(stage: Make) -> None:
    s = stage(small())
    file = saved(s)
    s.place.succeed("pull")
    s.helpdesk.change_subject(FIRST, "Another subject")
    s.helpdesk.add_post(FIRST + 1, "It is still broken.")
    s.place.succeed("pull")
    told = refused(s, file, f"cases: 2 changed ({FIRST}, {FIRST + 1})")
    assert "users" not in told


def test_another_run_makes_it_stale(stage: Make) -> None:
    s = stage(small())
    file = saved(s)
    s.place.succeed("apply", "--yes", "--no-pull", "--limit", "1")
    refused(s, file, "ledger: migrate apply ran at 20", "created")
    file = saved(s)
    s.place.succeed("reset", "--yes")
    refused(s, file, "ledger: it was emptied (migrate reset)")


def test_an_agent_who_changes_a_touched_ticket_makes_it_stale(stage: Make) -> None:
    s = stage(small())
    s.place.succeed("apply", "--yes")
    s.helpdesk.change_subject(FIRST, "Another subject")
    s.place.succeed("pull")
    file = saved(s)
    number = ticket_id(s)
    s.zammad.ask("PUT", f"/tickets/{ticket_id(s, FIRST + 1)}", json={"title": "Not touched"})
    s.zammad.ask("PUT", f"/tickets/{number}", json={"title": "By an agent"})
    told = refused(s, file, f"tickets/{FIRST} “Another subject” (id {number}) was of 20")
    assert str(FIRST + 1) not in told
    file = saved(s)
    s.zammad.ask("DELETE", f"/tickets/{number}")
    refused(s, file, f"(id {number}) is gone")


def test_somebody_who_appeared_or_changed_in_zammad_makes_it_stale(stage: Make) -> None:
    s = stage(small())
    email = s.helpdesk.table("identity_email")[1001]["email"]
    person = {"login": email, "email": email, "firstname": "A", "lastname": "B"}
    file = saved(s)
    made = s.zammad.ask("POST", "/users", json={**person, "roles": ["Customer"]})
    kind = s.zammad.get("/ticket_states")[0]["state_type_id"]
    s.zammad.ask("POST", "/ticket_states", json={"name": "parked", "state_type_id": kind})
    told = refused(s, file, f"users/1001 “{email}” was not there and is now (id {made['id']})")
    assert "Zammad: states: new: parked" in told
    file = saved(s)
    s.zammad.ask("PUT", f"/users/{made['id']}", json={"note": "moved", "updated_at": "2020-01-01"})
    refused(s, file, f"users/1001 “{email}” (id {made['id']}) was of 20")


def test_a_run_that_was_cut_off_goes_on(stage: Make) -> None:
    s = stage(small())
    file = saved(s)
    assert s.place.migrate("apply", file, "--yes", "--max-duration", "0s").returncode == 130
    s.place.succeed("apply", file, "--yes")
    assert len(s.zammad.everything()["tickets"]) == 7
