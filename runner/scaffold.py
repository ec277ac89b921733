"""A new folder to work in: config file, place for secrets, mappings to edit."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from runner import resources
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAMES = {
    "KAYAKO_EMAIL": "login of a Kayako Owner or Administrator without two-factor login",
    "KAYAKO_PASSWORD": "its password",
    "ZAMMAD_TOKEN": "API token of a Zammad user with the roles Admin and Agent",
}
_URL = re.compile(r"^https?://[^/\s]+(/\S*)?$")


def write(
    folder: Path, *, kayako_url: str, zammad_url: str, secrets: Mapping[str, str | None]
) -> list[tuple[Path, bool]]:
    """Write what is missing; return every path with whether it is new.

    Raises:
        UsageError: an address is none, or the folder cannot be written.
    """
    for url in (kayako_url, zammad_url):
        if not _URL.match(url):
            raise UsageError(f"{url} is no address", advice="write it as https://acme.kayako.com")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [
            _new(folder / "config.yaml", _config(kayako_url, zammad_url)),
            _new(folder / ".env.example", _example()),
            *_environment(folder / ".env", secrets),
            _new(folder / ".gitignore", ".env\n.migrate/\n"),
            *_tree(resources.path("schemas"), folder / "schemas"),
            *_tree(resources.path("mappings"), folder / "mappings"),
        ]
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error


def _config(kayako_url: str, zammad_url: str) -> str:
    text = resources.path("sample-config.yaml").read_text(encoding="utf-8")
    return _with_url(_with_url(text, "kayako", kayako_url), "zammad", zammad_url)


def _with_url(text: str, section: str, url: str) -> str:
    pattern = rf"(?m)^({section}:\n(?:  .*\n)*?  url: ).*$"
    return re.sub(pattern, lambda match: match[1] + url, text)


def _example() -> str:
    lines = ["# Copy to .env and fill in; .env is read by migrate and belongs into no repository."]
    for name, meaning in _NAMES.items():
        lines += [f"# {meaning}", f"{name}="]
    return "\n".join(lines) + "\n"


def _environment(file: Path, secrets: Mapping[str, str | None]) -> list[tuple[Path, bool]]:
    given = {name: value for name, value in secrets.items() if value}
    if not given:
        return []
    text = "".join(f"{name}={_quoted(value)}\n" for name, value in given.items())
    return [_new(file, text, mode=0o600)]


def _quoted(value: str) -> str:
    """Quote a value whose own ends would be taken for quotes or white space."""
    if value != value.strip() or value[:1] in "'\"":
        return f'"{value}"'
    return value


def _new(path: Path, text: str, *, mode: int = 0o644) -> tuple[Path, bool]:
    """Write a file unless there is one; it has its mode before it has content."""
    try:
        path.touch(mode=mode, exist_ok=False)
    except FileExistsError:
        return path, False
    path.write_text(text, encoding="utf-8")
    return path, True


def _tree(source: Path, target: Path) -> list[tuple[Path, bool]]:
    """Copy a folder; of one that is there, only the files that are missing in it."""
    if not target.exists():
        shutil.copytree(source, target)
        return [(target, True)]
    missing = [
        target / file.relative_to(source)
        for file in sorted(source.rglob("*"))
        if file.is_file() and not (target / file.relative_to(source)).exists()
    ]
    for path in missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path.relative_to(target), path)
    return [(target, False), *((path, True) for path in missing)]
