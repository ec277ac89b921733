"""Read a folder of mappings: every mistake of every file at once, each with its place."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from runner import resources
from runner.documents import Document, check, load, shown
from runner.errors import InvalidFiles, Problem
from runner.mapping import field_rules
from runner.mapping.build import build_mapping, build_vocabulary
from runner.mapping.checks import check_mapping, check_vocabulary
from runner.mapping.compiling import compile_entity
from runner.mapping.model import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDER = (
    "groups",
    "organizations",
    "users",
    "calendars",
    "macros",
    "text_modules",
    "tickets",
    "articles",
    "time_entries",
    "kb_categories",
    "kb_sections",
    "kb_answers",
    "kb_texts",
)
"""The entities, in the order in which one needs the other."""

_MOST_KEPT = 8
_LARGEST = 1_000_000
_kept: dict[tuple[object, ...], Mappings] = {}


def load_mappings(folder: Path) -> Mappings:
    """Read the mappings in ``folder`` and the vocabularies in ``folder/vocabularies``.

    Raises:
        InvalidFiles: With every mistake: what the schemas refuse, names that do not exist,
            templates that cannot be used, files that are missing.
    """
    # One command asks several times (0.1 s each): before it begins, for its world, for its words.
    state = _state(folder)
    found = None if state is None else _kept.get(state)
    if found is None:
        found = _load(folder)
        if state is not None:
            if len(_kept) >= _MOST_KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[state] = found
    return found


def _state(folder: Path) -> tuple[object, ...] | None:
    """Return all that the mappings are made of; None where that is too much to be held."""
    paths = [*sorted(folder.glob("*.y*ml")), *sorted((folder / "vocabularies").glob("*.y*ml"))]
    try:
        if any(path.is_symlink() or path.stat().st_size > _LARGEST for path in paths):
            return None
        return shown(folder), *((shown(path), path.read_bytes()) for path in paths)
    except OSError:
        return None


def _load(folder: Path) -> Mappings:
    problems: list[Problem] = []
    if not folder.is_dir():
        advice = "Name the folder under mappings: in the config, or run migrate init."
        message = "the folder with the mappings does not exist"
        raise InvalidFiles([Problem(shown(folder), 0, 0, message, advice)])
    vocabularies = dict(_read(folder / "vocabularies", "vocabulary", problems))
    known = _vocabulary_uses(folder / "vocabularies")
    for document in vocabularies.values():
        problems.extend(_new(problems, check_vocabulary(document)))
    custom_fields = _custom_fields(folder, problems)
    documents = dict(_read(folder, "mapping", problems))
    for document in documents.values():
        problems.extend(_new(problems, check_mapping(document, known, vocabularies)))
    problems.extend(_missing(folder))
    if problems:
        raise InvalidFiles(list(dict.fromkeys(problems)))
    built = {name: build_vocabulary(document.data) for name, document in vocabularies.items()}
    entities = {name: build_mapping(documents[name].data, documents[name].file) for name in ORDER}
    programs = {name: compile_entity(mapping, built) for name, mapping in entities.items()}
    return Mappings(entities, built, programs, custom_fields)


def _custom_fields(folder: Path, problems: list[Problem]) -> field_rules.FieldRules:
    """Read what is said about custom fields; with mistakes in it, it says nothing."""
    path = folder / field_rules.FILE
    if not path.exists():
        return field_rules.FieldRules()
    try:
        document = load(path)
    except InvalidFiles as error:
        problems.extend(error.problems)
        return field_rules.FieldRules()
    found = check(document, schema("custom_fields.json"))
    found.extend(_new(found, list(field_rules.check(document))))
    problems.extend(found)
    return field_rules.FieldRules() if found else field_rules.build(document)


def _read(folder: Path, kind: str, problems: list[Problem]) -> Iterator[tuple[str, Document]]:
    """Yield the files of a folder by the name inside them, checked with their schema."""
    for path in sorted(folder.glob("*.y*ml")):
        if path.name == field_rules.FILE and kind == "mapping":
            continue
        if not path.resolve().is_relative_to(folder.resolve().parent):
            # Mappings may come from somebody else; what they do not hold is not theirs to show.
            message = "this is a link that leads out of the folder"
            problems.append(Problem(shown(path), 0, 0, message, "Put the file itself here."))
            continue
        try:
            document = load(path)
        except InvalidFiles as error:
            problems.extend(error.problems)
            continue
        problems.extend(check(document, schema(f"{kind}.json")))
        word = "entity" if kind == "mapping" else "vocabulary"
        name = document.data.get(word) if isinstance(document.data, dict) else None
        if path.name != f"{name}.yaml":
            if isinstance(name, str) and (kind != "mapping" or name in ORDER):
                message = f"the file is named {path.name}, and its {word} is {name}"
                advice = f"Name it {name}.yaml, or correct the line {word}:."
                problems.append(document.problem((word,), message, advice))
            name = path.stem
        yield str(name), document


def _vocabulary_uses(folder: Path) -> frozenset[str]:
    """Return the names of all vocabulary files, those with mistakes included."""
    return frozenset(path.stem for path in folder.glob("*.yaml"))


def _new(problems: list[Problem], found: list[Problem]) -> list[Problem]:
    """Leave out what follows from a mistake that is reported for the same place."""
    places = {(problem.file, problem.line, problem.column) for problem in problems}
    return [
        problem for problem in found if (problem.file, problem.line, problem.column) not in places
    ]


def _missing(folder: Path) -> list[Problem]:
    """Report the files without which nothing runs."""
    advice = "Restore it: migrate init writes the shipped mappings that are missing."
    return [
        Problem(shown(folder / name), 0, 0, "this mapping is missing", advice)
        for name in (*(f"{entity}.yaml" for entity in ORDER), field_rules.FILE)
        if not (folder / name).exists()
    ]


@functools.cache
def schema(name: str) -> dict[str, Any]:
    """Return a schema that travels with the program, such as ``mapping.json``."""
    text = (resources.path("schemas") / name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
