"""One trial after the other: killed at a step, run again, compared with what nothing disturbed."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.sandbox.both import start
from tests.behaviour.support import Place, Seen, differences
from tests.crashing.data import few_hard_cases
from tests.crashing.kept import shared_ids, snapshot
from tests.crashing.processes import Servers, free_ports, run
from tests.crashing.target import told

VERBS = {
    "apply": ("apply", "--yes"),
    "pull": ("pull",),
    "finish": ("finish", "--accept", "--yes"),
    "reset": ("reset", "--yes"),
}
"""What is killed, and run again, with its arguments."""

_BEFORE = {"finish": [VERBS["apply"]], "reset": [VERBS["apply"]]}
_KILLED = -9
_SIGNATURE = re.compile(r', "updated_by_id": "[^"]*"')


@dataclass
class Trial:
    """What came of one trial.

    ``problems`` are lines for people; ``lost``, ``doubled`` and ``different`` count rows of
    Zammad, or of the snapshot.
    """

    step: int
    what: str
    killed: bool
    problems: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    different: int = 0


class Bench:
    """A folder and the state of both servers in which every trial of a verb begins.

    Args:
        folder: For working files.
        verb: One of ``VERBS``.
        workers: So many for each side; with one, steps come in nearly the same order each time.
    """

    def __init__(self, folder: Path, verb: str, *, workers: int) -> None:
        self._verb = verb
        self._prepared, self._folder = folder / "prepared", folder / "place"
        self._ports = free_ports()
        self._sandbox = start(
            few_hard_cases(), kayako_port=self._ports[0], zammad_port=self._ports[1]
        )
        place = Place.make(self._prepared, self._sandbox.kayako_url, self._sandbox.zammad_url)
        for shipped in ("  workers: 8", "  workers: 4"):
            place.edit("config.yaml", shipped, f"  workers: {workers}")
        place.edit("config.yaml", "# go_live:", "go_live: 2026-12-05\n# go_live:")
        _somebody_is_there(Seen(self._sandbox.zammad_url))
        self._untouched = told(self._sandbox)["tables"]
        for arguments in _BEFORE.get(verb, []):
            place.succeed(*arguments)
        self._sandbox.stop()
        self.steps: list[str] = []
        self._expected = self._undisturbed()

    def _undisturbed(self) -> dict[str, Any]:
        trial = Trial(0, "", killed=False)
        with self._serving() as servers:
            done = run(self._folder, *VERBS[self._verb])
            self.steps = done.steps
            found = self._outcome(servers, trial)
        if self._verb == "reset":
            for table, rows in self._untouched.items():
                _compare(table, _unsigned(rows), _unsigned(found["tables"][table]), trial)
        if done.code or trial.problems:
            raise RuntimeError(f"{self._verb} fails undisturbed: {done.output} {trial.problems}")
        return found

    def kill_at(self, step: int) -> Trial:
        """Kill the verb at a step (from 1), run it again, and tell what is not as it should be."""
        with self._serving() as servers:
            first = run(self._folder, *VERBS[self._verb], last=step)
            trial = Trial(step, (first.steps or [""])[-1], killed=first.code == _KILLED)
            again = run(self._folder, *VERBS[self._verb])
            if again.code:
                trial.problems.append(f"run again, it ends with {again.code}: {again.output}")
            found = self._outcome(servers, trial)
        for table in self._expected["tables"]:
            _compare(table, self._expected["tables"][table], found["tables"][table], trial)
        trial.problems += differences(found["seen"], self._expected["seen"])
        return trial

    def _serving(self) -> Any:
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._prepared, self._folder)
        return closing(Servers(self._sandbox, self._ports))

    def _outcome(self, servers: Servers, trial: Trial) -> dict[str, Any]:
        """Return what is there in the end, and note in ``trial`` what must never be."""
        if self._verb == "pull":
            return {"tables": snapshot(self._folder), "seen": {}}
        if self._verb == "apply":
            second = run(self._folder, *VERBS["apply"], "--json")
            if second.code or json.loads(second.output)["wrote"]:
                trial.problems.append(f"a second apply writes: {second.output}")
            trial.problems += shared_ids(self._folder)
        if self._verb in ("apply", "finish"):
            verified = run(self._folder, "verify")
            if verified.code:
                trial.problems.append(f"verify ends with {verified.code}: {verified.output}")
        there = servers.ask(told)
        trial.problems += [f"a mail was sent: {mail}" for mail in there["mails"]]
        return {"tables": there["tables"], "seen": Seen(self._sandbox.zammad_url).everything()}


def _somebody_is_there(zammad: Seen) -> None:
    """Put an agent, a group and an organization into Zammad that apply adopts."""
    group = zammad.ask("POST", "/groups", json={"name": "Support", "active": True})
    zammad.ask("POST", "/organizations", json={"name": "Organization 1", "note": "was there"})
    agent = {"login": "agent-4@acme.example", "email": "agent-4@acme.example", "firstname": "A"}
    access = {str(group["id"]): ["read"]}
    zammad.ask("POST", "/users", json={**agent, "roles": ["Agent"], "group_ids": access})


def _unsigned(rows: Counter[str]) -> Counter[str]:
    """Leave out who changed a row last: what reset gives back to it is a change by who migrates."""
    return Counter(_SIGNATURE.sub("", row) for row in rows.elements())


def _compare(table: str, expected: Counter[str], found: Counter[str], trial: Trial) -> None:
    """Count what is missing in a table, what is there twice, and what is only different."""
    missing, added = (expected - found).total(), (found - expected).total()
    trial.different += min(missing, added)
    trial.lost += max(missing - added, 0)
    trial.doubled += max(added - missing, 0)
    trial.problems += [f"{table} lacks {row}" for row in expected - found]
    trial.problems += [f"{table} has besides {row}" for row in found - expected]
