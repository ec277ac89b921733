from __future__ import annotations

from dataclasses import fields

from runner.engine.importer import losses
from runner.snapshot.census import Census

KEPT = {"messages", "unread", "files", "bytes", "people", "organizations"}
"""Figures that no importer loses."""


def test_nothing_is_lost_of_nothing() -> None:
    assert losses(Census(**dict.fromkeys(sorted(KEPT), 7))) == []


def test_every_other_figure_is_a_loss_and_named_once() -> None:
    others = [
        one.name
        for one in fields(Census)
        if one.name not in {*KEPT, "oldest", "newest", "labels", "labelled"}
    ]
    for name in others:
        (found,) = losses(Census(**{name: 3}))
        assert found.number == 3, name
        assert found.one != found.what
    assert len({loss.what for loss in losses(Census(**dict.fromkeys(others, 1)))}) == len(others)


def test_labels_say_on_how_many_conversations_they_are() -> None:
    found = losses(Census(labels={"types": 1, "states": 3}, labelled={"types": 4, "states": 1204}))
    assert [one.as_json() for one in found] == [
        {"number": 3, "what": "states", "conversations": 1204},
        {"number": 1, "what": "types", "conversations": 4},
    ]


def test_all_losses_together_are_told_in_seven_lines() -> None:
    labels = {"states": 1, "priorities": 1, "types": 1}
    numbers = {one.name: 1 for one in fields(Census) if one.type == "int"}
    found = losses(Census(**numbers, labels=labels, labelled=labels))
    assert len({loss.line for loss in found}) == 7
