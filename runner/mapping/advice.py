"""What is allowed in mapping files and yet probably not meant: told, and refused when strict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.documents import closest, listed, load
from runner.errors import Problem
from runner.mapping.coverage import undecided
from runner.mapping.fields import known_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.mapping.model import EntityMapping, Mappings


def doubts(mappings: Mappings, folder: Path) -> list[Problem]:
    """Return what somebody should look at, in file order.

    Args:
        mappings: Mappings without mistakes.
        folder: Where they were read from.
    """
    found = [*_unused(mappings, folder)]
    for mapping in mappings.entities.values():
        inside = [other for other in mappings.entities.values() if other.inside == mapping.entity]
        found.extend(_undecided(mapping, inside, folder))
        found.extend(_open_lists(mapping, mappings, folder))
    return sorted(found)


def _unused(mappings: Mappings, folder: Path) -> Iterator[Problem]:
    used = {name for entity in mappings.entities for name in mappings.vocabularies_of(entity)}
    for name in mappings.vocabularies:
        if name not in used:
            document = load(folder / "vocabularies" / f"{name}.yaml")
            yield document.problem(
                ("vocabulary",),
                f"no rule uses the vocabulary {name}",
                f"Name it in a rule as vocabulary: {name}, or delete the file.",
            )


def _undecided(
    mapping: EntityMapping, inside: list[EntityMapping], folder: Path
) -> Iterator[Problem]:
    fields = undecided(mapping, inside)
    if not fields:
        return
    document = load(folder / f"{mapping.entity}.yaml")
    for field in fields:
        yield document.problem(
            ("ignore",),
            f"Kayako's field {field} is neither mapped nor ignored",
            f"Write a rule that reads {field}, or list it under ignore with the reason.",
            key=True,
        )


def _open_lists(mapping: EntityMapping, mappings: Mappings, folder: Path) -> Iterator[Problem]:
    """Yield tables that leave out a value of a closed list, or name one that there is not."""
    for place, rule in mapping.placed_rules():
        vocabulary = mappings.vocabularies.get(rule.vocabulary or "")
        if len(rule.paths) != 1 or (vocabulary is None and rule.table is None):
            continue
        path, listed_keys = rule.paths[0], {*(rule.table or ())}
        file, where = folder / f"{mapping.entity}.yaml", (*place, "kayako_to_zammad")
        if vocabulary is not None:
            path = f"{path}.{vocabulary.key}" if vocabulary.key else path
            listed_keys = {*vocabulary.entries}
            file = folder / "vocabularies" / f"{vocabulary.name}.yaml"
            where = ("kayako_to_zammad",)
        values = known_values(mapping.kayako, path)
        if not values:
            continue
        document = load(file)
        for key in sorted(listed_keys - {*values}):
            words = f"Kayako's {path} is never {key}{closest(key, values)}"
            advice = f"It is one of {listed(values)}."
            yield document.problem((*where, key), words, advice, key=True)
        decided = rule.if_unknown != "fail" or (vocabulary and vocabulary.anything_else)
        missing = [value for value in values if value not in listed_keys]
        if missing and not decided:
            words = f"Kayako's {path} may be {listed(missing)}, and nothing says what then"
            yield document.problem(
                where, words, "List it, or give the rule an if_unknown.", key=True
            )
