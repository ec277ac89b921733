"""From field definitions to attributes."""

from __future__ import annotations

from typing import Any

import pytest

from runner.errors import InvalidFiles
from runner.mapping.custom_fields import attributes
from runner.mapping.field_rules import FieldChange, FieldRules
from runner.mapping.field_usage import measure
from tests.mapping.field_support import field, made, option, text


@pytest.mark.parametrize(
    ("kind", "data_type"),
    [
        ("TEXT", "input"),
        ("TEXTAREA", "textarea"),
        ("REGEX", "input"),
        ("NUMERIC", "integer"),
        ("DECIMAL", "input"),
        ("DATE", "date"),
        ("YESNO", "boolean"),
        ("RADIO", "select"),
        ("SELECT", "select"),
        ("CHECKBOX", "multiselect"),
        ("CASCADINGSELECT", "tree_select"),
        ("FILE", "input"),
        ("SOMETHING_NEW", "input"),
    ],
)
def test_every_type_has_an_attribute(kind: str, data_type: str) -> None:
    found = made(field(kind, option(1, "A")))
    assert found.data_type == data_type
    assert found.name == "kayako_product"
    assert found.data_option["null"] is True
    assert set(found.body) == {
        *("object", "name", "display", "data_type", "data_option", "active", "position", "screens")
    }


def test_texts_are_as_long_as_the_data_need() -> None:
    assert made(field()).data_option["maxlength"] == 500
    assert made(field(), "x" * 501).data_option["maxlength"] == 1000
    assert made(field("TEXTAREA"), "x" * 90_001).data_option["maxlength"] == 90_500
    long = "A::" + "x" * 700
    assert made(field("CASCADINGSELECT", option(1, long))).data_option["maxlength"] == 1000


@pytest.mark.parametrize(
    ("value", "data_type"),
    [
        ("2147483647", "integer"),
        ("-2147483647", "integer"),
        ("2147483648", "input"),
        ("-99999999999", "input"),
        ("007", "input"),
        ("2.5", "input"),
        ("1e3", "input"),
        ("many", "input"),
        ("", "integer"),
    ],
)
def test_numbers_that_zammad_could_not_keep_make_the_attribute_text(
    value: str, data_type: str
) -> None:
    assert made(field("NUMERIC"), "1", value).data_type == data_type


def test_an_empty_date_stays_empty_and_an_unset_yes_or_no_is_not_no() -> None:
    assert made(field("DATE")).data_option["diff"] is None
    assert made(field("YESNO")).data_option["default"] is None


def test_choices_are_ids_with_labels_in_the_default_language_else_another() -> None:
    options = [
        option(3, text("Stuhl", "de"), text("Chair"), order=2),
        option(1, text("Tisch", "de"), text(None), order=1),
        option(2, None, text("  "), order=3),
    ]
    found = made(field("SELECT", *options), language="en-us")
    assert found.data_option["options"] == {"1": "Tisch", "3": "Chair", "2": "Option 2"}
    assert list(found.data_option["options"]) == ["1", "3", "2"]
    german = made(field("SELECT", *options), language="DE")
    assert german.data_option["options"]["3"] == "Stuhl"


def test_a_new_label_changes_no_key() -> None:
    before = made(field("SELECT", option(1, "Desk")))
    after = made(field("SELECT", option(1, "Table")))
    assert before.choices == after.choices == {"1": "1"}


def test_an_option_that_was_deleted_and_is_still_used_stays_readable() -> None:
    found = made(field("CHECKBOX", option(1, "A")), "1,17", "2")
    assert found.data_option["options"] == {"1": "A", "2": "(deleted) 2", "17": "(deleted) 17"}
    tree = made(field("CASCADINGSELECT", option(1, "A")), "17")
    assert tree.data_option["options"][-1] == {"name": "(deleted) 17", "value": "(deleted) 17"}


