"""Checks of single rules: sources, fields, tables, templates, words in the wrong place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner import resources
from runner.documents import closest, listed, near
from runner.errors import Problem
from runner.mapping.build import SOURCES
from runner.mapping.fields import FILES, unknown_step
from runner.mapping.limits import Target, targets
from runner.mapping.references import ENTITIES
from runner.mapping.templates import (
    TemplateRefused,
    compile_expression,
    compile_template,
    paths_in_expression,
    paths_in_template,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.documents import Document

Path = tuple[str | int, ...]
_PARENTS = {"posts": "cases", "time_entries": "cases", "texts": "articles"}

_KINDS: dict[str, tuple[type, str]] = {
    "boolean": (bool, "true or false"),
    "integer": (int, "a whole number"),
}
"""What values fields of a kind take, in Python's words and in people's."""


@dataclass(frozen=True)
class File:
    """A mapping file under examination."""

    document: Document
    entity: str
    kayako: str
    zammad: str
    vocabularies: frozenset[str]

    def problem(self, path: Path, message: str, advice: str = "", *, key: bool = False) -> Problem:
        """Make a problem that points at a place of the file."""
        return self.document.problem(path, message, advice, key=key)


def check_rules(file: File, path: Path, data: Any, above: list[str]) -> Iterator[Problem]:
    """Check the rules of one block; ``above`` are fields filled before it."""
    if not isinstance(data, dict):
        return
    known = targets(file.zammad)
    seen = list(above)
    for name, rule in data.items():
        target = known.get(name)
        if target is None:
            message = f"{name} is no field of Zammad's {file.zammad}{closest(name, known)}"
            advice = f"There are: {listed(known)}."
            yield file.problem((*path, name), message, advice, key=True)
        if isinstance(rule, dict):
            place = (*path, name)
            yield from _source(file, place, rule)
            yield from _texts(file, place, rule)
            yield from _table(file, place, rule)
            yield from check_conditions(file, (*place, "only_if"), rule.get("only_if"), seen)
            if target:
                yield from _words(file, place, rule, target)
        seen.append(name)


def _source(file: File, place: Path, rule: dict[str, Any]) -> Iterator[Problem]:
    """Check that a rule has one source, and that its fields exist."""
    sources = [word for word in SOURCES if word in rule]
    misspelt = not sources and any(near(key, SOURCES) for key in rule)
    if len(sources) != 1 and not misspelt:
        found = f"has {listed(sources).replace(' or ', ' and ')}" if sources else "has none"
        message = f"a rule has one source; {place[-1]} {found}"
        yield file.problem(place, message, f"Write one of {listed(SOURCES)}.", key=True)
    for word in ("from", *ENTITIES):
        given = rule.get(word)
        for index, path in enumerate(given if isinstance(given, list) else [given]):
            if isinstance(path, str):
                where: Path = (*place, word, index) if isinstance(given, list) else (*place, word)
                yield from check_field(file, where, path)
    if isinstance(rule.get("not_before"), str):
        yield from check_field(file, (*place, "not_before"), rule["not_before"])
    conversions = rule.get("as")
    if isinstance(conversions, dict):
        given = rule.get("from")
        paths = given if isinstance(given, list) else [given]
        for path in conversions:
            if path not in paths:
                message = f"{path} is not among the fields of from"
                yield file.problem((*place, "as", path), message, "Name one of them.", key=True)


def _texts(file: File, place: Path, rule: dict[str, Any]) -> Iterator[Problem]:
    """Check a rule's template."""
    text = rule.get("template")
    if isinstance(text, str):
        try:
            compile_template(text)
            paths = paths_in_template(text)
        except TemplateRefused as error:
            yield _in_text(file, (*place, "template"), error)
            return
        for path in sorted(paths):
            yield from check_field(file, (*place, "template"), path)


def _text_kind(place: Path) -> str:
    """Name what is written at a place."""
    return "expression" if place[-1] == "when" else "template"


def _in_text(file: File, place: Path, error: TemplateRefused) -> Problem:
    """Point at the line of a text in which a mistake lies."""
    line, column = file.document.position(place)
    node = file.document.node(place)
    block = bool(node and node.block)
    if error.line > 1 or block:
        line, column = line + error.line - (0 if block else 1), 1
    advice = "Allowed are fields, texts, if/else, comparisons, and, or, not, ~, +, - and filters."
    return Problem(
        file.document.file, line, column, f"the {_text_kind(place)} is refused: {error}", advice
    )


