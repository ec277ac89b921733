"""Tables and lines for a terminal; colours only where there is one."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runner.engine.counts import WORDS
from runner.report.losses import counted
from runner.report.page.tame import ACTING, REPLACED, TURNING
from runner.report.words import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.engine.reset import Removal
    from runner.zammad.preflight import Finding

_ACTING_IN_LINES = re.compile(rf"(?![\n\t]){ACTING.pattern}")
_NOT_IN_JSON = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]|" + TURNING.pattern)
_MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]note[/]", "error": "[red]stop[/]"}


class _Console(Console):
    """Prints no text that acts, whoever forgot to clean it: markup is all that colours need."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as ``rich`` does; of texts only what can be read."""
        super().print(
            *(_tame(each) if isinstance(each, str) else each for each in objects), **options
        )


def console(*, to_errors: bool = False, moving: bool = True) -> Console:
    """Return a console on standard output, or on standard error.

    Without ``moving`` nothing moves on it, so that it can share a terminal with another one.
    """
    terminal = None if moving else False
    return _Console(stderr=to_errors, highlight=False, soft_wrap=True, force_terminal=terminal)


def clean(text: object) -> str:
    """Make text of unknown origin safe to print: nothing that acts, no markup; lines stay."""
    return escape(_tame(str(text)))


def _tame(text: str) -> str:
    """Take out what acts; line ends and tabs stay."""
    return _ACTING_IN_LINES.sub(REPLACED, TURNING.sub("", text))


def named(entity: str) -> str:
    """Return the name of a step for people: ``Tickets``, ``KB answers``."""
    return entity.replace("_", " ").capitalize().replace("Kb ", "KB ")


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on standard output.

    What would act in a terminal, and halves of surrogate pairs, which no stream can hold, are
    written as JSON's own escapes: a program reads the same text.
    """
    encoder = json.JSONEncoder(indent=2, ensure_ascii=False, default=str)
    for chunk in encoder.iterencode(document):
        sys.stdout.write(_NOT_IN_JSON.sub(_escaped, chunk))
    sys.stdout.write("\n")


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def findings(out: Console, title: str, rows: Iterable[Finding]) -> None:
    """Print what was looked at before a run, with what to do."""
    out.print(f"[bold]{title}[/]")
    for row in rows:
        out.print(f"  {_MARKS[row.level]:<18} {clean(row.subject)}: {clean(row.text)}")
        if row.steps:
            out.print(f"       [dim]→ {clean(row.steps)}[/]")


def line(out: Console, head: str, text: str) -> None:
    """Print a line; where a terminal is narrower its rest stands below ``text``, not ``head``.

    Args:
        out: Where to.
        head: Plain text that the line begins with, its spaces included.
        text: The rest, in markup.
    """
    if not out.is_terminal or len(head) * 2 > out.width:
        out.print(f"{escape(head)}{text}")
        return
    grid = Table.grid(padding=0)
    grid.add_column(width=len(head), no_wrap=True)
    grid.add_column(width=out.width - len(head), overflow="fold")
    grid.add_row(escape(head), text)
    out.print(grid, soft_wrap=False)


def outside_scope(out: Console, number: int, scope: str) -> None:
    """Print how many conversations nobody asked for this time."""
    if number:
        out.print(f"\n{counted(number, 'conversations')} not in this scope ({clean(scope)})")


def named_rows(out: Console, title: str, rows: list[dict[str, Any]], *, total: int = 0) -> None:
    """Print single records by name, the first twenty of them."""
    if rows:
        out.print(f"\n[bold]{title}[/]")
    for row in rows[:20]:
        more = row.get("reason") or _conflict(row)
        called = f" “{plain_name(row['label'])}”" if row.get("label") else ""
        line(out, "  ", f"{clean(row['entity'])}/{clean(row['source_id'])}{called}: {clean(more)}")
    rest = max(total, len(rows)) - 20
    if rest > 0:
        out.print(f"  … and {rest:,} more (--json lists them)")


def _conflict(row: Mapping[str, Any]) -> str:
    now = in_words(row["wanted"]) if "wanted" in row else ""
    kayako = f" (in Kayako now: {now if len(now) <= 60 else f'{now[:59]}…'})" if now else ""
    return f"{row['field']} was changed in Zammad too; it stays as it is there{kayako}"


def plain_name(text: object) -> str:
    """Make a name safe to print within a line: no line breaks, at most 60 characters."""
    name = " ".join(str(text).split())
    return clean(name if len(name) <= 60 else f"{name[:59]}…")


def listing(names: list[str], *, most: int, total: int = 0) -> str:
    """Return the first names, and how many there are beside them."""
    rest = max(total, len(names)) - most
    more = f", … ({rest:,} more)" if rest > 0 else ""
    return ", ".join(plain_name(name) for name in names[:most]) + more


def gone(out: Console, found: Mapping[str, list[int]]) -> None:
    """Print what Kayako has no more, the first ten of each."""
    for entity, numbers in found.items():
        more = ", …" if len(numbers) > 10 else ""
        named = ", ".join(map(str, numbers[:10])) + more
        lost = counted(len(numbers), entity)
        out.print()
        line(out, "", f"{lost} gone from Kayako, left in Zammad: {named}")
        if entity == "users":
            out.print("  if they asked to be erased there: [bold]migrate erase[/]")


def conflicts(out: Console, rows: list[dict[str, Any]]) -> None:
    """Print the fields that stay because they were changed on both sides."""
    named_rows(out, "Conflicts", rows)


def import_job(out: Console, result: Mapping[str, Mapping[str, int]]) -> None:
    """Print counts in ImportJob's words; of the rarer ones only those that count something."""
    seldom = {"deactivated", "skipped"}
    words = [w for w in WORDS if w not in seldom or any(row[w] for row in result.values())]
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for word in (*words, "sum", "total"):
        table.add_column(word, justify="right", no_wrap=True)
    for entity, row in result.items():
        cells = [f"{row[word]:,}" for word in (*words, "sum", "total")]
        if row["failed"]:
            cells[words.index("failed")] = f"[red]{row['failed']:,}[/]"
        table.add_row(entity.replace("_", " "), *cells)
    out.print(table)


def forgotten(out: Console, counts: Mapping[str, int]) -> None:
    """Print what the ledger no longer knows; Zammad has it still."""
    for entity, number in counts.items():
        they = "it stays" if number == 1 else "they stay"
        out.print(f"  {_in_column(number, entity)} forgotten; {they} in Zammad")
    if not counts:
        out.print("  nothing: the ledger was empty")


def _in_column(number: int, entity: str) -> str:
    """Return a number with its noun, so that numbers below each other end in one column."""
    digits, _, noun = counted(number, entity).partition(" ")
    return f"{digits:>7} {noun}"


def removal(out: Console, what: Removal, *, future: bool) -> None:
    """Print what reset did, or would do."""
    verb = "would be " if future else ""
    for words, counts in (("removed", what.removed), ("restored", what.restored)):
        for entity, number in counts.items():
            out.print(f"  {_in_column(number, entity)} {verb}{words}")
    if not (what.removed or what.restored or what.remains):
        out.print("  nothing: the ledger is empty")
    if what.remains:
        out.print("\n[bold]What remains[/]")
        for entry in what.remains[:50]:
            name = f"{entry['entity']}/{entry['source_id']} (Zammad id {entry['target_id']})"
            out.print(f"  {clean(name)}: {clean(entry['reason'])}")
        out.print("\nIn Zammad's Rails console this removes it:")
        for line in what.console():
            out.print(f"  {line}")
