"""What a strict plan refuses: fields and labels that nobody decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.documents import load
from runner.mapping.advice import doubts
from runner.mapping.load import load_mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.config.model import Config
    from runner.engine.plan import Plan
    from runner.errors import Problem
    from runner.mapping.model import Mappings


def plan_doubts(config: Config, made: Plan) -> list[Problem]:
    """Return what mappings leave open for the data that a plan has seen, in file order."""
    mappings = load_mappings(config.mappings)
    return sorted([*doubts(mappings, config.mappings), *_labels(config, made, mappings)])


def _labels(config: Config, made: Plan, mappings: Mappings) -> Iterator[Problem]:
    """Yield labels that are dropped without having been named: ``anything_else`` took them."""
    for (vocabulary, label, becomes, _), number in made.dropped.items():
        # A number stands for a definition that Kayako deleted: there is no label to list.
        if label in mappings.vocabularies[vocabulary].custom or label.isdigit():
            continue
        document = load(config.mappings / "vocabularies" / f"{vocabulary}.yaml")
        yield document.problem(
            ("custom",),
            f"the label {label} ({number:,} tickets) is not listed: it becomes {becomes}",
            f"List {label} with what it becomes; migrate discover adds all of them.",
            key=True,
        )
