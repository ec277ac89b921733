"""``${NAME}`` in config values: the environment, ``NAME_FILE``, and ``.env`` beside the config."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import InvalidFiles, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LINE = re.compile(r"^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$")


class Unset(Exception):
    """A name that neither the environment nor ``.env`` knows; ``args[0]`` says so in words."""


def read_environment(folder: Path) -> dict[str, str]:
    """Return the process environment over ``folder/.env`` (which it overrides)."""
    file = folder / ".env"
    values = parse_dotenv(file) if file.is_file() else {}
    return values | dict(os.environ)


def parse_dotenv(file: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines; quotes around a value are taken off, ``#`` lines left out."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for number, raw in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            # The line itself may be a secret that lost its name: it is not shown.
            problems.append(Problem(str(file), number, 1, "not of the form NAME=value"))
            continue
        name, value = match.groups()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name] = value
    if problems:
        raise InvalidFiles(problems)
    return values


def fill_in(text: str, environment: Mapping[str, str]) -> str:
    """Replace every ``${NAME}`` in ``text``.

    Raises:
        Unset: a name is not known, or its ``NAME_FILE`` cannot be read.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if environment.get(name):
            return environment[name]
        file = environment.get(f"{name}_FILE")
        if file is None:
            state = "empty" if name in environment else "not set"
            where = f"put it into the environment, into {name}_FILE or .env"
            raise Unset(f"{name} is {state}: {where}")
        try:
            return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            raise Unset(f"{name}_FILE points to {file}, which cannot be read: {reason}") from error

    return REFERENCE.sub(value_of, text)
