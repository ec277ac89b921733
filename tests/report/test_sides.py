"""Which side a run waits for: worked out from how threads spent the last seconds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.meter import Usage
from runner.report.sides import Sides, binding

IDLE = Usage(workers=8, allowed=8, limit=600, last_minute=412, waiting=0.0, answering=0.0, held=0.0)
BOTH = {"kayako": IDLE, "zammad": replace(IDLE, workers=4, limit=None)}


@pytest.mark.parametrize(
    ("kayako", "zammad", "writers", "expected"),
    [
        ((7.5, 0.4), (0.0, 0.5), None, ("kayako", "limit")),
        ((0.1, 7.8), (0.0, 0.5), None, ("kayako", "answers")),
        ((7.5, 0.4), (0.0, 3.6), None, ("zammad", "answers")),
        ((0.0, 1.0), (3.5, 0.2), None, ("zammad", "limit")),
        ((0.0, 0.0), (0.0, 0.9), 1, ("zammad", "answers")),
        ((0.0, 0.0), (0.0, 0.9), None, None),
        ((0.0, 0.2), (0.0, 0.2), None, None),
    ],
)
def test_the_side_that_is_waited_for(
    kayako: tuple[float, float],
    zammad: tuple[float, float],
    writers: int | None,
    expected: tuple[str, str] | None,
) -> None:
    found = binding(BOTH, {"kayako": kayako, "zammad": zammad}, writers)
    assert (None if found is None else (found["side"], found["why"])) == expected


def test_a_pause_that_was_asked_for_comes_before_everything() -> None:
    usages = {**BOTH, "kayako": replace(IDLE, held=41.2)}
    assert binding(usages, {"zammad": (0, 4.0)}, None) == {
        "side": "kayako",
        "why": "pause",
        "change": "",
    }


def test_a_side_that_failed_is_not_said_to_be_at_its_limit() -> None:
    usages = {**BOTH, "kayako": replace(IDLE, allowed=4)}
    found = binding(usages, {"kayako": (7.0, 1.0)}, None)
    assert found == {"side": "kayako", "why": "failures", "change": ""}


def test_it_says_which_settings_make_it_quicker() -> None:
    slow = binding(BOTH, {"kayako": (0.0, 0.0), "zammad": (0.0, 4.0)}, None)
    assert slow is not None
    assert {"zammad.workers", "WEB_CONCURRENCY", "es_url"} <= set(slow["change"].split(", "))
    limited = binding(BOTH, {"kayako": (8.0, 0.0), "zammad": (0.0, 0.0)}, None)
    assert limited is not None
    assert limited["change"] == "kayako.requests_per_minute"


def test_where_one_request_follows_the_other_more_workers_are_no_advice() -> None:
    lists = binding(BOTH, {"kayako": (0.0, 1.0), "zammad": (0.0, 0.0)}, 1)
    assert lists == {"side": "kayako", "why": "answers", "change": ""}
    people = binding(BOTH, {"kayako": (0.0, 8.0), "zammad": (0.0, 0.95)}, 1)
    assert people is not None
    assert people["side"] == "zammad"
    assert people["change"] == "es_url, background workers"
    posts = binding(BOTH, {"kayako": (0.0, 7.5), "zammad": (0.0, 0.5)}, None)
    assert posts is not None
    assert posts["change"] == "kayako.workers"


def test_nobody_waits_for_what_is_read_ahead() -> None:
    busy = {"kayako": (7.5, 0.5), "zammad": (0.0, 0.1)}
    assert binding(BOTH, busy, 1, ahead=True) is None
    told = binding(BOTH, busy, 1)
    assert told is not None
    assert told["side"] == "kayako"


def test_a_verb_that_asks_zammad_alone_waits_for_it_with_one_thread() -> None:
    usages = {"zammad": BOTH["zammad"]}
    found = binding(usages, {"zammad": (0.0, 0.9)}, None)
    assert found is not None
    assert (found["side"], found["why"]) == ("zammad", "answers")


def test_only_the_last_seconds_count() -> None:
    usage = IDLE
    sides = Sides()
    sides.connect("kayako", lambda: usage)
    assert sides.as_json(0.0, None) == {
        "sides": [
            {
                "side": "kayako",
                "workers": 8,
                "allowed": 8,
                "limit": 600,
                "last_minute": 412,
                "held": 0,
            }
        ],
        "binds": None,
    }
    for second in range(1, 40):
        usage = replace(usage, waiting=usage.waiting + 8)
        told = sides.as_json(float(second), None)
    assert told["binds"]["why"] == "limit"
    for second in range(40, 52):
        usage = replace(usage, answering=usage.answering + 5)
        told = sides.as_json(float(second), None)
    assert told["binds"]["why"] == "answers"
    assert len(sides._past) < 15
