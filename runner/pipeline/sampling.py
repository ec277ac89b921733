"""The sample: chosen within an apply, read back from Zammad, ticked."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.engine import readback, sampling, target
from runner.errors import PreflightError, UsageError
from runner.ledger import reading
from runner.pipeline.opening import open_world
from runner.pipeline.sample_file import (
    Sample,
    Tick,
    keep_sample,
    kept_sample,
    marks_of,
    sample_file,
    stored_sample,
)
from runner.pipeline.scoping import Scope
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from runner.config.model import Config
    from runner.engine.readback import Pair
    from runner.engine.world import World

MOST_REMARK = 1_000


def forget_sample(config: Config) -> None:
    """Forget choice and ticks, so that the next apply chooses anew."""
    sample_file(config).unlink(missing_ok=True)


def chooser(
    config: Config, wanted: int, progress: Callable[[str, int, int | None], None]
) -> Callable[[World], Scope]:
    """Return what chooses ``wanted`` conversations in a run, as its scope, and keeps the choice.

    Those of an earlier choice come first, with what was found of them.
    """

    def choose(world: World) -> Scope:
        before = stored_sample(config)
        kept = () if before is None else before.case_ids
        made = sampling.choose(world, wanted, kept=kept, progress=progress)
        if not made.cases:
            raise UsageError(
                "no conversation moves, so that there is none to choose",
                advice="look at migrate plan: it says why they are left out",
            )
        sample = Sample(
            asked=wanted,
            made_at=_now(),
            cases=made.cases,
            no_room=made.no_room,
            left_out=made.left_out,
            unread=made.unread,
            ticks={} if before is None else before.ticks,
            marks={} if before is None else before.marks,
        )
        keep_sample(config, sample)
        ids = tuple(("tickets", str(case_id)) for case_id in sample.case_ids)
        return Scope(ids=ids, sample=wanted)

    return choose


@contextmanager
def sample_pairs(
    config: Config,
    *,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
) -> Iterator[tuple[Sample, Iterator[Pair]]]:
    """Yield the sample, and its conversations on both sides, read from Zammad one by one.

    Raises:
        PreflightError: there is no sample yet, or Zammad cannot be reached.
    """
    sample = needed_sample(config)
    with open_world(config, write=False, command="sample") as world:
        zammad = Zammad(config.zammad, stop=stop)
        try:
            target.look(world, zammad)
            yield sample, _pairs(world, zammad, sample, progress)
        finally:
            zammad.close()


def _pairs(
    world: World,
    zammad: Zammad,
    sample: Sample,
    progress: Callable[[str, int, int | None], None],
) -> Iterator[Pair]:
    for number, case_id in enumerate(sample.case_ids, start=1):
        pair = readback.read(world, zammad, case_id)
        progress("reading the sample back", number, len(sample.cases))
        if pair is not None:
            yield pair


def needed_sample(config: Config) -> Sample:
    """Return the sample.

    Raises:
        PreflightError: there is none yet.
    """
    sample = kept_sample(config)
    if sample is None:
        raise PreflightError(
            f"there is no sample of {config.zammad.url} yet",
            advice="run migrate apply --sample 25 first",
        )
    return sample


def tick(config: Config, right: Iterable[int], wrong: Mapping[int, str]) -> Sample:
    """Keep what somebody found; what was found of the others stays.

    Raises:
        UsageError: one is not in the sample, or not in Zammad, or is said to be both.
    """
    sample = needed_sample(config)
    verdicts = {**dict.fromkeys(right, (True, "")), **{k: (False, v) for k, v in wrong.items()}}
    both = set(right) & set(wrong)
    strangers = sorted(verdicts.keys() - set(sample.case_ids))
    if both:
        raise UsageError(f"conversation {min(both)} cannot be right and wrong")
    if strangers:
        raise UsageError(
            f"conversation {strangers[0]} is not in the sample",
            advice="migrate sample lists those that are",
        )
    by, at = _who(), _now()
    with reading(config.ledger_file) as ledger:
        marks = marks_of(ledger, verdicts)
    missing = sorted(case_id for case_id in verdicts if marks.get(case_id, [None])[0] is None)
    if missing:
        raise UsageError(
            f"conversation {missing[0]} is not in Zammad, so that nobody can have looked at it",
            advice="migrate status says why; apply --sample again",
        )
    new = {
        case_id: Tick(case_id, right=verdict, remark=remark[:MOST_REMARK], by=by, at=at)
        for case_id, (verdict, remark) in verdicts.items()
    }
    sample = replace(sample, ticks={**sample.ticks, **new}, marks={**sample.marks, **marks})
    keep_sample(config, sample)
    return sample


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
