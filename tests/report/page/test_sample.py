"""The page of a sample: what people wrote cannot act, answers become a line for any shell."""

from __future__ import annotations

import dataclasses
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runner.engine.readback import Pair
from runner.engine.sampling import Chosen
from runner.engine.traits import Trait
from runner.engine.verified import Deviation, Kind
from runner.mapping.model import Note
from runner.pipeline import Sample, Tick
from runner.report.page import sample as pages
from runner.report.page.words import LANGUAGES, Words
from tests.report.support import Page

CHROMIUM = shutil.which("chromium")
EVIL = '</title><script>alert(1)</script><img src=x onerror="x()">\x1b]0;x\x07\u202egnp.exe\ud83d\n'
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def person(text: str) -> dict[str, Any]:
    return {"type": "user", "id": 7, "name": text, "email": text, "role": text, "known": True}


def pair(number: int, text: str = "Hello", *posts: dict[str, Any]) -> Pair:
    case = {"id": number, "subject": text, "url": f"https://k.example/agent/conversations/{number}"}
    label = {"id": 1, "label": text}
    case |= {"status": label, "requester": person(text), "tags": [text], "created_at": text}
    files = [{"name": text, "size": 5, "sha256": None}]
    post = {"id": number * 10, "creator": person(text), "original": {"body_html": text}}
    post |= {"attachments": files, "to": [text], "created_at": "2024-01-01T00:00:00Z"}
    article = {"id": 1, "from": text, "type": text, "body": text, "content_type": "text/html"}
    article |= {"attachments": [{"filename": text, "size": "x"}], "created_at": text}
    return Pair(
        case=case,
        posts=[post, *posts],
        times=[],
        ticket={"id": number + 100, "number": text, "title": text, "tags": [text]},
        articles=[article, {**article, "id": 2}],
        article_of={str(number * 10): 1},
        fields=((text, text, "kayako_x"),),
        notes=(Note("dropped", text, text),),
        mark=(number, "f"),
    )


