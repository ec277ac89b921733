from __future__ import annotations

from runner.engine.change import (
    Action,
    Change,
    Child,
    TimeEntry,
    plain,
    reference_of,
    references_in,
)
from runner.mapping.model import Reference

PERSON = Reference("users", source_id="17")
OPENER = Reference("users", source_id="90", placeholder=True)
AGENT = Reference("users", source_id="91", placeholder=True)
GROUP = Reference("groups", name="Kayako unassigned")


def test_plain_values_name_references_and_they_can_be_read_back() -> None:
    assert plain({"owner": PERSON, "list": [GROUP, 1]}) == {
        "owner": {"ref": "users/17"},
        "list": [{"ref": "groups=Kayako unassigned"}, 1],
    }
    assert reference_of("users/17") == PERSON
    assert reference_of("groups=Kayako unassigned") == GROUP
    assert reference_of("users=a/b@x.example") == Reference("users", name="a/b@x.example")


def test_references_are_found_however_deep() -> None:
    change = Change(
        "tickets",
        "1",
        Action.CREATE,
        payload={"owner": PERSON},
        by_console={"created_by": OPENER},
        times=(TimeEntry("3", "d", {}, by_console={"created_by": AGENT}),),
        children=(Child("2", "d", {"origin_by": GROUP}),),
    )
    assert list(change.references()) == [PERSON, OPENER, AGENT, GROUP]
    assert list(references_in({"a": [[PERSON]]})) == [PERSON]


def test_only_changes_with_something_to_send_write() -> None:
    assert Change("users", "1", Action.CREATE).writes
    assert Change("users", "1", Action.UPDATE, fields={"note": "x"}).writes
    assert not Change("users", "1", Action.UPDATE).writes
    assert not Change("users", "1", Action.SKIP).writes
