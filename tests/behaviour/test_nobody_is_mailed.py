"""Import mode ends before its time: the run stops before any further mail article."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from runner.sandbox.data import generate
from tests.behaviour.conftest import Stage

Make = Callable[..., Stage]
WORKERS = 4
MAILS = (("POST", "/tickets"), ("POST", "/ticket_articles"), ("PUT", "/tickets"))
"""What makes Zammad write to somebody outside import mode."""


class Switch:
    """Somebody who switches import mode off just before the nth write that could mail."""

    def __init__(self, s: Stage, moment: int) -> None:
        self._zammad = s.sandbox.zammad
        self._moment = moment
        self._written = 0
        self._since = 0
        self._zammad.state.on_request = self

    def __call__(self, method: str, path: str) -> None:
        if (method, path) == ("POST", "/users"):
            self._written = 0  # what came before were probes
        self._written += could_mail(method, path)
        begun = self._zammad.tables.users.keys() > {1, 2, 3}
        if begun and self._written == self._moment and not self._since:
            self._since = len(self._zammad.requests)
            self._zammad.state.settings.write("import_mode", value=False)
            for group in self._zammad.tables.groups.values():
                group["email_address_id"] = 1  # a channel that would send

    @property
    def after(self) -> list[str]:
        """What was carried out since and could mail; a refused request mails nobody."""
        return [
            f"{seen.method} {seen.path}"
            for seen in list(self._zammad.requests)[self._since :]
            if could_mail(seen.method, seen.path.removeprefix("/api/v1")) and seen.status < 300
        ]


def could_mail(method: str, path: str) -> bool:
    return (method, path.rpartition("/")[0] if method == "PUT" else path) in MAILS


@pytest.mark.fault("somebody switches import mode off in the middle")
@pytest.mark.parametrize("seed", range(3))
def test_the_answer_that_shows_it_is_the_last(stage: Make, seed: int) -> None:
    s = stage(generate(4, posts_each=3, users=3))
    switch = Switch(s, random.Random(seed).randrange(2, 14))
    stopped = s.place.migrate("apply", "--yes")
    assert stopped.returncode == 4, stopped.stderr
    assert "import mode is off" in stopped.stderr
    assert 1 <= len(switch.after) <= WORKERS, switch.after
    mailed = [mail["ticket_id"] for mail in s.sandbox.zammad.mails_sent]
    assert len(set(mailed)) <= len(switch.after)

    s.sandbox.zammad.state.on_request = None
    s.sandbox.zammad.state.settings.write("import_mode", value=True)
    s.place.succeed("apply", "--yes")
    assert [mail["ticket_id"] for mail in s.sandbox.zammad.mails_sent] == mailed
    verified = s.place.ask("verify")
    assert verified["ok"], verified["differences"]
    assert len(s.zammad.rows("/tickets")) == 5
