"""What an edit changes, in a few lines; and what is said in red before a run."""

from __future__ import annotations

from collections import Counter

from runner.engine.effect import ARTICLES, HAPPENS, Difference
from runner.report import closed
from runner.report.effect import effect
from tests.report.support import Paper


def printed(*differences: Difference) -> str:
    paper = Paper()
    effect(paper.console, list(differences))
    return paper.text


def test_an_edit_without_effect_says_so() -> None:
    assert printed() == "This edit changes nothing.\n"


def test_few_pairs_are_told_one_by_one_with_an_example() -> None:
    pairs = Counter({("new", "open"): 2, (None, "open"): 1})
    one = Difference("tickets", "state", 3, pairs, [("7", "new", "open")])
    assert printed(one).splitlines() == [
        "2 tickets: state is now open (before: new), e.g. 7",
        "1 ticket: state is now open (before: left out)",
    ]


def test_what_happens_needs_no_name() -> None:
    one = Difference("users", HAPPENS, 1, Counter({("create", "skip (left)"): 1}))
    assert printed(one) == "1 user: now skip (left) (before: create)\n"


def test_messages_are_told_by_examples_alone() -> None:
    one = Difference("tickets", ARTICLES, 2, Counter(), [("1", 5, 6), ("2", 7, 8)])
    assert printed(one) == "2 tickets: messages differ, e.g. 1, 2\n"


def test_long_texts_and_many_pairs_are_told_by_examples() -> None:
    long = Difference("users", "note", 1, Counter({(1, None): 1}), [("9", 1, None)])
    many = Counter({(str(number), "x"): 1 for number in range(6)})
    some = Difference("users", "note", 6, many, [("3", "3", "x")])
    assert printed(long, some).splitlines() == [
        "1 user: note is different, e.g.",
        "  9: long text → left out",
        "6 users: note is different, e.g.",
        "  3: 3 → x",
    ]


def test_before_a_wave_and_a_window_it_is_said_that_nobody_works() -> None:
    paper = Paper()
    closed.wave(paper.console)
    closed.window(paper.console, "22:00-06:00", live=True)
    closed.window(paper.console, "22:00-06:00", live=False)
    wave, live, waiting = paper.text.splitlines()
    assert "Nobody works in Zammad before migrate finish" in wave
    assert live.startswith("Between 22:00-06:00 nobody works in Zammad")
    assert "it is switched off: two minutes before the window closes" in live
    assert waiting.endswith("It stays on after the window, until migrate finish.")
