"""Mapping files of strangers: they read no file, open no connection, fill no memory, run no hour.

Each attack runs in a process of its own that watches itself: a hook of the interpreter notes what
is opened, the kernel limits the memory, and the clock is looked at from outside.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from runner.errors import InvalidFiles
from runner.mapping.advice import doubts
from runner.mapping.load import load_mappings
from runner.mapping.transform import transform
from tests.mapping.support import GO_LIVE, ROOT, case

SECONDS = 5.0
MEGABYTES = 200
SECRET = "only-the-owner-may-read-this"

TITLE = ("tickets.yaml", "    from: subject\n    if_empty: (no subject)\n")
LAST = "zammad_fields:\n"


def template(text: str) -> tuple[str, str, str]:
    return (*TITLE, f"    template: >-\n      {text}\n")


def doubling(levels: int) -> str:
    """Return a template that makes text twice as long with every filter."""
    return "{{ subject" + " | replace('a', 'aa')" * levels + " }}"


BOMB = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n" + "".join(
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9)
)

ATTACKS: dict[str, tuple[str, str, str]] = {
    "classes of an object": template("{{ subject.__class__.__mro__ }}"),
    "classes by brackets": template("{{ subject['__class__']['__mro__'] }}"),
    "classes by a filter": template("{{ subject | attr('__class__') }}"),
    "globals of a function": template("{{ subject.upper.__globals__ }}"),
    "a call": template("{{ subject.format(subject) }}"),
    "a name of the interpreter": template("{{ __import__('os').system('id') }}"),
    "the environment's own objects": template("{{ self._TemplateReference__context }}"),
    "a file by include": template("{% include '/etc/hostname' %}"),
    "a file by import": template("{% import '/etc/hostname' as x %}{{ x }}"),
    "a file by extends": template("{% extends '/etc/hostname' %}"),
    "a macro that calls itself": template("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    "an endless loop": template("{% for x in range(999999999) %}x{% endfor %}"),
    "a huge product": template("{{ 'a' * 9999999999 }}"),
    "a huge power": template("{{ 9 ** 9 ** 9 }}"),
    "a huge margin": template("{{ subject | center(9999999999) }}"),
    "a huge format": template("{{ '%9999999999d' | format(1) }}"),
    "doubling": template(doubling(60)),
    "many names": template("{{ subject }}" * 200),
    "deep brackets": template("{{ " + "(" * 900 + "subject" + ")" * 900 + " }}"),
    "deep conditions": template("{{ " + "not " * 900 + "subject }}"),
    "a vocabulary outside": ("tickets.yaml", "vocabulary: states", "vocabulary: ../../secret"),
    "an absolute vocabulary": ("tickets.yaml", "vocabulary: states", "vocabulary: /etc/hostname"),
    "a schema outside": ("tickets.yaml", "../schemas/mapping.json", "/etc/hostname"),
    "an object of Python": ("tickets.yaml", LAST, f"x: !!python/object/apply:os.getcwd []\n{LAST}"),
    "an alias bomb": ("tickets.yaml", LAST, f"{BOMB}{LAST}"),
    "an alias in itself": ("tickets.yaml", LAST, f"x: &x [*x]\n{LAST}"),
    "deep lists": ("tickets.yaml", LAST, f"x: {'[' * 5000}{']' * 5000}\n{LAST}"),
    "a large file": ("tickets.yaml", LAST, f"x: {'y' * 3_000_000}\n{LAST}"),
    "thousands of rules": (
        *("tickets.yaml", LAST),
        LAST + "".join(f"  f{number}:\n    from: id\n" for number in range(8_000)),
    ),
    "a slow expression": (
        *("tickets.yaml", "skip:\n"),
        "skip:\n  when: " + " or ".join(["subject ~ subject == id"] * 29) + "\n  because: x\n",
    ),
}


def attacked(folder: Path, to: Connection) -> None:
    """Load and run the mappings; send what was opened, and how it ended."""
    opened: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | Path):
            opened.append(str(arguments[0]))
        elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "ctypes.")):
            opened.append(event)

    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEGABYTES * 2**20, -1))
    sys.addaudithook(watch)
    try:
        mappings = load_mappings(folder)
        doubts(mappings, folder)
        outcome = transform(mappings, "tickets", case(subject="a" * 1000), go_live=GO_LIVE)
        said = f"ran: {str(outcome)[:5000]}"
    except InvalidFiles as error:
        said = f"refused: {str(error)[:5000]}"
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test has to see it
        said = f"broke: {type(error).__name__}"
    to.send((said, list(opened)))


def suffered(folder: Path) -> tuple[str, list[str]]:
    """Return how an attack ended within its time, and what it opened."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=attacked, args=(folder, there))
    process.start()
    try:
        assert here.poll(SECONDS), "it runs too long"
        found: tuple[str, list[str]] = here.recv()
        return found
    finally:
        process.kill()
        process.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "mappings", tmp_path / "move" / "mappings")
    (tmp_path / "secret.yaml").write_text(f"{SECRET}: 1\n", encoding="utf-8")
    return tmp_path / "move" / "mappings"


def is_allowed(name: str, folder: Path) -> bool:
    """Say whether a file belongs to the mappings, the program, or the interpreter's own."""
    places = (folder, ROOT / "runner", ROOT / "schemas", Path(sys.prefix), Path(sys.base_prefix))
    path = Path(name).resolve()
    return any(path.is_relative_to(place.resolve()) for place in places)


def check(folder: Path, look: Callable[[str], None] = lambda _: None) -> None:
    said, opened = suffered(folder)
    assert said.startswith(("ran:", "refused:")), said
    assert [name for name in opened if not is_allowed(name, folder)] == []
    assert SECRET not in said
    assert "<class" not in said
    look(said)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_nowhere(folder: Path, name: str) -> None:
    file, old, new = ATTACKS[name]
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    check(folder)


@pytest.mark.parametrize("place", ["spare.yaml", "vocabularies/spare.yaml"])
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, place: str) -> None:
    (folder / place).symlink_to(folder.parents[1] / "secret.yaml")

    def refused(said: str) -> None:
        assert "leads out of the folder" in said

    check(folder, refused)
