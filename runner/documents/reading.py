"""Read the text of a file, and put into plain words why it cannot be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import InvalidFiles, Problem

if TYPE_CHECKING:
    import yaml

MAXIMUM_BYTES = 1_000_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_CROWDED = re.compile(r"\s*[\w .-]+:(?=[^\s:/])")
"""A line that was to be ``key: value``, and is one word without the space."""
_BARE = re.compile(r"\s*([^\s#:-][^#:]*)")
"""A line of words where a key was to stand."""
_SYNTAX = (
    (
        r"expected '-' indicator",
        "the line does not belong to the list above it",
        "Indent it, or begin it with '- ' as the other entries.",
    ),
    (
        r"cannot start any token|tab character",
        "this character cannot stand here",
        "Put the text in quotes.",
    ),
    (
        r"mapping values are not allowed",
        "a colon stands where no key was expected",
        "Check the indentation, or put text that contains ': ' in quotes.",
    ),
    (
        r"could not find expected ':'|expected <?block end|did not find expected key",
        "the line does not fit the lines above",
        "Check the indentation: keys of one block begin in the same column and end with a colon.",
    ),
    (
        r"unexpected end of stream|found unexpected end|quoted scalar",
        "a quote is opened here and never closed",
        "Close the quote, or write the text in the other kind of quotes.",
    ),
    (
        r"undefined alias|found undefined",
        "an alias (*name) is used, and no anchor (&name) of that name stands above it",
        "Put text that begins with * in quotes.",
    ),
    (
        r"flow|expected ',' or",
        "a bracket is opened and not closed properly",
        "Write lists and mappings in block style: one entry a line.",
    ),
    (
        r"block sequence entries|block collections",
        "a list entry (-) stands where none was expected",
        "Write list entries on lines of their own below the key.",
    ),
)


def shown(path: Path) -> str:
    """Return the path as the user should see it."""
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)


def read(path: Path) -> str:
    """Return the file's text; every way to fail is an ``InvalidFiles``."""
    name = shown(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        advice = "Check the path, or restore the file."
        raise InvalidFiles([Problem(name, 0, 0, "the file does not exist", advice)]) from None
    except IsADirectoryError:
        advice = "Name a file inside it."
        raise InvalidFiles([Problem(name, 0, 0, "this is a folder, not a file", advice)]) from None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or 'unknown reason'}"
        raise InvalidFiles([Problem(name, 0, 0, message, "Check its permissions.")]) from None
    if len(content) > MAXIMUM_BYTES:
        message = f"the file is larger than {MAXIMUM_BYTES // 1_000_000} MB"
        raise InvalidFiles([Problem(name, 0, 0, message, "Split or shorten it.")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        message = "the file is not UTF-8 text"
        advice = "Save it with the encoding UTF-8."
        raise InvalidFiles([Problem(name, line, column, message, advice)]) from None


def refuse_control_characters(name: str, content: str) -> None:
    """Raise ``InvalidFiles`` at the first character that no text file should hold."""
    unwanted = _CONTROL.search(content)
    if unwanted:
        line = content.count("\n", 0, unwanted.start()) + 1
        column = unwanted.start() - content.rfind("\n", 0, unwanted.start())
        message = f"a control character (number {ord(unwanted.group())}) stands here"
        raise InvalidFiles([Problem(name, line, column, message, "Remove the character.")])


def syntax_problem(name: str, content: str, error: yaml.YAMLError) -> Problem:
    """Put a parser's complaint into plain words."""
    words = str(getattr(error, "problem", "") or "")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    opened = getattr(error, "context_mark", None)
    if opened and "quoted scalar" in str(getattr(error, "context", "")):
        line, column, words = opened.line + 1, opened.column + 1, "quoted scalar"
    if opened and "expected ':'" in words:
        message, advice = "a colon is missing on this line", "Write key: value."
        return Problem(name, opened.line + 1, opened.column + 1, message, advice)
    lines = content.splitlines()
    crowded = _CROWDED.match(lines[line - 2]) if 1 < line <= len(lines) else None
    if crowded and "mapping values" in words:
        message, advice = "a space is missing after the colon", "Write one: key: value."
        return Problem(name, line - 1, crowded.end(), message, advice)
    bare = _BARE.fullmatch(lines[line - 2]) if 1 < line <= len(lines) else None
    if bare and "mapping values" in words:
        message, advice = "a colon is missing on this line", "Write key: value."
        return Problem(name, line - 1, bare.start(1) + 1, message, advice)
    if 0 < line <= len(lines) and lines[line - 1].lstrip(" ").startswith("\t"):
        return Problem(
            name, line, column, "this line is indented with a tab", "Indent with spaces only."
        )
    for pattern, message, advice in _SYNTAX:
        if re.search(pattern, words):
            return Problem(name, line, column, f"this is not YAML: {message}", advice)
    advice = "Compare the line with the shipped files."
    return Problem(name, line, column, f"this is not YAML: {words or 'unreadable'}", advice)
