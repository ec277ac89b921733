"""Asking for what is chosen now and was not when conversations were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.conversations import left_out
from runner.engine.message_ids import applies
from runner.kayako.pull import pull_beside
from runner.pipeline.opening import aside_of, go_live_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from runner.config.model import Config
    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot

_ASKED = "original mails asked for"


def with_originals(config: Config, snapshot: Snapshot) -> Callable[[dict[str, Any]], bool]:
    """Return what says of a conversation whether the mails that came in are asked for.

    Not of one that ``keep_since`` or the scope leaves behind; without a date none is too old.
    """
    choice, go_live = config.options.original_message_ids, config.go_live or go_live_of(snapshot)
    since = str(config.options.keep_since or "")
    return lambda case: (
        applies(choice, case, go_live)
        and (case["updated_at"] or "~") >= since
        and left_out(config.filters, case) is None
    )


def catch_up(
    config: Config,
    kayako: Kayako,
    snapshot: Snapshot,
    *,
    case_ids: Sequence[int] | None = None,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
) -> None:
    """Ask for what hangs beside conversations that an earlier pull read without it.

    Only where options or go-live are others than the last time: it looks at every conversation,
    or at those of ``case_ids``.
    """
    options, go_live = config.options, config.go_live or go_live_of(snapshot)
    aside = aside_of(config)
    choice = f"{options.original_message_ids} {go_live} {options.keep_since}"
    asked = f"{choice} {config.filters} {aside}"
    if snapshot.meta(_ASKED) == asked:
        return
    pull_beside(
        kayako,
        snapshot,
        case_ids=case_ids,
        originals=with_originals(config, snapshot),
        aside=aside,
        workers=config.kayako.workers,
        stop=stop,
        progress=lambda _, done, total: progress("original mails", done, total),
    )
    if case_ids is None:
        snapshot.set_meta(_ASKED, asked)
