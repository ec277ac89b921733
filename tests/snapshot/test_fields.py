from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.data import hard_cases
from runner.snapshot import Snapshot
from runner.snapshot.fields import label
from tests.kayako.support import pulling


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with pulling(hard_cases(), tmp_path_factory.mktemp("snapshot")) as world:
        world.headers()
        yield world.snapshot


def by_key(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for field in snapshot.fields("case")}


def test_fields_come_in_the_order_of_their_owners(snapshot: Snapshot) -> None:
    fields = snapshot.fields("case")
    assert [field["sort_order"] for field in fields] == sorted(
        field["sort_order"] for field in fields
    )
    assert [field["key"] for field in fields][:3] == ["subject", "message", "priority"]
    assert [field["is_system"] for field in fields] == [True] * 7 + [False] * 16
    keys = [field["key"] for field in snapshot.fields("user")]
    assert keys == ["customer_number", "newsletter", "tier"]
    (contract,) = snapshot.fields("organization")
    assert contract["is_system"] is False


def test_a_field_says_all_that_is_needed_to_make_it_again(snapshot: Snapshot) -> None:
    field = by_key(snapshot)["code"]
    assert field == {
        "id": 17,
        "key": "code",
        "type": "REGEX",
        "title": "Code",
        "label": "Code",
        "description": None,
        "is_system": False,
        "is_enabled": True,
        "is_required_for_agents": False,
        "is_required_on_resolution": False,
        "is_required_for_customers": False,
        "is_visible_to_customers": False,
        "is_customer_editable": False,
        "regular_expression": r"\d\d\d",
        "sort_order": 17,
        "options": [],
        "longest": 3,
        "largest": 123,
    }
    assert by_key(snapshot)["no_longer_used"]["is_enabled"] is False


def test_options_keep_their_ids_and_deleted_ones_are_not_lost(snapshot: Snapshot) -> None:
    options = by_key(snapshot)["delivery"]["options"]
    assert [(item["id"], item["label"], item["known"]) for item in options] == [
        (101, "Parcel", True),
        (102, "Freight", True),
        (999, None, False),
    ]
    extras = by_key(snapshot)["extras"]["options"]
    assert [(item["id"], item["known"]) for item in extras][-1] == (999, False)
    assert [item["label"] for item in by_key(snapshot)["product"]["options"]] == [
        "Desk",
        "Chair",
        None,
    ]
    orders = [item["sort_order"] for item in options]
    assert orders == sorted(orders)


def test_values_are_measured(snapshot: Snapshot) -> None:
    fields = by_key(snapshot)
    assert fields["order_number"]["longest"] == 300
    assert fields["pieces"]["largest"] == 2_000_000_000
    assert fields["no_longer_used"]["longest"] == 22
    assert fields["meter"]["largest"] == 5_000_000_000


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([("fr", "Bonjour"), ("en-us", "Hello")], "Hello"),
        ([("fr", "Bonjour"), ("EN-US", "Hello")], "Hello"),
        ([("en-us", None), ("fr", None), ("de", "Hallo")], "Hallo"),
        ([("en-us", " "), ("fr", "Bonjour")], "Bonjour"),
        ([("en-us", None)], None),
        ([], None),
    ],
)
def test_a_label_is_in_the_default_language_or_in_the_first_that_has_one(
    texts: list[tuple[str, str | None]], expected: str | None
) -> None:
    items = [{"locale": locale, "translation": text} for locale, text in texts]
    assert label(items, "en-us") == expected


def test_a_number_too_long_for_any_column_is_too_large(tmp_path: Path) -> None:
    helpdesk = hard_cases()
    case = helpdesk.cases[1]
    values = [
        {**item, "value": "9" * 40} if item["field"]["id"] == 13 else item
        for item in case["custom_fields"]
    ]
    helpdesk.add_case({**case, "custom_fields": values})
    with pulling(helpdesk, tmp_path) as world:
        world.headers()
        assert by_key(world.snapshot)["pieces"]["largest"] == 2**63 - 1
