"""What holds for every record, whatever Kayako sends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.mapping import Outcome, Reference, targets, transform
from tests.mapping.support import GO_LIVE, case, person, post, run, shipped, team

MAPPINGS = shipped()
DATA = MAPPINGS.entities

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=True)
    | st.text(max_size=30)
    | st.sampled_from(["2021-08-27T10:49:56Z", "CUSTOM", "NEW", "TRASH", "MAIL", "<p>x</p>", "a,b"])
)
anything = st.recursive(
    scalars,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "id", "label", "title", "known", "name", "email", "body_html"]
            ),
            inside,
            max_size=5,
        )
    ),
    max_leaves=8,
)
keys = sorted({*case(), *post(), "email", "role", "teams", "domain", "domains", "title", "name"})
wild = st.dictionaries(st.sampled_from(keys), anything, max_size=12)


def json_or_reference(value: Any) -> bool:
    if isinstance(value, list):
        return all(json_or_reference(item) for item in value)
    if isinstance(value, dict):
        return all(json_or_reference(item) for item in value.values())
    return isinstance(value, str | int | float | bool | Reference)


@pytest.mark.parametrize("entity", list(MAPPINGS.entities))
@given(record=wild, parent=wild | st.none())
@settings(max_examples=80, deadline=None)
def test_no_record_makes_transform_raise_and_payloads_are_what_zammad_takes(
    entity: str, record: dict[str, Any], parent: dict[str, Any] | None
) -> None:
    outcome = transform(MAPPINGS, entity, record, parent=parent, go_live=GO_LIVE)
    fields = targets(MAPPINGS.entities[entity].zammad)
    for name, value in outcome.payload.items():
        assert value not in (None, "", [])
        assert json_or_reference(value) or name == "attachments"
        limit = fields[name].max_length
        if limit and isinstance(value, str):
            assert len(value) <= limit
    assert not (outcome.skip and outcome.payload)


@given(record=wild)
@settings(max_examples=60, deadline=None)
def test_the_same_record_gives_the_same_outcome(record: dict[str, Any]) -> None:
    first = transform(MAPPINGS, "tickets", record, go_live=GO_LIVE)
    assert transform(MAPPINGS, "tickets", record, go_live=GO_LIVE) == first


labels = st.text(min_size=1, max_size=40)
definitions = st.none() | st.fixed_dictionaries(
    {
        "id": st.integers(1, 99),
        "label": st.none() | labels,
        "type": st.none() | st.sampled_from(["NEW", "OPEN", "PENDING", "CLOSED", "CUSTOM", "?"]),
        "level": st.none() | st.integers(-3, 12),
    }
)


def ticket(**changes: Any) -> Outcome:
    return transform(MAPPINGS, "tickets", case(**changes), go_live=GO_LIVE)


@given(status=definitions, priority=definitions, kind=definitions)
@settings(deadline=None)
def test_the_shipped_tables_know_every_definition(status: Any, priority: Any, kind: Any) -> None:
    outcome = ticket(status=status, priority=priority, type=kind)
    assert outcome.failures == ()
    states = {"new", "open", "pending reminder", "closed"}
    assert outcome.payload["state"] in states
    assert outcome.payload["priority"] in {"1 low", "2 normal", "3 high"}
    assert (outcome.payload["state"] == "pending reminder") == ("pending_time" in outcome.payload)


@given(status=definitions)
@settings(deadline=None)
def test_no_label_is_dropped_in_silence(status: Any) -> None:
    outcome = ticket(status=status)
    decided = not status or status["type"] in ("NEW", "OPEN", "PENDING", "CLOSED")
    assert len(outcome.dropped) == (0 if decided else 1)
    assert bool(outcome.payload.get("tags")) == (not decided)


@given(st.lists(st.text(max_size=20), max_size=6))
@settings(deadline=None)
def test_tags_never_hold_what_zammad_refuses(tags: list[str]) -> None:
    made = ticket(tags=tags).payload.get("tags", [])
    assert all("," not in tag and "*" not in tag and tag == tag.strip() != "" for tag in made)
    assert len(made) == len(set(made))


references = st.none() | st.builds(
    person,
    st.integers(1, 9),
    known=st.booleans(),
    type=st.sampled_from(["user", "trigger", "monitor"]),
)


@given(owner=references, requester=references)
@settings(deadline=None)
def test_every_ticket_has_a_customer_and_an_owner(owner: Any, requester: Any) -> None:
    payload = ticket(assigned_agent=owner, requester=requester).payload
    assert not payload["owner"].placeholder
    real = bool(requester and requester["type"] == "user")
    assert (payload["customer"].source_id is not None) == real
    assert payload["customer"].placeholder == (not real or not requester["known"])


@given(title=st.text(max_size=30), known=st.booleans())
@settings(deadline=None)
def test_every_ticket_has_a_group(title: str, *, known: bool) -> None:
    group = ticket(assigned_team=team(4, title or None, known=known)).payload["group"]
    assert group.entity == "groups"
    assert (group.source_id == "4") == known


@given(table=st.dictionaries(st.text("abc", min_size=1), st.text("xyz", min_size=1), min_size=1))
@settings(max_examples=30, deadline=None)
def test_a_table_gives_for_each_key_its_value(table: dict[str, str]) -> None:
    lines = "\n".join(f'    "{key}": "{value}"' for key, value in table.items())
    rule = f"title:\n  from: subject\n  kayako_to_zammad:\n{lines}"
    for key, value in table.items():
        assert run(rule, {"subject": key}).payload == {"title": value}
