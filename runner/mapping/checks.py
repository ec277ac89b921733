"""What a JSON Schema cannot see: names that do not exist, and words in the wrong place.

The checks walk the file's data as it is, mistakes and all, so that one mistake does not hide the
others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.documents import near
from runner.mapping.limits import targets
from runner.mapping.rule_checks import File, check_conditions, check_field, check_rules, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.documents import Document
    from runner.errors import Problem
    from runner.mapping.rule_checks import Path

KINDS = {
    "groups": ("teams", "group"),
    "organizations": ("organizations", "organization"),
    "users": ("users", "user"),
    "calendars": ("business_hours", "calendar"),
    "macros": ("macros", "macro"),
    "text_modules": ("macros", "text_module"),
    "tickets": ("cases", "ticket"),
    "articles": ("posts", "ticket_article"),
    "kb_categories": ("categories", "kb_category"),
    "kb_sections": ("sections", "kb_category"),
    "kb_answers": ("articles", "kb_answer"),
    "kb_texts": ("texts", "kb_text"),
    "time_entries": ("time_entries", "ticket_time_accounting"),
}
"""The Kayako resource and the Zammad object of each entity."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_TICKET_ONLY = ("tag", "note")
MAXIMUM_RULES = 500
"""Rules in one block, as the schema has it: no object of Zammad's has nearly as many fields."""


def check_vocabulary(document: Document) -> list[Problem]:
    """Return what is wrong with a vocabulary beyond its schema."""
    data = document.data if isinstance(document.data, dict) else {}
    problems: list[Problem] = []
    custom = data.get("custom")
    if isinstance(custom, dict) and custom and not data.get("label"):
        message = "custom lists labels, and label: does not say what holds them"
        advice = "Add a line such as label: label."
        problems.append(document.problem(("custom",), message, advice, key=True))
    return [*problems, *_names_of_one(document, data)]


def _names_of_one(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    """A team becomes one group; tickets are handed to one person, by address, or to nobody."""
    table = data.get("kayako_to_zammad")
    if not isinstance(table, dict) or data.get("vocabulary") not in {"teams", "people"}:
        return
    for name, value in table.items():
        place = ("kayako_to_zammad", name)
        if data["vocabulary"] == "teams" and (not isinstance(value, str) or value == "nothing"):
            yield document.problem(place, "a team becomes one group", "Write the group's name.")
        elif data["vocabulary"] == "people" and not (
            isinstance(value, str) and (value == "nobody" or _ADDRESS.fullmatch(value))
        ):
            message = "tickets are handed to one person, by email address, or to nobody"
            yield document.problem(place, message, "Write an email address, or nobody.")


def check_mapping(
    document: Document, vocabularies: frozenset[str], tables: Mapping[str, Document]
) -> list[Problem]:
    """Return what is wrong with a mapping beyond its schema.

    Args:
        document: The mapping file, whatever is in it.
        vocabularies: Names of all vocabulary files.
        tables: The vocabulary files that could be read.
    """
    data = document.data if isinstance(document.data, dict) else {}
    entity = data.get("entity")
    # A file under another's name is that mistake alone: all its fields would be wrong.
    if entity not in KINDS or not document.file.endswith(f"{entity}.yaml"):
        return []
    kayako, zammad = KINDS[entity]
    file = File(document, entity, kayako, zammad, vocabularies)
    if any(len(rules) > MAXIMUM_RULES for _path, rules in _blocks(data)):
        # The schema says so; suggestions for each of them would take minutes.
        return []
    problems: list[Problem] = []
    for word, right in (("kayako", kayako), ("zammad", zammad)):
        if word in data and data[word] != right:
            text = f"{word} of {entity} must be {right}"
            problems.append(file.problem((word,), text, f"Write {word}: {right}."))
    problems.extend(check_conditions(file, ("skip",), data.get("skip"), []))
    problems.extend(check_conditions(file, ("only_if",), data.get("only_if"), []))
    for path in keys_of(data.get("ignore")):
        problems.extend(check_field(file, ("ignore", path), path, key=True))
    problems.extend(_all_fields(file, data))
    problems.extend(_remembering(file, data, tables))
    return problems


def _all_fields(file: File, data: dict[str, Any]) -> Iterator[Problem]:
    """Check the shared rules and those of every variant."""
    shared = keys_of(data.get("zammad_fields"))
    yield from check_rules(file, ("zammad_fields",), data.get("zammad_fields"), [])
    variants = data.get("variants")
    filled = [set(shared)]
    if isinstance(variants, dict):
        by = variants.get("by")
        for index, path in enumerate(by if isinstance(by, list) else [by]):
            place: Path = ("variants", "by", index) if isinstance(by, list) else ("variants", "by")
            if isinstance(path, str):
                yield from check_field(file, place, path)
        names = [name for name in variants if name != "by"]
        filled = [set(shared) | set(keys_of(variants[name])) for name in names] or filled
        for name in names:
            yield from check_rules(file, ("variants", name), variants[name], shared)
    if "zammad_fields" not in data:
        return
    known = targets(file.zammad)
    misspelt = {near(name, known) for names in filled for name in names if name not in known}
    for target in known.values():
        if target.name in misspelt or not target.required:
            continue
        if not all(target.name in names for names in filled):
            message = f"the Zammad field {target.name} is missing: no record can do without it"
            advice = f"Restore it from the shipped file. {target.description}"
            yield file.problem(("zammad_fields",), message, advice, key=True)


def _remembering(
    file: File, data: dict[str, Any], tables: Mapping[str, Document]
) -> Iterator[Problem]:
    """Check that labels are remembered only where a ticket, or what changes one, can do so."""
    if file.entity in {"tickets", "macros"}:
        return
    for path, rule in _every_rule(data):
        table = tables.get(str(rule.get("vocabulary")))
        custom = table.data.get("custom") if table and isinstance(table.data, dict) else None
        for label, entry in custom.items() if isinstance(custom, dict) else ():
            if isinstance(entry, dict) and entry.get("remember_as") in _TICKET_ONLY:
                message = f"the vocabulary {rule['vocabulary']} remembers {label} on tickets only"
                advice = "Write remember_as: nothing there, or use another vocabulary."
                yield file.problem((*path, "vocabulary"), message, advice)


def _every_rule(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield all rules with their places."""
    for path, rules in _blocks(data):
        for name, rule in rules.items():
            if isinstance(rule, dict):
                yield (*path, name), rule


def _blocks(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the blocks that hold rules with their places, the shared one first."""
    variants = data.get("variants")
    blocks: list[tuple[Path, Any]] = [(("zammad_fields",), data.get("zammad_fields"))]
    if isinstance(variants, dict):
        blocks.extend((("variants", name), rules) for name, rules in variants.items())
    yield from ((path, rules) for path, rules in blocks if isinstance(rules, dict))
