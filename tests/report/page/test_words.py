from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from runner import pipeline
from runner.config.model import ENTITIES
from runner.engine.inventory import REBUILT
from runner.engine.traits import ESSENTIAL, ODDITIES
from runner.engine.verified import DIMENSIONS, Kind
from runner.report.figures.model import CLASSES
from runner.report.page import render, words
from runner.report.page.words import LANGUAGES, Words
from runner.report.sides import REASONS

FOLDER = Path(words.__file__).parent
FILES = sorted(FOLDER.glob("*.jinja"))
_DIRECT = re.compile(r"\bw\('([a-z_.]+)'[,)]")
_CALLED = re.compile(r'\bwords\(\s*"([a-z_.]+)"[,)]')
_COMPUTED = ("verdict", "because", "section", "class", "entity", "one", "kind", "dimension")
_COMPUTED_TOO = ("rebuilt", "difference", "run", "outcome", "next", "certificate", "runbook")
_OF_THE_SAMPLE = ("trait", "oddity", "field")


@pytest.mark.parametrize("key", sorted(words.table()))
def test_every_key_has_both_languages_with_the_same_gaps(key: str) -> None:
    texts = words.table()[key]
    assert set(texts) == set(LANGUAGES)
    gaps = [{name for _, name, _, _ in Formatter().parse(texts[code])} for code in LANGUAGES]
    assert gaps[0] - {None} == gaps[1] - {None}
    assert all(text.strip() for text in texts.values())


def test_every_word_that_the_templates_name_is_there_and_none_is_left_over() -> None:
    named = {key for file in FILES for key in _DIRECT.findall(file.read_text())}
    chosen = re.compile(r"'([a-z_]+\.[a-z_]+)'")
    named |= {key for file in FILES for key in chosen.findall(file.read_text())}
    modules = [file.read_text() for file in (*FOLDER.glob("*.py"), *FOLDER.parent.glob("*.py"))]
    named |= {key for text in modules for key in _CALLED.findall(text)}
    named |= {key for key in words.table() if any(f'"{key}"' in text for text in modules)}
    named |= {f"live.{word}" for word in render._COUNTED}
    named |= {
        "live.side",
        "live.side_free",
        "live.change",
        *(f"live.binds.{why}" for why in REASONS),
    }
    table = set(words.table())
    assert {key for key in named if not key.endswith(".")} - table == set()
    computed = {*_COMPUTED, *_COMPUTED_TOO, *_OF_THE_SAMPLE}
    assert {key for key in table - named if key.partition(".")[0] not in computed} == set()


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("class", CLASSES),
        ("trait", ESSENTIAL),
        ("oddity", ODDITIES),
        ("difference", tuple(str(kind) for kind in Kind)),
        ("dimension", DIMENSIONS),
        ("rebuilt", REBUILT),
        ("entity", (*ENTITIES, "articles", "attachments", "time_entries")),
        ("one", (*ENTITIES, "articles")),
        ("verdict", ("nothing", "problems", "differences", "unverified", "complete")),
        ("because", ("nothing", "problems", "differences", "unverified", "complete")),
        ("outcome", ("done", "failed records", "failed", "interrupted", "too many errors", "")),
        ("run", ("apply", "finish")),
    ],
)
def test_everything_that_the_program_has_a_word_for_is_translated(
    prefix: str, names: tuple[str, ...]
) -> None:
    table = words.table()
    assert [name for name in names if f"{prefix}.{name}" not in table] == []


def test_every_kind_of_note_has_a_word() -> None:
    noted = re.compile(r"""(?:Note|\bnote)\(\s*"([a-z]+)",\s""")
    sources = Path(pipeline.__file__).parents[1].rglob("*.py")
    kinds = {kind for file in sources for kind in noted.findall(file.read_text())}
    assert {"dropped", "created"} <= kinds
    # What was skipped or failed has a section of its own.
    assert kinds - {"skipped", "failed"} - _words_of("kind") == set()


def _words_of(prefix: str) -> set[str]:
    return {key.partition(".")[2] for key in words.table() if key.startswith(f"{prefix}.")}


def test_numbers_times_and_spans() -> None:
    english, german = Words("en"), Words("de")
    assert (english.number(1_234_567), german.number(1_234_567)) == ("1,234,567", "1.234.567")
    assert (english.number(0.5), german.number(0.5), german.number(3.0)) == ("0.5", "0,5", "3")
    assert english.moment("2026-12-05T08:00:00Z") == "5 Dec 2026, 08:00 UTC"
    assert [english.span(s) for s in (0.4, 59, 61, 3_661, 90_000)] == [
        *("0.4 s", "59 s", "1 min 1 s", "1 h 1 min", "1 d 1 h"),
    ]
    assert (english.month("2024-03"), english.month("2024")) == ("3/24", "2024")


def test_an_entity_that_came_later_has_its_own_name() -> None:
    assert Words("de").entity("new_things") == "New things"
