"""Languages and further organizations of users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runner.engine import records, reset, write_record
from runner.engine.change import Action, Change
from runner.engine.verified import Verified
from runner.engine.verify_listed import Listed
from runner.engine.world import World
from runner.snapshot.beside import MEMBERSHIPS, NOTES
from runner.zammad.kept import squeezed, visible
from tests.engine.support import (
    HOST,
    Small,
    agent,
    fill,
    looked,
    organization,
    record,
    reference,
    user,
)
from tests.zammad.support import Desk, Port, desk

ORGANIZATIONS = {5: "Acme", 6: "Brook", 7: "Cliff"}
FRENCH = {"id": 3, "locale": "fr", "resource_type": "locale"}
GERMAN = {"id": 4, "locale": "de", "resource_type": "locale"}
BOTH = pytest.mark.parametrize("there", ["5.2", "6.5"], indirect=True)


@pytest.fixture
def there(request: pytest.FixtureRequest, zammad_port: Port) -> Iterator[Desk]:
    with desk(zammad_port, version=getattr(request, "param", "6.5")) as made:
        yield made


def world_of(small: Small, there: Desk, *users: dict[str, Any]) -> World:
    """Return a world whose three organizations are in Zammad already, as ours."""
    rows = [organization(number, name) for number, name in ORGANIZATIONS.items()]
    world = small(organizations=rows, users=list(users))
    for number, name in ORGANIZATIONS.items():
        made = there.zammad.create("/organizations", {"name": name})["id"]
        document = {"source_id": str(number), "target_id": made, "status": "done"}
        world.ledger.table("organizations").put(document)
    return looked(world, there)


def several(world: World, *numbers: int) -> None:
    """Let Kayako say to which organizations user 7 belongs."""
    world.snapshot.beside.keep(MEMBERSHIPS, 7, list(numbers))


def member(**changes: Any) -> dict[str, Any]:
    return user(7, organization=reference("organization", 5), **changes)


def change_of(world: World, number: int = 7) -> Change:
    return records.of_record(world, "users", record(world, "users", number))


def write(world: World, there: Desk, number: int = 7) -> dict[str, Any]:
    """Write a user, remember it, and return it as Zammad shows it."""
    change = change_of(world, number)
    document = write_record.write(world, there.zammad, change)
    world.ledger.table("users").put(document)
    row: dict[str, Any] = there.zammad.get(f"/users/{document['target_id']}")
    look_again(world, there)
    return row


def look_again(world: World, there: Desk) -> None:
    """Read Zammad's lists anew, as a later run does."""
    world.__post_init__()
    world.look_at_target(there.zammad, 3)


def names(there: Desk, row: dict[str, Any]) -> list[str]:
    found = (there.zammad.get(f"/organizations/{one}")["name"] for one in row["organization_ids"])
    return sorted(found)


def differing(world: World, there: Desk) -> list[str]:
    """Return the fields of users that a verification would name."""
    result = Verified("")
    Listed(world, there.zammad, result, "users").compare(lambda *_: None)
    return [deviation.field for deviation in result.deviations]


@BOTH
def test_a_user_speaks_their_own_language_and_not_ours(small: Small, there: Desk) -> None:
    world = world_of(small, there, member(locale=FRENCH))
    there.fake.requests.clear()
    row = write(world, there)
    assert row["preferences"] == {"locale": "fr-fr"}
    assert there.writes() == ["POST /users"]
    assert change_of(world).action is Action.UNCHANGED
    assert differing(world, there) == []


@BOTH
def test_the_language_of_the_migration_user_is_not_handed_on(small: Small, there: Desk) -> None:
    world = world_of(small, there, member(), agent(2, locale=FRENCH))
    there.zammad.update("/users/3", {"preferences": {"locale": "de-de", "other": 1}})
    row = write(world, there, 2)
    assert row["preferences"]["locale"] == "fr-fr"
    assert "notification_config" in row["preferences"]


def test_a_language_that_changed_in_kayako_follows_unless_the_user_chose_another(
    small: Small, there: Desk
) -> None:
    world = world_of(small, there, member(locale=FRENCH))
    user_id = write(world, there)["id"]
    fill(world.snapshot, "users", [member(locale=GERMAN)])
    assert change_of(world).fields == {"locale": "de-de"}
    assert write(world, there)["preferences"]["locale"] == "de-de"
    there.zammad.update(f"/users/{user_id}", {"preferences": {"locale": "it-it"}})
    fill(world.snapshot, "users", [member(locale=FRENCH)])
    assert write(world, there)["preferences"]["locale"] == "it-it"
    assert differing(world, there) == ["locale"]


def test_who_was_in_zammad_before_keeps_their_language(small: Small, there: Desk) -> None:
    there.user("customer-7@example.org", preferences={"locale": "it-it"})
    world = world_of(small, there, member(locale=FRENCH))
    assert write(world, there)["preferences"]["locale"] == "it-it"
    assert differing(world, there) == []


@BOTH
def test_further_organizations_arrive_beside_the_first(small: Small, there: Desk) -> None:
    world = world_of(small, there, member())
    several(world, 5, 6, 7)
    row = write(world, there)
    assert names(there, row) == ["Brook", "Cliff"]
    assert "Further organizations: Brook, Cliff" in row["note"]
    assert change_of(world).action is Action.UNCHANGED
    assert differing(world, there) == []
    ids = {"organization_ids": row["organization_ids"][:1]}
    there.zammad.update(f"/users/{row['id']}", ids)
    assert differing(world, there) == ["organizations"]


