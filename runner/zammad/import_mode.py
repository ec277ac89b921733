"""Import mode: the switch that keeps the past and mutes every mail, and proof that it works.

Each of Zammad's processes caches settings for 15 seconds (reference §0.13; a second process was
seen to lag 12.8 s, §j). A record written by one that lags would get today's date and could mail
somebody. So the switch is followed by a wait and by probes on new connections.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from typing import TYPE_CHECKING

from runner.errors import OutcomeUnknown, PreflightError, Refused
from runner.zammad import settings as zammad_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.zammad.client import Zammad

PROBES = 20
PROBE_PREFIX = "migrate-probe-"
_PROBE_TIME = "2001-02-03T04:05:06Z"


def is_on(settings: dict[str, zammad_settings.Setting]) -> bool:
    """Say whether import mode is on; it is compared with true by Zammad, so here too."""
    return _setting(settings).value is True


def switch(zammad: Zammad, *, on: bool, settle_seconds: float) -> None:
    """Set import mode and wait until every process has seen it."""
    zammad_settings.write(zammad, _setting(zammad_settings.read(zammad)), on)
    settle(settle_seconds)


def settle(seconds: float) -> None:
    """Wait until all of Zammad's processes should have seen a setting."""
    if seconds:
        time.sleep(seconds)


def prove(zammad: Zammad, *, journal: Callable[[str], None]) -> None:
    """Create and delete organizations with a past until 20 of 20 kept it.

    Args:
        zammad: the server, in import mode.
        journal: is told each probe's name before it is sent, so that none is left behind.

    Raises:
        PreflightError: one of the probes got another time than it was sent with.
    """
    for number, created_at in _probes(zammad, journal):
        if not created_at.startswith(_PROBE_TIME[:19]):
            raise PreflightError(
                f"Zammad does not keep the past: probe {number} of {PROBES} was sent with"
                f" {_PROBE_TIME} and came back with {created_at}",
                advice=(
                    "one of its processes has not seen import mode yet: wait a minute and apply"
                    " again, or raise zammad.settle_seconds; nothing was moved by this run"
                ),
            )


def prove_off(zammad: Zammad, *, journal: Callable[[str], None]) -> None:
    """Create and delete organizations with a past until 20 of 20 got the present instead.

    Raises:
        PreflightError: one of the processes that answer still is in import mode.
    """
    for number, created_at in _probes(zammad, journal):
        if created_at.startswith(_PROBE_TIME[:19]):
            raise PreflightError(
                f"import mode is off, but not for all of Zammad: probe {number} of {PROBES} kept"
                f" the date {_PROBE_TIME} that it was sent with",
                advice=(
                    "one of its processes has not seen it yet, and agents' mails vanish there:"
                    " wait a minute and run migrate finish again; if that does not help, restart"
                    " Zammad"
                ),
            )


def _probes(zammad: Zammad, journal: Callable[[str], None]) -> Iterator[tuple[int, str]]:
    """Yield the number of each probe and the creation time that Zammad gave it."""
    run = secrets.token_hex(4)
    for number in range(1, PROBES + 1):
        name = f"{PROBE_PREFIX}{run}-{number}"
        journal(name)
        answer = _create(zammad, name)
        zammad.delete(f"/organizations/{answer['id']}")
        yield number, str(answer.get("created_at"))


def remove_probes(zammad: Zammad, names: list[str]) -> None:
    """Delete the probes that an interrupted run left behind."""
    wanted = set(names)
    if not wanted:
        return
    for row in list(zammad.pages("/organizations", per_page=1000)):
        if row["name"] in wanted:
            with contextlib.suppress(Refused):
                zammad.delete(f"/organizations/{row['id']}")


def _create(zammad: Zammad, name: str) -> dict[str, object]:
    body = {"name": name, "created_at": _PROBE_TIME, "updated_at": _PROBE_TIME}
    for _ in range(3):
        try:
            answer: dict[str, object] = zammad.create("/organizations", body, fresh_connection=True)
        except OutcomeUnknown:
            remove_probes(zammad, [name])
            continue
        return answer
    raise PreflightError(
        "Zammad did not answer three probes in a row",
        advice="look at its log, then run the same command again",
    )


def _setting(settings: dict[str, zammad_settings.Setting]) -> zammad_settings.Setting:
    if "import_mode" not in settings:
        raise PreflightError(
            "the token cannot see Zammad's setting import_mode",
            advice="the token needs the permission admin, its user the role Admin",
        )
    return settings["import_mode"]
