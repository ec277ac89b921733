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
from runner.report.losses import counted, loss
from runner.report.words import in_words

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Mapping

    from runner.engine.plan import Plan
    from runner.engine.reset import Removal
    from runner.zammad.preflight import Finding

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ACTIONS = ("create", "update", "unchanged", "skip", "fail")
_MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]note[/]", "error": "[red]stop[/]"}


def console(*, to_errors: bool = False) -> Console:
    """Return a console on standard output, or on standard error."""
    return Console(stderr=to_errors, highlight=False, soft_wrap=True)


def clean(text: object) -> str:
    """Make text of unknown origin safe to print: no control characters, no markup."""
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text)))


def named(entity: str) -> str:
    """Return the name of a step for people: ``Tickets``, ``KB answers``."""
    return entity.replace("_", " ").capitalize().replace("Kb ", "KB ")


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on standard output."""
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def findings(out: Console, title: str, rows: Iterable[Finding]) -> None:
    """Print what was looked at before a run, with what to do."""
    out.print(f"[bold]{title}[/]")
    for row in rows:
        out.print(f"  {_MARKS[row.level]:<18} {clean(row.subject)}: {clean(row.text)}")
        if row.steps:
            out.print(f"       [dim]→ {clean(row.steps)}[/]")


def plan(out: Console, made: Plan, unreachable: str | None) -> None:
    """Print a plan: counts, what is dropped, what is skipped and why, what is not known yet."""
    where = made.target or "Zammad (not reached: adoptions are not known)"
    out.print(f"[bold]Plan[/] for {clean(where)}, go-live {made.go_live}")
    if unreachable:
        out.print(f"[yellow]{clean(unreachable)}[/]")
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("")
    for action in _ACTIONS:
        table.add_column(action, justify="right")
    for entity, words in made.actions.items():
        table.add_row(named(entity), *(f"{words[action]:,}" for action in _ACTIONS))
    articles = made.articles
    table.add_row("Articles", f"{articles['create']:,}", "", "", f"{articles['skip']:,}", "")
    times = made.time_entries
    if times.total():
        table.add_row("Time entries", *(f"{times[action]:,}" for action in _ACTIONS))
    out.print(table)
    outside_scope(out, made.outside_scope, made.scope)
    _plan_details(out, made)
    for title, samples in made.samples.items():
        for sample in samples:
            _sample(out, title, sample, made.names)
    _plan_ending(out, made)


def outside_scope(out: Console, number: int, scope: str) -> None:
    """Print how many conversations nobody asked for this time."""
    if number:
        out.print(f"\n{counted(number, 'conversations')} not in this scope ({clean(scope)})")


def _plan_details(out: Console, made: Plan) -> None:
    _not_known_yet(out, made)
    _attributes(out, made)
    _counted(
        out,
        "Dropped labels[/] (edit mappings/vocabularies to keep them)",
        (
            (number, "tickets", _drop(vocabulary, label, becomes, remembered))
            for (vocabulary, label, becomes, remembered), number in _sorted(made.dropped)
        ),
    )
    _counted(
        out,
        "Left out[/]",
        ((number, entity, why) for (entity, why), number in _sorted(made.skipped)),
    )
    _counted(
        out,
        "Not carried over as it was[/]",
        (
            (number, entity, loss(name, kind, made.examples[entity, kind, name]))
            for (entity, kind, name), number in _sorted(made.notes)
        ),
    )
    gone(out, made.gone)
    if made.time_dangling:
        entries = counted(made.time_dangling, "time entries")
        out.print(f"\n{entries} left out, of conversations that Kayako does not have")
    for resource, reason in made.unavailable.items():
        out.print(f"\n[yellow]{clean(resource)} could not be read: {clean(reason)}[/]")
    _counted(
        out,
        "Already in Zammad[/] (adopted: empty fields are filled, nothing is taken away)",
        ((number, entity, names) for entity, number, names in _adopted(made)),
    )
    conflicts(out, made.conflicts)
    _named(out, "Failures", made.failures)
    _inventory(out, made)


def _inventory(out: Console, made: Plan) -> None:
    """Print what stays behind and what has to be done by hand."""
    stays = made.inventory
    if stays.undecided:
        out.print("\n[bold]Fields that no mapping names[/] (map them, or list them under ignore)")
    for entity, fields in stays.undecided.items():
        out.print(f"  {clean(entity)}: {clean(', '.join(fields))}")
    if stays.rebuild:
        out.print("\n[bold]To build anew in Zammad[/] (these are not moved)")
    for one in stays.rebuild:
        off = "" if one.enabled else " (switched off)"
        text = f": {one.text}" if one.text else ""
        out.print(f"  {one.kind} “{clean(one.title)}”{off}{clean(text)}")
    if stays.mailboxes:
        out.print("\n[bold]Mailboxes[/] (where mail goes after you go live)")
    for mailbox in stays.mailboxes:
        off = "" if mailbox.enabled else " (switched off)"
        out.print(f"  [bold]{clean(mailbox.address)}[/]{off}: {clean(mailbox.forward)}")
        for team, group, there, number in mailbox.routes:
            where = f", {there}" if there else ""
            who = f"team {team}" if team else "no team"
            out.print(f"    {number:>7,} {clean(f'{who} → group {group}{where}')}")


def _sorted(counter: Counter[Any]) -> list[tuple[Any, int]]:
    """Return counts, the largest first, in the same order on every run."""
    return sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))


def _not_known_yet(out: Console, made: Plan) -> None:
    if made.bodies_unread:
        out.print(
            f"\n{made.bodies_unread:,} conversations: their messages are not read yet; apply"
            " (or migrate pull) reads them, their articles are not counted above"
        )
    if made.mails_unread or made.mails_uncounted:
        mails = [counted(made.mails_unread, "mails")] if made.mails_unread else []
        if made.mails_uncounted:
            mails.append(f"the mails of {counted(made.mails_uncounted, 'conversations')}")
        out.print(
            f"\nTo be asked for their own Message-ID, a request each: {' and '.join(mails)}"
            " (options.original_message_ids)"
        )
    kept = made.articles["keep the message id they have"]
    if kept:
        out.print(
            f"\n{kept:,} messages in Zammad keep the message id they have: articles cannot be"
            " changed (options.original_message_ids was another one)"
        )
    if made.posts_short:
        cases = list(made.posts_short)
        more = ", …" if len(cases) > 10 else ""
        out.print(
            f"\n[yellow]{sum(made.posts_short.values()):,} messages that Kayako counts were not"
            f" delivered[/], in conversations {', '.join(map(str, cases[:10]))}{more}"
        )
    if made.memberships_unasked:
        out.print(
            f"\n{made.memberships_unasked:,} users: whether they belong to further organizations"
            " was not asked (options: secondary_organizations asks, one request each)"
        )
    if made.placeholders:
        out.print(f"\n{made.placeholders:,} users are not in Kayako any more: placeholders")


def _attributes(out: Console, made: Plan) -> None:
    """Print what happens to attributes, the homes of custom fields."""
    names = made.attributes.names
    for action, words in (("create", "created"), ("update", "given more room or choices")):
        if names.get(action):
            number = len(names[action])
            out.print(f"\n{number:,} attributes would be {words}: {', '.join(names[action])}")
    if made.attributes.required and made.attributes.has_changes:
        out.print(
            "  required in Kayako, not required in Zammad until you switch that on there (Manage,"
            f" Objects) after finish: {', '.join(made.attributes.required)}"
        )


def _counted(out: Console, title: str, rows: Iterable[tuple[int, str, str]]) -> None:
    """Print a list of counts, with its title unless there is nothing to list."""
    for position, (number, what, text) in enumerate(rows):
        if position == 0:
            out.print(f"\n[bold]{title}")
        number_text, _, noun = counted(number, what).partition(" ")
        out.print(f"  {number_text:>7} {clean(noun)}: {clean(text)}")


def _drop(vocabulary: str, label: str, becomes: str, remembered: str) -> str:
    if label.isdigit():
        label = f"number {label}, which Kayako no longer has"
    kept = "" if remembered == "nothing" else f", remembered as {remembered}"
    return f"{vocabulary} “{label}” becomes {becomes}{kept}"


def _named(out: Console, title: str, rows: list[dict[str, Any]]) -> None:
    """Print single records, the first twenty of them."""
    if rows:
        out.print(f"\n[bold]{title}[/]")
    for row in rows[:20]:
        more = row.get("reason") or (
            f"{row['field']} was changed in Zammad too; it stays as it is there"
        )
        where = f"{row['entity']}/{row['source_id']}"
        out.print(f"  {clean(where)}: {clean(more)}")
    if len(rows) > 20:
        out.print(f"  … and {len(rows) - 20:,} more (--json lists them)")


def gone(out: Console, found: Mapping[str, list[int]]) -> None:
    """Print what Kayako has no more, the first ten of each."""
    for entity, numbers in found.items():
        more = ", …" if len(numbers) > 10 else ""
        named = ", ".join(map(str, numbers[:10])) + more
        lost = counted(len(numbers), entity)
        out.print(f"\n{lost} gone from Kayako, left in Zammad: {named}")
        if entity == "users":
            out.print("  if they asked to be erased there: [bold]migrate erase[/]")


def conflicts(out: Console, rows: list[dict[str, Any]]) -> None:
    """Print the fields that stay because they were changed on both sides."""
    _named(out, "Conflicts", rows)


def _adopted(made: Plan) -> Iterator[tuple[str, int, str]]:
    """Yield for each entity how many records are adopted, and the first of them by name."""
    for entity in made.actions:
        names = [row["label"] for row in made.adopted if row["entity"] == entity]
        if names:
            more = ", …" if len(names) > 5 else ""
            yield entity, len(names), ", ".join(names[:5]) + more


def _sample(out: Console, title: str, sample: Mapping[str, Any], names: Mapping[str, str]) -> None:
    leads_on = title.rpartition(" ")[2] not in {"skip", "fail"}
    where = f" → {sample['target_id']}" if leads_on else ""
    why = f": {sample['reason']}" if sample["reason"] else ""
    name = f"{title} {sample['source_id']}{where}"
    out.print(f"\n[bold]{clean(name)}[/] {clean(sample['label'])}{clean(why)}")
    for difference in sample["differences"]:
        before, after = difference["before"], difference["after"]
        was = "" if before is None else f"{clean(_short(before, names))} → "
        out.print(f"    {clean(difference['field'])}: {was}{clean(_short(after, names))}")


def _plan_ending(out: Console, made: Plan) -> None:
    if not made.has_changes:
        out.print("\nNothing to do: Zammad has all of it.")
    elif made.target is None:
        out.print("\nNothing was written. Zammad has to be reachable for [bold]migrate apply[/].")
    else:
        out.print("\nNothing was written. To do it: [bold]migrate apply[/]")


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


def removal(out: Console, what: Removal, *, future: bool) -> None:
    """Print what reset did, or would do."""
    verb = "would be " if future else ""
    for words, counts in (("removed", what.removed), ("restored", what.restored)):
        for entity, number in counts.items():
            out.print(f"  {number:>7,} {entity} {verb}{words}")
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


def _short(value: object, names: Mapping[str, str]) -> str:
    """Tell a value in words, at most 80 characters of it."""
    text = in_words(value, names)
    return text if len(text) <= 80 else f"{text[:79]}…"
