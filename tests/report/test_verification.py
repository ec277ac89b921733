from __future__ import annotations

from collections import Counter
from typing import Any

from runner.engine.verified import Deviation, Kind, Verified
from runner.report.verification import MOST_SHOWN, show
from tests.report.support import Paper

KIND = next(iter(Kind))


def differs(source_id: str, field: str = "x", **more: Any) -> Deviation:
    common = {"target_id": None, "wanted": None, "there": None, "kind": KIND}
    return Deviation("tickets", source_id, field=field, **{**common, **more})


def verified(*deviations: Deviation, wanted: int = 2, there: int = 2) -> Verified:
    found = Verified("https://zammad.example")
    found.counts["tickets"] = Counter(wanted=wanted, there=there, failed=wanted - there)
    found.tickets["by_team"] = {"Support": [wanted, there], "Sales": [1, 1]}
    found.deviations += deviations
    found.kinds.update(str(deviation.kind) for deviation in deviations)
    return found


def printed(found: Verified) -> str:
    paper = Paper()
    show(paper.console, found)
    return paper.text


def test_where_all_agrees_it_says_so_and_lists_nothing() -> None:
    found = verified()
    found.told["changed in Zammad"] = 3
    text = printed(found)
    assert "Verify of https://zammad.example, all conversations" in text
    assert "Tickets by team: 2 of 2 numbers agree (3 tickets)" in text
    assert "3 changed in Zammad" in text
    assert text.endswith("Zammad is as it should be.\n")


def test_a_sample_says_how_large_it_was() -> None:
    found = verified()
    found.sample = 1500
    assert "a sample of 1,500 conversations" in printed(found)


def test_numbers_that_differ_are_told_by_value() -> None:
    text = printed(verified(differs("7", field="x"), wanted=2, there=1))
    assert "Tickets by team: 1 of 2 numbers agree (1 tickets)" in text
    assert "Support: 2 wanted, 1 there" in text


def test_a_difference_names_both_values_and_long_ones_are_cut() -> None:
    rows = [
        differs("7", field="owner", target_id=9, wanted={"ref": "users/1"}),
        differs("8", field="group", wanted={"name": "A"}, there=["b"]),
        differs("9", field="title", there="x" * 200),
        differs("", field="number"),
    ]
    lines = printed(verified(*rows)).splitlines()
    assert f"  tickets/7 (Zammad id 9) owner: {KIND}, wanted users/1" in lines
    assert f'  tickets/8 group: {KIND}, wanted A; there ["b"]' in lines
    assert f"  tickets/9 title: {KIND}, there {'x' * 79}…" in lines
    assert f"  tickets number: {KIND}" in lines


def test_of_very_many_differences_only_the_first_are_listed() -> None:
    rows = [differs(str(number), field="x") for number in range(MOST_SHOWN + 3)]
    text = printed(verified(*rows))
    assert f"{MOST_SHOWN + 3} differences" in text
    assert "… and 3 more (--json lists them)" in text
    assert f"tickets/{MOST_SHOWN} " not in text
