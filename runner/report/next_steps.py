"""What to do with the console script, on the installation that the target probably is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner.report.terminal import clean

if TYPE_CHECKING:
    from rich.console import Console

    from runner.engine.console_script import Made

_HOSTED = ".zammad.com"


def is_hosted(url: str) -> bool:
    """Say whether a Zammad is run by Zammad's makers, where nobody else has a console."""
    return (urlsplit(url).hostname or "").endswith(_HOSTED)


def show(out: Console, made: Made, url: str) -> None:
    """Print what was written and the commands that come next."""
    out.print(f"{clean(made.script)}\n{clean(made.data)}", soft_wrap=True)
    out.print(f"{made.tickets:,} tickets, {made.articles:,} articles")
    if made.unfinished:
        out.print(
            f"[yellow]{made.unfinished:,} conversations are not complete in Zammad and left out:"
            " run [bold]migrate apply[/], then make the script again[/]"
        )
    for line in _hosted() if is_hosted(url) else _own(made):
        out.print(line, soft_wrap=True)


def _own(made: Made) -> list[str]:
    name, folder = made.script.name, clean(made.script.parent)
    package = f"zammad run rails r /opt/zammad/tmp/{name}"
    docker = (
        f'docker compose run --rm -v "{folder}:/migrate:ro" zammad-railsserver'
        f" bundle exec rails r /migrate/{name}"
    )
    return [
        "",
        "Best after the last apply and before finish, while nobody works in Zammad:",
        "1. Back up Zammad's database.",
        "2. Package: copy both files to the server, into /opt/zammad/tmp, readable for zammad.",
        "3. Look at what would change; nothing is written:",
        f"   package  {package}",
        f"   docker   {docker}",
        "4. The same with [bold]apply[/] behind it writes. Again changes nothing more.",
        "5. With Elasticsearch, build the search index anew, as after every migration.",
    ]


def _hosted() -> list[str]:
    return [
        "",
        "This Zammad is hosted by its makers: only their support has its console. Send them both",
        "files and ask for this, best after the last apply and before finish:",
        "  Please back up our instance, run the enclosed script in the Rails console without",
        "  arguments, send us its output, and after our word run it again with the argument apply.",
        "  It only sets authors, dates and counters of tickets that we imported, with update_all",
        "  and update_columns; its first lines say how.",
        "Without it your migration user stands as the creator of tickets; authors are shown.",
    ]
