"""A runbook as Markdown that can be read, and ticked, as it is."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.report.runbook.model import Day, Runbook, Step

_WIDTH = 96
_ACTING = re.compile(r"([\\`*_\[\]<>#|~])")


def markdown(made: Runbook) -> str:
    """Return the runbook as Markdown."""
    return "\n".join(_lines(made)) + "\n"


def _lines(made: Runbook) -> Iterator[str]:
    yield f"# {made.title}"
    for sentence in made.lead:
        yield f"\n{textwrap.fill(sentence, _WIDTH)}"
    yield ""
    for blank in made.blanks:
        yield f"- {blank}: {'_' * (60 - len(blank))}"
    if made.missing:
        yield f"\n## {made.missing_title}\n"
        for sentence in made.missing:
            yield textwrap.fill(sentence, _WIDTH, initial_indent="- ", subsequent_indent="  ")
    if made.lasting:
        yield f"\n## {made.lasting_title}\n"
        for step, span in made.lasting:
            yield f"- {step}: {span}"
    for day in made.days:
        yield from _day(day)


def _day(day: Day) -> Iterator[str]:
    yield f"\n## {day.title}\n"
    hurry = f" **({day.hurry})**" if day.hurry else ""
    yield f"{day.when}{hurry}"
    for step in day.steps:
        yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    text = f"**{step.text}**" if step.alarm else step.text
    lasts = f" ({step.lasts})" if step.lasts else ""
    yield ""
    yield textwrap.fill(
        f"{text}{lasts}",
        _WIDTH,
        initial_indent="- [ ] ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    if step.names:
        yield ""
        for name in step.names:
            yield f"  - [ ] {_escaped(name)}"
    if step.commands:
        yield "\n  ```sh"
        for command in step.commands:
            yield f"  {command}"
        yield "  ```"


def _escaped(name: str) -> str:
    return _ACTING.sub(r"\\\1", name)