def shown(pairs: list[Pair], language: str = "en", text: str = "x", **more: Any) -> str:
    cases = tuple(Chosen(one.case["id"], (Trait("state", text),)) for one in pairs)
    sample = Sample(asked=5, made_at="", cases=cases, no_room=(Trait("type", text),), **more)
    return "".join(
        pages.page(
            sample,
            pairs,
            kayako_url="https://admin:hunter2@k.example",
            zammad_url="https://z.example",
            made_at="2026-12-05T08:00:00Z",
            language=language,
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_wrote_cannot_act(language: str) -> None:
    one = pair(1, EVIL)
    found = (
        Deviation("tickets", "1", 101, EVIL, EVIL, [EVIL], Kind.CHANGED),
        Deviation("articles", "1/10", 1, EVIL, EVIL, {"x": EVIL}, Kind.DIFFERS),
    )
    ticks = {1: Tick(1, right=False, remark=EVIL, by=EVIL, at="2026-12-05T08:00:00Z")}
    failed = dataclasses.replace(pair(2, EVIL), ticket=None, articles=[], problem=EVIL)
    pairs = [dataclasses.replace(one, differences=found), failed]
    text = shown(pairs, language, EVIL, ticks=ticks)
    made = Page(text)
    assert made.crossed == []
    tags = [tag for tag, _ in made.elements]
    assert tags.count("script") == 1
    assert {"img", "iframe", "form", "link", "svg"}.isdisjoint(tags)
    assert not [name for _, values in made.elements for name in values if name.startswith("on")]
    assert not _ACTING.search(text)
    assert text.encode()
    assert "hunter2" not in text
    hrefs = [one["href"] for one in made.tags("a")]
    assert not [href for href in hrefs if not href.startswith(("https://k.", "https://z.", "#"))]


def test_a_link_that_is_none_of_the_web_leads_nowhere() -> None:
    one = pair(1)
    one.case["url"] = "javascript:alert(1)"
    assert "javascript:" not in shown([one])


def test_both_sides_stand_beside_each_other_and_what_differs_comes_first() -> None:
    found = (Deviation("tickets", "2", 102, "title", "Hello", "Bye", Kind.CHANGED),)
    made = Page(shown([pair(1), dataclasses.replace(pair(2), differences=found)]))
    assert [one["data-id"] for one in made.tags("article")] == ["2", "1"]
    rows = [values.get("class") for tag, values in made.elements if tag == "tr"]
    assert rows.count("differs") == 1
    text = made.sections[""]
    assert "changed in Zammad ; wanted: Hello" in text or "changed in Zammad; wanted: Hello" in text
    assert "Kayako has no message here" in text


def test_of_a_long_conversation_both_ends_are_shown() -> None:
    post = pair(1).posts[0]
    more = [{**post, "id": 100 + number} for number in range(40)]
    text = shown([pair(1, "Hello", *more)])
    assert "30 messages more in between" in text
    found = (Deviation("articles", "1/120", None, "article", "x", None, Kind.MISSING),)
    with_difference = dataclasses.replace(pair(1, "Hello", *more), differences=found)
    assert "29 messages more in between" in shown([with_difference])


def test_an_answer_of_a_ticket_that_was_written_anew_is_told_and_not_set() -> None:
    tick = Tick(1, right=True, remark="", by="admin", at="2026-12-05T08:00:00Z")
    kept = Page(shown([pair(1)], ticks={1: tick})).tags("article")[0]
    assert kept["data-verdict"] == "right"
    text = shown([pair(1)], ticks={1: dataclasses.replace(tick, holds=False)})
    assert Page(text).tags("article")[0]["data-verdict"] == ""
    assert "written anew since admin looked at it" in text


def test_traits_of_a_kind_stand_together() -> None:
    found = [Trait("field", "DATE"), Trait("author", "nobody"), Trait("field", "TEXT")]
    told = pages.traits([*found, Trait("oddity", "files"), Trait("oddity", "new_one")], Words("en"))
    assert told == "field of type DATE, TEXT, written by nobody, attachments, oddity new_one"


def dump(text: str, folder: Path) -> str:
    file = folder / "page.html"
    file.write_text(text)
    flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
    line = [str(CHROMIUM), *flags, *quiet, f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*line, file.as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium")
def test_a_browser_runs_its_script_and_no_other_and_makes_the_line(tmp_path: Path) -> None:
    tick = Tick(3, right=True, remark="", by="admin", at="2026-12-05T08:00:00Z")
    text = shown([pair(1), pair(2), pair(3)], ticks={3: tick})
    planted = text.replace("</body>", "<script>document.title = 'acted'</script></body>")
    page = dump(planted, tmp_path)
    assert "1 of 3 looked at, 0 wrong" in page, "the policy knows the page's own script"
    assert "<title>acted" not in page
    clicks = (
        "<script>document.querySelector('#c1 .right').click();"
        "document.querySelector('#c2 .wrong').click();"
        "const field = document.querySelector('#c2 textarea');"
        r"""field.value = 'costs "5 $HOME" 100% `id` \\ so!\nnext';"""
        "field.dispatchEvent(new Event('input'));"
        "document.title = byId('line').value;</script></body>"
    )
    loose = re.sub(r"<meta http-equiv[^>]*>", "", text).replace("</body>", clicks)
    page = dump(loose, tmp_path)
    line = re.search(r"<title>(.*)</title>", page)
    assert line is not None
    told = shlex.split(line[1].replace("&amp;", "&"))
    assert told[:5] == ["migrate", "sample", "--right", "1", "--wrong"]
    assert told[5] == "2=costs '5 ＄HOME' 100％ 'id' ＼ so！ next"  # noqa: RUF001 - that is the point
    assert "3 of 3 looked at, 1 wrong" in page
