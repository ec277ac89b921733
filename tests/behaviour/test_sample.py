"""A sample of the hard cases: what it holds, on both sides, and what people say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.both import start
from runner.sandbox.data import Helpdesk, hard_cases
from tests.behaviour.conftest import Stage
from tests.behaviour.support import Place
from tests.report.support import Page

_ROLES = {"CUSTOMER", "AGENT", "COLLABORATOR", "OWNER", "ADMIN"}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The hard cases, pulled, and a sample of 25 of them moved."""
    with start(hard_cases()) as sandbox:
        folder = tmp_path_factory.mktemp("sampled") / "place"
        place = Place.make(folder, sandbox.kayako_url, sandbox.zammad_url)
        place.succeed("pull")
        stage = Stage(sandbox, place)
        place.succeed("apply", "--sample", "25", "--yes")
        yield stage


def chosen(stage: Stage) -> dict[str, Any]:
    sample = stage.place.ask("status")["sample"]
    assert isinstance(sample, dict)
    return sample


def page_of(stage: Stage) -> str:
    (file,) = (stage.place.folder / ".migrate" / "reports").glob("sample-*.html")
    return file.read_text()


@pytest.fixture(scope="module")
def made(sampled: Stage) -> Page:
    """The page as it was written first, taken apart."""
    return Page(page_of(sampled))


class Held:
    """What occurs in conversations, told by the sandbox's own records."""

    def __init__(self, helpdesk: Helpdesk, case_ids: list[int]) -> None:
        self._helpdesk = helpdesk
        self.channels: set[str] = set()
        self.vocabularies: dict[str, set[int]] = {"status": set(), "priority": set(), "type": set()}
        self.roles: set[str] = set()
        self.field_types: set[str] = set()
        for case_id in case_ids:
            self._add(helpdesk.cases[case_id])

    def _add(self, case: dict[str, Any]) -> None:
        posts = self._helpdesk.posts(case["id"])
        for record in (case, *posts):
            source = record.get("source_channel") or {}
            self.channels.add(str(source.get("type")))
        for name, found in self.vocabularies.items():
            if case.get(name):
                found.add(case[name]["id"])
        for person in (case["requester"], *(post["creator"] for post in posts)):
            self.roles.add(self._role(person))
        for value in case["custom_fields"]:
            field = self._helpdesk.find("case_field", value["field"]["id"])
            if value["value"] not in (None, ""):
                self.field_types.add(str(field["type"]) if field else "of no field")

    def _role(self, person: dict[str, Any] | None) -> str:
        if person is None or person["resource_type"] != "user":
            return "nobody" if person is None else str(person["resource_type"])
        user = self._helpdesk.find("user", person["id"])
        if user is None:
            return "deleted"
        role = self._helpdesk.find("role", user["role"]["id"])
        assert role is not None
        return str(role["type"])


def test_it_holds_every_channel_state_role_and_field_type(sampled: Stage) -> None:
    helpdesk = sampled.helpdesk
    moving = [
        case_id
        for case_id in helpdesk.cases.ids()
        if helpdesk.cases[case_id]["state"] not in {"TRASH", "SUSPENDED"}
    ]
    ids = [one["id"] for one in chosen(sampled)["conversations"]]
    assert len(ids) == len(set(ids)) == 25
    everything, sample = Held(helpdesk, moving), Held(helpdesk, ids)
    assert sample.channels == everything.channels
    assert {"MAIL", "NOTE", "TWITTER", "FACEBOOK", "MESSENGER", "HELPCENTER"} < sample.channels
    assert sample.vocabularies == everything.vocabularies
    assert [len(found) for found in sample.vocabularies.values()] == [9, 7, 6]
    assert sample.roles == everything.roles
    assert sample.roles - _ROLES == {"nobody", "deleted", "trigger", "monitor"}
    assert sample.field_types == everything.field_types
    assert {"TEXTAREA", "RADIO", "SELECT", "CHECKBOX", "CASCADINGSELECT", "DATE"} < (
        sample.field_types
    )
    assert {"NUMERIC", "DECIMAL", "REGEX", "YESNO", "FILE", "TEXT"} < sample.field_types


def test_it_holds_oddities_and_says_which_there_was_no_room_for(sampled: Stage) -> None:
    sample = chosen(sampled)
    shown = {value for one in sample["conversations"] for kind, value in one["why"]}
    assert {"files", "inline_pictures", "notes", "merged", "archived", "long_thread"} < shown
    assert {"empty_body", "copied", "time", "active_html", "right_to_left"} < shown
    missing = sample["not_covered"]
    assert {kind for kind, _ in missing["no_room"]} == {"oddity"}
    assert missing["left_out"] == [["oddity", "trash"], ["oddity", "suspended"]]


def test_exactly_these_are_in_zammad_with_the_people_they_need(sampled: Stage) -> None:
    ids = {str(one["id"]) for one in chosen(sampled)["conversations"]}
    own = {row["number"] for row in sampled.zammad.rows("/tickets") if row["id"] > 1}
    assert own == ids
    logins = {row["login"] for row in sampled.zammad.rows("/users")}
    assert "customer-11@customers.example" in logins
    assert "customer-26@customers.example" not in logins
    assert sampled.sandbox.zammad.mails_sent == []


