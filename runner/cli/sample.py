"""``migrate sample``: look at the sample again, and keep what somebody found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner import pipeline
from runner.cli.common import confirm, guarded, load_config, stop_on_signals
from runner.errors import UsageError
from runner.pipeline import Scope
from runner.report import sampled, terminal
from runner.report.page.words import LANGUAGES
from runner.report.progress import Reporter

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from runner.config.model import Config

MOST = 200
"""A page of more conversations is looked at by nobody."""

SampleOption = Annotated[
    int | None,
    typer.Option(
        "--sample",
        metavar="N",
        min=1,
        max=MOST,
        help="Only so many conversations, chosen to contain everything, with a page.",
    ),
]


def sampled_scope(wanted: int | None, other: Scope) -> Scope:
    """Return the scope of a sample before it is chosen; without one the other scope.

    Raises:
        UsageError: Another option chooses, too.
    """
    if wanted is None:
        return other
    if other.words:
        raise UsageError(
            f"--sample chooses conversations itself and cannot be combined with {other.words}",
            advice="leave one of them out",
        )
    return Scope(sample=wanted)


@guarded
def command(
    *,
    right: Annotated[
        list[str] | None,
        typer.Option("--right", metavar="17,18", help="These look right; all: every one of them."),
    ] = None,
    wrong: Annotated[
        list[str] | None,
        typer.Option("--wrong", metavar='"19=REMARK"', help="This one is wrong, and why."),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", help=f"Language of the page: {' or '.join(LANGUAGES)}.")
    ] = "en",
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget choice and answers: the next one is new.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write the sample's page anew, or keep what somebody found when looking at it.

    migrate apply --sample 25 chooses a few conversations in which everything occurs that occurs
    at all, moves them with the people they need, and writes a page that shows each one side by
    side: as Kayako has it, and as Zammad shows it now. The page can be ticked; it changes nothing
    itself, but makes the line that keeps the answers: who, when, and what is wrong. They stand in
    migrate status, in the report and on the certificate. An answer counts until its ticket is
    written anew.

    Example: [bold]migrate sample --right 17,18 --wrong "19=the picture is missing"[/]
    """
    config = load_config()
    if language not in LANGUAGES:
        raise UsageError(
            f"--language {language}: not a language of the page",
            advice=f"one of {', '.join(LANGUAGES)}",
        )
    if forget:
        _forget(config, yes=yes, more=bool(right or wrong))
        return
    if right or wrong:
        sample = pipeline.tick(config, *sampled.answers(config, right or [], wrong or []))
        if not as_json:
            sampled.counts(terminal.console(), sample)
    else:
        stop = stop_on_signals()
        with Reporter(terminal.console(to_errors=True)) as reporter:
            write_page(config, language, reporter.pulled, stop)
        sample = pipeline.needed_sample(config)
        if not as_json:
            sampled.show(terminal.console(), sample, pipeline.sample_page(config))
    if as_json:
        page = pipeline.sample_page(config)
        terminal.print_json({"page": str(page), **sample.as_json()})


def write_page(
    config: Config,
    language: str,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
) -> Path:
    """Read the sample back from Zammad and write its page; return where it is."""
    file = pipeline.sample_page(config)
    with (
        pipeline.sample_pairs(config, progress=progress, stop=stop) as (sample, pairs),
        pipeline.private_file(file) as target,
    ):
        for piece in sampled.page(config, sample, pairs, language):
            target.write(piece.encode())
    return file


def _forget(config: Config, *, yes: bool, more: bool) -> None:
    if more:
        raise UsageError("--forget forgets all answers", advice="leave --right and --wrong out")
    sample = pipeline.needed_sample(config)
    answered = sample.counts()["looked_at"]
    if answered:
        confirm(f"Forget the sample and {answered} answers?", yes=yes)
    pipeline.forget_sample(config)
    terminal.console().print("Forgotten. migrate apply --sample chooses anew.")
