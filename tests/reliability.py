"""Writes ``docs/reliability.md``: what can go wrong, what is done then, and which test shows it.

A test says so itself::

    @pytest.mark.fault("Zammad restarts", does="waits and goes on", side="Zammad")

``side`` is one of ``SIDES``; left out, the fault is one of the computer that the move runs on. A
further test of the same fault repeats its name only. ``python -m tests.reliability`` (part of
``make docs``) writes the page anew; the markers are read from the source, so no test has to run.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"
HERE = "here"
SIDES = {
    HERE: "The run itself, and the computer it runs on",
    "network": "The way to a server, and any answer",
    "Kayako": "Kayako",
    "Zammad": "Zammad",
    "people": "People who work meanwhile",
}
_OPENING = """\
# When something goes wrong

<!-- Written by `make docs` from the markers `fault` of the tests; edit those. -->

What is promised: nothing is lost, nothing is doubled, nobody is mailed. Where that cannot be kept,
the run ends with a sentence that says what to do, and the same command goes on where it ended. This
page lists what can go wrong, and each line names the tests that let it go wrong. They run against
the servers of the sandbox, whose switches (`runner/sandbox/faults.py` and the arguments of
`FakeKayako` and `FakeZammad`) make each fault on purpose.
"""


@dataclass
class Fault:
    """One thing that can go wrong: in whose words, what is done then, shown by which tests."""

    what: str
    side: str = HERE
    does: str = ""
    tests: list[tuple[str, str]] = field(default_factory=list)


def page(root: Path = ROOT) -> str:
    """Return the page for the tests below ``root/tests``.

    Raises:
        ValueError: a marker is not as described above, or no test says what is done then.
    """
    faults = collect(root)
    lines = [_OPENING]
    for side, title in SIDES.items():
        rows = [fault for fault in faults if fault.side == side]
        if rows:
            lines += [f"## {title}\n", "| what happens | what is done | shown by |"]
            lines += ["| --- | --- | --- |", *(_row(fault) for fault in rows), ""]
    return "\n".join(lines)


def collect(root: Path) -> list[Fault]:
    """Return the faults that tests below ``root/tests`` are marked with, in the tests' order."""
    found: dict[str, Fault] = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = path.relative_to(root).as_posix()
        for test, what, options in _marked(path):
            fault = found.setdefault(what, Fault(what))
            for option, value in options.items():
                _set(fault, option, value, f"{name}: {test}")
            fault.tests.append((name, test))
    silent = [fault.what for fault in found.values() if not fault.does]
    if silent:
        raise ValueError(f"no test says what is done about {'; '.join(silent)}: add does=…")
    return list(found.values())


def _set(fault: Fault, option: str, value: str, where: str) -> None:
    if option not in ("does", "side") or (option == "side" and value not in SIDES):
        raise ValueError(f"{where}: fault takes does=… and side=… ({', '.join(SIDES)})")
    if option == "does" and fault.does not in ("", value):
        raise ValueError(f"{where}: {fault.what!r} is said to do {fault.does!r} elsewhere")
    setattr(fault, option, value)


def _marked(path: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield test, fault and options of every marker in a file, parameters' markers included."""
    source = path.read_text(encoding="utf-8")
    if "mark.fault(" not in source:
        return
    for test in ast.walk(ast.parse(source)):
        if not isinstance(test, ast.FunctionDef):
            continue
        for call in (call for each in test.decorator_list for call in ast.walk(each)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.fault":
                (what,) = call.args
                options = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
                yield test.name, ast.literal_eval(what), options


def _row(fault: Fault) -> str:
    shown = dict.fromkeys(
        f"[{test.removeprefix('test_').replace('_', ' ')}](../{path})" for path, test in fault.tests
    )
    return "| {} | {} | {} |".format(_cell(fault.what), _cell(fault.does), "<br>".join(shown))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