def piece_of(page: str, case_id: int) -> str:
    """Return the words of one pair."""
    piece = page.split(f'<article id="c{case_id}"')[1].split("</article>", maxsplit=1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", piece.replace(": <b>", ":<b>")).split())


def test_the_page_shows_both_sides_and_why(sampled: Stage, made: Page) -> None:
    text = page_of(sampled)
    assert made.crossed == []
    articles = made.tags("article")
    assert len(articles) == 25
    links = {one["href"] for one in made.tags("a")}
    rows = {row["number"]: row["id"] for row in sampled.zammad.rows("/tickets")}
    assert f"{sampled.sandbox.kayako_url}/agent/conversations/14" in links
    assert f"{sampled.sandbox.zammad_url}/#ticket/zoom/{rows['14']}" in links
    assert "Extras Gift wrap, Insurance Gift wrap, Insurance" in piece_of(text, 37)
    piece = piece_of(text, 14)
    assert "Chosen for: state Waiting for vendor, priority Critical, type Feature request" in piece
    assert "State Waiting for vendor open" in piece
    assert "kayako-state-waiting-for-vendor" in piece
    assert "Comparing both sides found no difference" in text


def test_nothing_in_a_message_acts_on_the_page(sampled: Stage, made: Page) -> None:
    tags = {tag for tag, _ in made.elements}
    assert {"img", "iframe", "object", "link", "form", "svg"}.isdisjoint(tags)
    assert len(made.tags("script")) == 1
    assert not [name for _, values in made.elements for name in values if name.startswith("on")]
    assert not [one for one in made.tags("a") if not re.match(r"https?://|#", one["href"])]
    assert not [values for _, values in made.elements if "style" in values]
    policy = next(one["content"] for one in made.tags("meta") if "http-equiv" in one)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Hello here" in page_of(sampled), "the words of the dangerous conversation are there"


def test_a_second_run_takes_the_same_ones_and_writes_nothing(sampled: Stage) -> None:
    before, writes = chosen(sampled), sampled.writes
    done = sampled.place.ask("apply", "--sample", "25", "--yes")
    assert sampled.writes == writes
    assert done["wrote"] is False
    assert done["sample"]["conversations"] == before["conversations"]


@pytest.mark.parametrize("option", [("--only", "users"), ("--ids", "1"), ("--limit", "2")])
def test_nothing_else_chooses_beside_a_sample(sampled: Stage, option: tuple[str, str]) -> None:
    done = sampled.place.migrate("apply", "--sample", "25", "--yes", *option)
    assert done.returncode == 2
    assert f"cannot be combined with {' '.join(option)}" in done.stderr


def test_what_people_say_stands_in_status_report_and_certificate(
    stage: Callable[..., Stage],
) -> None:
    small = stage(zammad_version="5.2")
    place = small.place
    assert place.migrate("sample").returncode != 0
    place.succeed("apply", "--sample", "4", "--yes")
    first, *rest = [one["id"] for one in chosen(small)["conversations"]]
    evil = "<script>alert(1)</script>\x1b[2J"
    place.succeed("sample", "--right", "all", "--wrong", f"{first}={evil}")
    assert chosen(small)["right"] == 3
    assert place.succeed("status").count("Sample: 4 of 4 looked at: 3 look right, 1 wrong") == 1
    assert "\x1b" not in place.succeed("status")
    place.succeed("report")
    (report,) = (place.folder / ".migrate" / "reports").glob("report-*.html")
    sections = Page(report.read_text()).sections
    assert "3 look right, 1 wrong" in sections["certificate"]
    assert "alert(1)" in sections["verified"]
    assert {"script"}.isdisjoint(tag for tag, _ in Page(report.read_text()).elements)
    _edit_all(small, rest[0])
    place.edit("mappings/tickets.yaml", "if_empty: (no subject)", "if_empty: (no subject at all)")
    place.succeed("apply", "--sample", "4", "--yes")
    after = chosen(small)
    assert (after["looked_at"], after["open"]) == (3, 1), "one was written anew since"
    assert f"to be looked at again: {rest[0]}" in place.succeed("sample")
    place.succeed("sample", "--forget", "--yes")
    assert place.ask("status")["sample"] is None


def _edit_all(stage: Stage, case_id: int) -> None:
    """Let a conversation change in Kayako, so that its ticket is written anew."""
    stage.helpdesk.change_subject(case_id, "Another subject")


def test_what_differs_comes_first_and_is_marked(sampled: Stage) -> None:
    rows = {row["number"]: row["id"] for row in sampled.zammad.rows("/tickets")}
    sampled.zammad.ask("PUT", f"/tickets/{rows['63']}", json={"title": "By hand"})
    try:
        sampled.place.succeed("sample", "--language", "de")
        made = Page(page_of(sampled))
        assert made.tags("article")[0]["data-id"] == "63"
        assert "differs" in [values.get("class") for tag, values in made.elements if tag == "tr"]
        assert "in Zammad geändert" in page_of(sampled)
    finally:
        title = sampled.helpdesk.cases[63]["subject"]
        sampled.zammad.ask("PUT", f"/tickets/{rows['63']}", json={"title": title})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--right", "4711"), "4711 is not in the sample"),
        (("--right", "x"), "--right x: not a number"),
        (("--wrong", "no number"), "a number comes first"),
        (("--right", "63", "--wrong", "63=no"), "63 cannot be right and wrong"),
        (("--forget", "--right", "63"), "--forget forgets all answers"),
        (("--language", "fr"), "not a language of the page"),
    ],
)
def test_answers_that_make_no_sense_are_refused(
    sampled: Stage, arguments: tuple[str, ...], words: str
) -> None:
    before = chosen(sampled)
    done = sampled.place.migrate("sample", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert chosen(sampled) == before


def test_a_damaged_file_is_refused_with_the_way_out(sampled: Stage) -> None:
    folder: Path = sampled.place.folder / ".migrate" / "reports"
    (file,) = folder.glob("sample-*.json")
    kept = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    try:
        for damaged in (b"{", b"[]", json.dumps({"asked": 1}).encode()):
            file.write_bytes(damaged)
            done = sampled.place.migrate("sample")
            assert done.returncode != 0
            assert "no sample that can be read" in done.stderr
    finally:
        file.write_bytes(kept)
