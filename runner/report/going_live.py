"""What ``finish`` shows: what stands in the way, and how it went on afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.report.next_steps import is_hosted
from runner.report.terminal import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from rich.console import Console

    from runner.engine.finish import Finished
    from runner.engine.logins import Logins
    from runner.engine.obstacle import Obstacle
    from runner.pipeline.finishing import Aftermath

_SHOWN = 20
_REBUILD = "rake zammad:searchindex:rebuild"


def obstacles(out: Console, found: Sequence[Obstacle], accepted: AbstractSet[str]) -> None:
    """Print what happens once import mode ends; what writes to customers is red."""
    if not found:
        out.print("Nothing stands in the way.")
        return
    out.print("[bold]Once import mode is off[/]")
    for obstacle in found:
        colour = "red" if obstacle.to_customers else "yellow"
        taken = " [dim](accepted)[/]" if obstacle.kind in accepted else ""
        out.print(f"  [{colour}]{obstacle.kind}[/]  {clean(obstacle.text)}{taken}")
        for line in obstacle.details[:_SHOWN]:
            out.print(f"      {clean(line)}")
        if len(obstacle.details) > _SHOWN:
            out.print(f"      … and {len(obstacle.details) - _SHOWN:,} more (--json has all)")
        if obstacle.steps:
            out.print(f"      [dim]→ {clean(obstacle.steps)}[/]")


def finished(out: Console, done: Finished) -> None:
    """Print what was written and switched."""
    for entity, number in done.written.items():
        out.print(f"  {number:>7,} {entity} brought to their final state")
    for text in done.failed:
        out.print(f"[red]failed[/] {clean(text)}")
    for text in done.settings:
        out.print(f"Setting {clean(text)}")
    for text in done.told:
        out.print(f"[yellow]Setting {clean(text)}[/]")
    was = "switched off, and seen off" if done.import_mode_was_on else "was off already"
    out.print(f"Import mode {was}.")


def aftermath(out: Console, after: Aftermath, url: str) -> None:
    """Print whether old tickets are found, and how agents come in."""
    for line in (*_search(after, url), *_logins(after.logins)):
        out.print(line)


def _search(after: Aftermath, url: str) -> Iterator[str]:
    found, missing = after.searched.found, after.searched.missing
    if missing:
        yield f"[red]Not found by Zammad's search: ticket {clean(', '.join(missing))}[/]"
    if found:
        yield f"Found by Zammad's search: ticket {clean(', '.join(found))}"
    if not after.indexed and not is_hosted(url):
        yield "[dim]No Elasticsearch in use; if you emptied es_url for the move, set it again.[/]"
    if not after.indexed and not missing:
        return
    if is_hosted(url):
        yield "Zammad is hosted by its makers: ask their support to rebuild the search index."
    else:
        yield "Rebuild the search index, which may take hours and disturbs nobody:"
        yield f"   package  zammad run {_REBUILD}"
        yield f"   docker   docker compose run --rm zammad-railsserver bundle exec {_REBUILD}"
    yield "Then look again: [bold]migrate finish --probe[/]"


def _logins(logins: Logins) -> Iterator[str]:
    if not logins.agents:
        return
    yield f"New agents without a password: {len(logins.agents):,}"
    for agent in logins.agents[:_SHOWN]:
        yield f"   {clean(agent)}"
    if len(logins.agents) > _SHOWN:
        yield f"   … and {len(logins.agents) - _SHOWN:,} more (--json has all)"
    if logins.sign_on:
        yield f"They sign in through {clean(', '.join(logins.sign_on))}, by the same email."
    if logins.resets:
        yield f"Each asks for a link to set a password: {clean(logins.page)}"
    elif not logins.sign_on:
        yield (
            "[red]Zammad sends no links for lost passwords: switch them and the login by password"
            " on under Settings, Security, or set up single sign-on[/]"
        )
    yield "Finish itself sent nothing to them, nor to customers."
