"""How each field of one payload came about: the rule, what it read, what it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.mapping.compiling import variant_of
from runner.mapping.running import FieldFailed, RecordSkipped, Run, as_text, reader
from runner.mapping.templates import paths_in_expression, paths_in_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from runner.mapping.model import Mappings, Note, Rule


@dataclass(frozen=True, slots=True)
class Step:
    """One rule at work.

    ``place`` is the path of the rule in its mapping file, ``rule`` what it does in a few words,
    ``inputs`` the Kayako fields it read, ``output`` what Zammad gets (None: the field is left
    out), ``failure`` why it could not be filled.
    """

    field: str
    place: tuple[str, ...]
    rule: str
    inputs: dict[str, Any]
    output: Any = None
    notes: tuple[Note, ...] = ()
    failure: str | None = None


def trace(
    mappings: Mappings,
    entity: str,
    record: Mapping[str, Any],
    *,
    parent: Mapping[str, Any] | None = None,
    go_live: date,
) -> list[Step]:
    """Run an entity's rules over one record and return what each of them did, in order.

    The arguments are those of ``runner.mapping.transform``. A record that is left out as a whole
    has no steps; the rule that leaves it out is the last one.
    """
    mapping, program = mappings.entities[entity], mappings.programs[entity]
    run = Run(record=record, parent=parent, go_live=go_live.isoformat())
    try:
        if any(reason(run) for reason in program.skips):
            return []
        fields = program.choose(run)
    except FieldFailed:
        return []
    variant = variant_of(mapping, run)
    own = mapping.variants.get(variant, {}) if variant is not None else {}
    steps: list[Step] = []
    for name, fill in fields:
        rule = own.get(name) or mapping.fields[name]
        place = ("variants", str(variant), name) if name in own else ("zammad_fields", name)
        run.filling, before = name, len(run.notes)
        output, failure, left_out = None, None, False
        try:
            output = fill(run)
        except FieldFailed as error:
            failure = str(error)
        except RecordSkipped as reason:
            failure, left_out = f"the record is left out: {reason}", True
        if output is not None:
            run.payload[name] = output
        notes = tuple(run.notes[before:])
        steps.append(
            Step(name, place, described(rule), dict(_inputs(run, rule)), output, notes, failure)
        )
        if left_out:
            break
    return steps


def described(rule: Rule) -> str:
    """Say in a few words what a rule does, in the order of its steps."""
    if rule.source == "always":
        words = [f"always {as_text(rule.given)}"]
    elif rule.source == "template":
        words = [f"template {' '.join(str(rule.given).split())}"]
    else:
        words = [f"{rule.source} {', else '.join(rule.paths)}"]
    if rule.vocabulary:
        words.append(f"by vocabulary {rule.vocabulary}")
    if rule.table is not None:
        words.append("by its own table")
    if rule.conversion:
        words.append(f"as {rule.conversion}")
    words += [f"as {kind} where it is {path}" for path, kind in rule.conversions.items()]
    if rule.add_days:
        words.append(f"plus {rule.add_days} days")
    if rule.not_before:
        words.append(f"not before {rule.not_before}")
    if rule.cut_at:
        words.append(f"cut at {rule.cut_at}")
    if rule.only_if:
        words.append(f"only if {', '.join(rule.only_if)} fits")
    return ", ".join(words)


def _inputs(run: Run, rule: Rule) -> Iterator[tuple[str, Any]]:
    """Yield every Kayako field that a rule may read, with what it holds."""
    paths = dict.fromkeys(rule.paths)
    if rule.source == "template":
        paths |= dict.fromkeys(sorted(paths_in_template(str(rule.given))))
    for path, value in rule.only_if.items():
        if path == "when":
            paths |= dict.fromkeys(sorted(paths_in_expression(str(value))))
        elif path.startswith("zammad."):
            yield path, run.payload.get(path.removeprefix("zammad."))
        elif path != "because":
            paths[path] = None
    for path in paths:
        yield path, reader(path)(run)
