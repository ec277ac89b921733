"""From ``config.yaml`` to a ``Config``: find, read, fill in, check, all mistakes at once."""

from __future__ import annotations

import json
import os
import re
import ssl
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runner import documents, resources
from runner.config.environment import REFERENCE, Unset, fill_in, read_environment
from runner.config.model import (
    ENTITIES,
    Config,
    KayakoConfig,
    Options,
    Secret,
    ZammadConfig,
    is_loopback,
)
from runner.errors import InvalidFiles, Problem

_SECRETS = (("kayako", "password"), ("zammad", "token"))
_BARE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_LEAST_SETTLE_SECONDS = 20.0


def locate(option: Path | None) -> Path:
    """Return the config file: ``--config``, else ``MIGRATE_CONFIG``, else ``config.yaml``."""
    if option is not None:
        return option
    return Path(os.environ.get("MIGRATE_CONFIG", "config.yaml"))


def load(file: Path) -> Config:
    """Read and check one config file.

    Raises:
        InvalidFiles: with every mistake and its position (exit code 3).
    """
    if not file.is_file():
        advice = "write one with: migrate init ., or name it with --config"
        raise InvalidFiles([Problem(str(file), 0, 0, f"there is no config file here; {advice}")])
    document = documents.load(file)
    schema = json.loads((resources.path("schemas") / "config.json").read_text(encoding="utf-8"))
    problems = documents.check(document, schema)
    if problems:
        raise InvalidFiles(problems)
    problems = _inline_secrets(document)
    environment = read_environment(file.resolve().parent)
    data = _filled_in(document, environment, problems)
    problems += _sense(document, data)
    if problems:
        raise InvalidFiles(problems)
    return _build(file.resolve(), data)


def _filled_in(
    document: documents.Document, environment: dict[str, str], problems: list[Problem]
) -> dict[str, Any]:
    """Return the data with every ``${NAME}`` replaced; what is not set becomes a problem."""

    def walk(value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: walk(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, str):
            try:
                return fill_in(value, environment)
            except Unset as unset:
                problems.append(_problem(document, path, str(unset)))
        return value

    filled: dict[str, Any] = walk(document.data, ())
    return filled


def _problem(document: documents.Document, path: tuple[str | int, ...], message: str) -> Problem:
    line, column = document.position(path)
    return Problem(document.file, line, column, message)


def _inline_secrets(document: documents.Document) -> list[Problem]:
    """Refuse passwords and tokens written into the file, but for a sandbox on this machine."""
    problems = []
    for section, key in _SECRETS:
        part = document.data[section]
        bare = _BARE.fullmatch(part[key])
        if bare:
            message = f"write ${{{bare.group(1)}}}: without braces it is taken as it stands"
            problems.append(_problem(document, (section, key), message))
            continue
        if not REFERENCE.search(part[key]) and not is_loopback(part["url"]):
            name = f"{section}_{key}".upper()
            message = (
                f"a {key} does not belong into this file: write ${{{name}}} and put"
                f" {name}=… into .env beside it"
            )
            problems.append(_problem(document, (section, key), message))
    return problems


def _sense(document: documents.Document, data: dict[str, Any]) -> list[Problem]:
    """Check what a schema cannot."""
    problems = []
    for section in ("kayako", "zammad"):
        url = data[section]["url"]
        if "@" in urlsplit(url).netloc:
            message = "a login does not belong into an address: take user and password out"
            problems.append(_problem(document, (section, "url"), message))
        if url.startswith("http://") and not is_loopback(url) and not _is_allowed(data, section):
            message = (
                "http:// would send the login in the clear: write https://, or allow it with"
                " allow_plain_http: true"
            )
            problems.append(_problem(document, (section, "url"), message))
        problems += _no_certificates(document, data, section)
    settle = data["zammad"].get("settle_seconds", _LEAST_SETTLE_SECONDS)
    if settle < _LEAST_SETTLE_SECONDS and not is_loopback(data["zammad"]["url"]):
        message = "Zammad caches its settings for 15 seconds a process: write 20 or more"
        problems.append(_problem(document, ("zammad", "settle_seconds"), message))
    for path in (("go_live",), ("options", "keep_since")):
        problems += _no_such_day(document, data, path)
    return problems


def _is_allowed(data: dict[str, Any], section: str) -> bool:
    return bool(data[section].get("allow_plain_http", False))


def _no_certificates(
    document: documents.Document, data: dict[str, Any], section: str
) -> list[Problem]:
    """Refuse a CA bundle that cannot be used now rather than in the middle of a run."""
    name = data[section].get("ca_bundle")
    if name is None:
        return []
    file = Path(document.file).resolve().parent / name
    try:
        ssl.create_default_context(cafile=str(file))
    except ssl.SSLError:
        message = f"{file} holds no certificates: a CA bundle begins with BEGIN CERTIFICATE"
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror or error}"
    else:
        return []
    return [_problem(document, (section, "ca_bundle"), message)]


def _ca_bundle(folder: Path, data: dict[str, Any]) -> Path | None:
    name = data.get("ca_bundle")
    return (folder / name).resolve() if name is not None else None


def _no_such_day(
    document: documents.Document, data: dict[str, Any], path: tuple[str, ...]
) -> list[Problem]:
    value: Any = data
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    try:
        date.fromisoformat(value or "2000-01-01")
    except ValueError:
        message = f"there is no day {value}: write one as 2026-12-05"
        return [_problem(document, path, message)]
    return []


def _build(file: Path, data: dict[str, Any]) -> Config:
    folder = file.parent
    kayako, zammad = data["kayako"], data["zammad"]
    go_live = data.get("go_live")
    return Config(
        file=file,
        kayako=KayakoConfig(
            url=kayako["url"].rstrip("/"),
            email=kayako["email"],
            password=Secret(kayako["password"]),
            requests_per_minute=kayako.get("requests_per_minute", 300),
            workers=kayako.get("workers", 8),
            ca_bundle=_ca_bundle(folder, kayako),
            file_hosts=tuple(kayako.get("file_hosts", ())),
        ),
        zammad=ZammadConfig(
            url=zammad["url"].rstrip("/"),
            token=Secret(zammad["token"]),
            workers=zammad.get("workers", 4),
            settle_seconds=float(zammad.get("settle_seconds", _LEAST_SETTLE_SECONDS)),
            requests_per_minute=zammad.get("requests_per_minute"),
            ca_bundle=_ca_bundle(folder, zammad),
        ),
        mappings=(folder / data.get("mappings", "mappings")).resolve(),
        workdir=(folder / data.get("workdir", ".migrate")).resolve(),
        go_live=date.fromisoformat(go_live) if go_live else None,
        order=tuple(dict.fromkeys((*data.get("order", ()), *ENTITIES))),
        options=_options(data.get("options", {})),
    )


def _options(data: dict[str, Any]) -> Options:
    since = data.get("keep_since")
    return Options(**{**data, "keep_since": date.fromisoformat(since) if since else None})
