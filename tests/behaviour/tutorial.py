"""The tutorial in ``mappings/README.md``: its edits, and what plan says about each of them.

``make docs`` runs this module, which writes what plan says now into the page; a test compares. In
the page an edit is a block that begins with ``@@ FILE @@``, and below it stands a block that begins
with a command line: the lines of its output that the edit takes away and adds.
"""

from __future__ import annotations

import difflib
import re
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from runner.cli import common
from runner.cli.main import app
from runner.sandbox.both import start
from runner.sandbox.data import hard_cases
from tests.behaviour.support import without_budget

PAGE = Path(__file__).parents[2] / "mappings" / "README.md"

_BLOCK = re.compile(r"(?ms)^```diff\n(.*?)^```\n")
_COMMAND = "$ migrate "
_INIT = re.compile(r"(?m)^migrate init play ((?:.*\\\n)*.*)$")


@dataclass(frozen=True)
class Edit:
    """One edit; ``lines`` begin with a space, - or +; ``told`` is the block that follows."""

    file: str
    lines: tuple[str, ...]
    told: str

    @property
    def commands(self) -> list[str]:
        """Return the command lines whose output is shown, without ``$ migrate``."""
        return [
            line.removeprefix(_COMMAND)
            for line in self.told.splitlines()
            if line.startswith(_COMMAND)
        ]

    def applied(self, text: str) -> str:
        """Return a mapping file with the edit made.

        Raises:
            ValueError: the file has no such place, or several.
        """
        before = "".join(f"{line[1:]}\n" for line in self.lines if line[0] in " -")
        after = "".join(f"{line[1:]}\n" for line in self.lines if line[0] in " +")
        places = [match.start() for match in re.finditer(f"(?m)^(?={re.escape(before)})", text)]
        if len(places) != 1:
            raise ValueError(f"{self.file} does not have this once:\n{before}")
        return text[: places[0]] + after + text[places[0] + len(before) :]


def edits(page: str) -> list[Edit]:
    """Return the edits of the page, in their order."""
    blocks = _BLOCK.findall(page)
    made = []
    for edit, told in zip(blocks[::2], blocks[1::2], strict=True):
        head, *lines = edit.splitlines()
        made.append(Edit(head.strip("@ "), tuple(line or " " for line in lines), told))
    return made


class Rehearsal:
    """A folder as the page has its reader make it, and its commands, run in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._said: dict[str, list[str]] = {}

    def told(self, edit: Edit) -> str:
        """Make an edit, return the block that belongs below it, and take the edit back."""
        before = {command: self._said_before(command) for command in edit.commands}
        file = self.folder / "mappings" / edit.file
        text = file.read_text()
        file.write_text(edit.applied(text))
        try:
            after = {command: self._run(command) for command in edit.commands}
        finally:
            file.write_text(text)
        return "".join(
            f"{line}\n"
            for command in edit.commands
            for line in (f"{_COMMAND}{command}", *_changed(before[command], after[command]))
        )

    def _said_before(self, command: str) -> list[str]:
        if command not in self._said:
            self._said[command] = self._run(command)
        return self._said[command]

    def _run(self, command: str) -> list[str]:
        return _ran("-c", str(self.folder / "config.yaml"), *command.split())


def _ran(*arguments: str) -> list[str]:
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "100", "NO_COLOR": "1"})
    if done.exit_code:
        raise RuntimeError(
            f"migrate {' '.join(arguments)} ended with {done.exit_code}: {done.output}"
        )
    return list(without_budget(done.stdout.splitlines()))


def _changed(before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    for line in difflib.ndiff(list(before), list(after)):
        if line[0] in "-+":
            yield f"{line[0]}{line[2:]}".rstrip()


@contextmanager
def rehearsal(page: str) -> Iterator[Rehearsal]:
    """Set up what the page's first commands set up, on servers of our own.

    Yields:
        A folder with Kayako's lists in its snapshot.
    """
    found = _INIT.search(page)
    if found is None:
        raise ValueError("the page does not say how the folder is made")
    state, handler = dict(common._state), signal.getsignal(signal.SIGINT)
    terminated = signal.getsignal(signal.SIGTERM)
    with start(hard_cases()) as sandbox, tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "play"
        options = found[1].replace("\\\n", " ").replace("http://127.0.0.1:8701", sandbox.kayako_url)
        options = options.replace("http://127.0.0.1:8702", sandbox.zammad_url)
        try:
            _ran("init", str(folder), *options.split())
            _unlimited(folder / "config.yaml")
            _ran("-c", str(folder / "config.yaml"), "pull", "--headers")
            yield Rehearsal(folder)
        finally:
            common._state.update(state)
            signal.signal(signal.SIGINT, handler)
            signal.signal(signal.SIGTERM, terminated)


def _unlimited(config: Path) -> None:
    """The sandbox limits no requests: nobody need wait."""
    text = config.read_text()
    config.write_text(text.replace("requests_per_minute: 300", "requests_per_minute: 100000", 1))


def refreshed(page: str) -> str:
    """Return the page with what plan says now below each edit."""
    parts = _BLOCK.split(page)
    with rehearsal(page) as place:
        for number, edit in enumerate(edits(page)):
            parts[4 * number + 3] = place.told(edit)
    blocks = {at: f"```diff\n{part}```\n" for at, part in enumerate(parts) if at % 2}
    return "".join(blocks.get(at, part) for at, part in enumerate(parts))


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
