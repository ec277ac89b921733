"""What of a list's record cannot be written, and what other people's changes leave of it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import records
from runner.engine.change import Action, Change
from runner.engine.knowledge_texts import texts_of
from runner.engine.touched import last_changed
from runner.engine.world import World
from runner.errors import Refused
from runner.zammad.knowledge_base import Held
from tests.engine.knowledge_support import article, category, moved, stocked, texts
from tests.engine.support import Small, looked, organization, record, user
from tests.engine.test_records import only
from tests.zammad.support import Desk


def person(world: World) -> Change:
    return records.of_record(world, "users", record(world, "users", 7))


def known(world: World, **more: Any) -> Change:
    """Let user 7 be in Zammad as id 40, written as it is now but for ``more``."""
    change = person(world)
    applied = {
        name: value for name, value in change.payload.items() if isinstance(value, str | list)
    }
    document = {"source_id": "7", "target_id": 40, "status": "done", "adopted": False}
    world.ledger.table("users").put({**document, "applied": {**applied, **more}})
    return change


def test_a_name_that_a_mapping_leaves_empty_is_said(small: Small) -> None:
    world = small(mappings=only("phone:\n  from: locale"))
    assert (person(world).action, person(world).reason) == (
        Action.FAIL,
        "login: is empty, and users need one",
    )


def test_a_role_that_zammad_lacks_is_said(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    del world.roles["Customer"]
    change = person(world)
    assert change.action is Action.FAIL
    assert change.reason == "roles: Zammad has no role Customer; it has Admin, Agent"


def test_roles_that_somebody_gave_stay_beside_ours(small: Small, zammad_desk: Desk) -> None:
    world = looked(small(), zammad_desk)
    known(world, roles=["Agent"])
    row = {"id": 40, "login": "customer-7@example.org", "role_ids": [1, 2]}
    world.directories["users"].add(row)
    assert person(world).fields["roles"] == ["Admin", "Customer"]


def test_a_switch_that_was_turned_in_zammad_stays(small: Small) -> None:
    world = small()
    record_of = records.of_record(world, "organizations", record(world, "organizations", 5))
    applied = {**record_of.payload, "active": False}
    applied["shared"] = not applied.get("shared")
    document = {"source_id": "5", "target_id": 9, "status": "done", "applied": applied}
    world.ledger.table("organizations").put(document)
    ours = {"id": 9, "name": "Acme", "shared": applied["shared"], "active": None}
    world.directories["organizations"].add(ours)
    change = records.of_record(world, "organizations", record(world, "organizations", 5))
    assert change.conflicts == ()
    assert change.fields["shared"] is not applied["shared"]


def test_a_record_of_a_user_without_anything_new_is_left_as_it_was_adopted(small: Small) -> None:
    world = small(organizations=[organization()], users=[user(7)])
    document = {"source_id": "7", "target_id": 40, "status": "done", "adopted": True}
    world.ledger.table("users").put({**document, "before": {}, "fingerprint": "of before"})
    change = person(world)
    full = {name: value or "x" for name, value in change.payload.items() if name != "roles"}
    full.pop("organization", None)
    roles = [world.roles.get(role) for role in change.payload["roles"]]
    world.directories["users"].add({**full, "id": 40, "role_ids": roles})
    change = person(world)
    assert (change.action, change.reason, change.fields) == (Action.UNCHANGED, "adopted", {})


def test_a_language_twice_and_no_language_at_all_are_said(small: Small) -> None:
    twice = texts(en_us="One") + texts(en_gb="Two")
    world = stocked(small, article(1, titles=twice), categories=[category(1), category(2, None)])
    one = record(world, "articles", 1)
    found, notes, failures = texts_of(world, one, Held(system={"en-us": 1, "en-gb": 2}))
    assert (len(found), failures) == (2, [])
    double = {**one, "translations": [one["translations"][0], one["translations"][0]]}
    found, notes, failures = texts_of(world, double, Held())
    assert ([text.title for text in found], failures) == (["One"], [])
    assert [(note.kind, note.field) for note in notes if note.field == "locale"] == [
        ("dropped", "locale")
    ]
    none = {**one, "translations": []}
    assert texts_of(world, none, Held())[2] == ["locale: no text is left in any language"]


def test_of_unknown_languages_the_first_is_taken_and_the_others_are_told(small: Small) -> None:
    titles = texts(xx="First", yy="Second")
    world = stocked(small, article(1, titles=titles))
    found, notes, _ = texts_of(
        world, record(world, "articles", 1), Held(system={"en-us": 1}, primary="en-us")
    )
    assert [(text.code, text.title) for text in found] == [("en-us", "First")]
    assert "Second is left out" in notes[-1].text


def test_when_answers_and_categories_changed_last(small: Small, zammad_desk: Desk) -> None:
    world = looked(stocked(small, article(1)), zammad_desk)
    moved(world)
    world = looked(
        World(world.mappings, world.snapshot, world.ledger, world.kayako_host, world.go_live),
        zammad_desk,
    )
    for entity, number in (("kb_answers", 1), ("kb_categories", 1)):
        assert last_changed(world, zammad_desk.zammad, entity, number)[:2] == "20"
        assert last_changed(world, zammad_desk.zammad, entity, 99) == "gone"


@pytest.mark.parametrize(("status", "word"), [(404, "gone"), (403, "closed")])
def test_a_ticket_that_may_not_be_read_has_no_time(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch, status: int, word: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise Refused("no", status=status)

    monkeypatch.setattr(zammad_desk.zammad, "get", refused)
    assert word in last_changed(small(), zammad_desk.zammad, "tickets", 7)


def test_another_refusal_says_nothing_about_the_ticket(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise Refused("no", status=422)

    monkeypatch.setattr(zammad_desk.zammad, "get", refused)
    with pytest.raises(Refused):
        last_changed(small(), zammad_desk.zammad, "tickets", 7)
