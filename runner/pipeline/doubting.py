"""What a strict plan refuses: what nobody decided on, and names that Kayako does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.documents import closest, load
from runner.engine import custom_fields
from runner.engine.world import SOURCES
from runner.mapping.advice import doubts
from runner.mapping.coverage import read_paths
from runner.mapping.custom_fields import key_of
from runner.mapping.load import load_mappings
from runner.pipeline.filtering import refuse_unknown_names
from runner.pipeline.opening import is_pulled
from runner.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from runner.config.model import Config
    from runner.engine.plan import Plan
    from runner.errors import Problem
    from runner.mapping.model import Mappings

_DEFINITIONS = {"states": "case_status", "priorities": "case_priority", "types": "case_type"}
"""Which of Kayako's definitions the labels of each vocabulary are."""

_CUSTOM = "custom_fields."
_TABLE = "kayako_to_zammad"


def all_doubts(config: Config, mappings: Mappings) -> list[Problem]:
    """Return what somebody should look at, in the files and against the snapshot there is.

    Raises:
        InvalidFiles: The scope in the config names what Kayako does not have.
    """
    found = doubts(mappings, config.mappings)
    if is_pulled(config):
        snapshot = Snapshot.open(config.snapshot_folder, read_only=True)
        try:
            refuse_unknown_names(config, snapshot)
            found += _strangers(config, mappings, snapshot)
        finally:
            snapshot.close()
    return sorted(found)


def plan_doubts(config: Config, made: Plan) -> list[Problem]:
    """Return what mappings leave open for the data that a plan has seen, in file order."""
    mappings = load_mappings(config.mappings)
    return sorted([*all_doubts(config, mappings), *_labels(config, made, mappings)])


def _labels(config: Config, made: Plan, mappings: Mappings) -> Iterator[Problem]:
    """Yield labels that are dropped without having been named: ``anything_else`` took them."""
    for (vocabulary, label, becomes, _), number in made.dropped.items():
        # A number stands for a definition that Kayako deleted: there is no label to list.
        if label in mappings.vocabularies[vocabulary].custom or label.isdigit():
            continue
        document = load(_file(config, vocabulary))
        yield document.problem(
            ("custom",),
            f"the label {label} ({number:,} tickets) is not listed: it becomes {becomes}",
            f"List {label} with what it becomes; migrate discover adds all of them.",
            key=True,
        )


def _strangers(config: Config, mappings: Mappings, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield names on the Kayako side of the files that Kayako does not have."""
    for name, kind in _DEFINITIONS.items():
        vocabulary = mappings.vocabularies.get(name)
        labels = [str(row.get("label") or "") for row in snapshot.definitions(kind)]
        if vocabulary is not None:
            yield from _unknown(_file(config, name), "custom", vocabulary.custom, labels, "label")
    teams = mappings.vocabularies.get("teams")
    if teams is not None and teams.entries:
        titles = [str(team.get("title") or "").strip() for team in snapshot.records("teams")]
        yield from _unknown(_file(config, "teams"), _TABLE, teams.entries, titles, "team")
    people = mappings.vocabularies.get("people")
    if people is not None and people.entries:
        emails = [str(user.get("email") or "").strip() for user in snapshot.records("users")]
        yield from _unknown(_file(config, "people"), _TABLE, people.entries, emails, "user")
    yield from _unknown_fields(config, mappings, snapshot)


def _file(config: Config, vocabulary: str) -> Path:
    return config.mappings / "vocabularies" / f"{vocabulary}.yaml"


def _unknown(
    file: Path, block: str, listed: Iterable[str], there: list[str], what: str
) -> Iterator[Problem]:
    known = {name.casefold() for name in there}
    document = None
    for key in listed:
        if key.strip().casefold() in known:
            continue
        document = document or load(file)
        # Among thousands of addresses some are always alike.
        meant = "" if "@" in key else closest(key, there)
        yield document.problem(
            (block, key),
            f"Kayako has no {what} {key}{meant}",
            "Correct the name as Kayako writes it, or remove the line.",
            key=True,
        )


def _unknown_fields(config: Config, mappings: Mappings, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield rules that read a custom field which the records do not have."""
    kinds = {SOURCES.get(entity, "cases"): entity for entity in custom_fields.SOURCES}
    for entity, mapping in mappings.entities.items():
        of = kinds.get(mapping.kayako)
        if of is None:
            continue
        keys = [key_of(field) for field in custom_fields.definitions(snapshot, of)]
        for place, rule in mapping.placed_rules():
            for path in read_paths(rule):
                key = path.removeprefix(_CUSTOM).split(".", maxsplit=1)[0]
                if path.startswith(_CUSTOM) and key not in keys:
                    document = load(config.mappings / f"{entity}.yaml")
                    words = f"Kayako has no custom field {key}{closest(key, keys)}"
                    advice = "Write its key; migrate discover lists all of them."
                    yield document.problem(place, words, advice, key=True)
