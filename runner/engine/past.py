"""The check on every answer: did Zammad keep the time we sent?

A process that has not seen import mode writes today's date, and mails people. The first such
answer ends the run before any further article is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import PreflightError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.zammad.client import Zammad


def check_kept(
    zammad: Zammad,
    sent: Mapping[str, Any],
    answer: Mapping[str, Any],
    what: str,
    *,
    field: str = "created_at",
) -> None:
    """Compare a date to the second; where it differs, no thread writes any more.

    Raises:
        PreflightError: Zammad is not in import mode any more, or not all of it.
    """
    wanted, got = sent.get(field), answer.get(field)
    if wanted is None or got is None or str(got)[:19] == str(wanted)[:19]:
        return
    raise zammad.halt(
        PreflightError(
            f"{what} was sent with {wanted} and Zammad wrote {got}: import mode is off, or one of"
            " its processes has not seen it; the run stopped so that nobody is mailed",
            advice="see that nobody switched import mode off, wait a minute, then apply again",
        )
    )
