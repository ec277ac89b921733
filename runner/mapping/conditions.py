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
    checks = [holds for _path, holds in _checks(conditions)]
    if len(checks) <= 1:
        return next(iter(checks), None)
    return lambda run: all(holds(run) for holds in checks)


def why_not(conditions: Mapping[str, Any]) -> Reason:
    """Return what gives the reason why an entity's ``only_if`` leaves a record out."""
    checks = _checks(conditions)
    because = str(conditions.get("because", "the condition of only_if does not hold"))

    def reason(run: Run) -> str | None:
        for path, holds in checks:
            if not holds(run):
                if path == "when":
                    return because
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


def _checks(conditions: Mapping[str, Any]) -> list[tuple[str, Condition]]:
    """Return each condition with its path; ``when`` is that of the expression."""
    checks: list[tuple[str, Condition]] = []
    for path, values in conditions.items():
        if path == "when":
            checks.append((path, compile_expression(values)))
        elif path != "because":
            allowed = values if isinstance(values, list) else [values]
            checks.append((path, _one_of(path, frozenset(as_text(value) for value in allowed))))
    return checks


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