def test_trees_are_split_at_both_separators_and_have_every_level() -> None:
    labels = ("North::Coast::Harbour", r"South \ Hills", r"South\Plains", "South", "East::")
    found = made(field("CASCADINGSELECT", *(option(n, label) for n, label in enumerate(labels))))
    south = [{"name": name, "value": f"South::{name}"} for name in ("Hills", "Plains")]
    harbour = {"name": "Harbour", "value": "North::Coast::Harbour"}
    assert found.data_option["options"] == [
        {
            "name": "North",
            "value": "North",
            "children": [{"name": "Coast", "value": "North::Coast", "children": [harbour]}],
        },
        {"name": "South", "value": "South", "children": south},
        {"name": "East", "value": "East"},
    ]
    assert found.choices["1"] == "South::Hills"


def test_customers_see_and_write_what_they_could_in_kayako() -> None:
    def customers(**flags: bool) -> list[bool]:
        screens = made(field(**flags)).screens
        return [screens[name]["ticket.customer"]["shown"] for name in sorted(screens)]

    assert customers() == [False, False, False]
    assert customers(is_visible_to_customers=True) == [False, False, True]
    assert customers(is_visible_to_customers=True, is_customer_editable=True) == [True] * 3


def test_nothing_is_required_while_records_are_moved_and_what_was_is_known() -> None:
    found = made(field(is_required_for_agents=True, is_required_for_customers=True))
    assert found.required
    assert not any(role["required"] for one in found.screens.values() for role in one.values())


def test_order_and_inactive_fields_stay() -> None:
    fields = [field(number=n, key=f"f{n}", sort_order=30 - n) for n in (8, 9)]
    fields[1]["is_enabled"] = False
    found = attributes("tickets", fields, FieldRules())
    assert [(one.key, one.position, one.active) for one in found] == [
        ("f9", 1021, False),
        ("f8", 1022, True),
    ]


def test_the_label_falls_back_to_the_customers_words_and_to_the_key() -> None:
    assert made(field(title=" ", customer_titles=[text("Ware")])).display == "Ware"
    assert made(field(title=None)).display == "product"
    assert len(made(field(title="x" * 300)).display) == 200


def test_kayakos_own_fields_are_no_custom_fields() -> None:
    own = [
        field("SUBJECT", number=1, key="subject", is_system=True),
        field("TEAM", number=2, key="team", is_system=None),
    ]
    assert attributes("tickets", own, FieldRules()) == []


def test_values_of_a_field_that_kayako_no_longer_lists_get_an_inactive_text() -> None:
    usage = measure([("88", "left"), ("8", "x")], set())
    found = attributes("tickets", [field()], FieldRules(), usage=usage)
    assert [(one.key, one.data_type, one.active) for one in found] == [
        ("product", "input", True),
        ("field_88", "input", False),
    ]


def test_rules_leave_out_rename_and_retype() -> None:
    rules = FieldRules(
        ignore={"tickets": {"old": "never used"}},
        change={"tickets": {"product": FieldChange("goods", "Goods", "text")}},
    )
    fields = [field("SELECT", option(1, "Desk")), field(number=9, key="old")]
    (found,) = attributes("tickets", fields, rules)
    assert (found.name, found.display, found.data_type) == ("goods", "Goods", "input")
    assert attributes("users", fields, rules)[0].name == "kayako_product"


def test_all_labels_of_several_choices_fit_where_they_become_text() -> None:
    options = [option(n, "x" * 100) for n in range(20)]
    found = made(field("CHECKBOX", *options), change=FieldChange(kind="text"))
    assert found.data_option["maxlength"] >= 20 * 102 - 2


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"ignore": {"tickets": {"prodct": "x"}}}, "did you mean product"),
        (
            {"change": {"tickets": {"product": FieldChange(kind="date")}}},
            "product is SELECT in Kayako: it can become select, multiselect, text or textarea",
        ),
    ],
)
def test_rules_that_do_not_fit_kayakos_fields_are_mistakes(
    rules: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidFiles, match=words):
        attributes("tickets", [field("SELECT")], FieldRules(**rules))
