from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from runner.engine.change import Action, Change
from runner.engine.pace import MOST, Pace
from runner.errors import MigrateError


class Notes:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def begin(self, entity: str, total: int) -> None:
        self.heard.append(f"{entity} {total}")

    def record(self, change: Change, problem: MigrateError | None) -> None:
        self.heard.append(change.source_id + ("!" if problem else ""))

    def say(self, text: str) -> None:
        self.heard.append(text)


class Measured:
    """A pace whose clock the test turns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.watcher = Notes()
        self.kept: dict[str, list[list[float]]] = {}
        self.times = 0
        self.pace = Pace(self.watcher, self.keep, clock=lambda: self.now)

    def keep(self, points: Mapping[str, list[list[float]]]) -> None:
        self.kept = {step: [list(point) for point in rows] for step, rows in points.items()}
        self.times += 1

    def record(self, seconds: float, entity: str = "tickets") -> None:
        self.now += seconds
        self.pace.record(Change(entity, "7", Action.CREATE), None)


def test_the_watcher_hears_everything() -> None:
    measured = Measured()
    measured.pace.begin("users", 3)
    measured.record(0.1, "users")
    measured.pace.record(Change("users", "8", Action.CREATE), MigrateError("no"))
    measured.pace.say("import mode is on")
    assert measured.watcher.heard == ["users 3", "7", "8!", "import mode is on"]


def test_every_step_has_its_beginning_and_its_end() -> None:
    measured = Measured()
    measured.pace.begin("users", 2)
    measured.record(0.2, "users")
    measured.record(0.2, "users")
    measured.pace.begin("tickets", 1)
    measured.record(0.5)
    measured.record(0.1, "users")  # a placeholder that the ticket needs
    measured.pace.close()
    assert measured.kept == {"users": [[0.0, 0], [0.4, 2]], "tickets": [[0.4, 0], [1.0, 1]]}


def test_a_long_step_has_no_more_points_than_a_short_one() -> None:
    measured = Measured()
    measured.pace.begin("tickets", 100_000)
    for _ in range(20_000):
        measured.record(1.0)
    measured.pace.close()
    points = measured.kept["tickets"]
    assert len(points) <= MOST
    assert points[0] == [0.0, 0]
    assert points[-1] == [20_000.0, 20_000]
    assert all(seconds == done for seconds, done in points)
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(points)]
    assert max(gaps[1:-1]) <= 2 * min(gaps[1:-1])
    assert measured.times < 20 * MOST
