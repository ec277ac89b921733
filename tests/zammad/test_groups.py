from __future__ import annotations

from runner.zammad import groups
from tests.zammad.support import Desk


def test_groups_nest_in_6_5(zammad_desk: Desk) -> None:
    assert groups.nest(zammad_desk.zammad)


def test_groups_do_not_nest_in_5_2(old_desk: Desk) -> None:
    assert not groups.nest(old_desk.zammad)


def test_parents_come_outermost_first() -> None:
    assert groups.parents("A::B::C") == ["A", "A::B"]
    assert groups.parents("A") == []
