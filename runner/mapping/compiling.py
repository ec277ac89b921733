"""Turn rules into functions, once, when the files are loaded.

A field's function runs its rule's steps in the order of the language: source, table, ``as``,
``add_days``, ``not_before``, ``cut_at``; ``if_empty`` and ``if_unknown`` beside them; what the
Zammad field takes at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.mapping import conditions
from runner.mapping.conversions import CONVERSIONS, Step, add_days, cut_at, not_before
from runner.mapping.limits import Target, fit, literal, targets
from runner.mapping.lookups import Lookup, Unknown, in_table, in_vocabulary
from runner.mapping.model import NOBODY, Reference
from runner.mapping.references import ENTITIES, placeholder, resolve
from runner.mapping.running import (
    FieldFailed,
    Reader,
    RecordSkipped,
    Run,
    each,
    is_empty,
    reader,
    shown,
)
from runner.mapping.templates import compile_template

if TYPE_CHECKING:
    from runner.mapping.model import EntityMapping, Rule, Vocabulary

_ANYTHING_ELSE = "anything_else"

Field = tuple[str, Callable[[Run], Any]]
"""A Zammad field's name and what fills it; None leaves it out."""


@dataclass(frozen=True, slots=True)
class Program:
    """An entity's mapping, ready to run: why a record is skipped, and which fields fill it."""

    zammad: str
    skips: tuple[conditions.Reason, ...]
    choose: Callable[[Run], tuple[Field, ...]]


def compile_entity(mapping: EntityMapping, vocabularies: Mapping[str, Vocabulary]) -> Program:
    """Return the program of a checked mapping.

    Args:
        mapping: The mapping; every name in it is known to exist.
        vocabularies: All vocabularies by name.
    """
    fields = targets(mapping.zammad)

    def compiled(rules: Mapping[str, Rule]) -> tuple[Field, ...]:
        return tuple(
            (name, compile_rule(rule, fields[name], vocabularies)) for name, rule in rules.items()
        )

    skips = (conditions.skip(mapping.skip), conditions.why_not(mapping.only_if))
    if not mapping.variants_by:
        shared = compiled(mapping.fields)
        return Program(mapping.zammad, skips, lambda _run: shared)
    variants = {
        value: compiled({**mapping.fields, **rules}) for value, rules in mapping.variants.items()
    }
    return Program(mapping.zammad, skips, _chooser(mapping.variants_by, variants))


def _chooser(
    paths: tuple[str, ...], variants: Mapping[str, tuple[Field, ...]]
) -> Callable[[Run], tuple[Field, ...]]:
    """Return what picks the fields of a record's variant."""
    name_of = _namer(paths, variants)
    return lambda run: variants[name_of(run)]


def _namer(paths: tuple[str, ...], variants: Collection[str]) -> Callable[[Run], str]:
    """Return what names a record's variant.

    The values joined by ``/`` are looked for first, then without the last of them, and so on:
    ``TWITTER/twitter_message``, then ``TWITTER``. All empty is ``none``.
    """
    readers = [reader(path) for path in paths]

    def name_of(run: Run) -> str:
        words = [conditions.word(read(run)) for read in readers]
        if all(word == conditions.NONE for word in words):
            words = [conditions.NONE]
        for length in range(len(words), 0, -1):
            name = "/".join(words[:length])
            if name in variants:
                return name
        if _ANYTHING_ELSE not in variants:
            raise FieldFailed(f"no variant for {shown('/'.join(words))}")
        return _ANYTHING_ELSE

    return name_of


def variant_of(mapping: EntityMapping, run: Run) -> str | None:
    """Return the name of the variant that a record takes; None where a mapping has none.

    Raises:
        FieldFailed: No variant fits.
    """
    if not mapping.variants_by:
        return None
    return _namer(mapping.variants_by, mapping.variants)(run)


