"""What plan prints, whole: kept in ``golden/*.txt``, so that a change of its words is seen.

``python -m tests.behaviour.golden`` (part of ``make docs``) writes the files anew; a test compares.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.sandbox.both import Sandbox, start
from runner.sandbox.data import Helpdesk, generate, hard_cases
from tests.behaviour.support import Place, Seen, without_budget

FOLDER = Path(__file__).parent / "golden"
NAMES = ("first", "edit", "only", "detail", "conflicts", "nothing")
_ESCALATED = "custom:\n  Escalated:\n    new: Escalated\n    like: open\n"


def written() -> dict[str, str]:
    """Return what plan prints now, by the name of its file."""
    return {**_of_hard_cases(), **_of_a_moved_helpdesk()}


def _of_hard_cases() -> dict[str, str]:
    with _staged(hard_cases()) as (_, place):
        place.succeed("pull")
        texts = {
            "first": place.succeed("plan"),
            "only": place.succeed("plan", "--only", "users"),
            "detail": place.succeed("plan", "--only", "organizations", "--detail"),
        }
        place.edit("mappings/vocabularies/states.yaml", "custom:\n", _ESCALATED)
        texts["edit"] = place.succeed("plan", "--show", "1", "--only", "tickets")
        return {name: _told(place, text) for name, text in texts.items()}


def _of_a_moved_helpdesk() -> dict[str, str]:
    with _staged(generate(4, posts_each=2)) as (sandbox, place):
        place.succeed("apply", "--yes")
        texts = {"nothing": place.succeed("plan")}
        zammad = Seen(place.zammad_url)
        (ticket,) = (row for row in zammad.rows("/tickets") if row["number"] == "1002")
        zammad.ask("PUT", f"/tickets/{ticket['id']}", json={"title": "As an agent calls it"})
        sandbox.kayako.helpdesk.change_subject(1001, "Another subject")
        sandbox.kayako.helpdesk.change_subject(1002, "Yet another subject")
        place.succeed("pull")
        texts["conflicts"] = place.succeed("plan", "--show", "1")
        return {name: _told(place, text) for name, text in texts.items()}


@contextmanager
def _staged(helpdesk: Helpdesk) -> Iterator[tuple[Sandbox, Place]]:
    with start(helpdesk) as sandbox, tempfile.TemporaryDirectory() as folder:
        place = Place.make(Path(folder) / "place", sandbox.kayako_url, sandbox.zammad_url)
        config = place.folder / "config.yaml"
        config.write_text(f"{config.read_text()}\ngo_live: 2026-12-05\n")
        yield sandbox, place


def _told(place: Place, text: str) -> str:
    """Put addresses that stay in the place of this run's; leave out times, and spaces at ends."""
    text = text.replace(place.kayako_url, "https://kayako.example")
    text = text.replace(place.zammad_url, "https://zammad.example")
    return "".join(f"{line.rstrip()}\n" for line in without_budget(text.splitlines()))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in written().items():
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(f"{FOLDER}\n")
