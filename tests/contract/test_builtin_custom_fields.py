"""The recorded instance's eleven custom fields, moved by us, beside what the importer made.

Every difference is intended and named: names carry the prefix, choices are kept by the ids of
Kayako's options, nothing is cut at 255 characters, and what is not set stays not set.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.sandbox.data import recorded
from tests.behaviour.conftest import Stage
from tests.contract.test_builtin_import_outcome import KAYAKO, OUTCOME

Make = Callable[..., Stage]

pytestmark = pytest.mark.skipif(
    not OUTCOME.exists(), reason="the recordings of a real Zammad are not beside this checkout"
)

KEYS = {
    "customradio": {"Test 1": "1", "Test 2": "2"},
    "customsingleselect": {"a": "3", "b": "4", "c": "5"},
    "custommultichoice": {"1": "6", "2": "7", "3": "8"},
}
"""Choices: left the importer's key, the label; right ours, the id of Kayako's option."""

LONGER = {"customtext": 500, "customtextarea": 5000, "customdecimal": 500, "customregexp": 500}
"""Texts: the importer cuts all of them at 255 characters."""

OPTIONS = {
    "customradio": {"maxlength": "by the length of our keys"},
    "customsingleselect": {"maxlength": "by the length of our keys"},
    "custommultichoice": {"maxlength": "by the length of our keys"},
    "customtreeselect": {"maxlength": "by the longest path"},
    "customnumeric": {
        "min": "as small as Zammad can keep: the importer starts at 0",
        "max": "as large as Zammad can keep: the importer ends at 999999999",
    },
    "customyesno": {"default": "unset is not no"},
    "customdate": {"diff": "an unset date is not the day of the import"},
    "customregexp": {
        "regex": "old values need not fit a pattern that was added later",
    },
}

UNSET = {
    "customyesno": "the importer makes no of what is not set",
    "customdate": "the importer makes the day of the import of what is not set",
}


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    outcome: dict[str, Any] = json.loads(OUTCOME.read_text())
    return outcome


@pytest.fixture(params=["5.2", "6.5"])
def moved(stage: Make, request: pytest.FixtureRequest) -> Stage:
    s = stage(recorded(KAYAKO), zammad_version=request.param)
    s.place.succeed("apply", "--yes")
    return s


def test_the_same_attributes_come_out_but_for_the_named_differences(
    moved: Stage, theirs: dict[str, Any]
) -> None:
    rows = moved.zammad.get("/object_manager_attributes")
    ours = {row["name"]: row for row in rows if row["name"].startswith("kayako_")}
    wanted = {row["name"]: row for row in theirs["object_attributes"]}
    assert len(wanted) == 11
    assert set(ours) == {f"kayako_{name}" for name in wanted}
    places = sorted(wanted, key=lambda name: wanted[name]["position"])
    assert sorted(wanted, key=lambda name: ours[f"kayako_{name}"]["position"]) == places
    for name, their in wanted.items():
        our = ours[f"kayako_{name}"]
        for same in ("object", "display", "data_type", "active", "editable", "to_create"):
            assert our[same] == their[same], (name, same)
        assert not our["to_migrate"]
        _compare_options(name, our["data_option"], their["data_option"])
        shown = their["screens"]["edit"]["-all-"]["shown"], their["screens"]["edit"]["Customer"]
        staff, customers = our["screens"]["edit"].values()
        assert (staff["shown"], customers["shown"]) == (shown[0], shown[1]["shown"])


_OF_THE_SERVER = {"relation", "historical_options", "note", "rows", "multiple", "nulloption"}


def _compare_options(name: str, our: dict[str, Any], their: dict[str, Any]) -> None:
    intended = {*OPTIONS.get(name, {}), *_OF_THE_SERVER}
    if name in LONGER:
        assert our["maxlength"] == LONGER[name]
        intended |= {"maxlength", "default", "type", "options"}
    if name in KEYS:
        labels = {KEYS[name][key]: label for key, label in their["options"].items()}
        assert our["options"] == labels
        intended |= {"options"}
    for key in their.keys() - intended:
        assert our[key] == their[key], (name, key)
    for key in OPTIONS.get(name, {}):
        assert our.get(key) != their.get(key), (name, key, "is no difference any more")


def test_the_recorded_values_arrive(moved: Stage, theirs: dict[str, Any]) -> None:
    ours = {row["number"]: row for row in moved.zammad.rows("/tickets")}
    compared = 0
    for ticket in theirs["tickets"]:
        for name, their in ticket["custom"].items():
            our = ours[ticket["number"]][f"kayako_{name}"]
            wanted = _in_our_keys(name, their)
            if ticket["number"] != "3" and name in UNSET:
                assert our is None, (ticket["number"], name)
            elif wanted in (None, "", []):
                assert our in (None, "", []), (ticket["number"], name)
            else:
                assert our == wanted, (ticket["number"], name)
                compared += 1
    assert compared == 11


def _in_our_keys(name: str, their: Any) -> Any:
    if isinstance(their, list):
        return [KEYS[name][item] for item in their]
    return KEYS[name][their] if name in KEYS and their else their


def test_a_second_apply_finds_nothing_to_do(moved: Stage) -> None:
    written = moved.writes
    assert not moved.place.ask("apply", "--yes")["wrote"]
    assert moved.writes == written
