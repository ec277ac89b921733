"""From checked plain data to the model: what is left out has its documented default."""

from __future__ import annotations

from typing import Any

import pytest

from runner.mapping.build import build_entry, build_mapping, build_rule, build_vocabulary
from runner.mapping.model import EntityMapping, Entry, Rule, Vocabulary


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({"from": "subject"}, Rule("from", ("subject",))),
        ({"from": ["a", "b"]}, Rule("from", ("a", "b"))),
        ({"always": ["a", "b"]}, Rule("always", given=["a", "b"])),
        ({"template": "{{ id }}"}, Rule("template", given="{{ id }}")),
        ({"person": "requester"}, Rule("person", ("requester",))),
        ({"ticket": "parent_case"}, Rule("ticket", ("parent_case",))),
        (
            {"from": "a", "as": "date", "if_unknown": "skip", "if_empty": "x"},
            Rule("from", ("a",), conversion="date", if_unknown="skip", if_empty="x"),
        ),
        (
            {"from": ["a", "b"], "as": {"a": "html"}, "if_unknown": {"use": "nobody"}},
            Rule("from", ("a", "b"), conversions={"a": "html"}, if_unknown="use", used="nobody"),
        ),
        (
            {
                "from": "a",
                "vocabulary": "states",
                "kayako_to_zammad": {"1": "one"},
                "add_days": 14,
                "not_before": "go_live",
                "cut_at": 7,
                "only_if": {"b": "c"},
            },
            Rule(
                "from",
                ("a",),
                vocabulary="states",
                table={"1": "one"},
                add_days=14,
                not_before="go_live",
                cut_at=7,
                only_if={"b": "c"},
            ),
        ),
        ({"from": "a", "only_if": None}, Rule("from", ("a",))),
    ],
)
def test_a_rule_is_what_its_words_say(data: dict[str, Any], rule: Rule) -> None:
    assert build_rule(data) == rule


def test_a_rule_fails_what_it_does_not_know_unless_it_says_otherwise() -> None:
    assert build_rule({"from": "a"}).if_unknown == "fail"
    assert build_rule({"from": "a"}).add_days == 0


@pytest.mark.parametrize(
    ("data", "entry"),
    [
        ("open", Entry("open")),
        ("nothing", Entry(None)),
        (["a", "b"], Entry(["a", "b"])),
        ({"new": "Escalated", "like": "open"}, Entry("Escalated", new="Escalated", like="open")),
        ({"new": "Escalated"}, Entry("Escalated", new="Escalated")),
        ({"becomes": "open", "remember_as": "tag"}, Entry("open", "tag")),
        ({"becomes": "nothing"}, Entry(None, "nothing")),
    ],
)
def test_an_entry_is_a_value_a_loss_or_a_creation(data: Any, entry: Entry) -> None:
    assert build_entry(data) == entry


def test_a_mapping_takes_over_every_word_of_its_file() -> None:
    data = {
        "entity": "articles",
        "kayako": "posts",
        "zammad": "ticket_article",
        "description": "Posts become articles.",
        "inside": "tickets",
        "skip": {"state": {"TRASH": "deleted"}},
        "only_if": {"a": "b"},
        "zammad_fields": {"body": {"from": "contents"}},
        "variants": {
            "by": ["a", "b"],
            "MAIL": {"type": {"always": "email"}},
            "anything_else": None,
        },
        "ignore": {"uuid": "of no use"},
    }
    assert build_mapping(data, "articles.yaml") == EntityMapping(
        entity="articles",
        kayako="posts",
        zammad="ticket_article",
        file="articles.yaml",
        description="Posts become articles.",
        inside="tickets",
        skip={"state": {"TRASH": "deleted"}},
        only_if={"a": "b"},
        fields={"body": Rule("from", ("contents",))},
        variants_by=("a", "b"),
        variants={"MAIL": {"type": Rule("always", given="email")}, "anything_else": {}},
        ignore={"uuid": "of no use"},
        data=data,
    )
    assert "by" in data["variants"], "what the file says is kept as it is"


def test_a_mapping_may_say_as_little_as_what_it_maps() -> None:
    data = {"entity": "groups", "kayako": "teams", "zammad": "group"}
    assert build_mapping(data, "groups.yaml") == EntityMapping(
        "groups", "teams", "group", "groups.yaml", data=data
    )
    one = build_mapping({**data, "variants": {"by": "type"}}, "groups.yaml")
    assert (one.variants_by, one.variants) == (("type",), {})


def test_a_vocabulary_takes_over_every_word_of_its_file() -> None:
    data = {
        "vocabulary": "states",
        "kayako": "cases/statuses",
        "zammad": "ticket_state",
        "key": "type",
        "label": "label",
        "ignore_case": True,
        "others_keep_their_own": True,
        "shipped_labels": ["Open"],
        "kayako_to_zammad": {"OPEN": "open"},
        "custom": {"Vendor": "closed", "anything_else": {"becomes": "open", "remember_as": "tag"}},
    }
    assert build_vocabulary(data) == Vocabulary(
        name="states",
        kayako="cases/statuses",
        zammad="ticket_state",
        key="type",
        label="label",
        ignore_case=True,
        others_keep_their_own=True,
        shipped_labels=frozenset({"Open"}),
        entries={"OPEN": Entry("open")},
        custom={"Vendor": Entry("closed")},
        anything_else=Entry("open", "tag"),
        data=data,
    )


def test_a_vocabulary_may_say_as_little_as_what_it_lists() -> None:
    data = {"vocabulary": "types", "kayako": "x", "zammad": "y"}
    assert build_vocabulary(data) == Vocabulary("types", "x", "y", data=data)
