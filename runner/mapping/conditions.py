"""``only_if`` and ``skip``: which records and fields a rule is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.mapping.running import Reader, Run, as_text, is_empty, reader
from runner.mapping.templates import compile_expression

Condition = Callable[[Run], bool]
Reason = Callable[[Run], str | None]

NONE = "none"
"""The word for an empty field among the values of conditions and variants."""


def only_if(conditions: Mapping[str, Any]) -> Condition | None:
    """Return what tells whether all conditions hold; nothing when there are none."""
    checks: list[Condition] = []
    for path, values in conditions.items():
        if path == "when":
            checks.append(compile_expression(values))
        elif path != "because":
            allowed = values if isinstance(values, list) else [values]
            checks.append(_one_of(path, frozenset(as_text(value) for value in allowed)))
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    return lambda run: all(check(run) for check in checks)


def why_not(conditions: Mapping[str, Any]) -> Reason:
    """Return what gives the reason why an entity's ``only_if`` leaves a record out."""
    checks = [
        (_one_condition(path, values), path, conditions)
        for path, values in conditions.items()
        if path != "because"
    ]

    def reason(run: Run) -> str | None:
        for holds, path, given in checks:
            if not holds(run):
                if path == "when":
                    return str(given.get("because", "the condition of only_if does not hold"))
                return f"{path} is {word(reader(path)(run)) or 'empty'}"
        return None

    return reason


def skip(conditions: Mapping[str, Any]) -> Reason:
    """Return what gives the reason why ``skip`` leaves a record out."""
    readers: list[tuple[Reader, dict[str, str]]] = []
    expression: Condition | None = None
    for path, reasons in conditions.items():
        if path == "when":
            expression = compile_expression(reasons)
        elif path != "because":
            readers.append((reader(path), {as_text(key): text for key, text in reasons.items()}))
    because = str(conditions.get("because", ""))

    def reason(run: Run) -> str | None:
        for read, reasons in readers:
            found = reasons.get(word(read(run)))
            if found:
                return found
        return because if expression and expression(run) else None

    return reason


def word(value: Any) -> str:
    """Return a value as conditions and variants compare it; ``none`` where it is empty."""
    return NONE if is_empty(value) else as_text(value)


def _one_condition(path: str, values: Any) -> Condition:
    """Return a single condition."""
    made = only_if({path: values})
    return made or (lambda _run: True)


def _one_of(path: str, allowed: frozenset[str]) -> Condition:
    """Return what compares a field, or a Zammad field filled before, with values."""
    if path.startswith("zammad."):
        name = path.removeprefix("zammad.")

        def filled(run: Run) -> bool:
            value = run.payload.get(name)
            # A state that is created now behaves like an existing one.
            return word(run.likes.get(name, value)) in allowed or word(value) in allowed

        return filled
    read = reader(path)

    def matches(run: Run) -> bool:
        value = read(run)
        if isinstance(value, list) and value:
            return any(word(item) in allowed for item in value)
        return word(value) in allowed

    return matches
