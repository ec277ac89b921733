"""What a plan lists below its counts: losses, what is left out, adopted or to be done by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.report.losses import counted, loss
from runner.report.terminal import (
    clean,
    conflicts,
    gone,
    line,
    listing,
    named_rows,
    plain_name,
)

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from runner.engine.highlights import Highlights
    from runner.engine.plan import Plan

_MOST_NAMES = 5


def lists(out: Console, made: Plan, *, everything: bool) -> None:
    """Print all lists of a plan that are not empty; ``everything``: with all names there are."""
    _creations(out, made.highlights)
    _attributes(out, made)
    _not_known_yet(out, made)
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
        _paragraph(out, f"{entries} left out, of conversations that Kayako does not have")
    for resource, reason in made.unavailable.items():
        _paragraph(out, f"[yellow]{clean(resource)} could not be read: {clean(reason)}[/]")
    _counted(
        out,
        "Already in Zammad[/] (adopted: empty fields are filled, nothing is taken away)",
        _adopted(made, most=len(made.adopted) if everything else _MOST_NAMES),
    )
    conflicts(out, made.conflicts)
    failed = sum(words["fail"] for words in made.actions.values())
    named_rows(out, "Failures", made.failures, total=failed)
    _new_admins(out, made.highlights)
    _inventory(out, made)


def _inventory(out: Console, made: Plan) -> None:
    """Print what stays behind and what has to be done by hand."""
    stays = made.inventory
    if stays.undecided:
        out.print("\n[bold]Fields that no mapping names[/] (map them, or list them under ignore)")
    for entity, fields in stays.undecided.items():
        line(out, f"  {entity}: ", clean(", ".join(fields)))
    if stays.rebuild:
        out.print("\n[bold]To build anew in Zammad[/] (these are not moved)")
    for one in stays.rebuild:
        off = "" if one.enabled else " (switched off)"
        text = f": {one.text}" if one.text else ""
        line(out, "  ", f"{one.kind} “{plain_name(one.title)}”{off}{clean(text)}")
    if stays.mailboxes:
        out.print("\n[bold]Mailboxes[/] (where mail goes after you go live)")
    for mailbox in stays.mailboxes:
        off = "" if mailbox.enabled else " (switched off)"
        line(out, "  ", f"[bold]{clean(mailbox.address)}[/]{off}: {clean(mailbox.forward)}")
        for team, group, there, number in mailbox.routes:
            where = f", {there}" if there else ""
            who = f"team {team}" if team else "no team"
            line(out, f"    {number:>7,} ", clean(f"{who} → group {group}{where}"))


def _sorted(counter: Counter[Any]) -> list[tuple[Any, int]]:
    """Return counts, the largest first, in the same order on every run."""
    return sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))


def _paragraph(out: Console, text: str) -> None:
    """Print a line of its own, below an empty one."""
    out.print()
    line(out, "", text)


def _not_known_yet(out: Console, made: Plan) -> None:
    if made.bodies_unread:
        _paragraph(
            out,
            f"{counted(made.bodies_unread, 'conversations')}: their messages are not read yet;"
            " apply (or migrate pull) reads them, their articles are not counted above",
        )
    _message_ids(out, made)
    if made.posts_short:
        cases = [str(number) for number in made.posts_short]
        _paragraph(
            out,
            f"[yellow]{counted(sum(made.posts_short.values()), 'messages')} that Kayako counts"
            f" were not delivered[/], in conversations {listing(cases, most=10)}",
        )
    if made.memberships_unasked:
        _paragraph(
            out,
            f"{counted(made.memberships_unasked, 'users')}: whether they belong to further"
            " organizations was not asked (options: secondary_organizations asks, one request"
            " each)",
        )
    if made.placeholders:
        verb = "is" if made.placeholders == 1 else "are"
        who = counted(made.placeholders, "users")
        _paragraph(out, f"{who} {verb} not in Kayako any more: placeholders")


def _message_ids(out: Console, made: Plan) -> None:
    if made.mails_unread or made.mails_uncounted:
        mails = [counted(made.mails_unread, "mails")] if made.mails_unread else []
        if made.mails_uncounted:
            mails.append(f"the mails of {counted(made.mails_uncounted, 'conversations')}")
        _paragraph(
            out,
            f"To be asked for their own Message-ID, a request each: {' and '.join(mails)}"
            " (options.original_message_ids)",
        )
    kept = made.articles["keep the message id they have"]
    if kept:
        _paragraph(
            out,
            f"{counted(kept, 'messages')} in Zammad keep the message id they have: articles"
            " cannot be changed (options.original_message_ids was another one)",
        )


def _attributes(out: Console, made: Plan) -> None:
    """Print what happens to attributes, the homes of custom fields."""
    names = made.attributes.names
    for action, words in (("create", "created"), ("update", "given more room or choices")):
        if names.get(action):
            number = counted(len(names[action]), "attributes")
            _paragraph(out, f"{number} would be {words}: {clean(', '.join(names[action]))}")
    if made.attributes.required and made.attributes.has_changes:
        line(
            out,
            "  ",
            "required in Kayako, not required in Zammad until you switch that on there (Manage,"
            f" Objects) after finish: {clean(', '.join(made.attributes.required))}",
        )


def _counted(out: Console, title: str, rows: Iterable[tuple[int, str, str]]) -> None:
    """Print a list of counts, with its title unless there is nothing to list."""
    for position, (number, what, text) in enumerate(rows):
        if position == 0:
            out.print(f"\n[bold]{title}")
        number_text, _, noun = counted(number, what).partition(" ")
        line(out, f"  {number_text:>7} {noun}: ", clean(text))


def _drop(vocabulary: str, label: str, becomes: str, remembered: str) -> str:
    if label.isdigit():
        label = f"number {label}, which Kayako no longer has"
    kept = "" if remembered == "nothing" else f", remembered as {remembered}"
    return f"{vocabulary} “{label}” becomes {becomes}{kept}"


def _adopted(made: Plan, *, most: int) -> Iterator[tuple[int, str, str]]:
    """Yield for each entity how many records are adopted, and the first of them by name."""
    for entity in made.actions:
        names = [row["label"] for row in made.adopted if row["entity"] == entity]
        if names:
            number = max(made.highlights.adopted[entity], len(names))
            yield number, entity, listing(names, most=most, total=number)


def _creations(out: Console, highlights: Highlights) -> None:
    """Print which states, priorities and types Zammad gets, with how many tickets get them."""
    kinds: dict[str, list[str]] = {}
    for (kind, name), number in _sorted(highlights.creations):
        kinds.setdefault(kind, []).append(f"{plain_name(name)} ({counted(number, 'records')})")
    if kinds:
        told = ", ".join(counted(len(names), kind) for kind, names in kinds.items())
        which = "; ".join(", ".join(names) for names in kinds.values())
        _paragraph(out, f"{told} would be created in Zammad: {which}")


def _new_admins(out: Console, highlights: Highlights) -> None:
    """Print every new admin, where the first lines could not name all."""
    if len(highlights.admins) <= _MOST_NAMES:
        return
    out.print("\n[bold yellow]New admins in Zammad[/]")
    for row in highlights.admins:
        out.print(f"  [yellow]{plain_name(row['label'])}[/] (user/{clean(row['source_id'])})")
    rest = highlights.admins_total - len(highlights.admins)
    if rest > 0:
        out.print(f"  … and {rest:,} more")
