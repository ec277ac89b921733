from __future__ import annotations

from typing import Any

from runner.engine import records
from runner.engine.world import World
from tests.engine.support import Small, organization, record, user


def notes(world: World, entity: str, resource: str, number: int) -> list[tuple[str, str, str]]:
    change = records.of_record(world, entity, record(world, resource, number))
    return [(note.kind, note.field, note.text) for note in change.notes]


def there(**values: Any) -> dict[str, Any]:
    return {"id": 9, "login": "customer-7@example.org", "role_ids": [3], **values}


def test_what_stays_as_it_was_in_zammad_is_noted_with_what_kayako_says(small: Small) -> None:
    world = small(users=[user(7, full_name="Customer 7")])
    world.directories["users"].add(there(firstname="Other", lastname="7"))
    assert notes(world, "users", "users", 7) == [
        ("kept", "firstname", "stays Other, as it was there before; in Kayako it is Customer")
    ]


def test_capitals_and_what_is_filled_are_no_difference(small: Small) -> None:
    world = small(users=[user(7, full_name="Customer 7")])
    world.directories["users"].add(there(firstname="CUSTOMER"))
    assert notes(world, "users", "users", 7) == []


def test_somebody_who_is_disabled_in_kayako_alone_is_noted(small: Small) -> None:
    world = small(users=[user(7, is_enabled=False)])
    world.directories["users"].add(there(active=True))
    assert [note[:2] for note in notes(world, "users", "users", 7)] == [("kept", "active")]


def test_another_organization_is_noted_by_its_name(small: Small) -> None:
    world = small(users=[user(7, organization=organization())])
    world.directories["organizations"].add({"id": 4, "name": "Elsewhere"})
    world.directories["users"].add(there(organization_id=4))
    ((kind, field, text),) = notes(world, "users", "users", 7)
    assert (kind, field) == ("kept", "organization")
    assert text.startswith("stays Elsewhere")
    assert text.endswith("organizations/5")


def test_of_two_organizations_of_one_name_the_second_says_what_it_loses(small: Small) -> None:
    world = small(organizations=[organization(5, is_shared=True), organization(6)])
    assert notes(world, "organizations", "organizations", 5) == []
    second = notes(world, "organizations", "organizations", 6)
    assert [note[:2] for note in second] == [("kept", "shared")]
