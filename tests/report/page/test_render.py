from __future__ import annotations

import dataclasses
import re
from itertools import pairwise
from pathlib import Path

import pytest

from runner.engine.inventory import Inventory, Mailbox, Rebuilt
from runner.report.page.render import page
from runner.report.page.words import LANGUAGES
from tests.report.support import Moved, Page, done, stopped, verification

EVIL = '</title><script>alert(1)</script><img src=x onerror="x()">\x1b]0;x\x07\u202egnp.exe\ud83d\n'
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def moved(tmp_path: Path) -> Moved:
    return Moved(tmp_path)


def shown(moved: Moved, language: str = "en", found: dict[str, object] | None = None) -> str:
    return "".join(page(moved.figures(found), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_whole_page_with_a_section_for_everything(moved: Moved, language: str) -> None:
    moved.whole()
    made = Page(shown(moved, language, verification("03")))
    assert made.crossed == []
    assert made.tags("html") == [{"lang": language}]
    named = [attributes["id"] for attributes in made.tags("section")]
    assert named == [
        *("moved", "left_out", "changed", "failed", "inventory", "verified", "runs"),
        *("next", "certificate"),
    ]
    links = {attributes["href"] for attributes in made.tags("a")}
    assert links == {f"#{name}" for name in named}
    headings = [int(tag[1]) for tag, _ in made.elements if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    steps = pairwise(headings)
    assert all(after - before <= 1 for before, after in steps)


def test_every_table_has_a_caption_and_every_picture_words(moved: Moved) -> None:
    moved.whole()
    moved.run("apply", day="02", created=9, pace={"tickets": [[0, 0], [60, 9]]})
    made = Page(shown(moved, found=verification("03")))
    assert len(made.tags("table")) == len(made.tags("caption")) > 3
    pictures = made.tags("svg")
    assert len(pictures) > 3
    assert all(one.get("aria-label") or one.get("aria-hidden") for one in pictures)


def test_nothing_on_it_asks_a_network_or_runs(moved: Moved) -> None:
    moved.whole()
    text = shown(moved, found=verification("03"))
    made = Page(text)
    assert {"script", "link", "img", "iframe", "object", "form"}.isdisjoint(
        tag for tag, _ in made.elements
    )
    assert not [name for _, values in made.elements for name in values if name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_no_login_stands_on_it(moved: Moved) -> None:
    moved.whole()
    text = shown(moved)
    assert "hunter2" not in text
    assert "zammad.example" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_wrote_cannot_act(moved: Moved, language: str) -> None:
    moved.whole()
    moved.put("groups", done("1", 2, applied={"name": EVIL}))
    applied = {"title": EVIL, "created_at": "2024-01-01T00:00:00Z", "group": {"ref": "groups/1"}}
    moved.put("tickets", done("1", 1, applied=applied, notes=[["dropped", EVIL, EVIL]]))
    moved.put("tickets", stopped("2", "failed", EVIL, applied=applied))
    moved.put("tickets", stopped("3", "skipped", EVIL, applied=applied))
    difference = {"entity": "tickets", "source_id": EVIL, "target_id": 1, "field": EVIL}
    difference |= {"wanted": EVIL, "there": [EVIL], "kind": "changed"}
    counts = {"ok": False, "differences_total": 1, "kinds": {"changed": 1}}
    found = verification("03", differences=[difference], **counts)
    text = shown(moved, language, found)
    made = Page(text)
    assert made.crossed == []
    assert {"script", "img"}.isdisjoint(tag for tag, _ in made.elements)
    assert not _ACTING.search(text)
    assert text.encode()
    for name in ("moved", "left_out", "changed", "failed", "verified"):
        assert "<script>alert(1)</script>" in made.sections[name], name


def test_figures_are_written_as_the_language_writes_them(moved: Moved) -> None:
    moved.whole()
    children = {"posts": {str(n): [n, "x"] for n in range(1, 1_235)}, "time": {}}
    moved.put("tickets", done("1", 1, children=children))
    assert "1,234" in Page(shown(moved)).sections[""]
    german = Page(shown(moved, "de")).sections[""]
    assert "1.234" in german
    assert "5.12.2026, 08:00 Uhr (UTC)" in german


def test_the_certificate_is_one_only_when_everything_holds(moved: Moved) -> None:
    moved.whole()
    interim = Page(shown(moved)).sections["certificate"]
    assert interim.startswith("Interim statement")
    assert "does not hold: Zammad was not read back yet." in interim
    whole = Page(shown(moved, found=verification("03"))).sections["certificate"]
    assert whole.startswith("Certificate of completeness")
    assert "Tickets wanted in Zammad 4 = 4 found there." in whole
    assert "5 = 5" in whole
    assert "does not hold" not in whole


def test_a_page_of_many_records_is_no_longer_than_one_of_some(moved: Moved) -> None:
    def put(numbers: range) -> None:
        for number in numbers:
            key = str(1_000 + number)
            moved.put("tickets", stopped(key, "failed", f"reason {number}"))
            moved.put("users", done(key, 1, notes=[["dropped", "role", f"role {number}"]]))

    put(range(300))
    some = len(shown(moved))
    put(range(300, 1_200))
    assert len(shown(moved)) < some * 1.02


def test_before_anything_ran_it_says_so(moved: Moved) -> None:
    made = Page(shown(moved))
    assert made.crossed == []
    assert "Nothing was moved yet" in made.sections[""]
    assert "migrate plan" in made.sections["next"]


def test_what_is_left_to_do_by_hand_is_named(moved: Moved) -> None:
    moved.whole()
    routes = (("Support", "Support", "", 12), ("", "Elsewhere", "", 3))
    stays = Inventory(
        rebuild=[Rebuilt("triggers", "Close <b>old</b>", enabled=False, text="status is solved")],
        mailboxes=[
            Mailbox(
                "help@acme.example", "", enabled=True, own_domain=True, routes=routes, forward=""
            ),
            Mailbox("x@acme.kayako.com", "", enabled=True, own_domain=False, routes=(), forward=""),
            Mailbox("old@acme.example", "", enabled=False, own_domain=True, routes=(), forward=""),
        ],
    )
    figures = dataclasses.replace(moved.figures(), inventory=stays)
    said = Page("".join(page(figures, "en"))).sections["inventory"]
    assert "Close <b>old</b> (switched off) status is solved" in said
    assert "12 in group Support 3 in group Elsewhere" in said
    assert "fetch its mail for group Support" in said
    assert "Ends with the Kayako account" in said
    assert "Is it still needed?" in said


def test_kinds_that_were_not_compared_at_all_are_zero(moved: Moved) -> None:
    moved.whole()
    counts = {"calendars": {"wanted": 1}, **verification()["counts"]}
    said = Page(shown(moved, found=verification("03", counts=counts))).sections["verified"]
    assert "Business hours 1 0 0" in said