def compile_rule(
    rule: Rule, target: Target, vocabularies: Mapping[str, Vocabulary]
) -> Callable[[Run], Any]:
    """Return what fills a Zammad field: gives its value, or None to leave it out.

    It raises ``FieldFailed`` and ``RecordSkipped``.
    """
    condition = conditions.only_if(rule.only_if)
    source = _source(rule, target)
    look_up = _look_up(rule, target, vocabularies)
    steps = _steps(rule)
    unknown = _if_unknown(rule, target)
    finish = fit(target)
    # A value that only decides between yes and no is not lost when no table lists it.
    noted = target.type != "boolean"

    def fill(run: Run) -> Any:
        if condition is not None and not condition(run):
            return None
        value = source(run)
        if look_up is not None and not is_empty(value):
            value = each(value, lambda item: _known(look_up, unknown, item, run, noted=noted))
        for step in steps:
            if is_empty(value):
                break
            value = _stepped(step, value, run)
        if is_empty(value):
            value = literal(target, rule.if_empty)
        return None if is_empty(value) else finish(value, run)

    return fill


def _known(
    look_up: Lookup, unknown: Callable[[Any, str], Any], item: Any, run: Run, *, noted: bool
) -> Any:
    """Look one value up, or do what ``if_unknown`` says."""
    try:
        return look_up(item, run)
    except Unknown as error:
        instead = unknown(item, str(error))
        if noted:
            run.note("defaulted", f"{error}: {_name(instead)}")
        return instead


def _name(instead: Any) -> str:
    """Say what is taken in place of a value that is not known."""
    if isinstance(instead, Reference):
        if instead.placeholder:
            return "a placeholder stands in"
        instead = "nobody" if instead.name == NOBODY else instead.name
    return "left empty" if instead is None else f"{shown(instead)} is taken"


def _stepped(step: Step, value: Any, run: Run) -> Any:
    """Apply a step to a value, or to every item of a list."""
    if isinstance(value, list):
        return each(value, lambda item: step(item, run))
    return step(value, run)


def _source(rule: Rule, target: Target) -> Reader:
    """Return what reads a rule's source; None or empty when there is nothing."""
    if rule.source == "always":
        fixed = literal(target, rule.given)
        return lambda _run: fixed
    if rule.source == "template":
        return compile_template(rule.given)
    readers = [
        (reader(path), CONVERSIONS.get(rule.conversions.get(path, ""))) for path in rule.paths
    ]
    if len(readers) == 1 and readers[0][1] is None:
        return readers[0][0]

    def first(run: Run) -> Any:
        for read, convert in readers:
            value = read(run)
            if convert is not None and not is_empty(value):
                value = _stepped(convert, value, run)
            if not is_empty(value):
                return value
        return None

    return first


def _look_up(rule: Rule, target: Target, vocabularies: Mapping[str, Vocabulary]) -> Lookup | None:
    """Return the step that looks a value up, where the rule has one."""
    look_up: Lookup | None = None
    if rule.source in ENTITIES:
        return resolve(rule.source, target, vocabularies)
    if rule.vocabulary:
        look_up = in_vocabulary(vocabularies[rule.vocabulary])
    elif rule.table is not None:
        look_up = in_table(rule.table)
    if look_up is None:
        return None
    found = look_up
    return lambda value, run: literal(target, found(value, run))


def _steps(rule: Rule) -> tuple[Step, ...]:
    """Return the steps after the table, in the order of the language."""
    steps: list[Step] = []
    if rule.conversion:
        steps.append(CONVERSIONS[rule.conversion])
    if rule.add_days:
        steps.append(add_days(rule.add_days))
    if rule.not_before:
        steps.append(not_before(reader(rule.not_before)))
    if rule.cut_at:
        steps.append(cut_at(rule.cut_at))
    return tuple(steps)


def _if_unknown(rule: Rule, target: Target) -> Callable[[Any, str], Any]:
    """Return what is done with a value that is not known, given it and the reason."""

    def fail(_item: Any, reason: str) -> Any:
        raise FieldFailed(reason)

    def leave_out(_item: Any, reason: str) -> Any:
        raise RecordSkipped(f"{target.name}: {reason}")

    if rule.if_unknown == "use":
        instead = literal(target, rule.used)
        return lambda _item, _reason: instead
    if rule.if_unknown == "placeholder":
        return lambda item, _reason: placeholder(item)
    return leave_out if rule.if_unknown == "skip" else fail
