"""The sample in a terminal: what was chosen and why, what people found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner import pipeline
from runner.errors import UsageError
from runner.report.page import sample as sample_page
from runner.report.page.tame import short
from runner.report.page.words import Words
from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from runner.config.model import Config
    from runner.engine.readback import Pair
    from runner.pipeline import Sample

_WORDS = Words("en")
_MARKS = {True: "[green]✓[/]", False: "[red]✗[/]", None: " "}


def page(config: Config, sample: Sample, pairs: Iterable[Pair], language: str) -> Iterator[str]:
    """Yield the sample's page, read at this moment."""
    return sample_page.page(
        sample,
        pairs,
        kayako_url=config.kayako.url,
        zammad_url=config.zammad.url,
        made_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        language=language,
    )


def show(out: Console, sample: Sample | None, file: Path | None) -> None:
    """Print what was chosen and why, what is not in it, and what comes next, if there is one."""
    if sample is None or file is None:
        return
    out.print(f"\n[bold]The sample[/]: {len(sample.cases):,} conversations")
    for one in sample.cases:
        tick = sample.ticks.get(one.case_id)
        mark = _MARKS[tick.right if tick is not None and tick.holds else None]
        why = sample_page.traits(one.why, _WORDS) or _WORDS("sample.ordinary")
        out.print(f" {mark} {one.case_id:>9}  {clean(why)}")
    if sample.no_room:
        told = sample_page.traits(sample.no_room, _WORDS)
        out.print(f"[yellow]{clean(_WORDS('sample.not_covered', traits=told))}[/]")
    if sample.left_out:
        told = sample_page.traits(sample.left_out, _WORDS)
        out.print(clean(_WORDS("sample.left_out", traits=told)))
    if sample.unread:
        out.print(f"[yellow]{_WORDS('sample.unread', number=sample.unread)}[/]")
    if sample.ticks:
        counts(out, sample)
    out.print(f"\nLook at them side by side: [bold]{clean(file)}[/]")
    again = f"migrate apply --sample {sample.asked}"
    out.print(
        "Open it in a browser, tick each one, and run the line at its end. After an edit of the"
        f" mappings [bold]{again}[/] writes the same ones again."
    )


def counts(out: Console, sample: Sample) -> None:
    """Print how many were looked at, and what is wrong."""
    found = sample.counts()
    out.print(
        f"Sample: {found['looked_at']:,} of {found['total']:,} looked at:"
        f" {found['right']:,} look right, {found['wrong']:,} wrong"
    )
    for tick in sample.wrong():
        remark = f": {clean(short(tick.remark, 200))}" if tick.remark else ""
        out.print(f"  [red]✗[/] {tick.case_id}{remark} ({clean(tick.by)}, {tick.at[:10]})")
    again = [tick for tick in sample.ticks.values() if not tick.holds]
    if again:
        numbers = ", ".join(str(tick.case_id) for tick in again)
        out.print(f"[yellow]Written anew since, to be looked at again: {numbers}[/]")


def answers(
    config: Config, right: Sequence[str], wrong: Sequence[str]
) -> tuple[list[int], dict[int, str]]:
    """Read ``--right 17,18`` and ``--wrong 19=REMARK``.

    Raises:
        UsageError: One of them is written otherwise.
    """
    fine: list[int] = []
    for part in (part.strip() for value in right for part in value.split(",")):
        if part == "all":
            said = {int(value.partition("=")[0]) for value in wrong if _number(value)}
            ids = pipeline.needed_sample(config).case_ids
            fine += [case_id for case_id in ids if case_id not in said]
        elif part.isdecimal():
            fine.append(int(part))
        elif part:
            raise UsageError(f"--right {part}: not a number", advice="such as --right 17,18")
    remarks: dict[int, str] = {}
    for value in wrong:
        number, _, remark = value.partition("=")
        if not _number(value):
            raise UsageError(
                f"--wrong {short(value, 80)}: a number comes first",
                advice='such as "19=no picture"',
            )
        remarks[int(number)] = " ".join(remark.split())
    return fine, remarks


def _number(value: str) -> bool:
    return value.partition("=")[0].strip().isdecimal()
