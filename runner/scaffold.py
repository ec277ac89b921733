"""A new folder to work in: config file, place for secrets, mappings to edit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from runner import resources
from runner.config.environment import read_environment
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

_NAMES = {
    "KAYAKO_EMAIL": "login of a Kayako Owner or Administrator without two-factor login",
    "KAYAKO_PASSWORD": "its password",
    "ZAMMAD_TOKEN": "API token of a Zammad user with the roles Admin and Agent",
    "REHEARSAL_ZAMMAD_TOKEN": "the same of a test Zammad, for rehearsals (migrate init --for)",
}
_KAYAKO = re.compile(r"^https?://[^/\s]+/?$")
_ZAMMAD = re.compile(r"^https?://[^/\s]+(/\S*)?$")
_IGNORED = ".env\n.env.old*\n.migrate/\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder is to hold; without ``go_live`` the config leaves it open.

    A rehearsal has a config file and a token of its own, so that it can lie beside the move.
    """

    kayako_url: str
    zammad_url: str
    go_live: date | None = None
    rehearsal: bool = False

    @property
    def config(self) -> str:
        """Return the name of the config file."""
        return "rehearsal.yaml" if self.rehearsal else "config.yaml"

    @property
    def token(self) -> str:
        """Return the name under which ``.env`` has the token of this Zammad."""
        return "REHEARSAL_ZAMMAD_TOKEN" if self.rehearsal else "ZAMMAD_TOKEN"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one file (or of a folder that is new as a whole).

    ``action`` is ``wrote``, ``kept`` (there already) or ``replaced``; ``copy`` is where a replaced
    file is now; ``differs`` says that a kept one is not what would have been written.
    """

    path: Path
    action: str
    copy: Path | None = None
    differs: bool = False


def kayako_address(url: str) -> str:
    """Return the address of a Kayako as it was given.

    Raises:
        UsageError: it is none.
    """
    return _address(_KAYAKO, url, "https://acme.kayako.com, without anything behind it")


def zammad_address(url: str) -> str:
    """Return the address of a Zammad as it was given; it may have a path.

    Raises:
        UsageError: it is none.
    """
    return _address(_ZAMMAD, url, "https://zammad.example.org")


def _address(pattern: re.Pattern[str], url: str, example: str) -> str:
    if not pattern.match(url):
        raise UsageError(f"{url} is no address", advice=f"write it as {example}")
    return url


def write(
    folder: Path, plan: Plan, *, secrets: Mapping[str, str | None], force: bool = False
) -> list[Written]:
    """Write what is missing, and say so for each path; nothing that is there is changed.

    Args:
        folder: Where to; made if it is not there.
        plan: What for.
        secrets: Values for ``.env``, by name; those that are None are left out.
        force: Replace what is there and differs, and keep a copy beside it (``NAME.old``).

    Raises:
        UsageError: an address is none, or the folder cannot be written.
    """
    kayako_address(plan.kayako_url)
    zammad_address(plan.zammad_url)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [
            _file(folder / plan.config, _config(plan), force=force),
            _file(folder / ".env.example", _example(), force=force),
            *_environment(folder / ".env", secrets, force=force),
            _file(folder / ".gitignore", _IGNORED, force=force),
            *_tree(resources.path("schemas"), folder / "schemas", force=force),
            *_tree(resources.path("mappings"), folder / "mappings", force=force),
        ]
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error


def missing_logins(folder: Path, plan: Plan) -> list[str]:
    """Return the names that the config needs and neither the environment nor ``.env`` has."""
    known = read_environment(folder)
    names = ("KAYAKO_EMAIL", "KAYAKO_PASSWORD", plan.token)
    return [name for name in names if not (known.get(name) or known.get(f"{name}_FILE"))]


def _config(plan: Plan) -> str:
    text = resources.path("sample-config.yaml").read_text(encoding="utf-8")
    text = _with_url(_with_url(text, "kayako", plan.kayako_url), "zammad", plan.zammad_url)
    text = text.replace("${ZAMMAD_TOKEN}", f"${{{plan.token}}}")
    if plan.go_live is not None:
        text = re.sub(r"(?m)^# (go_live: ).*$", rf"\g<1>{plan.go_live.isoformat()}", text)
    return text


def _with_url(text: str, section: str, url: str) -> str:
    pattern = rf"(?m)^({section}:\n(?:  .*\n)*?  url: ).*$"
    return re.sub(pattern, lambda match: match[1] + url, text)


def _example() -> str:
    lines = ["# Copy to .env and fill in; .env is read by migrate and belongs into no repository."]
    for name, meaning in _NAMES.items():
        lines += [f"# {meaning}", f"{name}="]
    return "\n".join(lines) + "\n"


def _environment(
    file: Path, secrets: Mapping[str, str | None], *, force: bool = False
) -> list[Written]:
    given = {name: value for name, value in secrets.items() if value}
    if not given:
        return []
    text = "".join(f"{name}={_quoted(value)}\n" for name, value in given.items())
    return [_file(file, text, mode=0o600, force=force)]


def _quoted(value: str) -> str:
    """Quote a value whose own ends would be taken for quotes or white space."""
    if value != value.strip() or value[:1] in "'\"":
        return f'"{value}"'
    return value


def _file(path: Path, text: str, *, mode: int = 0o644, force: bool) -> Written:
    """Write a file unless there is one; it has its mode before it has content."""
    copy = None
    if path.exists():
        differs = path.read_bytes() != text.encode()
        if not (differs and force):
            return Written(path, "kept", differs=differs)
        copy = next(name for name in _copies(path) if not name.exists())
        path.rename(copy)
    path.touch(mode=mode, exist_ok=False)
    path.write_text(text, encoding="utf-8")
    return Written(path, "replaced" if copy else "wrote", copy)


def _copies(path: Path) -> Iterator[Path]:
    """Yield names for a copy: mappings end in ``.yaml``, so none of these is read as one."""
    yield path.with_name(f"{path.name}.old")
    for number in count(2):
        yield path.with_name(f"{path.name}.old-{number}")


def _tree(source: Path, target: Path, *, force: bool) -> list[Written]:
    """Copy a folder; of one that is there, the kept files are told as one."""
    is_new = not target.exists()
    files = []
    for file in sorted(file for file in source.rglob("*") if file.is_file()):
        path = target / file.relative_to(source)
        path.parent.mkdir(parents=True, exist_ok=True)
        files.append(_file(path, file.read_text(encoding="utf-8"), force=force))
    if is_new:
        return [Written(target, "wrote")]
    kept = [one for one in files if one.action == "kept"]
    told = [Written(target, "kept", differs=any(one.differs for one in kept))] if kept else []
    return [*told, *(one for one in files if one.action != "kept")]
