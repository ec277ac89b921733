"""A move as a state machine: runs, kills, faults, people at work on both sides, second thoughts."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import currently_in_test_context, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runner.sandbox.both import start
from runner.sandbox.data import common
from runner.sandbox.kayako import FakeKayako
from runner.sandbox.zammad import FakeZammad
from tests.behaviour.support import Place, Seen
from tests.crashing.processes import run as forked
from tests.crashing.target import told
from tests.crashing.trials import VERBS
from tests.machine import laws
from tests.machine.data import few

WHICH = st.integers(0, 99)
FAULTS = ("500_before", "500_after", "503_html", "reset_before", "reset_after", "429")
STATUSES = (common.OPEN, common.PENDING, common.CLOSED, common.WAITING)
EDITS = (
    (
        "mappings/tickets.yaml",
        "  title:\n    from: subject\n",
        '  title:\n    template: "Moved: {{ subject }}"\n',
    ),
    ("mappings/vocabularies/states.yaml", "  NEW: new\n", "  NEW: open\n"),
    ("mappings/vocabularies/states.yaml", "remember_as: tag", "remember_as: nothing"),
)
"""Each is made or taken back: file, text, other text."""

_KILLED, _FINE, _UNREACHABLE, _SOME_FAILED, _STOPPED = -9, 0, 4, 5, 6
_UNDER_FAULTS = frozenset({_FINE, _UNREACHABLE, _SOME_FAILED, _STOPPED})


class Move(RuleBasedStateMachine):
    """One folder, one Kayako, one Zammad in which somebody was before."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="migrate-machine-"))
        helpdesk, self.later = few()
        self.helpdesk = helpdesk
        self.sandbox = start(helpdesk)
        for server in self._servers():
            server.faults.retry_after = 0
        self.zammad = Seen(self.sandbox.zammad_url)
        self.place = self._place()
        self._somebody_is_there()
        self.before = told(self.sandbox)
        self.strangers = {row["number"] for row in self.sandbox.zammad.tables.tickets.values()}
        self.excused: set[int] = set()
        self.is_edited_there = False
        self.is_whole = False
        self.mails = 0

    def _place(self) -> Place:
        place = Place.make(self.folder / "place", self.sandbox.kayako_url, self.sandbox.zammad_url)
        for shipped in ("  workers: 8", "  workers: 4"):
            place.edit("config.yaml", shipped, "  workers: 1")
        place.edit("config.yaml", "# go_live:", "go_live: 2026-12-05\n# go_live:")
        return place

    def _somebody_is_there(self) -> None:
        self.zammad.ask("POST", "/groups", json={"name": "General", "note": "was there"})
        person = {
            "login": "customer-1001@customers.example",
            "firstname": "Was",
            "lastname": "Here",
        }
        self.zammad.ask(
            "POST", "/users", json={**person, "email": person["login"], "roles": ["Customer"]}
        )

    def teardown(self) -> None:
        self.sandbox.stop()
        shutil.rmtree(self.folder)

    # The runs.

    @rule()
    def apply(self) -> None:
        faulty = self._is_faulty()
        code, said = self._migrate(*VERBS["apply"], "--json")
        # What an agent deleted cannot be updated any more: such a record fails, by name.
        allowed = {_FINE, _SOME_FAILED} if self.excused else {_FINE}
        assert code in (_UNDER_FAULTS if faulty else allowed), said
        self.is_whole = code == _FINE
        if self.is_whole or not faulty:
            _hold(laws.lost(self.sandbox, self._ledger(), self.excused))

    @precondition(lambda self: self.is_whole and not self._is_faulty())
    @rule()
    def apply_again(self) -> None:
        writes = self._writes()
        code, said = self._migrate(*VERBS["apply"], "--json")
        assert (code, json.loads(said)["wrote"]) == (_FINE, False), said
        assert self._writes() == writes

    @rule(step=st.one_of(st.integers(1, 580), st.integers(590, 780)))
    def kill_apply(self, step: int) -> None:
        # The first apply has nearly 800 steps, and writes tickets in the last 200 of them.
        self._kill("apply", step)

    @rule(verb=st.sampled_from(("finish", "pull", "reset")), step=st.integers(1, 200))
    def kill(self, verb: str, step: int) -> None:
        self._kill(verb, step)

    @rule()
    def pull(self) -> None:
        faulty = self._is_faulty()
        code, said = self._migrate("pull")
        assert code in (_UNDER_FAULTS if faulty else {_FINE}), said

    @precondition(lambda self: self.is_whole and not self.is_edited_there)
    @rule()
    def verify(self) -> None:
        faulty = self._is_faulty()
        code, said = self._migrate("verify")
        assert code in (_UNDER_FAULTS if faulty else {_FINE}), said

    @rule()
    def finish(self) -> None:
        faulty = self._is_faulty()
        code, said = self._migrate(*VERBS["finish"])
        assert code in _UNDER_FAULTS, said
        if self.is_whole and not faulty:
            assert code == _FINE, said
            assert self.sandbox.zammad.setting("import_mode") is False

    @rule(thoroughly=st.booleans())
    def reset(self, *, thoroughly: bool) -> None:
        faulty = self._is_faulty()
        more = ("--discard-changes",) if thoroughly else ()
        code, said = self._migrate(*VERBS["reset"], *more, "--json")
        self.is_whole = False
        if faulty and code != _FINE:
            assert code in _UNDER_FAULTS, said
            return
        remains = json.loads(said)["remains"]
        assert code == (_SOME_FAILED if remains else _FINE), said
        assert self.is_edited_there or not remains, said
        assert not (thoroughly and remains), said
        named = {row["entity"] for row in remains}
        _hold(laws.left_behind(self.before, told(self.sandbox), named))
        if not remains:
            self.excused.clear()
            self.is_edited_there = False

    # What goes wrong.

    @rule(
        side=st.sampled_from(("kayako", "zammad")),
        method=st.sampled_from(("GET", "POST", "PUT", "DELETE", "")),
        kind=st.sampled_from(FAULTS),
        nth=st.integers(1, 60),
    )
    def fault(self, side: str, method: str, kind: str, nth: int) -> None:
        getattr(self.sandbox, side).faults.fail(method, "", kind, nth=nth)

    @precondition(lambda self: self._is_faulty())
    @rule()
    def repair(self) -> None:
        for server in self._servers():
            server.faults.one_shot.clear()

    # People at work.

    @precondition(lambda self: self.later)
    @rule()
    def open_conversation(self) -> None:
        record, posts = self.later.pop()
        self.helpdesk.add_case({**record, "updated_at": self.helpdesk.now()}, posts)
        self.is_whole = False

    @rule(which=WHICH, kind=st.sampled_from(("MAIL", "NOTE")))
    def write_post(self, which: int, kind: str) -> None:
        case_id = self._case(which)
        if case_id is not None:
            self.helpdesk.add_post(case_id, f"Once more, {which}.", kind=kind)

    @rule(which=WHICH, status=st.sampled_from(STATUSES))
    def change_status(self, which: int, status: int) -> None:
        case_id = self._case(which)
        if case_id is not None:
            self.helpdesk.set_status(case_id, status)

    @rule(which=WHICH)
    def trash(self, which: int) -> None:
        case_id = self._case(which)
        if case_id is not None:
            self.helpdesk.trash(case_id)

    @rule(which=WHICH)
    def delete_conversation(self, which: int) -> None:
        case_id = self._case(which)
        if case_id is not None:
            self.helpdesk.delete_case(case_id)

    @rule(which=st.integers(1001, 1003))
    def rename_user(self, which: int) -> None:
        self.helpdesk.rename_user(which, f"Renamed {self.helpdesk.version}")
        self.is_whole = False

    @rule(which=WHICH)
    def delete_in_zammad(self, which: int) -> None:
        row = self._ticket(which)
        # One at a time: where the newest are all gone, Zammad counts as restored from a backup.
        if row is not None and self.is_whole and not self.excused:
            self._at_work("DELETE", f"/tickets/{row['id']}")
            self.excused.add(int(row["number"]))

    @rule(which=WHICH)
    def close_in_zammad(self, which: int) -> None:
        row = self._ticket(which)
        if row is not None:
            self._at_work("PUT", f"/tickets/{row['id']}", state="closed")

    @rule(which=WHICH)
    def answer_in_zammad(self, which: int) -> None:
        row = self._ticket(which)
        if row is not None:
            said = {"type": "note", "body": "mine", "internal": True}
            self._at_work("POST", "/ticket_articles", ticket_id=row["id"], **said)

    @rule(edit=st.sampled_from(EDITS))
    def edit_mapping(self, edit: tuple[str, str, str]) -> None:
        name, one, other = edit
        is_made = other in (self.place.folder / name).read_text()
        self.place.edit(name, *((other, one) if is_made else (one, other)))
        self.is_whole = False

    # What must hold.

    @invariant()
    def nothing_is_doubled(self) -> None:
        _hold([*laws.shared(self._ledger()), *laws.doubled(self.sandbox)])

    @invariant()
    def nobody_is_mailed(self) -> None:
        assert self.sandbox.zammad.mails_sent[self.mails :] == []

    def _ledger(self) -> laws.Ledgered:
        return laws.kept(self.place.folder / ".migrate")

    def ran(self, words: str, code: int) -> None:
        """Take note of a run that has ended, and how."""
        self._say(f"{words} ended with {code}")

    def _say(self, text: str) -> None:
        if currently_in_test_context():  # else a test takes the steps itself
            note(text)

    def _migrate(self, *arguments: str) -> tuple[int, str]:
        done = self.place.migrate(*arguments)
        self.ran(arguments[0], done.returncode)
        self._say(done.stderr[-600:])
        return done.returncode, done.stdout

    def _kill(self, verb: str, step: int) -> None:
        killed = forked(self.place.folder, *VERBS[verb], last=step)
        self.ran(f"kill {verb}", killed.code)
        self._say(f"step {len(killed.steps)}: {killed.steps[-1:]}")
        assert killed.code in _UNDER_FAULTS | {_KILLED}, killed.output
        self.is_whole = False

    def _is_faulty(self) -> bool:
        return any(server.faults.one_shot for server in self._servers())

    def _servers(self) -> tuple[FakeKayako, FakeZammad]:
        return self.sandbox.kayako, self.sandbox.zammad

    def _writes(self) -> int:
        return sum(
            request.method != "GET" and not request.path.endswith(("/search", "/init"))
            for request in list(self.sandbox.zammad.requests)
        )

    def _case(self, which: int) -> int | None:
        """Choose an active conversation, of which something is about to change."""
        active = [key for key, case in self.helpdesk.cases.items() if case["state"] == "ACTIVE"]
        self.is_whole = self.is_whole and not active
        return active[which % len(active)] if active else None

    def _tickets(self) -> list[dict[str, Any]]:
        rows = self.sandbox.zammad.tables.tickets.values()
        return [row for row in rows if row["number"] not in self.strangers]

    def _ticket(self, which: int) -> dict[str, Any] | None:
        rows = self._tickets()
        return rows[which % len(rows)] if rows else None

    def _at_work(self, method: str, path: str, **body: Any) -> None:
        """Let an agent change something in Zammad: no fault of ours hits them.

        What they do may mail somebody, which is theirs to decide.
        """
        faults = self.sandbox.zammad.faults
        waiting, faults.one_shot = faults.one_shot, []
        self.zammad.ask(method, path, json=body)
        faults.one_shot = waiting
        self.mails = len(self.sandbox.zammad.mails_sent)
        self.is_edited_there = True


def _hold(broken: Iterable[str]) -> None:
    lines = list(broken)
    assert not lines, "\n".join(lines)
