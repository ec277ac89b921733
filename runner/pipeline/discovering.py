"""Writing what is particular to a helpdesk into its mapping files, each thing once."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.documents import inserting, load
from runner.engine.discover import Field, Found, discover
from runner.errors import UsageError
from runner.mapping.field_rules import FILE as CUSTOM_FIELDS
from runner.mapping.load import load_mappings
from runner.pipeline.opening import is_pulled, open_world
from runner.pipeline.reading import headers_and_bodies

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from runner.config.model import Config
    from runner.documents import Document
    from runner.mapping.model import Mappings


@dataclass(frozen=True, slots=True)
class Addition:
    """Lines for one place of one file; ``key`` is what they are about.

    With ``comment`` they are a proposal that holds once its mark is taken away.
    """

    file: str
    path: tuple[str, ...]
    key: str
    lines: tuple[str, ...]
    comment: bool = False


def run_discover(
    config: Config,
    *,
    write: bool,
    progress: Callable[[str, int, int | None], None],
    stop: threading.Event,
) -> list[Addition]:
    """Look through the snapshot and add what is new to the mapping files.

    Args:
        config: Where both are; where nothing was pulled yet, Kayako's lists are read first.
        write: False only tells what would be added.
        progress: Told what is read, how far, and of how many.
        stop: Set to give up.

    Returns:
        What was added, in file order.

    Raises:
        InvalidFiles: A mapping file has a mistake, or cannot be added to.
    """
    load_mappings(config.mappings)
    if not is_pulled(config):
        headers_and_bodies(config, bodies=False, progress=progress, stop=stop)
    with open_world(config, write=False, command="discover") as world:
        found = discover(world, progress=progress)
        proposed = list(_proposed(found, world.mappings))
    new: list[Addition] = []
    texts: dict[Path, str] = {}
    by_file: dict[str, list[Addition]] = defaultdict(list)
    for addition in proposed:
        by_file[addition.file].append(addition)
    for name, additions in sorted(by_file.items()):
        path = config.mappings / name
        if not path.exists():
            continue
        document, text = load(path), _text(path)
        fresh = [one for one in additions if not _is_there(document, text, one)]
        new.extend(fresh)
        texts[path] = _added(document, text, fresh)
    if write:
        for path, text in texts.items():
            if text != _text(path):
                _replace(path, text)
        load_mappings(config.mappings)
    return new


def _text(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", advice="check its permissions"
        ) from None


def _added(document: Document, text: str, additions: list[Addition]) -> str:
    below: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in additions:
        below[one.path].extend(one.lines)
    return inserting.insert(text, document, below.items())


def _is_there(document: Document, text: str, addition: Addition) -> bool:
    """Say whether a file names something already, be it in a comment."""
    node = document.node(addition.path)
    if node is not None and addition.key in node.keys:
        return True
    if not addition.comment:
        return False
    word = re.escape(addition.key.casefold())
    named = re.compile(rf"""\s*#?\s*['"]?{word}['"]?(:| \()""")
    return any(named.match(line.casefold()) for line in _below(document, text, addition.path))


def _below(document: Document, text: str, path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines that belong to a key, comments included."""
    line, column = document.position(path, key=True)
    for found in text.splitlines()[line:]:
        bare = found.lstrip(" ")
        if bare and len(found) - len(bare) < column and not bare.startswith("#"):
            return
        yield found


def _proposed(found: Found, mappings: Mappings) -> Iterator[Addition]:
    yield from _labels(found, mappings)
    yield from _teams(found)
    yield from _people(found)
    yield from _channels(found)
    yield from (_field(one) for one in found.fields)


def _labels(found: Found, mappings: Mappings) -> Iterator[Addition]:
    for dropped, tickets in sorted(
        found.labels.items(), key=lambda item: (item[0].vocabulary, -item[1], item[0].label)
    ):
        vocabulary = mappings.vocabularies[dropped.vocabulary]
        # A number stands for a definition that Kayako deleted: there is no label to list.
        if dropped.label.isdigit() or dropped.label in vocabulary.custom:
            continue
        decision = {"becomes": dropped.becomes, "remember_as": dropped.remember_as}
        lines = [f"# tickets: {tickets:,}", *inserting.entry(dropped.label, decision)]
        yield Addition(
            f"vocabularies/{dropped.vocabulary}.yaml", ("custom",), dropped.label, tuple(lines)
        )


def _teams(found: Found) -> Iterator[Addition]:
    for title, (cases, members) in sorted(found.teams.items()):
        same = ", ".join(found.clashes.get(title, []))
        clash = f"; {_line(same)} is nearly the same name" if same else ""
        lines = [
            f"# conversations: {cases:,}, members: {members:,}{clash}",
            *inserting.entry(title, title),
        ]
        yield Addition("vocabularies/teams.yaml", ("kayako_to_zammad",), title, tuple(lines))


def _people(found: Found) -> Iterator[Addition]:
    file, path = "vocabularies/people.yaml", ("kayako_to_zammad",)
    for _, owner in sorted(found.leavers.items()):
        (line,) = inserting.entry(owner.email, "nobody")
        owns = f"conversations: {owner.owns:,}, not closed: {owner.unfinished:,}"
        lines = (f"# {line}   # {owner.why}; {owns}",)
        yield Addition(file, path, owner.email, lines, comment=True)
    for email, ids in sorted(found.shared.items()):
        users = ", ".join(str(number) for number in ids[:10])
        line = f"# {_line(email)} (users {users}): one address, they become one user"
        yield Addition(file, path, _line(email), (line,), comment=True)


def _channels(found: Found) -> Iterator[Addition]:
    for channel, cases in sorted(found.channels.items()):
        (line,) = inserting.entry(channel, "note")
        lines = (f"# {line}   # conversations: {cases:,}; unless it is listed: note",)
        yield Addition(
            "vocabularies/channels.yaml", ("kayako_to_zammad",), channel, lines, comment=True
        )


def _field(one: Field) -> Addition:
    share = f"{100 * one.filled / one.total:.0f} %" if one.total else "none"
    becomes = f"becomes {one.becomes}" if one.becomes else "stays behind"
    line = (
        f"# {_line(one.key)} ({_line(one.title)}): {one.kind}, filled in {share} of"
        f" {one.total:,} {one.entity}, {becomes}"
    )
    path = ("custom_fields", one.entity, "change")
    return Addition(CUSTOM_FIELDS, path, _line(one.key), (line,), comment=True)


def _line(text: str) -> str:
    """Return text of Kayako's as it can stand in a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
