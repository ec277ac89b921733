"""``migrate erase``: take one person away on request."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from runner import pipeline
from runner.cli.common import confirm, guarded, load_config
from runner.report import terminal

if TYPE_CHECKING:
    from runner.config.model import Config


@guarded
def command(
    *,
    user: Annotated[
        int | None, typer.Option("--user", help="Erase this person: their id in Kayako.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List who vanished from Kayako since they were copied; with --user, erase one of them here.

    Nobody is ever erased by themselves. Zammad is asked to delete the user and all tickets of
    theirs, new ones included (a data privacy task, which it carries out within minutes); then the
    copy of Kayako forgets the person and the conversations that they asked for. What they wrote
    in other people's conversations stays.

    Example: [bold]migrate erase --user 17[/]
    """
    config = load_config()
    if user is None:
        _list(config, as_json=as_json)
        return
    who = pipeline.erasable_person(config, user)
    there = "nothing in Zammad" if who.target_id is None else f"Zammad user {who.target_id}"
    name = f" ({who.name})" if who.name else ""
    confirm(
        f"Erase user {who.id}{name}, {there}, all tickets of theirs, and their part of the copy"
        " of Kayako? This cannot be undone.",
        yes=yes,
    )
    done = pipeline.run_erase(config, user)
    if as_json:
        terminal.print_json({"user": user, **asdict(done)})
        return
    out = terminal.console()
    if done.asked_zammad:
        out.print(
            f"Zammad will delete user {who.target_id} and {done.tickets:,} of our tickets within"
            " minutes: see Manage, Data Privacy"
        )
    out.print(f"Erased here: {done.conversations:,} conversations, {done.files:,} files")
    for ticket_id in done.remain:
        out.print(f"[yellow]ticket {ticket_id} is another customer's in Zammad now: it stays[/]")


def _list(config: Config, *, as_json: bool) -> None:
    found = pipeline.erasable(config)
    if as_json:
        terminal.print_json({"people": [asdict(who) for who in found]})
        return
    out = terminal.console()
    for who in found:
        there = "not in Zammad" if who.target_id is None else f"Zammad user {who.target_id}"
        there += ", was there before the move" if who.adopted else ""
        out.print(f"  {who.id:>9} {terminal.clean(who.name)}: {who.reason}; {there}")
    out.print(f"People who vanished from Kayako: {len(found):,}")
    if found:
        out.print("To erase one of them here: [bold]migrate erase --user ID[/]")
