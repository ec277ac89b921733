"""From ``config.yaml`` to a ``Config``: find, read, fill in, check, all mistakes at once."""

from __future__ import annotations

import json
import os
import re
import ssl
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runner import documents, resources
from runner.config.environment import REFERENCE, Unset, fill_in, read_environment
from runner.config.filters import DATED, filters_of
from runner.config.hours import WORKDAYS, OfficeHours
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
_REQUESTS_PER_MINUTE = 300


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
    dated = [("scope", name, end) for name in DATED for end in ("since", "before")]
    for path in (("go_live",), ("options", "keep_since"), *dated):
        problems += _no_such_day(document, data, path)
    problems += _office_hours_sense(document, data["kayako"])
    return problems or _empty_scope(document, data)


def _empty_scope(document: documents.Document, data: dict[str, Any]) -> list[Problem]:
    """Refuse days between which nothing lies, and the same thing said twice."""
    problems = []
    scope = data.get("scope", {})
    for name in DATED:
        days = scope.get(name, {})
        if days.get("before", "~") <= days.get("since", ""):
            message = f"no day is since {days['since']} and before {days['before']}"
            problems.append(_problem(document, ("scope", name, "before"), message))
    if "keep_since" in data.get("options", {}) and "since" in scope.get("updated", {}):
        message = "options.keep_since says the same already: remove one of them"
        problems.append(_problem(document, ("scope", "updated", "since"), message))
    return problems


def _office_hours_sense(document: documents.Document, kayako: dict[str, Any]) -> list[Problem]:
    """Check hours that are there: a zone that exists, a rate that is lower than the usual one."""
    hours, problems = kayako.get("office_hours"), []
    if hours is None:
        return []
    usual = kayako.get("requests_per_minute", _REQUESTS_PER_MINUTE)
    if hours["requests_per_minute"] > usual:
        message = f"within office hours it must not be more than the usual {usual}"
        path: tuple[str | int, ...] = ("kayako", "office_hours", "requests_per_minute")
        problems.append(_problem(document, path, message))
    if hours["from"] == hours["to"]:
        message = "from and to are the same: write the lower requests_per_minute for all hours"
        problems.append(_problem(document, ("kayako", "office_hours", "to"), message))
    try:
        ZoneInfo(hours.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"there is no time zone {hours['timezone']}: write one such as Europe/Berlin"
        problems.append(_problem(document, ("kayako", "office_hours", "timezone"), message))
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
            requests_per_minute=kayako.get("requests_per_minute", _REQUESTS_PER_MINUTE),
            workers=kayako.get("workers", 8),
            ca_bundle=_ca_bundle(folder, kayako),
            file_hosts=tuple(kayako.get("file_hosts", ())),
            office_hours=_office_hours(kayako.get("office_hours")),
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
        filters=filters_of(data.get("scope", {})),
    )


def _office_hours(data: dict[str, Any] | None) -> OfficeHours | None:
    if data is None:
        return None
    return OfficeHours(
        begin=time.fromisoformat(data["from"]),
        end=time.fromisoformat(data["to"]),
        requests_per_minute=data["requests_per_minute"],
        days=tuple(data.get("days", WORKDAYS)),
        timezone=data.get("timezone"),
    )


def _options(data: dict[str, Any]) -> Options:
    since = data.get("keep_since")
    return Options(**{**data, "keep_since": date.fromisoformat(since) if since else None})