@BOTH
def test_all_that_kayako_knows_of_people_stands_in_their_notes(small: Small, there: Desk) -> None:
    row = organization(
        8,
        "Delta",
        pinned_notes_count=1,
        phone=[{"number": "+49 1", "type": "WORK"}],
        addresses=[{"street": "Road <1>", "zip": 10115, "access": {"door": "left"}}],
        websites=["https://delta.example", {"url": "https://two.example", "of": "the shop"}],
    )
    phones = [{"id": n, "number": f"+49 {n}", "resource_type": "identity_phone"} for n in (2, 3)]
    person = user(7, phones=phones, designation="Head & hand")
    world = small(organizations=[row], users=[person])
    for resource, number in (("users", 7), ("organizations", 8)):
        about = {"id": 1, "body_text": None, "body_html": "<p>Pays&nbsp;late &lt;always&gt;</p>"}
        world.snapshot.beside.keep(NOTES[resource], number, [about])
    looked(world, there)
    made = records.of_record(world, "organizations", record(world, "organizations", 8))
    document = write_record.write(world, there.zammad, made)
    note = visible(there.zammad.get(f"/organizations/{document['target_id']}")["note"])
    for text in (
        "+49 1 (WORK)",
        "Road <1>, 10115",
        "door: left",
        "https://two.example",
        "the shop",
    ):
        assert squeezed(text) in note
    assert squeezed("Pays late <always>") in note
    written = write(world, there)
    note = visible(written["note"])
    for text in ("Further phones: +49 3", "Head & hand", "Pays late <always>"):
        assert squeezed(text) in note
    assert written["phone"] == "+49 2"


def test_where_zammad_does_not_know_them_the_note_does(small: Small, there: Desk) -> None:
    attributes = there.fake.tables.attributes
    for number in [key for key, row in attributes.items() if row["name"] == "organization_ids"]:
        there.fake.state.store.remove("attributes", number)
    world = world_of(small, there, member())
    several(world, 5, 6)
    row = write(world, there)
    assert row["organization_ids"] == []
    assert "Further organizations: Brook" in row["note"]
    assert differing(world, there) == []


def test_without_a_first_organization_there_are_no_others(small: Small, there: Desk) -> None:
    world = world_of(small, there, user(7))
    several(world, 6)
    row = write(world, there)
    assert row["organization_ids"] == []
    assert "Further organizations: Brook" in row["note"]


def test_the_first_one_is_not_among_the_others_and_what_was_left_out_is_not_missed(
    small: Small, there: Desk
) -> None:
    world = world_of(small, there, member())
    several(world, 5, 6, 7)
    table = world.ledger.table("organizations")
    # Brook and Acme became one organization in Zammad; Cliff was left out.
    table.put({**(table.get("6") or {}), "target_id": (table.get("5") or {})["target_id"]})
    table.put({"source_id": "7", "target_id": None, "status": "skipped"})
    assert write(world, there)["organization_ids"] == []
    assert differing(world, there) == []


def test_a_first_one_that_was_left_out_takes_the_others_along(small: Small, there: Desk) -> None:
    world = world_of(small, there, member())
    several(world, 5, 6)
    world.ledger.table("organizations").put(
        {"source_id": "5", "target_id": None, "status": "skipped"}
    )
    assert write(world, there)["organization_ids"] == []


def test_what_agents_added_in_zammad_stays_when_kayako_changes(small: Small, there: Desk) -> None:
    world = world_of(small, there, member())
    several(world, 5, 6)
    row = write(world, there)
    ids = {name: there.zammad.create("/organizations", {"name": name})["id"] for name in "XY"}
    body = {"organization_ids": [*row["organization_ids"], ids["X"]]}
    there.zammad.update(f"/users/{row['id']}", body)
    look_again(world, there)
    several(world, 5, 7)
    assert names(there, write(world, there)) == ["Cliff", "X"]
    several(world, 5)
    assert names(there, write(world, there)) == ["X"]


def test_adopted_users_are_added_to_and_get_back_what_they_had(small: Small, there: Desk) -> None:
    own = there.zammad.create("/organizations", {"name": "Own"})["id"]
    user_id = there.user("customer-7@example.org")
    world = world_of(small, there, member())
    acme = (world.ledger.table("organizations").get("5") or {})["target_id"]
    body = {"organization_id": acme, "organization_ids": [own]}
    there.zammad.update(f"/users/{user_id}", body)
    look_again(world, there)
    several(world, 5, 6)
    change = change_of(world)
    assert (change.action, change.adopted) == (Action.UPDATE, True)
    assert names(there, write(world, there)) == ["Brook", "Own"]
    assert differing(world, there) == []
    world.ledger.save_target({**world.ledger.target, "settings": {"import_mode": True}})
    reset.reset(
        world.ledger,
        there.zammad,
        kayako_host=HOST,
        discard_changes=False,
        settle_seconds=0,
        tell=lambda _: None,
        stopped=lambda: False,
    )
    assert names(there, there.zammad.get(f"/users/{user_id}")) == ["Own"]