def _table(file: File, place: Path, rule: dict[str, Any]) -> Iterator[Problem]:
    """Check which table a rule uses, and whether there is one for if_unknown."""
    name = rule.get("vocabulary")
    reference = next((word for word in ENTITIES if word in rule), None)
    if isinstance(name, str) and name not in file.vocabularies:
        meant = closest(name, file.vocabularies)
        meant = meant or f"; there are: {listed(sorted(file.vocabularies)) or 'none'}"
        message = f"there is no vocabulary {name}{meant}"
        advice = f"Write it as vocabularies/{name}.yaml, or name another."
        if _is_shipped(name):
            message = f"the file vocabularies/{name}.yaml is missing"
            advice = "migrate init writes the shipped one anew; what is there stays."
        yield file.problem((*place, "vocabulary"), message, advice)
    if "vocabulary" in rule and "kayako_to_zammad" in rule:
        message = "a rule has vocabulary or kayako_to_zammad, not both"
        yield file.problem((*place, "kayako_to_zammad"), message, "Remove one.", key=True)
    for word in ("vocabulary", "kayako_to_zammad"):
        if reference and word in rule:
            message = f"{word} does not go with {reference}: it uses its own table"
            yield file.problem((*place, word), message, "Remove it.", key=True)
    if "if_unknown" in rule and not reference and not {"vocabulary", "kayako_to_zammad"} & {*rule}:
        message = "if_unknown needs a vocabulary, kayako_to_zammad or a reference"
        advice = "Remove it, or write if_empty for a field without a value."
        yield file.problem((*place, "if_unknown"), message, advice, key=True)


def _is_shipped(vocabulary: str) -> bool:
    folder = resources.path("mappings") / "vocabularies"
    return vocabulary in {path.stem for path in folder.glob("*.yaml")}


def _words(file: File, place: Path, rule: dict[str, Any], target: Target) -> Iterator[Problem]:
    """Check that references and reserved words stand at fields that take them."""
    for word, entity in ENTITIES.items():
        if word in rule and target.reference != entity:
            fit = [
                name for name, other in targets(file.zammad).items() if other.reference == entity
            ]
            message = f"{word} does not fit {target.name}"
            advice = f"{word} fits {listed(fit)}." if fit else f"{word} fits no field here."
            yield file.problem((*place, word), message, advice, key=True)
    takes = _KINDS.get(target.type)
    for path, value in _values(rule):
        if takes and value is not None and value != "nothing" and not isinstance(value, takes[0]):
            message = f"{target.name} takes {takes[1]}, not {value}"
            yield file.problem((*place, *path), message, f"Write {takes[1]}, or nothing.")
        elif target.reference == "users":
            continue
        elif value in ("nobody", "system", "placeholder"):
            message = f"{value} stands for a person, and {target.name} holds none"
            yield file.problem((*place, *path), message, "Write a value of Zammad, or nothing.")


def _values(rule: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield the Zammad values that a rule gives by itself."""
    for word in ("always", "if_empty", "if_unknown"):
        value = rule.get(word)
        own_word = word == "if_unknown" and value in ("fail", "skip")
        yield (word,), None if isinstance(value, list | dict) or own_word else value
    if isinstance(rule.get("if_unknown"), dict):
        yield ("if_unknown", "use"), rule["if_unknown"].get("use")
    table = rule.get("kayako_to_zammad")
    for key, value in table.items() if isinstance(table, dict) else ():
        yield ("kayako_to_zammad", key), None if isinstance(value, list) else value


def check_conditions(file: File, place: Path, data: Any, above: list[str]) -> Iterator[Problem]:
    """Check the fields and the expression of only_if and skip."""
    conditions = data if isinstance(data, dict) else {}
    for path, given in conditions.items():
        if path == "when":
            yield from _expression(file, (*place, path), given)
        elif path.startswith("zammad."):
            name = path.removeprefix("zammad.")
            if name not in above:
                known = name in targets(file.zammad)
                words = "is not filled above this rule" if known else "is no field here"
                advice = f"Move this rule below {name}." if known else "Correct the name."
                message = f"zammad.{name} {words}{'' if known else closest(name, above)}"
                yield file.problem((*place, path), message, advice, key=True)
        elif path != "because":
            yield from check_field(file, (*place, path), path, key=True)


def _expression(file: File, place: Path, text: Any) -> Iterator[Problem]:
    """Check an expression."""
    if not isinstance(text, str):
        return
    try:
        compile_expression(text)
        paths = paths_in_expression(text)
    except TemplateRefused as error:
        yield _in_text(file, place, error)
        return
    for path in sorted(paths):
        yield from check_field(file, place, path)


def check_field(file: File, place: Path, path: str, *, key: bool = False) -> Iterator[Problem]:
    """Check that Kayako's record has a field."""
    resource, inside = file.kayako, path
    if path in {"go_live", "parent"}:
        return
    if path.startswith("parent."):
        resource, inside = _PARENTS.get(file.kayako, ""), path.removeprefix("parent.")
        if not resource:
            message = "there is no parent: only what is written inside another record has one"
            yield file.problem(place, message, "Remove parent.", key=key)
            return
    unknown = unknown_step(resource, inside)
    if unknown:
        step, fields = unknown
        meant = closest(step, [*fields, "go_live"])
        message = f"Kayako's {FILES[resource]} has no field {inside}{meant}"
        advice = f"There are: {listed(fields)}." if fields else "Nothing lies inside that field."
        yield file.problem(place, message, advice, key=key)


def keys_of(data: Any) -> list[str]:
    """Return the keys of a mapping, or none of anything else."""
    return list(data) if isinstance(data, dict) else []
