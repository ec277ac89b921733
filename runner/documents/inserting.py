"""Write lines into a YAML file that people edit, and leave every other byte as it is.

A library that reads and writes YAML with its comments would still set indentation, quotes and line
lengths anew; here lines go in at positions that are known, and nothing else is touched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from runner.errors import InvalidFiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.documents.loading import Document

_INDENT = 2


def entry(key: str, value: object) -> list[str]:
    """Return ``key: value`` as lines of block style, quoted where YAML needs it."""
    text = yaml.safe_dump(
        {key: value}, allow_unicode=True, sort_keys=False, default_flow_style=False, width=10_000
    )
    return str(text).rstrip("\n").split("\n")


def insert(
    text: str, document: Document, additions: Iterable[tuple[tuple[str, ...], Sequence[str]]]
) -> str:
    """Return a file's text with lines added just below keys.

    Args:
        text: The file as it is, of which ``document`` was read.
        document: To know where the keys stand.
        additions: Path of a key whose value is a block mapping or nothing, and the lines to
            write below it, without indentation.

    Raises:
        InvalidFiles: A key is missing, or its value is written in brackets.
    """
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    places = [(*_place(document, lines, path), new) for path, new in additions if new]
    for line, indent, new in sorted(places, key=lambda place: -place[0]):
        lines[line:line] = [f"{' ' * indent}{one}{end}" if one else end for one in new]
    return "".join(lines)


def _place(document: Document, lines: list[str], path: tuple[str, ...]) -> tuple[int, int]:
    """Return after how many lines the additions go, and how far they are indented."""
    parent, node = document.node(path[:-1]), document.node(path)
    if parent is None or node is None or path[-1] not in parent.keys:
        problem = document.problem(path, f"the key {path[-1]} is missing", f"Add {path[-1]}:")
        raise InvalidFiles([problem])
    line, column = parent.keys[path[-1]]
    if re.search(r":\s*[^\s#]", lines[line - 1][column - 1 + len(path[-1]) :]):
        advice = "Write one entry a line below it."
        raise InvalidFiles([document.problem(path, "this cannot be added to", advice)])
    if node.keys:
        return line, min(place[1] for place in node.keys.values()) - 1
    return line, column - 1 + _INDENT
