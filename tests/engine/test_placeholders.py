from __future__ import annotations

from datetime import UTC, datetime

from runner.engine import placeholders, results
from runner.engine.change import Action, Change
from runner.engine.world import World
from runner.mapping.model import UNKNOWN_PERSON, Reference
from runner.snapshot import erasing
from tests.engine.support import Small, fill, user


def needing(*references: Reference) -> Change:
    return Change(
        "tickets", "1", Action.CREATE, payload={str(n): ref for n, ref in enumerate(references)}
    )


def found(world: World, *references: Reference) -> list[Change]:
    return list(placeholders.needed(world, needing(*references)))


def gone(source_id: str | None, name: str | None = None) -> Reference:
    return Reference("users", source_id, name, placeholder=True)


def test_a_user_who_is_gone_comes_once(small: Small) -> None:
    world = small()
    (change,) = found(world, gone("99", "Customer 99"), gone("99", "C. 99"))
    assert (change.action, change.entity, change.source_id) == (Action.CREATE, "users", "99")
    assert change.payload["login"] == "kayako-user-99"
    assert change.payload["firstname"] == "Customer 99"
    assert change.deferred == {"active": False}
    assert change.reason.startswith("placeholder")
    assert found(world, gone("99")) == []


def test_nobody_stands_in_for_somebody_who_was_erased_on_request(small: Small) -> None:
    world = small()
    fill(world.snapshot, "users", [user(99)])
    erasing.erase(world.snapshot, 99)
    assert found(world, gone("99", "Customer 99")) == []


def test_a_user_of_whom_nothing_is_known_has_one_stand_in(small: Small) -> None:
    world = small()
    (change,) = found(world, gone(None, UNKNOWN_PERSON), gone(None, UNKNOWN_PERSON))
    assert change.source_id == UNKNOWN_PERSON
    assert change.payload["login"] == "kayako-user-unknown"


def test_what_an_earlier_run_made_is_not_made_again(small: Small) -> None:
    world = small()
    for table, source_id in (("users", "99"), ("groups", "=Other")):
        document = {"source_id": source_id, "target_id": 5, "status": "done"}
        world.ledger.table(table).put(document)
    assert found(world, gone("99"), Reference("groups", name="Other")) == []


def test_a_group_that_only_a_mapping_names_is_created_unless_it_is_there(small: Small) -> None:
    world = small()
    world.directories["groups"].add({"id": 1, "name": "Users"})
    changes = found(world, Reference("groups", name="Other"), Reference("groups", name="users"))
    assert [(c.source_id, c.action) for c in changes] == [("=Other", Action.CREATE)]
    assert found(world, Reference("groups", name="Other"), Reference("groups", "1")) == []


def test_a_group_whose_creation_was_cut_off_is_finished(small: Small) -> None:
    world = small()
    now = datetime.now(UTC).isoformat()
    world.directories["groups"].add({"id": 6, "name": "Other", "created_at": now})
    intent = results.intent(Change("groups", "=Other", Action.CREATE), None)
    world.ledger.table("groups").put(intent)
    (change,) = found(world, Reference("groups", name="Other"))
    assert (change.action, change.resume, change.target_id) == (Action.CREATE, True, 6)


def test_a_group_that_was_there_and_failed_once_needs_nothing(small: Small) -> None:
    world = small()
    world.directories["groups"].add({"id": 6, "name": "Other", "active": True})
    world.ledger.table("groups").put({"source_id": "=Other", "status": "failed"})
    assert found(world, Reference("groups", name="Other")) == []


def test_groups_above_come_first_where_groups_nest(small: Small) -> None:
    world = small()
    assert [c.label for c in found(world, Reference("groups", name="X::Y"))] == ["X::Y"]
    world.groups_nest = True
    world.directories["groups"].add({"id": 1, "name": "A"})
    labels = [c.label for c in found(world, Reference("groups", name="A::B::C"))]
    assert labels == ["A::B", "A::B::C"]
